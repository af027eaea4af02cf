#pragma once

#include "leadline/metrics/balanced_accuracy.hpp"

namespace leadline::metrics {

using ConfusionMatrixOptions = BalancedAccuracyOptions;

/// Counts of (true class, predicted class).
///
/// Reads:    as `Confusion`
/// Returns:  `counts()` [n_classes, n_classes], rows are true classes; `compute()` is the accuracy
/// Describe: the grid, and recall and precision of each class
class LEADLINE_API ConfusionMatrix
    : public ScoreMetric<ConfusionMatrix, Confusion, ConfusionMatrixOptions> {
 public:
  static constexpr std::string_view type_name = "metrics.ConfusionMatrix",
                                    who = "ConfusionMatrix.update";
  explicit ConfusionMatrix(Options options = {});
  using ScoreMetric::update;
  [[nodiscard]] MetricInfo info() const override;
  [[nodiscard]] Estimate compute() const override;
  void describe(Finding& finding, std::string_view prefix = {}) const override;
  /// Row-major [n_classes, n_classes].
  [[nodiscard]] std::vector<double> counts() const { return fold_.cells(); }
  [[nodiscard]] std::int64_t n_classes() const { return fold_.n_classes(); }
};

}  // namespace leadline::metrics

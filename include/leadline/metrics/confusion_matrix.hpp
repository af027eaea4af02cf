#pragma once

#include "leadline/metrics/balanced_accuracy.hpp"

namespace leadline::metrics {

using ConfusionMatrixOptions = DecisionOptions;

/// Counts of (true class, predicted class).
///
/// Reads:    as `Decisions`; not for task 'multilabel'
/// Returns:  `counts()` [n_classes, n_classes], rows are true classes; `compute()` is the accuracy
/// Describe: the grid, and recall and precision of each class
class LEADLINE_API ConfusionMatrix : public TableMetric<ConfusionMatrix> {
 public:
  static constexpr std::string_view type_name = "metrics.ConfusionMatrix",
                                    who = "ConfusionMatrix.update";
  static constexpr bool multilabel_too = false;
  explicit ConfusionMatrix(Options options = {});
  [[nodiscard]] MetricInfo info() const override;
  [[nodiscard]] Estimate estimate(const Decisions& fold) const;
  void describe(Finding& finding, std::string_view prefix = {}) const override;
  /// Row-major [n_classes, n_classes].
  [[nodiscard]] std::vector<double> counts() const { return fold_.confusion().cells(); }
  [[nodiscard]] std::int64_t n_classes() const { return fold_.confusion().n_classes(); }
};

}  // namespace leadline::metrics

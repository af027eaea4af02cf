#pragma once

#include "leadline/metrics/class_ratio_metric.hpp"

namespace leadline::metrics {

/// Recall: of the samples of a class, the share that is called so (hit / support).
///
/// Reads:   as `Confusion`
/// Returns: Estimate in [0, 1], higher is better; delta interval (stats/delta.hpp); facts
///          classes_averaged, classes_undefined
class LEADLINE_API Recall : public ClassRatioMetric<Recall> {
 public:
  static constexpr std::string_view type_name = "metrics.Recall", who = "Recall.update";
  static constexpr stats::Ratio ratio = stats::Ratio::recall;
  explicit Recall(Options options = {});
  [[nodiscard]] MetricInfo info() const override;
};

}  // namespace leadline::metrics

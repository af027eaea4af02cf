#pragma once

#include "leadline/metrics/class_ratio_metric.hpp"

namespace leadline::metrics {

/// Recall: of the samples of a class, the share that is called so, tp / (tp + fn).
///
/// Reads:   as `Decisions`
/// Returns: Estimate in [0, 1], higher is better; delta interval (stats/delta.hpp), of one class
///          Wilson's where it is a plain share; facts classes_averaged, classes_undefined
class LEADLINE_API Recall : public ClassRatioMetric<Recall> {
 public:
  static constexpr std::string_view type_name = "metrics.Recall", who = "Recall.update";
  static constexpr ClassRatio ratio = ClassRatio::recall;
  explicit Recall(Options options = {});
  [[nodiscard]] MetricInfo info() const override;
};

}  // namespace leadline::metrics

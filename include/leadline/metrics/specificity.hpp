#pragma once

#include "leadline/metrics/class_ratio_metric.hpp"

namespace leadline::metrics {

/// Specificity: of the samples that are not of a class, the share not called so, tn / (tn + fp).
///
/// Reads:   as `Decisions`
/// Returns: Estimate in [0, 1], higher is better; delta interval (stats/delta.hpp), of one class
///          Wilson's where it is a plain share; facts classes_averaged, classes_undefined
class LEADLINE_API Specificity : public ClassRatioMetric<Specificity> {
 public:
  static constexpr std::string_view type_name = "metrics.Specificity", who = "Specificity.update";
  static constexpr ClassRatio ratio = ClassRatio::specificity;
  explicit Specificity(Options options = {});
  [[nodiscard]] MetricInfo info() const override;
};

}  // namespace leadline::metrics

#pragma once

#include "leadline/metrics/class_ratio_metric.hpp"

namespace leadline::metrics {

/// F1: balance of precision and recall, 2 tp / (2 tp + fn + fp).
///
/// Reads:   as `Decisions`
/// Returns: Estimate in [0, 1], higher is better; delta interval (stats/delta.hpp), of one class
///          Wilson's where it is a plain share; facts classes_averaged, classes_undefined
class LEADLINE_API F1 : public ClassRatioMetric<F1> {
 public:
  static constexpr std::string_view type_name = "metrics.F1", who = "F1.update";
  static constexpr ClassRatio ratio = ClassRatio::f_beta;
  explicit F1(Options options = {});
  [[nodiscard]] MetricInfo info() const override;
};

}  // namespace leadline::metrics

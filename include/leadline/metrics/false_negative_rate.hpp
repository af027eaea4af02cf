#pragma once

#include "leadline/metrics/class_ratio_metric.hpp"

namespace leadline::metrics {

/// False negative rate: of the samples of a class, the share that is missed, fn / (fn + tp).
///
/// Reads:   as `Decisions`
/// Returns: Estimate in [0, 1], lower is better; delta interval (stats/delta.hpp), of one class
///          Wilson's where it is a plain share; facts classes_averaged, classes_undefined
class LEADLINE_API FalseNegativeRate : public ClassRatioMetric<FalseNegativeRate> {
 public:
  static constexpr std::string_view type_name = "metrics.FalseNegativeRate",
                                    who = "FalseNegativeRate.update";
  static constexpr ClassRatio ratio = ClassRatio::false_negative_rate;
  explicit FalseNegativeRate(Options options = {});
  [[nodiscard]] MetricInfo info() const override;
};

}  // namespace leadline::metrics

#pragma once

#include "leadline/metrics/class_ratio_metric.hpp"

namespace leadline::metrics {

/// Negative predictive value: of the samples not called a class, the share that is not of it,
/// tn / (tn + fn).
///
/// Reads:   as `Decisions`
/// Returns: Estimate in [0, 1], higher is better; delta interval (stats/delta.hpp), of one class
///          Wilson's where it is a plain share; facts classes_averaged, classes_undefined
class LEADLINE_API NegativePredictiveValue : public ClassRatioMetric<NegativePredictiveValue> {
 public:
  static constexpr std::string_view type_name = "metrics.NegativePredictiveValue",
                                    who = "NegativePredictiveValue.update";
  static constexpr ClassRatio ratio = ClassRatio::negative_predictive_value;
  explicit NegativePredictiveValue(Options options = {});
  [[nodiscard]] MetricInfo info() const override;
};

}  // namespace leadline::metrics

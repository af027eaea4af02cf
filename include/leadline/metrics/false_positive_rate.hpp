#pragma once

#include "leadline/metrics/class_ratio_metric.hpp"

namespace leadline::metrics {

/// False positive rate: of the samples that are not of a class, the share called so, fp / (fp +
/// tn).
///
/// Reads:   as `Decisions`
/// Returns: Estimate in [0, 1], lower is better; delta interval (stats/delta.hpp), of one class
///          Wilson's where it is a plain share; facts classes_averaged, classes_undefined
class LEADLINE_API FalsePositiveRate : public ClassRatioMetric<FalsePositiveRate> {
 public:
  static constexpr std::string_view type_name = "metrics.FalsePositiveRate",
                                    who = "FalsePositiveRate.update";
  static constexpr ClassRatio ratio = ClassRatio::false_positive_rate;
  explicit FalsePositiveRate(Options options = {});
  [[nodiscard]] MetricInfo info() const override;
};

}  // namespace leadline::metrics

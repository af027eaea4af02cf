#pragma once

#include "leadline/metrics/class_ratio_metric.hpp"

namespace leadline::metrics {

/// Informedness, Youden's J: recall + specificity - 1, how far decisions are better than chance
/// (Youden 1950).
///
/// Reads:   as `Decisions`
/// Returns: Estimate in [-1, 1], higher is better; delta interval (stats/delta.hpp), of one class
///          Wilson's where it is a plain share; facts classes_averaged, classes_undefined
class LEADLINE_API Informedness : public ClassRatioMetric<Informedness> {
 public:
  static constexpr std::string_view type_name = "metrics.Informedness", who = "Informedness.update";
  static constexpr ClassRatio ratio = ClassRatio::informedness;
  explicit Informedness(Options options = {});
  [[nodiscard]] MetricInfo info() const override;
};

}  // namespace leadline::metrics

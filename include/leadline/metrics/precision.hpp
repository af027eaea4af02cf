#pragma once

#include "leadline/metrics/class_ratio_metric.hpp"

namespace leadline::metrics {

/// Precision: of the samples called a class, the share that is of it, tp / (tp + fp).
///
/// Reads:   as `Decisions`
/// Returns: Estimate in [0, 1], higher is better; delta interval (stats/delta.hpp), of one class
///          Wilson's where it is a plain share; facts classes_averaged, classes_undefined
class LEADLINE_API Precision : public ClassRatioMetric<Precision> {
 public:
  static constexpr std::string_view type_name = "metrics.Precision", who = "Precision.update";
  static constexpr ClassRatio ratio = ClassRatio::precision;
  explicit Precision(Options options = {});
  [[nodiscard]] MetricInfo info() const override;
};

}  // namespace leadline::metrics

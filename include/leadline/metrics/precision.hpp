#pragma once

#include "leadline/metrics/class_ratio_metric.hpp"

namespace leadline::metrics {

/// Precision: of the samples called a class, the share that is of it (hit / called).
///
/// Reads:   as `Confusion`
/// Returns: Estimate in [0, 1], higher is better; delta interval (stats/delta.hpp); facts
///          classes_averaged, classes_undefined
class LEADLINE_API Precision : public ClassRatioMetric<Precision> {
 public:
  static constexpr std::string_view type_name = "metrics.Precision", who = "Precision.update";
  static constexpr stats::Ratio ratio = stats::Ratio::precision;
  explicit Precision(Options options = {});
  [[nodiscard]] MetricInfo info() const override;
};

}  // namespace leadline::metrics

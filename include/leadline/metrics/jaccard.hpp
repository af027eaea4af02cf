#pragma once

#include "leadline/metrics/class_ratio_metric.hpp"

namespace leadline::metrics {

/// Jaccard index: of the samples that are of a class or called so, the share that is both,
/// tp / (tp + fn + fp) (intersection over union).
///
/// Reads:   as `Decisions`
/// Returns: Estimate in [0, 1], higher is better; delta interval (stats/delta.hpp), of one class
///          Wilson's where it is a plain share; facts classes_averaged, classes_undefined
class LEADLINE_API Jaccard : public ClassRatioMetric<Jaccard> {
 public:
  static constexpr std::string_view type_name = "metrics.Jaccard", who = "Jaccard.update";
  static constexpr ClassRatio ratio = ClassRatio::jaccard;
  explicit Jaccard(Options options = {});
  [[nodiscard]] MetricInfo info() const override;
};

}  // namespace leadline::metrics

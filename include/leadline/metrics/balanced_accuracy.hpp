#pragma once

#include "leadline/metrics/table_metric.hpp"

namespace leadline::metrics {

using BalancedAccuracyOptions = DecisionOptions;

/// Mean recall over the classes that occur: every class counts the same, however rare.
///
/// Reads:   as `Decisions`; not for task 'multilabel'
/// Returns: Estimate in [0, 1], higher is better; delta interval; facts classes_averaged,
///          classes_undefined
class LEADLINE_API BalancedAccuracy : public TableMetric<BalancedAccuracy> {
 public:
  static constexpr std::string_view type_name = "metrics.BalancedAccuracy",
                                    who = "BalancedAccuracy.update";
  static constexpr bool multilabel_too = false;
  explicit BalancedAccuracy(Options options = {});
  [[nodiscard]] MetricInfo info() const override;
  [[nodiscard]] Estimate estimate(const Decisions& fold) const;
};

}  // namespace leadline::metrics

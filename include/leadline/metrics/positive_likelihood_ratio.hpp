#pragma once

#include "leadline/metrics/table_metric.hpp"

namespace leadline::metrics {

using PositiveLikelihoodRatioOptions = DecisionOptions;

/// Positive likelihood ratio: recall / false positive rate: how many times likelier a call is where
/// the class is there.
///
/// Reads:   as `Decisions`; one class, `positive_class`, against the rest; not for task
///          'multilabel'
/// Returns: Estimate >= 0, above 1 for a useful model, higher is better; interval of Katz, or
/// Koopman where a
///          count is 0 (stats/two_proportions.hpp). Undefined where one of both groups is missing
///          or no sample of another class was called so
class LEADLINE_API PositiveLikelihoodRatio : public TableMetric<PositiveLikelihoodRatio> {
 public:
  static constexpr std::string_view type_name = "metrics.PositiveLikelihoodRatio",
                                    who = "PositiveLikelihoodRatio.update";
  static constexpr bool multilabel_too = false;
  explicit PositiveLikelihoodRatio(Options options = {});
  [[nodiscard]] MetricInfo info() const override;
  [[nodiscard]] Estimate estimate(const Decisions& fold) const;
};

}  // namespace leadline::metrics

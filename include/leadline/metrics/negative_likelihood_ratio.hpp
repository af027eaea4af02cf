#pragma once

#include "leadline/metrics/table_metric.hpp"

namespace leadline::metrics {

using NegativeLikelihoodRatioOptions = DecisionOptions;

/// Negative likelihood ratio: false negative rate / specificity: how many times likelier no call is
/// where the class is there.
///
/// Reads:   as `Decisions`; one class, `positive_class`, against the rest; not for task
///          'multilabel'
/// Returns: Estimate >= 0, below 1 for a useful model, lower is better; interval of Katz, or
/// Koopman where a
///          count is 0 (stats/two_proportions.hpp). Undefined where one of both groups is missing
///          or every sample of another class was called so
class LEADLINE_API NegativeLikelihoodRatio : public TableMetric<NegativeLikelihoodRatio> {
 public:
  static constexpr std::string_view type_name = "metrics.NegativeLikelihoodRatio",
                                    who = "NegativeLikelihoodRatio.update";
  static constexpr bool multilabel_too = false;
  explicit NegativeLikelihoodRatio(Options options = {});
  [[nodiscard]] MetricInfo info() const override;
  [[nodiscard]] Estimate estimate(const Decisions& fold) const;
};

}  // namespace leadline::metrics

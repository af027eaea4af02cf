#pragma once

#include "leadline/metrics/pair_moments.hpp"
#include "leadline/metrics/regression_metric.hpp"

namespace leadline::metrics {

/// Explained variance: 1 - Var(target - predicted) / Var(target). As `R2`, but blind to a constant
/// shift of the predictions.
///
/// Reads:   "predicted" [n] and "target" [n], see `RegressionMetric`
/// Returns: Estimate in <= 1, higher is better; delta interval on the scale of log(1 - value).
///          Undefined for constant targets
class LEADLINE_API ExplainedVariance : public RegressionMetric<ExplainedVariance, PairMoments> {
 public:
  static constexpr std::string_view type_name = "metrics.ExplainedVariance",
                                    who = "ExplainedVariance.update";
  explicit ExplainedVariance(Options options = {});
  using RegressionMetric::update;
  [[nodiscard]] MetricInfo info() const override;
  [[nodiscard]] Estimate estimate(const PairMoments& fold) const;
  /// Of an output in the average 'variance_weighted'.
  [[nodiscard]] double weight_of_output(const PairMoments& fold) const { return fold.moment(2, 0); }
};

}  // namespace leadline::metrics

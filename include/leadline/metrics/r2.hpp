#pragma once

#include "leadline/metrics/pair_moments.hpp"
#include "leadline/metrics/regression_metric.hpp"

namespace leadline::metrics {

/// Coefficient of determination: 1 - sum (y - x)^2 / sum (y - mean y)^2.
///
/// Reads:   "predicted" [n] and "target" [n], see `RegressionMetric`
/// Returns: Estimate in <= 1, higher is better, below 0 worse than the mean; delta interval on the
/// scale of
///          log(1 - R2). Undefined for constant targets
class LEADLINE_API R2 : public RegressionMetric<R2, PairMoments> {
 public:
  static constexpr std::string_view type_name = "metrics.R2", who = "R2.update";
  explicit R2(Options options = {});
  using RegressionMetric::update;
  [[nodiscard]] MetricInfo info() const override;
  [[nodiscard]] Estimate estimate(const PairMoments& fold) const;
  /// Of an output in the average 'variance_weighted'.
  [[nodiscard]] double weight_of_output(const PairMoments& fold) const { return fold.moment(2, 0); }
};

}  // namespace leadline::metrics

#pragma once

#include "leadline/metrics/regression_metric.hpp"

namespace leadline::metrics {

/// Mean squared logarithmic error: mean (log(1 + predicted) - log(1 + target))^2.
///
/// Reads:   "predicted" [n] and "target" [n] above -1, see `RegressionMetric`
/// Returns: Estimate >= 0, lower is better; t interval
/// Throws:  ValueError for a number of -1 or less
class LEADLINE_API MeanSquaredLogError
    : public RegressionMetric<MeanSquaredLogError, RegressionLoss> {
 public:
  static constexpr std::string_view type_name = "metrics.MeanSquaredLogError",
                                    who = "MeanSquaredLogError.update";
  explicit MeanSquaredLogError(Options options = {});
  using RegressionMetric::update;
  [[nodiscard]] MetricInfo info() const override;
  [[nodiscard]] Estimate estimate(const RegressionLoss& fold) const;
};

}  // namespace leadline::metrics

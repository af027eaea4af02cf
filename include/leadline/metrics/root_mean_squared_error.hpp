#pragma once

#include "leadline/metrics/regression_metric.hpp"

namespace leadline::metrics {

/// Root mean squared error: the root of `MeanSquaredError`.
///
/// Reads:   "predicted" [n] and "target" [n], see `RegressionMetric`
/// Returns: Estimate in >= 0 in the unit of the target, lower is better; the root of the t interval
class LEADLINE_API RootMeanSquaredError
    : public RegressionMetric<RootMeanSquaredError, RegressionLoss> {
 public:
  static constexpr std::string_view type_name = "metrics.RootMeanSquaredError",
                                    who = "RootMeanSquaredError.update";
  explicit RootMeanSquaredError(Options options = {});
  using RegressionMetric::update;
  [[nodiscard]] MetricInfo info() const override;
  [[nodiscard]] Estimate estimate(const RegressionLoss& fold) const;
};

}  // namespace leadline::metrics

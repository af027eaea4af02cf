#pragma once

#include "leadline/metrics/regression_metric.hpp"

namespace leadline::metrics {

/// Mean squared error: mean (predicted - target)^2.
///
/// Reads:   "predicted" [n] and "target" [n], see `RegressionMetric`
/// Returns: Estimate in >= 0, lower is better; t interval
class LEADLINE_API MeanSquaredError : public RegressionMetric<MeanSquaredError, RegressionLoss> {
 public:
  static constexpr std::string_view type_name = "metrics.MeanSquaredError",
                                    who = "MeanSquaredError.update";
  explicit MeanSquaredError(Options options = {});
  using RegressionMetric::update;
  [[nodiscard]] MetricInfo info() const override;
  [[nodiscard]] Estimate estimate(const RegressionLoss& fold) const;
};

}  // namespace leadline::metrics

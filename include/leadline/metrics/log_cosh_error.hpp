#pragma once

#include "leadline/metrics/regression_metric.hpp"

namespace leadline::metrics {

/// Log-cosh error: mean log cosh(predicted - target); half the square of small errors, the distance
/// of large ones less log 2.
///
/// Reads:   "predicted" [n] and "target" [n], see `RegressionMetric`
/// Returns: Estimate >= 0, lower is better; t interval
class LEADLINE_API LogCoshError : public RegressionMetric<LogCoshError, RegressionLoss> {
 public:
  static constexpr std::string_view type_name = "metrics.LogCoshError", who = "LogCoshError.update";
  explicit LogCoshError(Options options = {});
  using RegressionMetric::update;
  [[nodiscard]] MetricInfo info() const override;
  [[nodiscard]] Estimate estimate(const RegressionLoss& fold) const;
};

}  // namespace leadline::metrics

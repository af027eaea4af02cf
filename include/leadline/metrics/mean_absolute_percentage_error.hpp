#pragma once

#include "leadline/metrics/regression_metric.hpp"

namespace leadline::metrics {

/// Mean absolute percentage error: mean |predicted - target| / |target|, as a fraction.
///
/// Reads:   "predicted" [n] and "target" [n], see `RegressionMetric`
/// Returns: Estimate in >= 0, lower is better; t interval. Undefined where a target is 0 (fact
/// n_infinite)
class LEADLINE_API MeanAbsolutePercentageError
    : public RegressionMetric<MeanAbsolutePercentageError, RegressionLoss> {
 public:
  static constexpr std::string_view type_name = "metrics.MeanAbsolutePercentageError",
                                    who = "MeanAbsolutePercentageError.update";
  explicit MeanAbsolutePercentageError(Options options = {});
  using RegressionMetric::update;
  [[nodiscard]] MetricInfo info() const override;
  [[nodiscard]] Estimate estimate(const RegressionLoss& fold) const;
};

}  // namespace leadline::metrics

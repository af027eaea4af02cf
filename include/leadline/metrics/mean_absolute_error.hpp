#pragma once

#include "leadline/metrics/regression_metric.hpp"

namespace leadline::metrics {

/// Mean absolute error: mean |predicted - target|.
///
/// Reads:   "predicted" [n] and "target" [n], see `RegressionMetric`
/// Returns: Estimate in >= 0 in the unit of the target, lower is better; t interval
class LEADLINE_API MeanAbsoluteError : public RegressionMetric<MeanAbsoluteError, RegressionLoss> {
 public:
  static constexpr std::string_view type_name = "metrics.MeanAbsoluteError",
                                    who = "MeanAbsoluteError.update";
  explicit MeanAbsoluteError(Options options = {});
  using RegressionMetric::update;
  [[nodiscard]] MetricInfo info() const override;
  [[nodiscard]] Estimate estimate(const RegressionLoss& fold) const;
};

}  // namespace leadline::metrics

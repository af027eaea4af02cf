#pragma once

#include "leadline/metrics/regression_metric.hpp"

namespace leadline::metrics {

/// Symmetric mean absolute percentage error: mean 2 |predicted - target| / (|predicted| +
/// |target|), as a fraction; 0 where both are 0.
///
/// Reads:   "predicted" [n] and "target" [n], see `RegressionMetric`
/// Returns: Estimate in [0, 2], lower is better; t interval
class LEADLINE_API SymmetricMeanAbsolutePercentageError
    : public RegressionMetric<SymmetricMeanAbsolutePercentageError, RegressionLoss> {
 public:
  static constexpr std::string_view type_name = "metrics.SymmetricMeanAbsolutePercentageError",
                                    who = "SymmetricMeanAbsolutePercentageError.update";
  explicit SymmetricMeanAbsolutePercentageError(Options options = {});
  using RegressionMetric::update;
  [[nodiscard]] MetricInfo info() const override;
  [[nodiscard]] Estimate estimate(const RegressionLoss& fold) const;
};

}  // namespace leadline::metrics

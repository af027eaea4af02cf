#pragma once

#include "leadline/metrics/regression_metric.hpp"

namespace leadline::metrics {

/// Root of `MeanSquaredLogError`: for small errors about the relative error.
///
/// Reads:   "predicted" [n] and "target" [n] above -1, see `RegressionMetric`
/// Returns: Estimate >= 0, lower is better; root of the t interval of the mean square
/// Throws:  ValueError for a number of -1 or less
class LEADLINE_API RootMeanSquaredLogError
    : public RegressionMetric<RootMeanSquaredLogError, RegressionLoss> {
 public:
  static constexpr std::string_view type_name = "metrics.RootMeanSquaredLogError",
                                    who = "RootMeanSquaredLogError.update";
  explicit RootMeanSquaredLogError(Options options = {});
  using RegressionMetric::update;
  [[nodiscard]] MetricInfo info() const override;
  [[nodiscard]] Estimate estimate(const RegressionLoss& fold) const;
};

}  // namespace leadline::metrics

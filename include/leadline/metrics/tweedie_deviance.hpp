#pragma once

#include "leadline/metrics/regression_metric.hpp"

namespace leadline::metrics {

struct TweedieDevianceOptions {
  double power = 0;
  OutputAverage multioutput = OutputAverage::uniform_average;
  std::vector<double> output_weights;
  double level = 0.95;
  static Fields fields() {
    return joined(
        {Fields{field(
             "power", &TweedieDevianceOptions::power,
             "Variance as a power of the mean: 0 normal, 1 Poisson, 2 gamma, 3 inverse Gaussian; "
             "none exists between 0 and 1.")},
         regression_fields<TweedieDevianceOptions>()});
  }
};

/// Mean Tweedie deviance (Jorgensen 1987): of power 1 the Poisson, of power 2 the gamma deviance.
///
///     power 1: mean 2 (y log(y / x) - y + x)     power 2: mean 2 (log(x / y) + y / x - 1)
///
/// Reads:   "predicted" [n] above 0 (any number for power 0) and "target" [n]: any for power <= 0,
///          >= 0 for power in [1, 2), above 0 from 2 on; see `RegressionMetric`
/// Returns: Estimate >= 0, lower is better; t interval
/// Throws:  ValueError for a power in (0, 1), and for numbers that the distribution does not have
class LEADLINE_API TweedieDeviance
    : public RegressionMetric<TweedieDeviance, RegressionLoss, TweedieDevianceOptions> {
 public:
  static constexpr std::string_view type_name = "metrics.TweedieDeviance",
                                    who = "TweedieDeviance.update";
  explicit TweedieDeviance(Options options = {});
  using RegressionMetric::update;
  [[nodiscard]] MetricInfo info() const override;
  [[nodiscard]] Estimate estimate(const RegressionLoss& fold) const;
};

}  // namespace leadline::metrics

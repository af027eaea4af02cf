#pragma once

#include "leadline/metrics/regression_metric.hpp"

namespace leadline::metrics {

struct PinballLossOptions {
  double quantile = 0.5;
  OutputAverage multioutput = OutputAverage::uniform_average;
  std::vector<double> output_weights;
  double level = 0.95;
  static Fields fields() {
    return joined(
        {Fields{field("quantile", &PinballLossOptions::quantile, "Which quantile is predicted.")
                    .above(0)
                    .below(1)},
         regression_fields<PinballLossOptions>()});
  }
};

/// Pinball loss of a predicted quantile q: mean of q (y - x) above it, (1 - q) (x - y) below
/// (Koenker and Bassett 1978).
///
/// Reads:   "predicted" [n] and "target" [n], see `RegressionMetric`
/// Returns: Estimate >= 0, lower is better; t interval
class LEADLINE_API PinballLoss
    : public RegressionMetric<PinballLoss, RegressionLoss, PinballLossOptions> {
 public:
  static constexpr std::string_view type_name = "metrics.PinballLoss", who = "PinballLoss.update";
  explicit PinballLoss(Options options = {});
  using RegressionMetric::update;
  [[nodiscard]] MetricInfo info() const override;
  [[nodiscard]] Estimate estimate(const RegressionLoss& fold) const;
};

}  // namespace leadline::metrics

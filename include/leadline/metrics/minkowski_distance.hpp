#pragma once

#include "leadline/metrics/regression_metric.hpp"

namespace leadline::metrics {

struct MinkowskiDistanceOptions {
  double p = 2;
  OutputAverage multioutput = OutputAverage::uniform_average;
  std::vector<double> output_weights;
  double level = 0.95;
  static Fields fields() {
    return joined({Fields{field("p", &MinkowskiDistanceOptions::p,
                                "The power: 1 sums the distances, 2 is Euclid's.")
                              .at_least(1)},
                   regression_fields<MinkowskiDistanceOptions>()});
  }
};

/// Minkowski distance of all predictions from all targets: (sum w |y - x|^p)^(1 / p), a sum, that
/// grows with n (torchmetrics; weights as SciPy).
///
/// Reads:   "predicted" [n] and "target" [n], see `RegressionMetric`
/// Returns: Estimate >= 0, lower is better; the t interval of the mean of |y - x|^p, raised
class LEADLINE_API MinkowskiDistance
    : public RegressionMetric<MinkowskiDistance, RegressionLoss, MinkowskiDistanceOptions> {
 public:
  static constexpr std::string_view type_name = "metrics.MinkowskiDistance",
                                    who = "MinkowskiDistance.update";
  explicit MinkowskiDistance(Options options = {});
  using RegressionMetric::update;
  [[nodiscard]] MetricInfo info() const override;
  [[nodiscard]] Estimate estimate(const RegressionLoss& fold) const;
};

}  // namespace leadline::metrics

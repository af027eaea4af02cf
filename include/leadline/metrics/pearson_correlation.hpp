#pragma once

#include "leadline/metrics/pair_moments.hpp"
#include "leadline/metrics/regression_metric.hpp"

namespace leadline::metrics {

/// Pearson correlation of predictions and targets.
///
/// Reads:   "predicted" [n] and "target" [n], see `RegressionMetric`
/// Returns: Estimate in [-1, 1], higher is better; Fisher's z interval. Undefined for a constant
/// column
class LEADLINE_API PearsonCorrelation : public RegressionMetric<PearsonCorrelation, PairMoments> {
 public:
  static constexpr std::string_view type_name = "metrics.PearsonCorrelation",
                                    who = "PearsonCorrelation.update";
  explicit PearsonCorrelation(Options options = {});
  using RegressionMetric::update;
  [[nodiscard]] MetricInfo info() const override;
  [[nodiscard]] Estimate estimate(const PairMoments& fold) const;
};

}  // namespace leadline::metrics

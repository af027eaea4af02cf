#pragma once

#include "leadline/metrics/pinball_loss.hpp"

namespace leadline::metrics {

/// Pinball skill (D2, Koenker and Machado 1999): 1 - pinball loss / pinball loss of the quantile of
/// the targets; at quantile 0.5 the absolute error against that of the median.
///
/// Reads:   "predicted" [n] and "target" [n], see `RegressionMetric`
/// Returns: Estimate <= 1, higher is better, 0 is no better than the quantile; delta interval on
/// the
///          scale of log(1 - value). Undefined for constant targets. Memory: 16 bytes a sample
class LEADLINE_API PinballSkill
    : public RegressionMetric<PinballSkill, StoredPairs, PinballLossOptions> {
 public:
  static constexpr std::string_view type_name = "metrics.PinballSkill", who = "PinballSkill.update";
  explicit PinballSkill(Options options = {});
  using RegressionMetric::update;
  [[nodiscard]] MetricInfo info() const override;
  [[nodiscard]] Estimate estimate(const StoredPairs& fold) const;
};

}  // namespace leadline::metrics

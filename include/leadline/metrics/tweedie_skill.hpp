#pragma once

#include "leadline/metrics/tweedie_deviance.hpp"

namespace leadline::metrics {

/// Tweedie skill (D2, share of the deviance explained): 1 - deviance / deviance of the mean of the
/// targets; of power 0 it is `R2`.
///
/// Reads:   as `TweedieDeviance`
/// Returns: Estimate <= 1, higher is better, 0 is no better than the mean; delta interval on the
///          scale of log(1 - value). Undefined for constant targets. Memory: 16 bytes a sample
class LEADLINE_API TweedieSkill
    : public RegressionMetric<TweedieSkill, StoredPairs, TweedieDevianceOptions> {
 public:
  static constexpr std::string_view type_name = "metrics.TweedieSkill", who = "TweedieSkill.update";
  explicit TweedieSkill(Options options = {});
  void update(const Rows& rows) override;
  using RegressionMetric::update;
  [[nodiscard]] MetricInfo info() const override;
  [[nodiscard]] Estimate estimate(const StoredPairs& fold) const;
};

}  // namespace leadline::metrics

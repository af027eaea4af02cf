#pragma once

#include "leadline/metrics/rank_metric.hpp"

namespace leadline::metrics {

struct LiftOptions {
  double fraction = 0.1;
  RankAverage average = RankAverage::macro;
  std::int64_t positive = 1;
  std::optional<std::int64_t> ignore_index{};
  bool exact = false;
  std::int64_t keep = most_kept;
  std::int64_t bits = 16;
  stats::ScoreScale scale = stats::ScoreScale::raw;
  double level = 0.95;
  static Fields fields() {
    return joined({Fields{field("fraction", &LiftOptions::fraction,
                                "Share of the samples looked at, from the greatest score down.")
                              .above(0)
                              .at_most(1)},
                   rank_fields<LiftOptions>()});
  }
};

/// Lift: `Gain` / `fraction`; 1 is chance, at most 1 / fraction.
///
/// Reads:   as `RankFold`
/// Returns: Estimate in [0, 1 / fraction], higher is better; percentile bootstrap; fact `threshold`
class LEADLINE_API Lift : public RankMetric<Lift, LiftOptions> {
 public:
  static constexpr std::string_view type_name = "metrics.Lift", who = "Lift.update";
  explicit Lift(Options options = {});
  [[nodiscard]] MetricInfo info() const override;
  [[nodiscard]] RankRule rule() const;
};

}  // namespace leadline::metrics

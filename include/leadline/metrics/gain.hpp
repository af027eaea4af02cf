#pragma once

#include "leadline/metrics/rank_metric.hpp"

namespace leadline::metrics {

struct GainOptions {
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
    return joined({Fields{field("fraction", &GainOptions::fraction,
                                "Share of the samples looked at, from the greatest score down.")
                              .above(0)
                              .at_most(1)},
                   rank_fields<GainOptions>()});
  }
};

/// Cumulative gain: share of the positives among the `fraction` of samples with the greatest
/// scores. Ties at the cut count in proportion.
///
/// Reads:   as `RankFold`
/// Returns: Estimate in [0, 1], higher is better; percentile bootstrap; fact `threshold`
class LEADLINE_API Gain : public RankMetric<Gain, GainOptions> {
 public:
  static constexpr std::string_view type_name = "metrics.Gain", who = "Gain.update";
  explicit Gain(Options options = {});
  [[nodiscard]] MetricInfo info() const override;
  [[nodiscard]] RankRule rule() const;
};

}  // namespace leadline::metrics

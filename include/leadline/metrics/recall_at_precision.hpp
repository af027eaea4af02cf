#pragma once

#include "leadline/metrics/rank_metric.hpp"

namespace leadline::metrics {

struct RecallAtPrecisionOptions {
  double precision = 0.9;
  RankAverage average = RankAverage::macro;
  std::int64_t positive = 1;
  std::optional<std::int64_t> ignore_index{};
  bool exact = false;
  std::int64_t keep = most_kept;
  std::int64_t bits = 16;
  stats::ScoreScale scale = stats::ScoreScale::raw;
  double level = 0.95;
  static Fields fields() {
    return joined(
        {Fields{field("precision", &RecallAtPrecisionOptions::precision, "Least precision.")
                    .above(0)
                    .at_most(1)},
         rank_fields<RecallAtPrecisionOptions>()});
  }
};

/// Greatest recall among the thresholds with precision >= `precision`; 0 where none has it.
///
/// Reads:   as `RankFold`
/// Returns: Estimate in [0, 1], higher is better; percentile bootstrap; fact `threshold`
class LEADLINE_API RecallAtPrecision
    : public RankMetric<RecallAtPrecision, RecallAtPrecisionOptions> {
 public:
  static constexpr std::string_view type_name = "metrics.RecallAtPrecision",
                                    who = "RecallAtPrecision.update";
  explicit RecallAtPrecision(Options options = {});
  [[nodiscard]] MetricInfo info() const override;
  [[nodiscard]] RankRule rule() const;
};

}  // namespace leadline::metrics

#pragma once

#include "leadline/metrics/rank_metric.hpp"

namespace leadline::metrics {

struct SpecificityAtSensitivityOptions {
  double sensitivity = 0.95;
  stats::PointInterval interval = stats::PointInterval::matched_beta;
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
        {Fields{field("sensitivity", &SpecificityAtSensitivityOptions::sensitivity,
                      "Least share of the positives to be found.")
                    .above(0)
                    .at_most(1),
                field("interval", &SpecificityAtSensitivityOptions::interval,
                      "How the interval is made: with the uncertainty of the threshold, or "
                      "at the threshold as given.")},
         rank_fields<SpecificityAtSensitivityOptions>()});
  }
};

/// Specificity at the largest threshold with sensitivity >= `sensitivity`: 1 - `FprAtTpr`.
///
/// Reads:   as `RankFold`
/// Returns: Estimate in [0, 1], higher is better; interval as `FprAtTpr`; fact `threshold`
class LEADLINE_API SpecificityAtSensitivity
    : public RankMetric<SpecificityAtSensitivity, SpecificityAtSensitivityOptions> {
 public:
  static constexpr std::string_view type_name = "metrics.SpecificityAtSensitivity",
                                    who = "SpecificityAtSensitivity.update";
  explicit SpecificityAtSensitivity(Options options = {});
  [[nodiscard]] MetricInfo info() const override;
  [[nodiscard]] RankRule rule() const;
};

}  // namespace leadline::metrics

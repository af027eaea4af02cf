#pragma once

#include "leadline/metrics/rank_metric.hpp"

namespace leadline::metrics {

struct FprAtTprOptions {
  double tpr = 0.95;
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
        {Fields{field("tpr", &FprAtTprOptions::tpr, "Least share of the positives to be accepted.")
                    .above(0)
                    .at_most(1),
                field("interval", &FprAtTprOptions::interval,
                      "How the interval is made: with the uncertainty of "
                      "the threshold, or at the threshold as given.")},
         rank_fields<FprAtTprOptions>()});
  }
};

/// Share of the negatives with a score at or above the largest threshold that accepts at least a
/// share `tpr` of the positives: the first point with TPR >= `tpr` of the curve without dropped
/// points (OpenOOD drops collinear ones; torch-uncertainty takes the nearest TPR, which may lie
/// below). Which class is positive is the caller's: FPR95 of detectors is printed with either
/// (0.888 against 0.433 on the same scores); option `positive` says it.
///
/// Reads:   as `RankFold`
/// Returns: Estimate in [0, 1], lower is better; interval `matched_beta`
/// (stats/operating_point.hpp)
///          or Clopper-Pearson at the threshold as given; fact `threshold`
class LEADLINE_API FprAtTpr : public RankMetric<FprAtTpr, FprAtTprOptions> {
 public:
  static constexpr std::string_view type_name = "metrics.FprAtTpr", who = "FprAtTpr.update";
  explicit FprAtTpr(Options options = {});
  [[nodiscard]] MetricInfo info() const override;
  [[nodiscard]] RankRule rule() const;
};

}  // namespace leadline::metrics

#pragma once

#include "leadline/metrics/rank_metric.hpp"

namespace leadline::metrics {

struct TprAtFprOptions {
  double fpr = 0.01;
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
    return joined({Fields{field("fpr", &TprAtFprOptions::fpr,
                                "Greatest share of the negatives to be accepted.")
                              .at_least(0)
                              .at_most(1),
                          field("interval", &TprAtFprOptions::interval,
                                "How the interval is made: with the uncertainty of "
                                "the threshold, or at the threshold as given.")},
                   rank_fields<TprAtFprOptions>()});
  }
};

/// Share of the positives at or above the smallest threshold that accepts at most a share `fpr` of
/// the negatives: the last point with FPR <= `fpr` of the curve without dropped points (Carlini et
/// al. 2022, LiRA, take FPR < fpr on a curve with dropped points). 0 where no threshold is so
/// strict. For very small `fpr` the interval 'clopper_pearson' is that of TPR alone.
///
/// Reads:   as `RankFold`
/// Returns: Estimate in [0, 1], higher is better; interval as `FprAtTpr`; fact `threshold`
class LEADLINE_API TprAtFpr : public RankMetric<TprAtFpr, TprAtFprOptions> {
 public:
  static constexpr std::string_view type_name = "metrics.TprAtFpr", who = "TprAtFpr.update";
  explicit TprAtFpr(Options options = {});
  [[nodiscard]] MetricInfo info() const override;
  [[nodiscard]] RankRule rule() const;
};

}  // namespace leadline::metrics

#pragma once

#include "leadline/metrics/rank_metric.hpp"

namespace leadline::metrics {

struct AveragePrecisionOptions {
  RankAverage average = RankAverage::macro;
  std::int64_t positive = 1;
  std::optional<std::int64_t> ignore_index{};
  bool exact = false;
  std::int64_t keep = most_kept;
  std::int64_t bits = 16;
  stats::ScoreScale scale = stats::ScoreScale::raw;
  double level = 0.95;
  static Fields fields() { return rank_fields<AveragePrecisionOptions>(); }
};

/// Average precision: sum of (recall_k - recall_{k-1}) * precision_k over the distinct scores, as
/// scikit-learn's average_precision_score. Not the trapezoid: that is `Aupr`.
///
/// Reads:   as `RankFold`
/// Returns: Estimate in [0, 1], higher is better; the prevalence where all scores are equal.
///          Interval from the influence function, normal on the logit scale
class LEADLINE_API AveragePrecision : public RankMetric<AveragePrecision, AveragePrecisionOptions> {
 public:
  static constexpr std::string_view type_name = "metrics.AveragePrecision",
                                    who = "AveragePrecision.update";
  explicit AveragePrecision(Options options = {});
  [[nodiscard]] MetricInfo info() const override;
  [[nodiscard]] RankRule rule() const;
};

}  // namespace leadline::metrics

#pragma once

#include "leadline/metrics/rank_metric.hpp"

namespace leadline::metrics {

struct EqualErrorRateOptions {
  RankAverage average = RankAverage::macro;
  std::int64_t positive = 1;
  std::optional<std::int64_t> ignore_index{};
  bool exact = false;
  std::int64_t keep = most_kept;
  std::int64_t bits = 16;
  stats::ScoreScale scale = stats::ScoreScale::raw;
  double level = 0.95;
  static Fields fields() { return rank_fields<EqualErrorRateOptions>(); }
};

/// Equal error rate: FPR = 1 - TPR on the ROC curve, linear between its points.
///
/// Reads:   as `RankFold`
/// Returns: Estimate in [0, 1], lower is better, 1/2 is chance; percentile bootstrap; fact
///          `threshold`
class LEADLINE_API EqualErrorRate : public RankMetric<EqualErrorRate, EqualErrorRateOptions> {
 public:
  static constexpr std::string_view type_name = "metrics.EqualErrorRate",
                                    who = "EqualErrorRate.update";
  explicit EqualErrorRate(Options options = {});
  [[nodiscard]] MetricInfo info() const override;
  [[nodiscard]] RankRule rule() const;
};

}  // namespace leadline::metrics

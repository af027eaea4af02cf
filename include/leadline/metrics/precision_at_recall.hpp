#pragma once

#include "leadline/metrics/rank_metric.hpp"

namespace leadline::metrics {

struct PrecisionAtRecallOptions {
  double recall = 0.9;
  RankAverage average = RankAverage::macro;
  std::int64_t positive = 1;
  std::optional<std::int64_t> ignore_index{};
  bool exact = false;
  std::int64_t keep = most_kept;
  std::int64_t bits = 16;
  stats::ScoreScale scale = stats::ScoreScale::raw;
  double level = 0.95;
  static Fields fields() {
    return joined({Fields{field("recall", &PrecisionAtRecallOptions::recall,
                                "Least share of the positives to be found.")
                              .above(0)
                              .at_most(1)},
                   rank_fields<PrecisionAtRecallOptions>()});
  }
};

/// Greatest precision among the thresholds with recall >= `recall` (torchmetrics'
/// PrecisionAtFixedRecall). The best of several thresholds is optimistic on the sample it was
/// chosen on; the interval is that of the whole procedure, repeated.
///
/// Reads:   as `RankFold`
/// Returns: Estimate in [0, 1], higher is better; percentile bootstrap; fact `threshold`
class LEADLINE_API PrecisionAtRecall
    : public RankMetric<PrecisionAtRecall, PrecisionAtRecallOptions> {
 public:
  static constexpr std::string_view type_name = "metrics.PrecisionAtRecall",
                                    who = "PrecisionAtRecall.update";
  explicit PrecisionAtRecall(Options options = {});
  [[nodiscard]] MetricInfo info() const override;
  [[nodiscard]] RankRule rule() const;
};

}  // namespace leadline::metrics

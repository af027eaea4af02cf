#pragma once

#include "leadline/metrics/rank_metric.hpp"

namespace leadline::metrics {

struct LogAucOptions {
  double min_fpr = 0.001;
  double max_fpr = 0.1;
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
        {Fields{
             field("min_fpr", &LogAucOptions::min_fpr, "Where the area begins.").above(0).below(1),
             field("max_fpr", &LogAucOptions::max_fpr, "Where it ends.").above(0).at_most(1)},
         rank_fields<LogAucOptions>()});
  }
};

/// Area under the ROC curve over the logarithm of the false-positive rate between two rates, as a
/// share of the greatest possible: what matters where negatives are many (Mysinger and Shoichet
/// 2010; torchmetrics' LogAUC). Linear in the logarithm between the points.
///
/// Reads:   as `RankFold`
/// Returns: Estimate in [0, 1], higher is better; percentile bootstrap
/// Throws:  ValueError unless min_fpr < max_fpr
class LEADLINE_API LogAuc : public RankMetric<LogAuc, LogAucOptions> {
 public:
  static constexpr std::string_view type_name = "metrics.LogAuc", who = "LogAuc.update";
  explicit LogAuc(Options options = {});
  using RankMetric::update;
  [[nodiscard]] MetricInfo info() const override;
  [[nodiscard]] RankRule rule() const;
};

}  // namespace leadline::metrics

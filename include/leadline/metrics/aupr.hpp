#pragma once

#include "leadline/metrics/rank_metric.hpp"

namespace leadline::metrics {

struct AuprOptions {
  RankAverage average = RankAverage::macro;
  std::int64_t positive = 1;
  std::optional<std::int64_t> ignore_index{};
  bool exact = false;
  std::int64_t keep = most_kept;
  std::int64_t bits = 16;
  stats::ScoreScale scale = stats::ScoreScale::raw;
  double level = 0.95;
  static Fields fields() { return rank_fields<AuprOptions>(); }
};

/// Area under the precision-recall points by the trapezoid rule, ending in (recall 0, precision 1):
/// AUPR of the literature on out-of-distribution detection (Hendrycks and Gimpel 2017). Optimistic
/// beside `AveragePrecision` (Davis and Goadrich 2006).
///
/// Reads:   as `RankFold`
/// Returns: Estimate in [0, 1], higher is better; interval as `AveragePrecision`
class LEADLINE_API Aupr : public RankMetric<Aupr, AuprOptions> {
 public:
  static constexpr std::string_view type_name = "metrics.Aupr", who = "Aupr.update";
  explicit Aupr(Options options = {});
  [[nodiscard]] MetricInfo info() const override;
  [[nodiscard]] RankRule rule() const;
};

}  // namespace leadline::metrics

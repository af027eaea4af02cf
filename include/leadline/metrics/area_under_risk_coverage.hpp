#pragma once

#include "leadline/metrics/rank_metric.hpp"

namespace leadline::metrics {

struct AreaUnderRiskCoverageOptions {
  RankAverage average = RankAverage::macro;
  std::int64_t positive = 1;
  std::optional<std::int64_t> ignore_index{};
  bool exact = false;
  std::int64_t keep = most_kept;
  std::int64_t bits = 16;
  stats::ScoreScale scale = stats::ScoreScale::raw;
  double level = 0.95;
  static Fields fields() { return rank_fields<AreaUnderRiskCoverageOptions>(); }
};

/// Area under the risk-coverage curve: a model that answers only the samples it is surest of makes
/// errors at a rate that depends on how many it answers; their mean over all coverages, ties in any
/// order the same on average (Geifman and El-Yaniv 2017, arXiv:1705.08500).
///
/// Reads:   as `RankFold`, one column of confidences as "scores"; target 1: the answer is right
/// Returns: Estimate in [0, 1], lower is better; percentile bootstrap. 0 where no answer is wrong,
/// 1
///          where none is right, without an interval
/// Bounded: with keep=0 |value - exact value| <= error_bound; the interval is widened by it
/// Describe: the risk-coverage curve
class LEADLINE_API AreaUnderRiskCoverage
    : public RankMetric<AreaUnderRiskCoverage, AreaUnderRiskCoverageOptions> {
 public:
  static constexpr std::string_view type_name = "metrics.AreaUnderRiskCoverage",
                                    who = "AreaUnderRiskCoverage.update";
  explicit AreaUnderRiskCoverage(Options options = {});
  using RankMetric::update;
  [[nodiscard]] MetricInfo info() const override;
  [[nodiscard]] RankRule rule() const;
  [[nodiscard]] Estimate estimate(const RankFold& fold) const;
  void describe(Finding& finding, std::string_view prefix = {}) const override;
};

/// The same of levels, whose positives are right answers; not `exact`: of bins.
[[nodiscard]] LEADLINE_API Estimate risk_coverage_of(const stats::Levels& levels, bool exact,
                                                     double level);

}  // namespace leadline::metrics

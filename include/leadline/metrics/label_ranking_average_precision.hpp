#pragma once

#include "leadline/metrics/label_ranking.hpp"

namespace leadline::metrics {

/// Label ranking average precision: at each label of a sample, the share of its labels among those
/// with at least that score; the mean over its labels, then over samples (Schapire and Singer
/// 2000).
///
/// Reads:   as `LabelRanking`
/// Returns: Estimate in [0, 1], higher is better; t interval. A sample without a label has no
/// value:
///          fact samples_undefined
class LEADLINE_API LabelRankingAveragePrecision
    : public LabelRankingMetric<LabelRankingAveragePrecision> {
 public:
  static constexpr std::string_view type_name = "metrics.LabelRankingAveragePrecision",
                                    who = "LabelRankingAveragePrecision.update";
  explicit LabelRankingAveragePrecision(Options options = {});
  using LabelRankingMetric::update;
  [[nodiscard]] MetricInfo info() const override;
};

}  // namespace leadline::metrics

#pragma once

#include "leadline/metrics/label_ranking.hpp"

namespace leadline::metrics {

/// Label ranking loss: of the pairs of a label that a sample has and one that it has not, the share
/// that is not ordered so, ties counting as wrong; the mean over samples (Tsoumakas et al. 2010).
///
/// Reads:   as `LabelRanking`
/// Returns: Estimate in [0, 1], lower is better; t interval. A sample with no label or every label
///          has no pair and no value: fact samples_undefined
class LEADLINE_API LabelRankingLoss : public LabelRankingMetric<LabelRankingLoss> {
 public:
  static constexpr std::string_view type_name = "metrics.LabelRankingLoss",
                                    who = "LabelRankingLoss.update";
  explicit LabelRankingLoss(Options options = {});
  using LabelRankingMetric::update;
  [[nodiscard]] MetricInfo info() const override;
};

}  // namespace leadline::metrics

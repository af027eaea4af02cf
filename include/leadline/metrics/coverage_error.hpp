#pragma once

#include "leadline/metrics/label_ranking.hpp"

namespace leadline::metrics {

/// Coverage error: how many labels, from the greatest score down, must be looked at to meet every
/// label of a sample, ties at the end included; the mean over samples (Tsoumakas et al. 2010).
///
/// Reads:   as `LabelRanking`
/// Returns: Estimate in [1, n_labels], lower is better; t interval. A sample without a label has no
///          value: fact samples_undefined
class LEADLINE_API CoverageError : public LabelRankingMetric<CoverageError> {
 public:
  static constexpr std::string_view type_name = "metrics.CoverageError",
                                    who = "CoverageError.update";
  explicit CoverageError(Options options = {});
  using LabelRankingMetric::update;
  [[nodiscard]] MetricInfo info() const override;
};

}  // namespace leadline::metrics

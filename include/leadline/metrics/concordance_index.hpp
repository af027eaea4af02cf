#pragma once

#include "leadline/metrics/regression_metric.hpp"

namespace leadline::metrics {

/// Concordance index: of the pairs with different targets, the share that predictions order alike,
/// ties of predictions one half (Harrell 1982, without censoring).
///
/// Reads:   "predicted" [n] and "target" [n], see `RegressionMetric`
/// Returns: Estimate in [0, 1], higher is better; delta interval of the U-statistic. Undefined when
/// all targets
///          are equal
/// Memory:  16 bytes a sample
class LEADLINE_API ConcordanceIndex : public RegressionMetric<ConcordanceIndex, StoredPairs> {
 public:
  static constexpr std::string_view type_name = "metrics.ConcordanceIndex",
                                    who = "ConcordanceIndex.update";
  explicit ConcordanceIndex(Options options = {});
  using RegressionMetric::update;
  [[nodiscard]] MetricInfo info() const override;
  [[nodiscard]] Estimate estimate(const StoredPairs& fold) const;
};

}  // namespace leadline::metrics

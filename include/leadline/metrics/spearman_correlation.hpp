#pragma once

#include "leadline/metrics/regression_metric.hpp"

namespace leadline::metrics {

/// Spearman correlation: Pearson's of the ranks, ties share theirs.
///
/// Reads:   "predicted" [n] and "target" [n], see `RegressionMetric`
/// Returns: Estimate in [-1, 1], higher is better; Fisher's z with the variance of Bonett and
/// Wright 2000.
///          Undefined for a constant column
/// Memory:  16 bytes a sample
class LEADLINE_API SpearmanCorrelation : public RegressionMetric<SpearmanCorrelation, StoredPairs> {
 public:
  static constexpr std::string_view type_name = "metrics.SpearmanCorrelation",
                                    who = "SpearmanCorrelation.update";
  explicit SpearmanCorrelation(Options options = {});
  using RegressionMetric::update;
  [[nodiscard]] MetricInfo info() const override;
  [[nodiscard]] Estimate estimate(const StoredPairs& fold) const;
};

}  // namespace leadline::metrics

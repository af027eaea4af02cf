#pragma once

#include "leadline/metrics/regression_metric.hpp"

namespace leadline::metrics {

/// Kendall's tau-b: (concordant - discordant) / sqrt(pairs untied in x * pairs untied in y).
///
/// Reads:   "predicted" [n] and "target" [n], see `RegressionMetric`
/// Returns: Estimate in [-1, 1], higher is better; delta interval of the U-statistic on Fisher's
/// scale.
///          Undefined for a constant column. O(n log n)
/// Memory:  16 bytes a sample
class LEADLINE_API KendallTau : public RegressionMetric<KendallTau, StoredPairs> {
 public:
  static constexpr std::string_view type_name = "metrics.KendallTau", who = "KendallTau.update";
  explicit KendallTau(Options options = {});
  using RegressionMetric::update;
  [[nodiscard]] MetricInfo info() const override;
  [[nodiscard]] Estimate estimate(const StoredPairs& fold) const;
};

}  // namespace leadline::metrics

#pragma once

#include "leadline/metrics/regression_metric.hpp"

namespace leadline::metrics {

/// Largest |predicted - target|.
///
/// Reads:   "predicted" [n] and "target" [n], see `RegressionMetric`
/// Returns: Estimate in >= 0, lower is better; a largest value has no interval
/// Memory:  16 bytes a sample
/// Throws:  ValueError for weights: a maximum has no weighted form (scikit-learn has none either)
class LEADLINE_API MaxError : public RegressionMetric<MaxError, StoredPairs> {
 public:
  static constexpr std::string_view type_name = "metrics.MaxError", who = "MaxError.update";
  explicit MaxError(Options options = {});
  void update(const Rows& rows) override;
  using RegressionMetric::update;
  [[nodiscard]] MetricInfo info() const override;
  [[nodiscard]] Estimate estimate(const StoredPairs& fold) const;
};

}  // namespace leadline::metrics

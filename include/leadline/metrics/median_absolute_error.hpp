#pragma once

#include "leadline/metrics/regression_metric.hpp"

namespace leadline::metrics {

/// Median of |predicted - target|.
///
/// Reads:   "predicted" [n] and "target" [n], see `RegressionMetric`
/// Returns: Estimate in >= 0, lower is better; interval of order statistics, exact for any
/// distribution Memory:  16 bytes a sample
class LEADLINE_API MedianAbsoluteError : public RegressionMetric<MedianAbsoluteError, StoredPairs> {
 public:
  static constexpr std::string_view type_name = "metrics.MedianAbsoluteError",
                                    who = "MedianAbsoluteError.update";
  explicit MedianAbsoluteError(Options options = {});
  using RegressionMetric::update;
  [[nodiscard]] MetricInfo info() const override;
  [[nodiscard]] Estimate estimate(const StoredPairs& fold) const;
};

}  // namespace leadline::metrics

#pragma once

#include "leadline/metrics/table_metric.hpp"

namespace leadline::metrics {

/// Share of samples with a wrong label: 1 - `ExactMatch`.
///
/// Reads:   as `Decisions`
/// Returns: Estimate in [0, 1], lower is better; Wilson interval
class LEADLINE_API ZeroOneLoss : public TableMetric<ZeroOneLoss> {
 public:
  static constexpr std::string_view type_name = "metrics.ZeroOneLoss", who = "ZeroOneLoss.update";
  static constexpr bool multilabel_too = true;
  explicit ZeroOneLoss(Options options = {});
  [[nodiscard]] MetricInfo info() const override;
  [[nodiscard]] Estimate estimate(const Decisions& fold) const;
};

}  // namespace leadline::metrics

#pragma once

#include "leadline/metrics/table_metric.hpp"

namespace leadline::metrics {

/// Share of labels that are wrong, a mean over samples; with one label a sample 1 - accuracy.
///
/// Reads:   as `Decisions`
/// Returns: Estimate in [0, 1], lower is better; t interval over samples, Wilson's for one label
class LEADLINE_API HammingLoss : public TableMetric<HammingLoss> {
 public:
  static constexpr std::string_view type_name = "metrics.HammingLoss", who = "HammingLoss.update";
  static constexpr bool multilabel_too = true;
  explicit HammingLoss(Options options = {});
  [[nodiscard]] MetricInfo info() const override;
  [[nodiscard]] Estimate estimate(const Decisions& fold) const;
};

}  // namespace leadline::metrics

#pragma once

#include "leadline/metrics/table_metric.hpp"

namespace leadline::metrics {

/// Share of samples with every label right (subset accuracy); with one label a sample the accuracy.
///
/// Reads:   as `Decisions`
/// Returns: Estimate in [0, 1], higher is better; Wilson interval
class LEADLINE_API ExactMatch : public TableMetric<ExactMatch> {
 public:
  static constexpr std::string_view type_name = "metrics.ExactMatch", who = "ExactMatch.update";
  static constexpr bool multilabel_too = true;
  explicit ExactMatch(Options options = {});
  [[nodiscard]] MetricInfo info() const override;
  [[nodiscard]] Estimate estimate(const Decisions& fold) const;
};

}  // namespace leadline::metrics

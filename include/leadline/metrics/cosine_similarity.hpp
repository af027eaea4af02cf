#pragma once

#include "leadline/metrics/row_loss.hpp"

namespace leadline::metrics {

/// Cosine similarity: mean of x . y / (|x| |y|) over the samples (torchmetrics' reduction 'mean').
///
/// Reads:   as `RowLoss`
/// Returns: Estimate in [-1, 1], higher is better; t interval
class LEADLINE_API CosineSimilarity : public RowMetric<CosineSimilarity> {
 public:
  static constexpr std::string_view type_name = "metrics.CosineSimilarity",
                                    who = "CosineSimilarity.update";
  explicit CosineSimilarity(Options options = {});
  using RowMetric::update;
  [[nodiscard]] MetricInfo info() const override;
  [[nodiscard]] Estimate estimate(const RowLoss& fold) const;
};

}  // namespace leadline::metrics

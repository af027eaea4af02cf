#pragma once

#include "leadline/metrics/row_loss.hpp"

namespace leadline::metrics {

/// Jensen-Shannon divergence: the mean Kullback-Leibler divergence of both rows from their mean, in
/// nats; symmetric, at most log 2.
///
/// Reads:   as `RowLoss`: distributions
/// Returns: Estimate in [0, log 2], lower is better; t interval
class LEADLINE_API JensenShannonDivergence : public RowMetric<JensenShannonDivergence> {
 public:
  static constexpr std::string_view type_name = "metrics.JensenShannonDivergence",
                                    who = "JensenShannonDivergence.update";
  explicit JensenShannonDivergence(Options options = {});
  using RowMetric::update;
  [[nodiscard]] MetricInfo info() const override;
  [[nodiscard]] Estimate estimate(const RowLoss& fold) const;
};

}  // namespace leadline::metrics

#pragma once

#include "leadline/metrics/row_loss.hpp"

namespace leadline::metrics {

/// Kullback-Leibler divergence of the target from the prediction: mean of sum_c t_c log(t_c / x_c),
/// in nats. torchmetrics' KLDivergence takes the target first.
///
/// Reads:   as `RowLoss`: distributions
/// Returns: Estimate >= 0, lower is better; t interval. Undefined where a class that occurs was
/// given
///          probability 0 (fact n_infinite)
class LEADLINE_API KlDivergence : public RowMetric<KlDivergence> {
 public:
  static constexpr std::string_view type_name = "metrics.KlDivergence", who = "KlDivergence.update";
  explicit KlDivergence(Options options = {});
  using RowMetric::update;
  [[nodiscard]] MetricInfo info() const override;
  [[nodiscard]] Estimate estimate(const RowLoss& fold) const;
};

}  // namespace leadline::metrics

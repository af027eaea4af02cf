#pragma once

#include "leadline/metrics/pair_moments.hpp"
#include "leadline/metrics/regression_metric.hpp"

namespace leadline::metrics {

/// Concordance correlation coefficient (Lin 1989): how close pairs lie to the diagonal,
/// 2 cov / (var x + var y + (mean x - mean y)^2).
///
/// Reads:   "predicted" [n] and "target" [n], see `RegressionMetric`
/// Returns: Estimate in [-1, 1], higher is better; delta interval on Fisher's scale. Undefined when
/// both
///          columns are the same constant
class LEADLINE_API ConcordanceCorrelation
    : public RegressionMetric<ConcordanceCorrelation, PairMoments> {
 public:
  static constexpr std::string_view type_name = "metrics.ConcordanceCorrelation",
                                    who = "ConcordanceCorrelation.update";
  explicit ConcordanceCorrelation(Options options = {});
  using RegressionMetric::update;
  [[nodiscard]] MetricInfo info() const override;
  [[nodiscard]] Estimate estimate(const PairMoments& fold) const;
};

}  // namespace leadline::metrics

#pragma once

#include "leadline/metrics/table_metric.hpp"

namespace leadline::metrics {

/// Matthews correlation coefficient (Matthews 1975), for more classes R_K (Gorodkin 2004): the
/// correlation of decisions with truth.
///
/// Reads:   as `Decisions`; not for task 'multilabel'
/// Returns: Estimate in [-1, 1], higher is better; delta interval. Undefined when all true or all
///          predicted labels are one class
class LEADLINE_API MatthewsCorrelation : public TableMetric<MatthewsCorrelation> {
 public:
  static constexpr std::string_view type_name = "metrics.MatthewsCorrelation",
                                    who = "MatthewsCorrelation.update";
  static constexpr bool multilabel_too = false;
  explicit MatthewsCorrelation(Options options = {});
  [[nodiscard]] MetricInfo info() const override;
  [[nodiscard]] Estimate estimate(const Decisions& fold) const;
};

}  // namespace leadline::metrics

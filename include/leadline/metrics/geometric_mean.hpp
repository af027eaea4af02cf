#pragma once

#include "leadline/metrics/table_metric.hpp"

namespace leadline::metrics {

/// G-mean: geometric mean of the recalls of the classes that occur; of a binary task
/// sqrt(recall * specificity) (Kubat and Matwin 1997). One class that is never found makes it 0.
///
/// Reads:   as `Decisions`; not for task 'multilabel'
/// Returns: Estimate in [0, 1], higher is better; delta interval. Undefined unless two classes
/// occur
class LEADLINE_API GeometricMean : public TableMetric<GeometricMean> {
 public:
  static constexpr std::string_view type_name = "metrics.GeometricMean",
                                    who = "GeometricMean.update";
  static constexpr bool multilabel_too = false;
  explicit GeometricMean(Options options = {});
  [[nodiscard]] MetricInfo info() const override;
  [[nodiscard]] Estimate estimate(const Decisions& fold) const;
};

}  // namespace leadline::metrics

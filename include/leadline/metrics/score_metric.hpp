/// Base of the metrics that read scores or decisions beside labels.
#pragma once

#include <array>
#include <span>

#include "leadline/core/metric_of.hpp"

namespace leadline::metrics {

/// Adds the convenient `update(scores, target)` to `MetricOf`. `Derived::who` names it in errors.
template <class Derived, class Fold, class OptionsType>
class ScoreMetric : public MetricOf<Derived, Fold, OptionsType> {
 public:
  void update(const Rows& rows) override { this->fold_.update(rows, Derived::who); }

  /// `scores`: floats [n, n_classes], or integer decisions [n] where the metric can do with them.
  /// `target`: integers [n]. `weights`: one a sample, >= 0; empty: all 1. `ids` name samples in
  /// errors. Eigen arrays, spans and vectors convert.
  void update(const ArrayView& scores, const ArrayView& target,
              std::span<const double> weights = {}, std::span<const SampleId> ids = {}) {
    const std::array<Column, 2> columns{
        Column{static_cast<const Derived&>(*this).column_of(scores), scores},
        Column{"target", target}};
    update(Rows{ids, weights, columns});
  }

  /// The column that the first argument of `update` is.
  [[nodiscard]] static std::string_view column_of(const ArrayView& values) {
    return is_floating(values.dtype) || values.rank > 1 ? "scores" : "prediction";
  }

 protected:
  using MetricOf<Derived, Fold, OptionsType>::MetricOf;
};

}  // namespace leadline::metrics

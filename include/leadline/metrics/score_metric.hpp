/// Base of the metrics that read scores or decisions beside labels.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "leadline/core/metric_of.hpp"
#include "leadline/metrics/result_checks.hpp"

namespace leadline::metrics {

/// Calls `use` with the rows that count: those of `ignored`, in a target of one label a sample, are
/// left out; where the weights are counts and `repeats` is set, a row stands there so many times
/// without weight. Throws what the checks of `rows` throw.
LEADLINE_API void with_counted_rows(const Rows& rows, std::optional<std::int64_t> ignored,
                                    bool repeats, std::string_view who,
                                    const std::function<void(const Rows&)>& use);

/// `MetricOf` over columns, for a `Derived` that says what a fold amounts to:
///
///     [[nodiscard]] Estimate estimate(const Fold& fold) const;
///
/// One that overrides `compute` instead has no interval for clusters, and refuses them.
/// It adds what every such metric does alike: the option `ignore_index`, where `Derived` has it;
/// cluster ids and their interval; the convenient `update(scores, target)`. `Derived::who` names it
/// in errors.
template <class Derived, class Fold, class OptionsType>
class ScoreMetric : public MetricOf<Derived, Fold, OptionsType> {
 public:
  void update(const Rows& rows) override {
    std::optional<std::int64_t> ignored;
    if constexpr (requires(const OptionsType& o) { o.ignore_index; })
      ignored = this->options_.ignore_index;
    constexpr bool repeats = requires { Fold::repeats_counted_rows; };
    with_counted_rows(rows, ignored, repeats, Derived::who,
                      [this](const Rows& kept) { fold_in(kept); });
  }

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

  [[nodiscard]] Estimate compute() const override {
    const auto& self = static_cast<const Derived&>(*this);
    if constexpr (estimates_outputs<Derived>())
      return this->robust([&](const Fold& fold) { return self.estimate_outputs(fold); });
    else if constexpr (estimates_folds<Derived>())
      return this->robust([&](const Fold& fold) { return self.estimate(fold); });
    else
      return Estimate::absent(Status::not_measured, "the metric computes in another way");
  }

  /// Adds the value and the checks of the result.
  void describe(Finding& finding, std::string_view prefix = {}) const override {
    add_described(finding, prefix, this->info(), this->compute());
  }

  /// The column that the first argument of `update` is.
  [[nodiscard]] static std::string_view column_of(const ArrayView& values) {
    return is_floating(values.dtype) ? "scores" : "prediction";
  }

 protected:
  using MetricOf<Derived, Fold, OptionsType>::MetricOf;

 private:
  template <class Metric>
  [[nodiscard]] static constexpr bool estimates_folds() {
    return requires(const Metric& metric, const Fold& fold) { metric.estimate(fold); };
  }
  /// A metric that makes one estimate of several folds (`RegressionMetric`).
  template <class Metric>
  [[nodiscard]] static constexpr bool estimates_outputs() {
    return requires(const Metric& metric, const Fold& fold) { metric.estimate_outputs(fold); };
  }
  void fold_in(const Rows& rows) {
    if constexpr (!estimates_folds<Derived>() && !estimates_outputs<Derived>())
      if (!rows.clusters.empty())
        throw ValueError(Derived::who, "no cluster ids", "clusters",
                         "the interval of this metric does not respect clusters: leave them out");
    this->fold_rows(rows, Derived::who,
                    [](Fold& fold, const Rows& part) { fold.update(part, Derived::who); });
  }
};

}  // namespace leadline::metrics

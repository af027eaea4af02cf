#pragma once

#include "leadline/metrics/confusion.hpp"
#include "leadline/metrics/score_metric.hpp"

namespace leadline::metrics {

struct BalancedAccuracyOptions {
  std::optional<std::int64_t> n_classes{};
  double level = 0.95;
  static constexpr auto fields() {
    return std::make_tuple(
        field("n_classes", &BalancedAccuracyOptions::n_classes,
              "Number of classes; unset: grows with the labels seen.")
            .at_least(2),
        field("level", &BalancedAccuracyOptions::level, "Coverage of the interval.")
            .above(0)
            .below(1));
  }
};

/// Mean recall over the classes that occur: every class counts the same, however rare.
///
/// Reads:   as `Confusion`
/// Returns: Estimate in [0, 1], higher is better; delta interval; facts classes_averaged,
///          classes_undefined
class LEADLINE_API BalancedAccuracy
    : public ScoreMetric<BalancedAccuracy, Confusion, BalancedAccuracyOptions> {
 public:
  static constexpr std::string_view type_name = "metrics.BalancedAccuracy",
                                    who = "BalancedAccuracy.update";
  explicit BalancedAccuracy(Options options = {});
  using ScoreMetric::update;
  [[nodiscard]] MetricInfo info() const override;
  [[nodiscard]] Estimate compute() const override;
};

}  // namespace leadline::metrics

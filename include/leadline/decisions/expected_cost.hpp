#pragma once

#include "leadline/metrics/confusion.hpp"
#include "leadline/metrics/mean_loss.hpp"
#include "leadline/metrics/score_metric.hpp"

namespace leadline::decisions {

struct ExpectedCostOptions {
  std::vector<double> cost{0, 1, 1, 0};
  metrics::MeanInterval interval = metrics::MeanInterval::t;
  double level = 0.95;
  static Fields fields() {
    return {
        field("cost", &ExpectedCostOptions::cost,
              "Cost of each decision, row-major [true class, decided class]; negative is a gain."),
        field("interval", &ExpectedCostOptions::interval, "How the interval is made."),
        field("level", &ExpectedCostOptions::level, "Coverage of the interval.").above(0).below(1)};
  }
};

/// Mean cost of a decision: sum_ij cost[i, j] n_ij / n (Elkan 2001, eq. 1).
///
/// Reads:   as `metrics::Confusion`; classes as many as the matrix has rows
/// Returns: Estimate between the least and the largest cost, lower is better; t interval, or
///          empirical Bernstein, which covers at any n (always used when every sample costs the
///          same: no spread was seen, which is not no spread)
/// Throws:  ValueError for a cost that is not finite, ShapeError unless there are k^2 of them
///
///     ExpectedCost cost({.cost = {0, 1, 50, 0}});   // a miss costs 50 false alarms
class LEADLINE_API ExpectedCost
    : public metrics::ScoreMetric<ExpectedCost, metrics::Confusion, ExpectedCostOptions> {
 public:
  static constexpr std::string_view type_name = "decisions.ExpectedCost",
                                    who = "ExpectedCost.update";
  explicit ExpectedCost(Options options = {});
  using ScoreMetric::update;
  [[nodiscard]] MetricInfo info() const override;
  [[nodiscard]] Estimate compute() const override;
};

}  // namespace leadline::decisions

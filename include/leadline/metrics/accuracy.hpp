#pragma once

#include "leadline/metrics/hits.hpp"
#include "leadline/metrics/score_metric.hpp"
#include "leadline/stats/intervals.hpp"

namespace leadline::metrics {

struct AccuracyOptions {
  std::optional<std::int64_t> n_classes{};
  stats::ProportionMethod interval = stats::ProportionMethod::wilson;
  double level = 0.95;
  static constexpr auto fields() {
    return std::make_tuple(
        field("n_classes", &AccuracyOptions::n_classes,
              "Number of classes; unset: as many as the scores have, any label is allowed.")
            .at_least(2),
        field("interval", &AccuracyOptions::interval, "How the interval is made."),
        field("level", &AccuracyOptions::level, "Coverage of the interval.").above(0).below(1));
  }
};

/// Share of samples whose predicted class is the true one.
///
/// Reads:   "target" [n] integers; "prediction" [n] integers, else "scores" [n, n_classes]
/// Returns: Estimate in [0, 1], higher is better; Wilson interval
/// Errors, memory: see `Confusion`, but three counts only
///
///     leadline::metrics::Accuracy accuracy;
///     accuracy.update(scores, labels);
///     accuracy.compute().value();
class LEADLINE_API Accuracy : public ScoreMetric<Accuracy, Hits, AccuracyOptions> {
 public:
  static constexpr std::string_view type_name = "metrics.Accuracy", who = "Accuracy.update";
  explicit Accuracy(Options options = {});
  using ScoreMetric::update;
  [[nodiscard]] MetricInfo info() const override;
  [[nodiscard]] Estimate compute() const override;
};

}  // namespace leadline::metrics

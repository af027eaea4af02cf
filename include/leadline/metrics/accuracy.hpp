#pragma once

#include "leadline/metrics/decisions.hpp"
#include "leadline/metrics/hits.hpp"
#include "leadline/metrics/score_metric.hpp"
#include "leadline/stats/intervals.hpp"

namespace leadline::metrics {

struct AccuracyOptions {
  TaskType task = TaskType::multiclass;
  std::optional<std::int64_t> n_classes{};
  double threshold = 0.5;
  std::int64_t positive_class = 1;
  std::optional<std::int64_t> ignore_index{};
  stats::ProportionMethod interval = stats::ProportionMethod::wilson;
  double level = 0.95;
  static Fields fields() {
    return joined(
        {Fields{field("interval", &AccuracyOptions::interval, "How the interval is made.")},
         decision_fields<AccuracyOptions>()});
  }
};

/// Share of samples whose predicted class is the true one.
///
/// Reads:   "target" [n] integers; "prediction" [n] integers, else "scores" [n, n_classes], or [n]
///          for task 'binary'. Of many labels a sample see `ExactMatch` and `HammingLoss`
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
  [[nodiscard]] Estimate estimate(const Hits& fold) const;
};

}  // namespace leadline::metrics

#pragma once

#include "leadline/metrics/accuracy.hpp"

namespace leadline::metrics {

struct TopKAccuracyOptions {
  std::int64_t k = 5;
  std::optional<std::int64_t> ignore_index{};
  stats::ProportionMethod interval = stats::ProportionMethod::wilson;
  double level = 0.95;
  static Fields fields() {
    return {
        field("k", &TopKAccuracyOptions::k, "How many classes the model may name.").at_least(1),
        field("ignore_index", &TopKAccuracyOptions::ignore_index,
              "Samples with this target do not count."),
        field("interval", &TopKAccuracyOptions::interval, "How the interval is made."),
        field("level", &TopKAccuracyOptions::level, "Coverage of the interval.").above(0).below(1)};
  }
};

/// Share of samples whose true class is among the k largest scores; equal scores rank by class
/// number, so that k = 1 is the accuracy.
///
/// Reads:   "target" [n] integers; "scores" [n, n_classes], n_classes > k
/// Returns: Estimate in [0, 1], higher is better; Wilson interval
class LEADLINE_API TopKAccuracy : public ScoreMetric<TopKAccuracy, Hits, TopKAccuracyOptions> {
 public:
  static constexpr std::string_view type_name = "metrics.TopKAccuracy", who = "TopKAccuracy.update";
  explicit TopKAccuracy(Options options = {});
  using ScoreMetric::update;
  [[nodiscard]] MetricInfo info() const override;
  [[nodiscard]] Estimate estimate(const Hits& fold) const;
};

}  // namespace leadline::metrics

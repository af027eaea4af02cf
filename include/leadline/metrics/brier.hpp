#pragma once

#include "leadline/metrics/probability_loss.hpp"

namespace leadline::metrics {

struct BrierOptions {
  TaskType task = TaskType::multiclass;
  ScoreInput input = ScoreInput::probabilities;
  MeanInterval interval = MeanInterval::t;
  std::optional<std::int64_t> ignore_index{};
  double level = 0.95;
  static Fields fields() {
    return {field("task", &BrierOptions::task,
                  "'multiclass' reads a column a class, 'binary' the one of class 1."),
            field("ignore_index", &BrierOptions::ignore_index,
                  "Samples with this target do not count."),
            field("input", &BrierOptions::input, "What the scores are; logits pass softmax."),
            field("interval", &BrierOptions::interval, "How the interval is made."),
            field("level", &BrierOptions::level, "Coverage of the interval.").above(0).below(1)};
  }
};

/// Brier score: mean over samples of sum_c (p_c - [class is c])^2 (Brier 1950), in [0, 2]. Of task
/// 'binary' it is the one-column form mean (p - y)^2 in [0, 1], half of that.
///
/// Reads:   as `LogLoss`
/// Returns: Estimate in [0, 2] (binary: [0, 1]), lower is better; t interval, or empirical
/// Bernstein, which covers
///          at any n
class LEADLINE_API Brier : public ScoreMetric<Brier, ProbabilityLoss, BrierOptions> {
 public:
  static constexpr std::string_view type_name = "metrics.Brier", who = "Brier.update";
  explicit Brier(Options options = {});
  using ScoreMetric::update;
  [[nodiscard]] MetricInfo info() const override;
  [[nodiscard]] Estimate estimate(const ProbabilityLoss& fold) const;
  [[nodiscard]] std::string_view column_of(const ArrayView&) const {
    return options_.input == ScoreInput::logits ? "scores" : "probabilities";
  }
};

}  // namespace leadline::metrics

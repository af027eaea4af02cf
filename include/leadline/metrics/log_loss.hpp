#pragma once

#include "leadline/metrics/probability_loss.hpp"

namespace leadline::metrics {

struct LogLossOptions {
  TaskType task = TaskType::multiclass;
  ScoreInput input = ScoreInput::probabilities;
  std::optional<double> floor{};
  std::optional<std::int64_t> ignore_index{};
  double level = 0.95;
  static Fields fields() {
    return {
        field("task", &LogLossOptions::task,
              "'multiclass' reads a column a class, 'binary' the one of class 1."),
        field("ignore_index", &LogLossOptions::ignore_index,
              "Samples with this target do not count."),
        field("input", &LogLossOptions::input, "What the scores are; logits pass log-softmax."),
        field("floor", &LogLossOptions::floor,
              "Least probability of the true class; lower ones are raised to it. Unset: none, a "
              "probability of 0 makes the log loss undefined.")
            .above(0)
            .below(1),
        field("level", &LogLossOptions::level, "Coverage of the interval.").above(0).below(1)};
  }
};

/// Log loss (cross-entropy, negative log-likelihood) in nats: mean of -log p(true class).
///
/// Reads:   "target" [n] integers; "probabilities" [n, n_classes] in [0, 1] with rows that sum to
///          1 within 1e-3, or "scores" [n, n_classes] as logits (option `input`); [n] of class 1
///          for task 'binary'
/// Returns: Estimate >= 0, lower is better; t interval. Undefined when a true class was given
///          probability 0 (fact n_infinite), unless a `floor` is set.
/// Throws:  ValueError for probabilities out of range or NaN, labels out of range; ShapeError
class LEADLINE_API LogLoss : public ScoreMetric<LogLoss, ProbabilityLoss, LogLossOptions> {
 public:
  static constexpr std::string_view type_name = "metrics.LogLoss", who = "LogLoss.update";
  explicit LogLoss(Options options = {});
  using ScoreMetric::update;
  [[nodiscard]] MetricInfo info() const override;
  [[nodiscard]] Estimate estimate(const ProbabilityLoss& fold) const;
  [[nodiscard]] std::string_view column_of(const ArrayView&) const {
    return options_.input == ScoreInput::logits ? "scores" : "probabilities";
  }
};

}  // namespace leadline::metrics

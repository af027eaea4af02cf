/// Losses of predicted probabilities: the state of log loss and Brier score.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "leadline/core/rows.hpp"
#include "leadline/metrics/decision_rule.hpp"
#include "leadline/metrics/mean_loss.hpp"
#include "leadline/metrics/score_metric.hpp"

namespace leadline::metrics {

class LEADLINE_API ProbabilityLoss {
 public:
  enum Kind : std::uint8_t { log_loss, brier };
  /// `floor`: least probability of the true class, log loss only.
  ProbabilityLoss(Kind kind, ScoreInput input, std::optional<double> floor = {},
                  TaskType task = TaskType::multiclass);

  /// Reads "target" and "probabilities" or, for logits, "scores".
  void update(const Rows& rows, std::string_view who);
  /// Of each sample, checked; nothing is added.
  [[nodiscard]] std::vector<double> losses(const Rows& rows, std::string_view who) const;
  /// Of a sample of a class that occurs at the rate `own`, where the probabilities are the rates of
  /// all classes; `squares` is the sum of their squares.
  [[nodiscard]] double of_frequencies(double own, double squares) const;
  void merge(const ProbabilityLoss& other) { loss_.merge(other.loss_); }
  [[nodiscard]] const MeanLoss& loss() const { return loss_; }
  [[nodiscard]] std::string key() const;
  void save(State& state) const { loss_.save(state); }
  void load(const State& state) { loss_.load(state); }

 private:
  Kind kind_;
  ScoreInput input_;
  std::optional<double> floor_;
  bool binary_;
  MeanLoss loss_;
};

}  // namespace leadline::metrics

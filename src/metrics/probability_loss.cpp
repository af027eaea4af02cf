#include "leadline/metrics/probability_loss.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "probability_rows.hpp"

namespace leadline::metrics {

ProbabilityLoss::ProbabilityLoss(Kind kind, ScoreInput input, std::optional<double> floor,
                                 TaskType task)
    : kind_(kind),
      input_(input),
      floor_(floor),
      binary_(task == TaskType::binary),
      loss_(kind == brier ? std::optional(2.0 + 1e-9) : std::nullopt) {}

std::vector<double> ProbabilityLoss::losses(const Rows& rows, std::string_view who) const {
  const bool logits = input_ == ScoreInput::logits;
  leadline::detail::probability_rows::Reader reader(rows, who, logits ? "scores" : "probabilities",
                                                    binary_);
  std::vector<double> losses(static_cast<std::size_t>(reader.n()));
  for (std::int64_t i = 0; i < reader.n(); ++i) {
    const auto row = reader.row(i);
    const auto target = static_cast<std::size_t>(reader.target(i));
    const double shift = logits ? leadline::detail::probability_rows::log_sum_exp(row) : 0.0;
    double loss = 0;
    if (kind_ == log_loss) {
      loss = logits ? shift - row[target] : -std::log(row[target]);
      if (floor_) loss = std::min(loss, -std::log(*floor_));
      loss = std::max(loss, 0.0);
    } else {
      for (std::size_t c = 0; c < row.size(); ++c) {
        const double p = logits ? std::exp(row[c] - shift) : row[c];
        const double miss = p - (c == target ? 1.0 : 0.0);
        loss += miss * miss;
      }
      if (binary_) loss /= 2;
    }
    losses[static_cast<std::size_t>(i)] = loss;
  }
  return losses;
}

void ProbabilityLoss::update(const Rows& rows, std::string_view who) {
  loss_.add(losses(rows, who), rows.weights, rows.counted);
}

double ProbabilityLoss::of_frequencies(double own, double squares) const {
  if (kind_ == log_loss) return -std::log(own);
  return (1 - 2 * own + squares) / (binary_ ? 2 : 1);
}

std::string ProbabilityLoss::key() const {
  return fmt::format("probability loss {} {} {} {}", static_cast<int>(kind_),
                     static_cast<int>(input_), floor_.value_or(0), binary_);
}

}  // namespace leadline::metrics

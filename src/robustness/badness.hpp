// How bad an answer is, as one number: what searches and splitting climb.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>

#include "answers.hpp"

namespace leadline::detail::answers {

/// Log odds of the best other class against the class `right`: above 0, the answer is wrong. With
/// labels only 1 or -1; +inf for a row without an answer. Logits are compared as they are: they do
/// not saturate.
inline double badness(const Answers& said, std::int64_t row, std::int64_t right, OutputKind kind) {
  if (!said.finite[static_cast<std::size_t>(row)]) return std::numeric_limits<double>::infinity();
  if (said.scores.empty()) return said.label[static_cast<std::size_t>(row)] == right ? -1 : 1;
  const bool logits =
      kind == OutputKind::logits && std::ssize(said.scores) == said.n * said.n_classes;
  const auto value = [&](std::int64_t c) {
    const auto at = static_cast<std::size_t>(row * said.n_classes + c);
    return logits ? said.scores[at] : std::log(std::max(said.probabilities[at], 1e-300));
  };
  double other = -std::numeric_limits<double>::infinity();
  for (std::int64_t c = 0; c < said.n_classes; ++c)
    if (c != right) other = std::max(other, value(c));
  const double margin = other - value(right);
  if (margin != 0) return margin;
  // A tie goes to the first class, as the answer does.
  const bool wrong = said.label[static_cast<std::size_t>(row)] != right;
  return wrong ? std::numeric_limits<double>::min() : -std::numeric_limits<double>::min();
}

}  // namespace leadline::detail::answers

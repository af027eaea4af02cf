// What a model gave for a batch, as logits an attack can compare and climb.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "leadline/core/subject.hpp"

namespace leadline::detail::attack_scores {

/// Of a batch: label (-1: a score was not finite) and logits [n, k], k >= 2, k = 0 for a model that
/// gives labels. Probabilities become their logarithms; a single score of a binary model becomes
/// (0, z).
struct Scores {
  std::vector<std::int64_t> label;
  std::vector<double> logits;
  std::int64_t k = 0;
  std::int64_t columns = 0;  // of the output: 1 for a binary model with one score
  std::vector<double> raw;   // probabilities [n, columns], for `slope_of`
};

/// Throws ShapeError for what is neither [n, k] nor [n].
[[nodiscard]] Scores read(const Tensor& output, OutputKind kind, std::int64_t n);

/// In [0, 1] with sum 1: what softmax gives.
[[nodiscard]] bool like_probabilities(std::span<const double> row);
/// What to say of "logits" that all are.
inline constexpr const char* declare_probabilities =
    "the model applies softmax itself: declare output='probabilities', else the attack climbs a "
    "softmax of a softmax, whose gradients vanish";

/// From d objective / d logits [n, k] to d objective / d output, shaped like `output`.
[[nodiscard]] Tensor slope_of(const Scores& scores, OutputKind kind, std::span<const double> dz,
                              const Tensor& output);

}  // namespace leadline::detail::attack_scores

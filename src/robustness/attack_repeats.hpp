// Adversarial examples of a model that draws random numbers, run again.
#pragma once

#include <cstdint>

#include "leadline/config.hpp"
#include "leadline/core/estimate.hpp"

namespace leadline::detail::attack_repeats {

/// Each of `n` examples run again `runs` times.
struct Repeats {
  std::int64_t n = 0, runs = 0;
  std::int64_t fooled = 0;  // runs that misled, of all examples
  std::int64_t square = 0;  // sum over the examples of (runs that misled)^2

  /// Every run of every example misled.
  [[nodiscard]] bool all() const { return fooled == runs * n; }
  [[nodiscard]] double share() const;
  [[nodiscard]] double mean_square() const;
};

/// Share of the runs that mislead again; n > 0. Runs of one example are no independent draws: an
/// example counts once.
[[nodiscard]] LEADLINE_API Estimate repeated_success(const Repeats& repeats, double level);

/// Mean over `samples` of the share of further runs that read a sample correctly: 0 for what is
/// misread when nothing is changed, 1 for what was left standing of the `right` ones, and for the
/// `fooled` ones 1 minus the share of runs that mislead again, known from `repeats.n` of them.
[[nodiscard]] LEADLINE_API Estimate expected_accuracy(const Repeats& repeats, std::int64_t samples,
                                                      std::int64_t right, std::int64_t fooled,
                                                      double level);

}  // namespace leadline::detail::attack_repeats

/// One column of a problem of several, with the influence of every sample.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "leadline/stats/delong.hpp"

namespace leadline::stats::detail::one_vs_rest {

/// A float with group and place in 64 bits: 31 of the key, one of the group, 32 of the place.
struct Indexed {
  std::uint64_t bits;
};

/// Scores of several columns, each of which ranks its positives above its negatives.
struct Problem {
  std::int64_t n = 0, n_columns = 1;
  std::span<const std::int32_t> labels;    // classes, or
  std::span<const std::uint8_t> positive;  // [n, n_columns]
  std::span<const double> weights;
  bool one_vs_one = false, by_prevalence = false;
  std::vector<double> class_weight;  // by label
  double total = 0;

  [[nodiscard]] bool is_positive(std::int64_t i, std::int64_t c) const {
    return labels.empty() ? positive[static_cast<std::size_t>(i * n_columns + c)] != 0
                          : labels[static_cast<std::size_t>(i)] == c;
  }
  [[nodiscard]] double weight(std::uint64_t i) const { return weights.empty() ? 1.0 : weights[i]; }
};

/// What columns of one problem add to, and the memory that they share.
struct Pass {
  std::vector<double> influence;  // of the average, by place
  std::vector<double> wins;       // one vs one, by the other class
  std::vector<Indexed> items, scratch;
};

/// The AUROC of column c, whose `scale`-fold influence is added to that of the average.
Auroc of_column(const Problem& problem, std::span<const float> values, std::int64_t c, double scale,
                Pass& pass, double level);
Auroc of_column(const Problem& problem, std::span<const double> values, std::int64_t c,
                double scale, Pass& pass, double level);

}  // namespace leadline::stats::detail::one_vs_rest

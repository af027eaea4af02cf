/// Area under precision over recall with the influence of each sample, of levels from any source.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>

#include "leadline/core/error.hpp"
#include "leadline/stats/precision_recall.hpp"

namespace leadline::stats::detail::precision_recall {

inline constexpr std::size_t block = 256;

/// Some levels: the weight of the positives and of all down to and with each, precision, 1 / total.
struct Block {
  std::array<double, block> above, total, precision, inverse;
};
/// Fills precision and inverse from the others.
void divide(Block& here);

template <class Source>
void fill(const Source& source, std::size_t first, std::size_t size, Block& here) {
  for (std::size_t i = 0; i < size; ++i) here.above[i] = source.above(first + i);
  for (std::size_t i = 0; i < size; ++i) here.total[i] = source.total(first + i);
  for (std::size_t i = size; i < block; ++i) here.above[i] = here.total[i] = 1;
  divide(here);
}

/// Area under precision over recall; `trapezoid` or steps. With A and N the weights of positives
/// and negatives down to a level and T = A + N, its derivative by the weight of one positive at
/// level l is (height_l + sum_{m >= l} c_m N_m / T_m^2 - area) / P and by that of a negative
/// -(sum_{m >= l} c_m A_m / T_m^2) / P, where height and width c are those of the rule.
/// `Source`: levels from the greatest score down, the weights of the positives and of all down to
/// and with a level (`LevelSource`, `rank_steps::Source`).
template <class Source>
RankValue area(const Source& source, bool trapezoid, double level) {
  const std::size_t n = source.size();
  const double positives = source.positives();
  if (!(positives > 0))
    throw ValueError("average_precision", "at least one positive", "none",
                     "pass samples of both classes");
  // Divisions come by the block, where they need not wait for each other.
  Block here;
  double sum = 0, before = 1, above = 0;
  for (std::size_t first = 0; first < n; first += block) {
    const std::size_t size = std::min(block, n - first);
    fill(source, first, size, here);
    for (std::size_t i = 0; i < size; ++i) {
      sum += (here.above[i] - above) *
             (trapezoid ? (here.precision[i] + before) / 2 : here.precision[i]);
      before = here.precision[i];
      above = here.above[i];
    }
  }
  const double value = std::clamp(sum / positives, 0.0, 1.0);
  double later_positive = 0, later_negative = 0, next_width = 0, spread = 0;
  for (std::size_t end = n; end > 0;) {
    const std::size_t first = (end - 1) / block * block, size = end - first;
    fill(source, first, size, here);
    const double other = first == 0 ? 0 : source.above(first - 1);
    const double rest = first == 0 ? 0 : source.total(first - 1);
    const double earlier_precision = first == 0 ? 1 : other / rest;
    for (std::size_t i = size; i-- > 0;) {
      const double p = here.above[i] - (i == 0 ? other : here.above[i - 1]);
      const double earlier = i == 0 ? earlier_precision : here.precision[i - 1];
      const double precision = here.precision[i];
      const double share = (trapezoid ? (p + next_width) / 2 : p) * here.inverse[i];
      later_positive += share * (1 - precision);
      later_negative += share * precision;
      const double height = trapezoid ? (precision + earlier) / 2 : precision;
      const double of_positive = height + later_positive - value;
      double positive_square = p;  // of counts the squares are the counts
      double negative_square = here.total[i] - (i == 0 ? rest : here.total[i - 1]) - p;
      if constexpr (!Source::counts) {
        positive_square = source.positive_square(first + i);
        negative_square = source.negative_square(first + i);
      }
      spread += positive_square * of_positive * of_positive +
                negative_square * later_negative * later_negative;
      next_width = p;
    }
    end = first;
  }
  const double n_effective = source.n_effective();
  const double variance =
      n_effective > 1 ? spread / (positives * positives) * n_effective / (n_effective - 1) : 0;
  return share_from(value, variance, source.positives_effective(), level);
}

}  // namespace leadline::stats::detail::precision_recall

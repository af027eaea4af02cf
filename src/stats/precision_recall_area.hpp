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
/// [0] is the level before them; before the first there is nothing, with precision 1. What is past
/// the last repeats it, and so adds nothing.
struct Block {
  std::array<double, block + 1> above, total, precision, inverse;
  std::array<double, block> positive_square, negative_square;  // of the weights of a level
};
/// What lies below a block: sums over its levels, and the width of the one right below.
struct Later {
  double positive = 0, negative = 0, width = 0, spread = 0;
};

/// Fills precision from the weights.
void divide(Block& here);
/// Fills 1 / total, and precision as the product with it: to the last bit where one is enough.
void invert(Block& here);
/// The area over the block, in eight sums side by side.
double area_of(const Block& here, bool trapezoid);
/// Squares of weights that are counts.
void square_counts(Block& here);
/// Adds the block to what is below the one above it.
void go_up(const Block& here, bool trapezoid, double value, Later& later);

template <class Source>
void fill(const Source& source, std::size_t first, std::size_t size, Block& here) {
  here.above[0] = first == 0 ? 0 : source.above(first - 1);
  here.total[0] = first == 0 ? 0 : source.total(first - 1);
  source.fill(first, size, here);
  std::fill(here.above.begin() + size + 1, here.above.end(), here.above[size]);
  std::fill(here.total.begin() + size + 1, here.total.end(), here.total[size]);
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
  Block here;
  double sum = 0;
  for (std::size_t first = 0; first < n; first += block) {
    fill(source, first, std::min(block, n - first), here);
    divide(here);
    sum += area_of(here, trapezoid);
  }
  const double value = std::clamp(sum / positives, 0.0, 1.0);
  Later later;
  for (std::size_t end = n; end > 0;) {
    const std::size_t first = (end - 1) / block * block;
    fill(source, first, end - first, here);
    invert(here);
    if constexpr (Source::counts)
      square_counts(here);
    else
      source.squares(first, end - first, here);
    go_up(here, trapezoid, value, later);
    end = first;
  }
  const double n_effective = source.n_effective();
  const double variance =
      n_effective > 1 ? later.spread / (positives * positives) * n_effective / (n_effective - 1)
                      : 0;
  return share_from(value, variance, source.positives_effective(), level);
}

}  // namespace leadline::stats::detail::precision_recall

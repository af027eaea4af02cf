/// Area under precision over recall with the influence of each sample, of levels from any source.
#pragma once

#include <algorithm>
#include <cstddef>

#include "leadline/core/error.hpp"
#include "leadline/stats/precision_recall.hpp"

namespace leadline::stats::detail::precision_recall {

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
  double sum = 0, before = 1, above = 0;
  for (std::size_t k = 0; k < n; ++k) {
    const double reached = source.above(k);
    const double precision = reached / source.total(k);
    sum += (reached - above) * (trapezoid ? (precision + before) / 2 : precision);
    before = precision;
    above = reached;
  }
  const double value = std::clamp(sum / positives, 0.0, 1.0);
  double later_positive = 0, later_negative = 0, next_width = 0, spread = 0;
  double precision = before, total = n > 0 ? source.total(n - 1) : 0;
  for (std::size_t k = n; k-- > 0;) {
    const double rest = k == 0 ? 0 : source.total(k - 1);
    const double other = k == 0 ? 0 : source.above(k - 1);
    const double p = above - other;
    const double earlier = rest > 0 ? other / rest : 1.0;
    const double share = (trapezoid ? (p + next_width) / 2 : p) / total;
    later_positive += share * (1 - precision);
    later_negative += share * precision;
    const double height = trapezoid ? (precision + earlier) / 2 : precision;
    const double of_positive = height + later_positive - value;
    spread += source.positive_square(k) * of_positive * of_positive +
              source.negative_square(k) * later_negative * later_negative;
    next_width = p;
    precision = earlier;
    above = other;
    total = rest;
  }
  const double n_effective = source.n_effective();
  const double variance =
      n_effective > 1 ? spread / (positives * positives) * n_effective / (n_effective - 1) : 0;
  return share_from(value, variance, source.positives_effective(), level);
}

}  // namespace leadline::stats::detail::precision_recall

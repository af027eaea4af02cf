#include "leadline/stats/precision_recall.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include "leadline/core/error.hpp"
#include "leadline/stats/delong.hpp"

namespace leadline::stats {
namespace detail::precision_recall {

/// Area under precision over recall; `trapezoid` or steps. With A and N the weights of positives
/// and negatives down to a level and T = A + N, its derivative by the weight of one positive at
/// level l is (height_l + sum_{m >= l} c_m N_m / T_m^2 - area) / P and by that of a negative
/// -(sum_{m >= l} c_m A_m / T_m^2) / P, where height and width c are those of the rule.
/// `Reverse`: from the least score up, with the groups exchanged.
template <bool Reverse>
RankValue area(const Levels& levels, bool trapezoid, double level) {
  const std::size_t n = levels.size();
  const bool weighted = levels.weighted();
  const auto at = [n](std::size_t k) { return Reverse ? n - 1 - k : k; };
  const double* positive = (Reverse ? levels.negative : levels.positive).data();
  const double* negative = (Reverse ? levels.positive : levels.negative).data();
  const double* positive_square =
      weighted ? (Reverse ? levels.negative_square : levels.positive_square).data() : positive;
  const double* negative_square =
      weighted ? (Reverse ? levels.positive_square : levels.negative_square).data() : negative;
  const double positives = Reverse ? levels.negatives : levels.positives;
  const double negatives = Reverse ? levels.positives : levels.negatives;
  if (!(positives > 0))
    throw ValueError("average_precision", "at least one positive", "none",
                     "pass samples of both classes");
  double a = 0, t = 0, sum = 0, before = 1;
  for (std::size_t k = 0; k < n; ++k) {
    const double p = positive[at(k)];
    a += p;
    t += p + negative[at(k)];
    const double precision = a / t;
    sum += p * (trapezoid ? (precision + before) / 2 : precision);
    before = precision;
  }
  const double value = std::clamp(sum / positives, 0.0, 1.0);
  double later_positive = 0, later_negative = 0, next_width = 0, spread = 0;
  double above = positives, below = negatives;  // down to and with the level
  for (std::size_t k = n; k-- > 0;) {
    const double p = positive[at(k)], q = negative[at(k)], total = above + below;
    const double precision = above / total;
    const double rest = total - p - q;
    const double earlier = k == 0 || !(rest > 0) ? 1.0 : std::clamp((above - p) / rest, 0.0, 1.0);
    const double width = trapezoid ? (p + next_width) / 2 : p;
    later_positive += width * below / (total * total);
    later_negative += width * above / (total * total);
    const double height = trapezoid ? (precision + earlier) / 2 : precision;
    const double of_positive = height + later_positive - value;
    spread += positive_square[at(k)] * of_positive * of_positive +
              negative_square[at(k)] * later_negative * later_negative;
    next_width = p;
    above = std::max(0.0, above - p);
    below = std::max(0.0, below - q);
  }
  const double n_effective = levels.positives_effective + levels.negatives_effective;
  const double variance =
      n_effective > 1 ? spread / (positives * positives) * n_effective / (n_effective - 1) : 0;
  return share_from(value, variance,
                    Reverse ? levels.negatives_effective : levels.positives_effective, level);
}

}  // namespace detail::precision_recall

RankValue share_from(double value, double variance, double n_least, double level) {
  const Auroc found = auroc_from(value, variance, n_least, level);
  RankValue out;
  out.value = value;
  out.variance = variance;
  out.interval = found.interval;
  out.method = found.method == "delong, logit" ? "influence, logit" : found.method;
  return out;
}

RankValue average_precision(const Levels& levels, double level) {
  return detail::precision_recall::area<false>(levels, false, level);
}

RankValue aupr_trapezoid(const Levels& levels, double level) {
  return detail::precision_recall::area<false>(levels, true, level);
}

RankValue aupr_of_negatives(const Levels& levels, double level) {
  return detail::precision_recall::area<true>(levels, true, level);
}

}  // namespace leadline::stats

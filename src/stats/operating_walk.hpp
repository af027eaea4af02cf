/// The points of curves that are read off levels, without their intervals.
#pragma once

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

#include "leadline/stats/precision_recall.hpp"
#include "leadline/stats/ranked.hpp"

namespace leadline::stats::detail::rank_curves {

/// Half width of a band around an empirical distribution of n; both groups share the level.
inline double dkw(double n, double level) {
  const double a = 1 - std::sqrt(level);
  return n > 0 ? std::sqrt(std::log(2 / a) / (2 * n)) : 1.0;
}

}  // namespace leadline::stats::detail::rank_curves

namespace leadline::stats::detail::operating_point {

/// The totals of `levels`, without a level: for the same samples in other levels.
inline Levels totals_of(const Levels& levels) {
  Levels out;
  out.n = levels.n;
  out.positives = levels.positives;
  out.negatives = levels.negatives;
  out.positives_effective = levels.positives_effective;
  out.negatives_effective = levels.negatives_effective;
  return out;
}

/// The weight of the other group above the point where a weight of one group is; asked for weights
/// that do not fall.
using Above = std::function<double(double)>;

/// Sets the interval `matched_beta` of the share `out.value` of `others` at the threshold where a
/// share `reached` of `group` is; Clopper-Pearson where it is all of it. Counts, not weights.
void set_interval(RankValue& out, const Above& above, double group, double others, double reached,
                  double level);

struct Point {
  double value = 0;
  double threshold = std::numeric_limits<double>::infinity();
};

/// Whether a weight is the share of a total; 1e-9: 0.95 * 20 is 19.000000000000004.
inline bool reaches(double weight, double share, double total) {
  return weight >= share * total - 1e-9 * std::min(1.0, total);
}

inline Point best_precision(const Levels& levels, double recall) {
  double a = 0, b = 0;
  Point best{-1};
  for (std::size_t k = 0; k < levels.size(); ++k) {
    a += levels.positive[k];
    b += levels.negative[k];
    if (!reaches(a, recall, levels.positives) || !(a + b > 0)) continue;
    if (a / (a + b) > best.value) best = {a / (a + b), levels.score[k]};
  }
  best.value = std::max(best.value, 0.0);
  return best;
}

inline Point best_recall(const Levels& levels, double precision) {
  double a = 0, b = 0;
  Point best;
  for (std::size_t k = 0; k < levels.size(); ++k) {
    a += levels.positive[k];
    b += levels.negative[k];
    if (a + b > 0 && a >= precision * (a + b) * (1 - 1e-12) && a / levels.positives > best.value)
      best = {std::min(1.0, a / levels.positives), levels.score[k]};
  }
  return best;
}

inline Point crossing(const Levels& levels) {
  double a = 0, b = 0;
  for (std::size_t k = 0; k < levels.size(); ++k) {
    const double gap = 1 - a / levels.positives - b / levels.negatives;  // FNR - FPR, falls
    const double step =
        levels.positive[k] / levels.positives + levels.negative[k] / levels.negatives;
    if (gap - step <= 0) {
      const double part = step > 0 ? std::clamp(gap / step, 0.0, 1.0) : 0.0;
      return {std::clamp((b + part * levels.negative[k]) / levels.negatives, 0.0, 1.0),
              levels.score[k]};
    }
    a += levels.positive[k];
    b += levels.negative[k];
  }
  return {1, levels.size() > 0 ? levels.score.back() : 0};
}

inline Point gain(const Levels& levels, double fraction) {
  const double wanted = fraction * (levels.positives + levels.negatives);
  double a = 0, taken = 0;
  for (std::size_t k = 0; k < levels.size(); ++k) {
    const double here = levels.positive[k] + levels.negative[k];
    if (taken + here >= wanted) {
      const double part = here > 0 ? std::clamp((wanted - taken) / here, 0.0, 1.0) : 0.0;
      return {std::min(1.0, (a + part * levels.positive[k]) / levels.positives), levels.score[k]};
    }
    taken += here;
    a += levels.positive[k];
  }
  return {1, levels.size() > 0 ? levels.score.back() : 0};
}

/// Partial area up to max_fpr, standardised.
inline double mcclish(const Levels& levels, double max_fpr) {
  const double limit = max_fpr * levels.negatives;
  double a = 0, b = 0, area = 0;
  for (std::size_t k = 0; k < levels.size() && b < limit; ++k) {
    const double p = levels.positive[k], q = levels.negative[k];
    const double part = q > 0 ? std::min(1.0, (limit - b) / q) : 1.0;
    area += part * q * (a + part * p / 2);
    a += p;
    b += q;
  }
  area /= levels.positives * levels.negatives;
  if (max_fpr >= 1) return std::clamp(area, 0.0, 1.0);
  const double least = max_fpr * max_fpr / 2;
  return std::clamp((1 + (area - least) / (max_fpr - least)) / 2, 0.0, 1.0);
}

}  // namespace leadline::stats::detail::operating_point

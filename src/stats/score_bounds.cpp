#include <algorithm>
#include <cmath>

#include "leadline/stats/score_histogram.hpp"
#include "stats/operating_walk.hpp"

namespace leadline::stats {

Bounded bounded_auroc(const Levels& levels) {
  double above = 0, sum = 0, inside = 0;
  for (std::size_t k = 0; k < levels.size(); ++k) {
    const double p = levels.positive[k], q = levels.negative[k];
    sum += q * (above + p / 2);
    inside += p * q;
    above += p;
  }
  const double pairs = levels.positives * levels.negatives;
  return pairs > 0 ? Bounded{std::clamp(sum / pairs, 0.0, 1.0), inside / (2 * pairs)} : Bounded{};
}

namespace detail::score_bounds {

/// Integral over a level of (errors so far) / (samples so far), errors spread evenly in it.
double risk_part(double seen, double errors, double size, double rate) {
  if (!(size > 0)) return 0.0;
  if (!(seen > 0)) return rate * size;
  return rate * size + (errors - rate * seen) * std::log1p(size / seen);
}

/// The area is at most that with the positives of a level first and their last precision
/// throughout; at least that with the negatives first: for steps the integral of the rising
/// precision, for the trapezoid its chord (it is concave, more points only add).
Bounded area(const Levels& levels, bool trapezoid) {
  double a = 0, b = 0, value = 0, best = 0, worst = 0;
  for (std::size_t k = 0; k < levels.size(); ++k) {
    const double p = levels.positive[k], q = levels.negative[k];
    if (p > 0) {
      // integral over x in [0, p] of (a + x) / (a + b + x (1 + q / p)): mixed evenly
      const double slope = 1 + q / p, total = a + b;
      value += total > 0 ? p / slope + (a - total / slope) / slope * std::log1p(slope * p / total)
                         : p / slope;
      best += p * (a + p) / (a + p + b);
      const double last = (a + p) / (a + b + p + q);
      if (trapezoid)
        worst += a + b + q > 0 ? p * (a / (a + b + q) + last) / 2 : p;
      else
        worst += a + b + q > 0 ? p - (b + q) * std::log1p(p / (a + b + q)) : p;
    }
    a += p;
    b += q;
  }
  if (!(levels.positives > 0)) return {};
  return {std::clamp(value / levels.positives, 0.0, 1.0),
          std::max({0.0, best - value, value - worst}) / levels.positives};
}

}  // namespace detail::score_bounds

namespace score_bounds = detail::score_bounds;

double area_under_risk_coverage(const Levels& levels) {
  double seen = 0, wrong = 0, sum = 0;
  for (std::size_t k = 0; k < levels.size(); ++k) {
    const double q = levels.negative[k], n = levels.positive[k] + q;
    if (levels.weighted()) {
      sum += n > 0 ? score_bounds::risk_part(seen, wrong, n, q / n) : 0.0;
    } else {
      for (double j = 1; j <= n; ++j) sum += (wrong + q * j / n) / (seen + j);
    }
    seen += n;
    wrong += q;
  }
  return seen > 0 ? sum / seen : 0.0;
}

Bounded bounded_area_under_risk_coverage(const Levels& all) {
  // Positives are right answers: fewer errors early is a smaller area.
  double seen = 0, wrong = 0, value = 0, best = 0, worst = 0;
  for (std::size_t k = 0; k < all.size(); ++k) {
    const double p = all.positive[k], q = all.negative[k], n = p + q;
    value += n > 0 ? score_bounds::risk_part(seen, wrong, n, q / n) : 0.0;
    best +=
        score_bounds::risk_part(seen, wrong, p, 0) + score_bounds::risk_part(seen + p, wrong, q, 1);
    worst += score_bounds::risk_part(seen, wrong, q, 1) +
             score_bounds::risk_part(seen + q, wrong + q, p, 0);
    seen += n;
    wrong += q;
  }
  if (!(seen > 0)) return {};
  // The mean over samples against the integral: at most (1 + log n) / n.
  const double discrete = (1 + std::log(std::max(1.0, seen))) / seen;
  return {value / seen, std::max(value - best, worst - value) / seen + discrete};
}

Bounded bounded_average_precision(const Levels& levels) {
  return score_bounds::area(levels, false);
}
Bounded bounded_aupr_trapezoid(const Levels& levels) { return score_bounds::area(levels, true); }

Bounded bounded_fpr_at_tpr(const Levels& levels, double tpr) {
  double a = 0, b = 0;
  for (std::size_t k = 0; k < levels.size(); ++k) {
    const double p = levels.positive[k], q = levels.negative[k];
    if (detail::operating_point::reaches(a + p, tpr, levels.positives)) {
      const double part = p > 0 ? std::clamp((tpr * levels.positives - a) / p, 0.0, 1.0) : 1.0;
      return {std::clamp((b + part * q) / levels.negatives, 0.0, 1.0),
              std::max(part, 1 - part) * q / levels.negatives};
    }
    a += p;
    b += q;
  }
  return {1, 0};
}

Levels split_levels(const Levels& levels, bool positives_first) {
  Levels out = detail::operating_point::totals_of(levels);
  const auto put = [&](std::size_t k, bool positive) {
    const double weight = positive ? levels.positive[k] : levels.negative[k];
    if (weight == 0) return;
    out.score.push_back(levels.score[k]);
    out.positive.push_back(positive ? weight : 0);
    out.negative.push_back(positive ? 0 : weight);
    if (!levels.weighted()) return;
    out.positive_square.push_back(positive ? levels.positive_square[k] : 0);
    out.negative_square.push_back(positive ? 0 : levels.negative_square[k]);
  };
  for (std::size_t k = 0; k < levels.size(); ++k) {
    put(k, positives_first);
    put(k, !positives_first);
  }
  return out;
}

}  // namespace leadline::stats

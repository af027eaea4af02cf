#include "leadline/stats/rank_curves.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "leadline/core/error.hpp"
#include "leadline/stats/intervals.hpp"
#include "leadline/stats/operating_point.hpp"
#include "stats/operating_walk.hpp"

namespace leadline::stats {
namespace detail::rank_curves {

void require(const char* who, const Levels& levels) {
  if (!(levels.positives > 0) || !(levels.negatives > 0))
    throw ValueError(who, "both groups with weight",
                     std::to_string(levels.positives) + " positives and " +
                         std::to_string(levels.negatives) + " negatives",
                     "pass samples of both classes");
}

/// The curve's y at x: the greatest (or least) of a vertical step.
double at(const RankCurve& curve, double x, bool greatest) {
  if (x < 0) return 0;
  if (x > 1) return 1;
  const auto after = std::upper_bound(curve.x.begin(), curve.x.end(), x);
  const auto before = std::lower_bound(curve.x.begin(), curve.x.end(), x);
  if (after != before)  // points at x itself
    return curve.y[static_cast<std::size_t>(greatest ? after - curve.x.begin() - 1
                                                     : before - curve.x.begin())];
  // between two points: a step keeps the bound honest for any order inside a tie
  const auto k = static_cast<std::size_t>(after - curve.x.begin());
  return greatest ? curve.y[std::min(k, curve.y.size() - 1)] : curve.y[k == 0 ? 0 : k - 1];
}

void simultaneous_roc(RankCurve& curve, const Levels& levels, double level) {
  const double up = dkw(levels.positives_effective, level);
  const double along = dkw(levels.negatives_effective, level);
  for (const double x : curve.x) {
    curve.upper.push_back(std::min(1.0, at(curve, x + along, true) + up));
    curve.lower.push_back(std::max(0.0, at(curve, x - along, false) - up));
  }
}

void pointwise_roc(RankCurve& curve, const Levels& levels, double level) {
  constexpr std::size_t made = 129;
  const std::size_t n = curve.x.size();
  const std::size_t step = std::max<std::size_t>(1, (n - 1) / (made - 1));
  curve.lower.resize(n);
  curve.upper.resize(n);
  const auto make = [&](std::size_t k) {
    if (curve.x[k] >= 1) {
      curve.lower[k] = curve.upper[k] = 1;
      return;
    }
    const auto found = tpr_at_fpr(levels, curve.x[k], PointInterval::matched_beta, level);
    curve.lower[k] = std::min(found.interval.lower, curve.y[k]);
    curve.upper[k] = std::max(found.interval.upper, curve.y[k]);
  };
  std::size_t last = 0;
  make(0);
  while (last + 1 < n) {
    const std::size_t next = std::min(last + step, n - 1);
    make(next);
    for (std::size_t k = last + 1; k < next; ++k) {
      const double part = static_cast<double>(k - last) / static_cast<double>(next - last);
      const auto mix = [&](const std::vector<double>& v) {
        return v[last] + part * (v[next] - v[last]);
      };
      curve.lower[k] = std::min(mix(curve.lower), curve.y[k]);
      curve.upper[k] = std::max(mix(curve.upper), curve.y[k]);
    }
    last = next;
  }
}

}  // namespace detail::rank_curves

namespace curves = detail::rank_curves;

RankCurve roc_curve(const Levels& levels, CurveBand band, double level) {
  curves::require("roc_curve", levels);
  RankCurve out;
  double a = 0, b = 0;
  const auto put = [&](double threshold) {
    out.x.push_back(std::min(1.0, b / levels.negatives));
    out.y.push_back(std::min(1.0, a / levels.positives));
    out.threshold.push_back(threshold);
  };
  put(std::numeric_limits<double>::infinity());
  for (std::size_t k = 0; k < levels.size(); ++k) {
    a += levels.positive[k];
    b += levels.negative[k];
    put(levels.score[k]);
  }
  out.x.back() = out.y.back() = 1;  // sums of weights end where they must
  if (band == CurveBand::simultaneous) curves::simultaneous_roc(out, levels, level);
  if (band == CurveBand::pointwise) curves::pointwise_roc(out, levels, level);
  return out;
}

RankCurve precision_recall_curve(const Levels& levels, CurveBand band, double level) {
  curves::require("precision_recall_curve", levels);
  RankCurve out;
  const double size = levels.positives_effective + levels.negatives_effective;
  const double scale = size / (levels.positives + levels.negatives);
  const double up = curves::dkw(levels.positives_effective, level);
  const double along = curves::dkw(levels.negatives_effective, level);
  out.x.push_back(0);
  out.y.push_back(1);
  out.threshold.push_back(std::numeric_limits<double>::infinity());
  if (band != CurveBand::none) {
    out.lower.push_back(0);
    out.upper.push_back(1);
  }
  double a = 0, b = 0;
  for (std::size_t k = 0; k < levels.size(); ++k) {
    a += levels.positive[k];
    b += levels.negative[k];
    const double precision = a / (a + b);
    out.x.push_back(std::min(1.0, a / levels.positives));
    out.y.push_back(precision);
    out.threshold.push_back(levels.score[k]);
    if (band == CurveBand::none) continue;
    Interval interval;
    if (band == CurveBand::pointwise) {
      interval = proportion_interval(precision * (a + b) * scale, (a + b) * scale, level);
    } else {
      const double tpr = a / levels.positives, fpr = b / levels.negatives;
      const auto at = [&](double t, double f) {
        const double hits = std::clamp(t, 0.0, 1.0) * levels.positives;
        const double wrong = std::clamp(f, 0.0, 1.0) * levels.negatives;
        return hits + wrong > 0 ? hits / (hits + wrong) : 1.0;
      };
      interval = {at(tpr - up, fpr + along), at(tpr + up, fpr - along)};
    }
    out.lower.push_back(std::min(interval.lower, precision));
    out.upper.push_back(std::max(interval.upper, precision));
  }
  return out;
}

RankCurve thin(const RankCurve& curve, std::size_t max_points) {
  const std::size_t n = curve.x.size();
  if (n <= max_points || max_points < 2) return curve;
  // Evenly along |dx| + |dy|: a steep start keeps its points.
  std::vector<std::size_t> kept{0};
  double length = 0, total = 0;
  const auto step = [&](std::size_t k) {
    return std::abs(curve.x[k] - curve.x[k - 1]) + std::abs(curve.y[k] - curve.y[k - 1]);
  };
  for (std::size_t k = 1; k < n; ++k) total += step(k);
  for (std::size_t k = 1; k + 1 < n; ++k) {
    length += step(k);
    if (length * static_cast<double>(max_points - 1) >= total * static_cast<double>(kept.size())) {
      if (kept.size() + 1 < max_points) kept.push_back(k);
    }
  }
  kept.push_back(n - 1);
  RankCurve out;
  for (const std::size_t k : kept) {
    out.x.push_back(curve.x[k]);
    out.y.push_back(curve.y[k]);
    out.threshold.push_back(curve.threshold[k]);
    if (curve.lower.empty()) continue;
    out.lower.push_back(curve.lower[k]);
    out.upper.push_back(curve.upper[k]);
  }
  return out;
}

}  // namespace leadline::stats

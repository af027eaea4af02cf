#include "leadline/stats/ranking.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <numeric>

#include "leadline/core/error.hpp"
#include "leadline/stats/distributions.hpp"
#include "leadline/stats/moments.hpp"

namespace leadline::stats {
namespace detail::ranking {

void require_both(std::span<const double> positives, std::span<const double> negatives) {
  if (positives.empty() || negatives.empty())
    throw ValueError("auroc", "at least one score in each group",
                     std::to_string(positives.size()) + " positives and " +
                         std::to_string(negatives.size()) + " negatives",
                     "");
}

/// Midranks (1-based) of `values`, ties shared.
std::vector<double> midranks(std::span<const double> values) {
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(),
            [&](std::size_t a, std::size_t b) { return values[a] < values[b]; });
  std::vector<double> ranks(values.size());
  for (std::size_t i = 0; i < order.size();) {
    std::size_t end = i;
    while (end < order.size() && values[order[end]] == values[order[i]]) ++end;
    const double rank = 0.5 * static_cast<double>(i + 1 + end);
    for (; i < end; ++i) ranks[order[i]] = rank;
  }
  return ranks;
}

Interval logit_interval(double value, double variance, double level) {
  const double z = normal_quantile(0.5 + level / 2);
  const double logit = std::log(value / (1 - value));
  const double half = z * std::sqrt(variance) / (value * (1 - value));
  const auto back = [](double x) { return 1 / (1 + std::exp(-x)); };
  return {back(logit - half), back(logit + half)};
}

}  // namespace detail::ranking

Auroc auroc(std::span<const double> positives, std::span<const double> negatives, double level) {
  namespace impl = detail::ranking;
  impl::require_both(positives, negatives);
  std::vector<double> all(positives.begin(), positives.end());
  all.insert(all.end(), negatives.begin(), negatives.end());
  const auto joint = impl::midranks(all);
  const auto own_positive = impl::midranks(positives);
  const auto own_negative = impl::midranks(negatives);
  const auto n_positive = static_cast<double>(positives.size());
  const auto n_negative = static_cast<double>(negatives.size());
  Moments of_positives, of_negatives;  // the placement values V10 and V01
  for (std::size_t i = 0; i < positives.size(); ++i)
    of_positives.add((joint[i] - own_positive[i]) / n_negative);
  for (std::size_t i = 0; i < negatives.size(); ++i)
    of_negatives.add(1 - (joint[positives.size() + i] - own_negative[i]) / n_positive);
  Auroc out;
  out.value = std::clamp(of_positives.mean, 0.0, 1.0);
  out.variance = of_positives.variance() / n_positive + of_negatives.variance() / n_negative;
  if (positives.size() < 2 || negatives.size() < 2) return out;
  if (out.variance > 0 && out.value > 0 && out.value < 1) {
    out.interval = impl::logit_interval(out.value, out.variance, level);
  } else {
    const double n = std::min(n_positive, n_negative);
    out.interval = proportion_interval(out.value * n, n, level, ProportionMethod::clopper_pearson);
  }
  out.interval.lower = std::min(out.interval.lower, out.value);
  out.interval.upper = std::max(out.interval.upper, out.value);
  return out;
}

double threshold_at_tpr(std::span<const double> positives, double tpr) {
  if (positives.empty() || !(tpr > 0 && tpr <= 1))
    throw ValueError("threshold_at_tpr", "scores and a rate in (0, 1]",
                     std::to_string(positives.size()) + " scores and rate " + std::to_string(tpr),
                     "");
  std::vector<double> sorted(positives.begin(), positives.end());
  const auto n = static_cast<double>(sorted.size());
  // 1e-9: 0.95 * 20 is 19.000000000000004 in floating point and must stay 19.
  const auto k = static_cast<std::size_t>(std::ceil(tpr * n - 1e-9)) - 1;
  std::nth_element(sorted.begin(), sorted.begin() + static_cast<std::ptrdiff_t>(k), sorted.end(),
                   std::greater<>());
  return sorted[k];
}

double fpr_at_tpr(std::span<const double> positives, std::span<const double> negatives,
                  double tpr) {
  detail::ranking::require_both(positives, negatives);
  const double threshold = threshold_at_tpr(positives, tpr);
  const auto accepted = std::ranges::count_if(negatives, [&](double s) { return s >= threshold; });
  return static_cast<double>(accepted) / static_cast<double>(negatives.size());
}

std::vector<RocPoint> roc_curve(std::span<const double> positives,
                                std::span<const double> negatives, std::size_t max_points) {
  detail::ranking::require_both(positives, negatives);
  std::vector<double> p(positives.begin(), positives.end()), q(negatives.begin(), negatives.end());
  std::sort(p.begin(), p.end(), std::greater<>());
  std::sort(q.begin(), q.end(), std::greater<>());
  std::vector<RocPoint> points{{0, 0, std::numeric_limits<double>::infinity()}};
  std::size_t i = 0, j = 0;
  while (i < p.size() || j < q.size()) {
    const double threshold = j >= q.size() || (i < p.size() && p[i] >= q[j]) ? p[i] : q[j];
    while (i < p.size() && p[i] == threshold) ++i;
    while (j < q.size() && q[j] == threshold) ++j;
    points.push_back({static_cast<double>(j) / static_cast<double>(q.size()),
                      static_cast<double>(i) / static_cast<double>(p.size()), threshold});
  }
  if (points.size() <= max_points || max_points < 2) return points;
  std::vector<RocPoint> thin;
  for (std::size_t k = 0; k < max_points; ++k)
    thin.push_back(points[k * (points.size() - 1) / (max_points - 1)]);
  return thin;
}

}  // namespace leadline::stats

#include "leadline/stats/ranking.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <string>

#include "leadline/core/error.hpp"

namespace leadline::stats {
namespace detail::ranking {

void require_both(std::span<const double> positives, std::span<const double> negatives) {
  if (positives.empty() || negatives.empty())
    throw ValueError("auroc", "at least one score in each group",
                     std::to_string(positives.size()) + " positives and " +
                         std::to_string(negatives.size()) + " negatives",
                     "");
}

}  // namespace detail::ranking

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

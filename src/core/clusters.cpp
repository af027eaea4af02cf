#include "leadline/core/clusters.hpp"

#include <cmath>
#include <numeric>

#include "leadline/stats/distributions.hpp"
#include "leadline/stats/intervals.hpp"

namespace leadline {

void each_cluster(const Rows& rows, const std::function<void(std::int64_t, const Rows&)>& use) {
  std::vector<std::int64_t> order(rows.clusters.size());
  std::iota(order.begin(), order.end(), 0);
  const auto cluster = [&](std::int64_t row) {
    return rows.clusters[static_cast<std::size_t>(row)];
  };
  std::stable_sort(order.begin(), order.end(),
                   [&](std::int64_t a, std::int64_t b) { return cluster(a) < cluster(b); });
  GatheredRows sorted(rows, order);
  for (std::int64_t first = 0, last = 0; first < std::ssize(order); first = last) {
    const std::int64_t own = cluster(order[static_cast<std::size_t>(first)]);
    while (last < std::ssize(order) && cluster(order[static_cast<std::size_t>(last)]) == own)
      ++last;
    use(own, sorted.part(first, last - first));
  }
}

std::int64_t cluster_group(std::int64_t cluster, std::int64_t n_groups) {
  auto x = static_cast<std::uint64_t>(cluster) + 0x9e3779b97f4a7c15ull;  // splitmix64
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ull;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebull;
  x ^= x >> 31;
  return static_cast<std::int64_t>(x % static_cast<std::uint64_t>(n_groups));
}

Estimate cluster_robust(Estimate whole, std::span<const std::optional<double>> left_out,
                        std::pair<double, double> range, double level) {
  if (!whole.ok() || !whole.lower) return whole;
  const auto n_clusters = static_cast<double>(left_out.size());
  const auto without = [&](std::string why) {
    whole.lower.reset();
    whole.upper.reset();
    whole.method.clear();
    whole.why = std::move(why);
    whole.facts["n_clusters"] = n_clusters;
    return whole;
  };
  if (whole.method == "order_statistics")
    return without("order statistics have no interval for clustered samples");
  if (left_out.size() < 2) return without("one cluster shows no spread between clusters");
  double mean = 0;
  for (const auto& value : left_out) {
    if (!value) return without("leaving out one of the clusters leaves no value");
    mean += *value / n_clusters;
  }
  double variance = 0;
  for (const auto& value : left_out) variance += (*value - mean) * (*value - mean);
  variance *= (n_clusters - 1) / n_clusters;
  const double t = stats::student_t_quantile(0.5 + level / 2, n_clusters - 1);
  const double value = whole.value(), span = range.second - range.first;
  double lower = value - t * std::sqrt(variance), upper = value + t * std::sqrt(variance);
  if (std::isfinite(span) && span > 0) {
    const double rate = std::clamp((value - range.first) / span, 0.0, 1.0);
    const double spread = variance / (span * span);
    double n = spread > 0 && rate > 0 && rate < 1 ? rate * (1 - rate) / spread : n_clusters;
    n = std::min(n, static_cast<double>(whole.n));
    whole.facts["n_effective"] = n;
    const double ratio = stats::normal_two_sided(level) / t;
    const auto unit =
        stats::proportion_interval(rate * n * ratio * ratio, n * ratio * ratio, level);
    lower = range.first + span * unit.lower;
    upper = range.first + span * unit.upper;
  }
  lower = std::max(lower, range.first);
  upper = std::min(upper, range.second);
  whole.lower = std::min(lower, value);
  whole.upper = std::max(upper, value);
  whole.level = level;
  whole.method = "cluster_jackknife";
  whole.why.clear();
  whole.facts["n_clusters"] = n_clusters;
  return whole;
}

}  // namespace leadline

#include "leadline/stats/rank_tests.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "leadline/stats/distributions.hpp"
#include "stats/arguments.hpp"

namespace leadline::stats {
namespace detail::rank_tests {

/// Twice the midranks (whole numbers), in the order of `values`, and sum of t^3 - t over ties.
struct Ranks {
  std::vector<std::int64_t> doubled;
  double ties = 0.0;
};

Ranks rank(const std::vector<double>& values) {
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](auto a, auto b) { return values[a] < values[b]; });
  Ranks ranks{std::vector<std::int64_t>(values.size()), 0.0};
  for (std::size_t i = 0; i < order.size();) {
    std::size_t j = i + 1;
    while (j < order.size() && values[order[j]] == values[order[i]]) ++j;
    for (std::size_t k = i; k < j; ++k)
      ranks.doubled[order[k]] = static_cast<std::int64_t>(i + 1 + j);  // first + last, from 1
    const auto t = static_cast<double>(j - i);
    ranks.ties += t * t * t - t;
    i = j;
  }
  return ranks;
}

struct Tails {
  double at_most = 0.0, at_least = 0.0;
};

/// Tails of `seen` in a table of how many ways give each sum.
Tails tails_of(std::span<const double> ways, std::int64_t seen) {
  Tails tails;
  double total = 0.0;
  for (std::size_t s = 0; s < ways.size(); ++s) {
    total += ways[s];
    if (static_cast<std::int64_t>(s) <= seen) tails.at_most += ways[s];
    if (static_cast<std::int64_t>(s) >= seen) tails.at_least += ways[s];
  }
  return {tails.at_most / total, tails.at_least / total};
}

double p_of(const Tails& tails, Alternative alternative) {
  switch (alternative) {
    case Alternative::less:
      return tails.at_most;
    case Alternative::greater:
      return tails.at_least;
    case Alternative::two_sided:
      break;
  }
  return std::min(1.0, 2.0 * std::min(tails.at_most, tails.at_least));
}

double normal_p(double gap, double variance, double step, const RankOptions& options) {
  const double error = std::sqrt(variance);
  const double half = options.continuity ? step / 2.0 : 0.0;
  if (options.alternative == Alternative::less) return normal_cdf((gap + half) / error);
  if (options.alternative == Alternative::greater) return normal_sf((gap - half) / error);
  return std::min(1.0, 2.0 * normal_sf(std::max(0.0, std::abs(gap) - half) / error));
}

/// In how many ways a choice of signs gives each sum of doubled positive ranks.
std::vector<double> signed_ways(std::span<const std::int64_t> ranks) {
  const auto top = std::accumulate(ranks.begin(), ranks.end(), std::int64_t{0});
  std::vector<double> ways(static_cast<std::size_t>(top) + 1);
  ways[0] = 1.0;
  std::int64_t reached = 0;
  for (const auto r : ranks) {
    reached += r;
    for (auto s = reached; s >= r; --s)
      ways[static_cast<std::size_t>(s)] += ways[static_cast<std::size_t>(s - r)];
  }
  return ways;
}

/// In how many ways `size` of the ranks give each doubled sum.
std::vector<double> chosen_ways(std::span<const std::int64_t> ranks, std::size_t size) {
  std::vector<std::int64_t> sorted(ranks.begin(), ranks.end());
  std::sort(sorted.rbegin(), sorted.rend());
  std::int64_t top = 0;
  for (std::size_t i = 0; i < size; ++i) top += sorted[i];
  const auto width = static_cast<std::size_t>(top) + 1;
  std::vector<double> ways((size + 1) * width);
  ways[0] = 1.0;
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    const auto r = static_cast<std::size_t>(sorted[i]);
    for (std::size_t k = std::min(size, i + 1); k > 0; --k) {
      double* to = ways.data() + k * width;
      const double* from = ways.data() + (k - 1) * width;
      for (std::size_t s = r; s < width; ++s) to[s] += from[s - r];
    }
  }
  return {ways.end() - static_cast<std::ptrdiff_t>(width), ways.end()};
}

void check(const char* where, const RankOptions& options) {
  if (options.exact_up_to < 0 || options.exact_up_to > 50)
    throw ValueError(where, "exact_up_to in [0, 50]", std::to_string(options.exact_up_to),
                     "counts beyond 2^53 are not exact");
}

}  // namespace detail::rank_tests

TestResult wilcoxon_test(std::span<const double> differences, const RankOptions& options) {
  namespace d = detail::rank_tests;
  detail::arguments::check_finite("wilcoxon_test", differences);
  d::check("wilcoxon_test", options);
  std::vector<double> sizes;
  std::vector<bool> positive;
  std::int64_t zeros = 0;
  for (const double x : differences) {
    zeros += x == 0.0;
    if (x == 0.0 && options.zeros == Zeros::drop) continue;
    sizes.push_back(std::abs(x));
    positive.push_back(x > 0.0);
  }
  TestResult result;
  result.n = static_cast<std::int64_t>(differences.size()) - zeros;
  if (result.n == 0) {
    result.why = differences.empty() ? "no pair" : "no pair differs";
    return result;
  }
  const auto all = d::rank(sizes);
  std::vector<std::int64_t> ranks;  // doubled, of what is not zero
  std::int64_t seen = 0;
  double squares = 0.0, total = 0.0;
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    if (sizes[i] == 0.0) continue;
    const auto r = all.doubled[i];
    ranks.push_back(r);
    if (positive[i]) seen += r;
    total += static_cast<double>(r);
    squares += static_cast<double>(r) * static_cast<double>(r);
  }
  result.statistic = static_cast<double>(seen) / 2.0;
  if (result.n <= options.exact_up_to) {
    result.method = "exact";
    result.p_value = d::p_of(d::tails_of(d::signed_ways(ranks), seen), options.alternative);
    return result;
  }
  result.method = "normal";  // variance: sum of squared midranks / 4, which holds with any ties
  result.p_value = d::normal_p(result.statistic - total / 4.0, squares / 16.0, 1.0, options);
  return result;
}

TestResult mann_whitney_test(std::span<const double> first, std::span<const double> second,
                             const RankOptions& options) {
  namespace d = detail::rank_tests;
  detail::arguments::check_finite("mann_whitney_test", first);
  detail::arguments::check_finite("mann_whitney_test", second);
  d::check("mann_whitney_test", options);
  TestResult result;
  result.n = static_cast<std::int64_t>(first.size() + second.size());
  if (first.empty() || second.empty()) {
    result.why = "a group is empty";
    return result;
  }
  std::vector<double> pool(first.begin(), first.end());
  pool.insert(pool.end(), second.begin(), second.end());
  const auto ranks = d::rank(pool);
  const auto n = static_cast<double>(pool.size());
  const auto n1 = static_cast<double>(first.size()), n2 = static_cast<double>(second.size());
  if (ranks.ties == n * n * n - n) {
    result.why = "all values are equal";
    return result;
  }
  const auto seen = std::accumulate(
      ranks.doubled.begin(), ranks.doubled.begin() + static_cast<std::ptrdiff_t>(first.size()),
      std::int64_t{0});
  result.statistic = static_cast<double>(seen) / 2.0 - n1 * (n1 + 1.0) / 2.0;
  if (result.n <= options.exact_up_to) {
    result.method = "exact";
    const auto ways = d::chosen_ways(ranks.doubled, first.size());
    result.p_value = d::p_of(d::tails_of(ways, seen), options.alternative);
    return result;
  }
  result.method = "normal";
  const double variance = n1 * n2 / 12.0 * (n + 1.0 - ranks.ties / (n * (n - 1.0)));
  result.p_value = d::normal_p(result.statistic - n1 * n2 / 2.0, variance, 1.0, options);
  return result;
}

}  // namespace leadline::stats

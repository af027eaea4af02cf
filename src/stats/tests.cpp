#include "leadline/stats/tests.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>

#include "leadline/core/error.hpp"
#include "leadline/stats/distributions.hpp"
#include "leadline/stats/random.hpp"
#include "stats/arguments.hpp"

namespace leadline::stats {
namespace detail::tests {

void check_replicates(const char* where, std::int64_t replicates) {
  if (replicates < 1)
    throw ValueError(where, "replicates >= 1", std::to_string(replicates), "9999 is usual");
}

/// The outcome next to the mode, towards `outer` (-1 or n + 1, which count as impossible), from
/// which on no outcome is more likely than `limit`. Probabilities fall away from the mode.
std::int64_t first_unlikely(std::int64_t mode, std::int64_t outer, std::int64_t n, double p,
                            double limit) {
  std::int64_t inner = mode;
  while (std::abs(outer - inner) > 1) {
    const auto middle = inner + (outer - inner) / 2;
    (binomial_pmf(middle, n, p) <= limit ? outer : inner) = middle;
  }
  return outer;
}

}  // namespace detail::tests

double binomial_test(std::int64_t successes, std::int64_t n, double p) {
  if (n < 0 || successes < 0 || successes > n)
    throw ValueError("binomial_test", "0 <= successes <= n",
                     std::to_string(successes) + " of " + std::to_string(n), "pass counts");
  if (n == 0) return 1.0;
  // As likely up to rounding counts as no more likely.
  const double limit = binomial_pmf(successes, n, p) * (1.0 + 1e-7);
  const double mean = p * static_cast<double>(n);
  const auto mode = std::min<std::int64_t>(n, static_cast<std::int64_t>(mean + p));
  if (binomial_pmf(mode, n, p) <= limit) return 1.0;
  namespace d = detail::tests;
  const auto low = d::first_unlikely(mode, -1, n, p, limit);
  const auto high = d::first_unlikely(mode, n + 1, n, p, limit);
  return std::min(1.0, binomial_cdf(low, n, p) + binomial_sf(high - 1, n, p));
}

McNemar mcnemar_test(std::int64_t only_first, std::int64_t only_second) {
  if (only_first < 0 || only_second < 0)
    throw ValueError("mcnemar_test", "counts >= 0",
                     std::to_string(only_first) + " and " + std::to_string(only_second),
                     "pass the numbers of discordant pairs");
  const auto n = only_first + only_second;
  if (n == 0) return {};
  const auto k = std::min(only_first, only_second);
  McNemar result;
  result.n_discordant = n;
  result.exact = std::min(1.0, 2.0 * binomial_cdf(k, n, 0.5));
  // At a tie both tails hold the middle outcome; take it once, then half of it away.
  result.mid_p = only_first == only_second ? 1.0 - 0.5 * binomial_pmf(k, n, 0.5)
                                           : result.exact - binomial_pmf(k, n, 0.5);
  const auto gap = static_cast<double>(n - 2 * k), size = static_cast<double>(n);
  const double corrected = std::max(0.0, gap - 1.0);
  result.statistic = gap * gap / size;
  result.chi_square = chi_square_sf(result.statistic, 1.0);
  result.corrected_statistic = corrected * corrected / size;
  result.chi_square_corrected = chi_square_sf(result.corrected_statistic, 1.0);
  return result;
}

double permutation_p_value(std::int64_t as_extreme, std::int64_t replicates) {
  detail::tests::check_replicates("permutation_p_value", replicates);
  if (as_extreme < 0 || as_extreme > replicates)
    throw ValueError("permutation_p_value", "0 <= as_extreme <= replicates",
                     std::to_string(as_extreme), "count the replicates at least as extreme");
  return static_cast<double>(as_extreme + 1) / static_cast<double>(replicates + 1);
}

double sign_flip_test(std::span<const double> differences, const PermutationOptions& options) {
  detail::arguments::check_finite("sign_flip_test", differences);
  detail::tests::check_replicates("sign_flip_test", options.replicates);
  std::vector<double> moved;  // zeros stay zero under any sign
  for (const double x : differences)
    if (x != 0.0) moved.push_back(x);
  if (moved.empty()) return 1.0;
  const double observed = std::abs(std::accumulate(moved.begin(), moved.end(), 0.0));
  double size = 0.0;
  for (const double x : moved) size += std::abs(x);
  const double limit = observed - 1e-12 * size;  // ties up to rounding count as extreme
  const Stream stream(options.seed, options.stream);
  std::int64_t extreme = 0;
  for (std::int64_t r = 0; r < options.replicates; ++r) {
    Rng rng = stream.at(r);
    double sum = 0.0;
    for (std::size_t i = 0; i < moved.size(); i += 64) {
      std::uint64_t signs = rng.next_u64();
      const std::size_t end = std::min(moved.size(), i + 64);
      for (std::size_t j = i; j < end; ++j, signs >>= 1) sum += signs & 1 ? moved[j] : -moved[j];
    }
    extreme += std::abs(sum) >= limit;
  }
  return permutation_p_value(extreme, options.replicates);
}

double permutation_test(std::span<const double> first, std::span<const double> second,
                        const PermutationOptions& options) {
  detail::arguments::check_finite("permutation_test", first);
  detail::arguments::check_finite("permutation_test", second);
  detail::tests::check_replicates("permutation_test", options.replicates);
  if (first.empty() || second.empty())
    throw ValueError("permutation_test", "two groups with samples", "an empty group",
                     "leave the comparison out");
  std::vector<double> pool(first.begin(), first.end());
  pool.insert(pool.end(), second.begin(), second.end());
  const double total = std::accumulate(pool.begin(), pool.end(), 0.0);
  double size = 0.0;
  for (const double x : pool) size += std::abs(x);
  // The difference of means is linear in the sum of the smaller group: only that one is drawn.
  const auto k = std::min(first.size(), second.size());
  const double expected = total * static_cast<double>(k) / static_cast<double>(pool.size());
  const auto& smaller = first.size() <= second.size() ? first : second;
  const double observed = std::abs(std::accumulate(smaller.begin(), smaller.end(), 0.0) - expected);
  const double limit = observed - 1e-12 * size;
  const Stream stream(options.seed, options.stream);
  std::int64_t extreme = 0;
  for (std::int64_t r = 0; r < options.replicates; ++r) {
    Rng rng = stream.at(r);
    double sum = 0.0;
    for (std::size_t i = 0; i < k; ++i) {  // Fisher-Yates, as far as needed
      std::swap(pool[i], pool[i + rng.below(pool.size() - i)]);
      sum += pool[i];
    }
    extreme += std::abs(sum - expected) >= limit;
  }
  return permutation_p_value(extreme, options.replicates);
}

}  // namespace leadline::stats

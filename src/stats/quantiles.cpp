#include "leadline/stats/quantiles.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include "leadline/core/error.hpp"
#include "leadline/stats/distributions.hpp"

namespace leadline::stats {
namespace detail::quantiles {

void check_values(const char* where, std::span<const double> values) {
  for (const double x : values)
    if (std::isnan(x)) throw ValueError(where, "numbers", "NaN", "leave out what was not measured");
}

void check_inside(const char* where, const char* what, double p) {
  if (!(p > 0.0 && p < 1.0))
    throw ValueError(where, std::string(what) + " in (0, 1)", std::to_string(p),
                     "use 0.99 for 99 %");
}

double interpolate(const std::vector<double>& sorted, double p) {
  const double position = p * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(position);
  const double fraction = position - static_cast<double>(below);
  if (fraction == 0.0) return sorted[below];
  return sorted[below] + fraction * (sorted[below + 1] - sorted[below]);
}

/// Smallest k with P(X <= k) > tail, X ~ Binomial(n, p).
std::int64_t smallest_above(std::int64_t n, double p, double tail) {
  std::int64_t low = -1, high = n;
  while (high - low > 1) {
    const auto middle = low + (high - low) / 2;
    (binomial_cdf(middle, n, p) > tail ? high : low) = middle;
  }
  return high;
}

}  // namespace detail::quantiles

std::vector<double> quantiles(std::span<const double> values, std::span<const double> p) {
  detail::quantiles::check_values("quantile", values);
  if (values.empty())
    throw ValueError("quantile", "at least one value", "none", "check that anything was measured");
  std::vector<double> sorted(values.begin(), values.end());
  std::sort(sorted.begin(), sorted.end());
  std::vector<double> result;
  result.reserve(p.size());
  for (const double q : p) {
    if (!(q >= 0.0 && q <= 1.0))
      throw ValueError("quantile", "p in [0, 1]", std::to_string(q), "use 0.99 for 99 %");
    result.push_back(detail::quantiles::interpolate(sorted, q));
  }
  return result;
}

double quantile(std::span<const double> values, double p) {
  return quantiles(values, std::span<const double>(&p, 1)).front();
}

std::optional<OrderRange> quantile_order_range(std::int64_t n, double p, double level) {
  detail::quantiles::check_inside("quantile_order_range", "p", p);
  detail::quantiles::check_inside("quantile_order_range", "level", level);
  if (n < 1) return std::nullopt;
  // The number below the quantile is Binomial(n, p); x[l] <= quantile <= x[u] iff l < number <= u.
  const double tail = (1.0 - level) / 2.0;
  OrderRange range;
  range.lower = detail::quantiles::smallest_above(n, p, tail) - 1;
  range.upper = detail::quantiles::smallest_above(n, p, 1.0 - tail);
  if (binomial_sf(range.upper, n, p) > tail) ++range.upper;
  if (range.lower < 0 || range.upper > n - 1) return std::nullopt;
  range.coverage = binomial_cdf(range.upper, n, p) - binomial_cdf(range.lower, n, p);
  return range;
}

std::optional<Interval> quantile_interval(std::span<const double> values, double p, double level) {
  detail::quantiles::check_values("quantile_interval", values);
  const auto range = quantile_order_range(static_cast<std::int64_t>(values.size()), p, level);
  if (!range) return std::nullopt;
  std::vector<double> sorted(values.begin(), values.end());
  std::sort(sorted.begin(), sorted.end());
  return Interval{sorted[static_cast<std::size_t>(range->lower)],
                  sorted[static_cast<std::size_t>(range->upper)]};
}

std::int64_t early_stopping_needed(std::int64_t over, double p, double confidence) {
  detail::quantiles::check_inside("early_stopping_needed", "p", p);
  detail::quantiles::check_inside("early_stopping_needed", "confidence", confidence);
  if (over < 0)
    throw ValueError("early_stopping_needed", "over >= 0", std::to_string(over), "pass a count");
  const auto enough = [&](std::int64_t h) {
    return beta_cdf(p, static_cast<double>(h), static_cast<double>(over) + 1.0) <= 1.0 - confidence;
  };
  std::int64_t high = 1;
  while (!enough(high)) high *= 2;
  std::int64_t low = high / 2;
  while (high - low > 1) {
    const auto middle = low + (high - low) / 2;
    (enough(middle) ? high : low) = middle;
  }
  return high;
}

std::optional<EarlyStopping> early_stopping_percentile(std::span<const double> latencies, double p,
                                                       double confidence) {
  detail::quantiles::check_values("early_stopping_percentile", latencies);
  detail::quantiles::check_inside("early_stopping_percentile", "p", p);
  detail::quantiles::check_inside("early_stopping_percentile", "confidence", confidence);
  const auto n = static_cast<std::int64_t>(latencies.size());
  const auto allowed = [&](std::int64_t over) {
    return n - over >= 1 && beta_cdf(p, static_cast<double>(n - over),
                                     static_cast<double>(over) + 1.0) <= 1.0 - confidence;
  };
  if (!allowed(1)) return std::nullopt;
  std::int64_t low = 1, high = n;
  while (high - low > 1) {
    const auto middle = low + (high - low) / 2;
    (allowed(middle) ? low : high) = middle;
  }
  std::vector<double> values(latencies.begin(), latencies.end());
  const auto place = values.begin() + (n - low);
  std::nth_element(values.begin(), place, values.end());
  return EarlyStopping{*place, low - 1};
}

}  // namespace leadline::stats

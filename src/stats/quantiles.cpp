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

double weighted_quantile(std::span<const double> values, std::span<const double> weights,
                         double p) {
  detail::quantiles::check_values("weighted_quantile", values);
  if (weights.size() != values.size())
    throw ShapeError("weighted_quantile", std::to_string(values.size()) + " weights",
                     std::to_string(weights.size()), "pass one weight a value");
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < values.size(); ++i)
    if (weights[i] > 0) order.push_back(i);
  if (order.empty())
    throw ValueError("weighted_quantile", "a weight above 0", "none", "check the weights");
  std::sort(order.begin(), order.end(),
            [&](std::size_t a, std::size_t b) { return values[a] < values[b]; });
  double total = 0, seen = 0;
  for (const std::size_t i : order) total += weights[i];
  const double wanted = p * total, slack = 1e-12 * total;
  for (std::size_t k = 0; k < order.size(); ++k) {
    seen += weights[order[k]];
    if (seen < wanted - slack) continue;
    const double value = values[order[k]];
    const bool between = seen <= wanted + slack && k + 1 < order.size();
    return between ? value + (values[order[k + 1]] - value) / 2 : value;
  }
  return values[order.back()];
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

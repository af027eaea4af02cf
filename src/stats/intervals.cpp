#include "leadline/stats/intervals.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include "leadline/core/error.hpp"
#include "leadline/stats/distributions.hpp"

namespace leadline::stats {
namespace detail::intervals {

void check_level(const char* where, double level) {
  if (!(level > 0.0 && level < 1.0))
    throw ValueError(where, "level in (0, 1)", std::to_string(level), "use 0.95 for 95 %");
}

void check_counts(const char* where, double successes, double n) {
  if (!(n >= 0.0 && successes >= 0.0 && successes <= n && std::isfinite(n)))
    throw ValueError(where, "0 <= successes <= n",
                     std::to_string(successes) + " of " + std::to_string(n),
                     "pass counts of the same samples");
}

Interval wilson(double k, double n, double level) {
  const double z = normal_two_sided(level);
  const double square = z * z;
  const double centre = (k + square / 2.0) / (n + square);
  const double half = z / (n + square) * std::sqrt(k * ((n - k) / n) + square / 4.0);
  // Exactly 0 and 1 at the ends, where rounding would leave 1e-17.
  return {k == 0.0 ? 0.0 : std::max(0.0, centre - half),
          k == n ? 1.0 : std::min(1.0, centre + half)};
}

Interval beta_tails(double k, double n, double level, ProportionMethod method) {
  const double tail = (1.0 - level) / 2.0;
  const bool jeffreys = method == ProportionMethod::jeffreys;
  const double a_low = jeffreys ? k + 0.5 : k, b_low = jeffreys ? n - k + 0.5 : n - k + 1.0;
  const double a_up = jeffreys ? k + 0.5 : k + 1.0, b_up = jeffreys ? n - k + 0.5 : n - k;
  return {k == 0.0 ? 0.0 : beta_quantile(tail, a_low, b_low),
          k == n ? 1.0 : beta_quantile(1.0 - tail, a_up, b_up)};
}

std::optional<Interval> t_interval(double mean, double variance, double n, double level) {
  check_level("mean_interval_t", level);
  if (n < 2.0) return std::nullopt;
  const double half = student_t_quantile(0.5 + level / 2.0, n - 1.0) * std::sqrt(variance / n);
  return Interval{mean - half, mean + half};
}

/// Smallest total in (n, 2^53] at which `decides` holds, assumed monotone; minus n.
template <class F>
std::optional<std::int64_t> search_total(double n, F decides) {
  if (decides(n)) return 0;
  double low = n, high = std::max(2.0 * n, 16.0);
  while (!decides(high)) {
    low = high;
    high *= 2.0;
    if (high > 0x1p53) return std::nullopt;
  }
  while (high - low > 1.0) {
    const double middle = std::floor(low + (high - low) / 2.0);
    if (middle <= low) break;
    (decides(middle) ? high : low) = middle;
  }
  return static_cast<std::int64_t>(std::ceil(high - n));
}

}  // namespace detail::intervals

std::string_view name_of(ProportionMethod method) {
  switch (method) {
    case ProportionMethod::wilson:
      return "wilson";
    case ProportionMethod::clopper_pearson:
      return "clopper_pearson";
    case ProportionMethod::jeffreys:
      return "jeffreys";
  }
  return "?";
}

ProportionMethod proportion_method(std::string_view name) {
  for (const auto method :
       {ProportionMethod::wilson, ProportionMethod::clopper_pearson, ProportionMethod::jeffreys})
    if (name == name_of(method)) return method;
  throw ValueError("proportion_interval", "method 'wilson', 'clopper_pearson' or 'jeffreys'",
                   "'" + std::string(name) + "'", "wilson is the default");
}

Interval proportion_interval(double successes, double n, double level, ProportionMethod method) {
  detail::intervals::check_counts("proportion_interval", successes, n);
  detail::intervals::check_level("proportion_interval", level);
  if (n == 0.0) return {0.0, 1.0};
  if (method == ProportionMethod::wilson) return detail::intervals::wilson(successes, n, level);
  return detail::intervals::beta_tails(successes, n, level, method);
}

std::optional<Interval> mean_interval_t(const Moments& moments, double level) {
  return detail::intervals::t_interval(moments.mean, moments.variance(),
                                       static_cast<double>(moments.n), level);
}

std::optional<Interval> mean_interval_t(const WeightedMoments& moments, double level) {
  return detail::intervals::t_interval(moments.mean, moments.variance(), moments.n_effective(),
                                       level);
}

Interval mean_interval_bernstein(const Moments& moments, double low, double high, double level) {
  detail::intervals::check_level("mean_interval_bernstein", level);
  if (!(low <= high) || (moments.n > 0 && (moments.min < low || moments.max > high)))
    throw ValueError("mean_interval_bernstein", "a column inside [low, high]",
                     "[" + std::to_string(moments.min) + ", " + std::to_string(moments.max) + "]",
                     "pass the true bounds of the column");
  if (moments.n < 2) return {low, high};
  const auto n = static_cast<double>(moments.n);
  const double log_term = std::log(4.0 / (1.0 - level));  // ln(2 / delta), delta a side
  const double half = std::sqrt(2.0 * moments.variance() * log_term / n) +
                      7.0 * (high - low) * log_term / (3.0 * (n - 1.0));
  return {std::max(low, moments.mean - half), std::min(high, moments.mean + half)};
}

Interval newcombe_difference(double successes1, double n1, double successes2, double n2,
                             double level) {
  detail::intervals::check_counts("newcombe_difference", successes1, n1);
  detail::intervals::check_counts("newcombe_difference", successes2, n2);
  detail::intervals::check_level("newcombe_difference", level);
  if (n1 == 0.0 || n2 == 0.0) return {-1.0, 1.0};
  const double p1 = successes1 / n1, p2 = successes2 / n2;
  const Interval w1 = detail::intervals::wilson(successes1, n1, level);
  const Interval w2 = detail::intervals::wilson(successes2, n2, level);
  return {p1 - p2 - std::hypot(p1 - w1.lower, w2.upper - p2),
          p1 - p2 + std::hypot(w1.upper - p1, p2 - w2.lower)};
}

Interval paired_difference(const PairedCounts& counts, double level) {
  detail::intervals::check_level("paired_difference", level);
  if (counts.both < 0 || counts.only_first < 0 || counts.only_second < 0 || counts.neither < 0)
    throw ValueError("paired_difference", "counts >= 0", "a negative count", "pass counts");
  if (counts.n() == 0) return {-1.0, 1.0};
  const auto n = static_cast<double>(counts.n());
  const auto a = static_cast<double>(counts.both), b = static_cast<double>(counts.only_first);
  const auto c = static_cast<double>(counts.only_second), d = static_cast<double>(counts.neither);
  const double p1 = (a + b) / n, p2 = (a + c) / n, difference = (b - c) / n;
  const Interval w1 = detail::intervals::wilson(a + b, n, level);
  const Interval w2 = detail::intervals::wilson(a + c, n, level);
  const double margins = std::sqrt((a + b) * (c + d) * (a + c) * (b + d));
  double cross = a * d - b * c;
  if (cross > 0.0) cross = std::max(cross - n / 2.0, 0.0);
  const double phi = margins > 0.0 ? cross / margins : 0.0;
  const auto combine = [phi](double first, double second) {
    return std::sqrt(std::max(0.0, first * first - 2.0 * phi * first * second + second * second));
  };
  return {difference - combine(p1 - w1.lower, w2.upper - p2),
          difference + combine(w1.upper - p1, p2 - w2.lower)};
}

std::optional<std::int64_t> n_to_decide(double successes, double n, double limit, double level,
                                        ProportionMethod method) {
  detail::intervals::check_counts("n_to_decide", successes, n);
  detail::intervals::check_level("n_to_decide", level);
  if (n == 0.0) return std::nullopt;
  const double rate = successes / n;
  if (rate == limit) return std::nullopt;
  return detail::intervals::search_total(n, [&](double total) {
    const double k = std::min(rate * total, total);
    return !proportion_interval(k, total, level, method).contains(limit);
  });
}

std::optional<std::int64_t> n_to_decide(const Moments& moments, double limit, double level) {
  detail::intervals::check_level("n_to_decide", level);
  if (moments.n < 2 || moments.mean == limit) return std::nullopt;
  const double gap = std::abs(moments.mean - limit);
  const double spread = moments.standard_deviation();
  return detail::intervals::search_total(static_cast<double>(moments.n), [&](double total) {
    return student_t_quantile(0.5 + level / 2.0, total - 1.0) * spread / std::sqrt(total) < gap;
  });
}

std::optional<std::int64_t> n_to_decide(double value, Interval interval, std::int64_t n,
                                        double limit) {
  if (n <= 0 || value == limit) return std::nullopt;
  if (!interval.contains(limit)) return 0;
  const double half = limit > value ? interval.upper - value : value - interval.lower;
  const double ratio = half / std::abs(limit - value);
  const double further = static_cast<double>(n) * (ratio * ratio - 1.0);
  if (!(further < 0x1p53)) return std::nullopt;
  return std::max<std::int64_t>(1, static_cast<std::int64_t>(std::ceil(further)));
}

}  // namespace leadline::stats

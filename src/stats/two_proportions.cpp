#include "leadline/stats/two_proportions.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include "leadline/stats/distributions.hpp"
#include "stats/arguments.hpp"
#include "stats/score_tests.hpp"

namespace leadline::stats {
namespace detail::two_proportions {

/// The p1 of largest likelihood under p1 - p2 = d: closed form of the cubic (Miettinen and
/// Nurminen 1985, appendix; here for p2, p1 = p2 + d).
double constrained(const Table& t, double d) {
  const double n = t.n1 + t.n2;
  const double l3 = n, l2 = (t.n1 + 2.0 * t.n2) * d - n - (t.k1 + t.k2);
  const double l1 = (t.n2 * d - n - 2.0 * t.k2) * d + t.k1 + t.k2, l0 = t.k2 * d * (1.0 - d);
  const double third = l2 / (3.0 * l3);
  const double q = third * third * third - l1 * l2 / (6.0 * l3 * l3) + l0 / (2.0 * l3);
  const double root = std::sqrt(std::max(0.0, third * third - l1 / (3.0 * l3)));
  const double p = q >= 0.0 ? root : -root;
  if (p == 0.0) return -third;
  const double cosine = std::clamp(q / (p * p * p), -1.0, 1.0);
  return 2.0 * p * std::cos((std::numbers::pi + std::acos(cosine)) / 3.0) - third;
}

double score_of_difference(const Table& t, double d) {
  const double p2 = std::clamp(constrained(t, d), std::max(0.0, -d), std::min(1.0, 1.0 - d));
  const double p1 = std::clamp(p2 + d, 0.0, 1.0), n = t.n1 + t.n2;
  const double variance =
      (p1 * (1.0 - p1) / t.n1 + p2 * (1.0 - p2) / t.n2) * n / std::max(1.0, n - 1.0);
  const double gap = t.k1 / t.n1 - t.k2 / t.n2 - d;
  if (variance <= 0.0) return gap == 0.0 ? 0.0 : std::copysign(1e300, gap);
  return gap / std::sqrt(variance);
}

double score_of_ratio(const Table& t, double r) {
  const double a = (t.n1 + t.n2) * r, b = t.n1 * r + t.k1 + t.n2 + t.k2 * r, c = t.k1 + t.k2;
  const double root = std::sqrt(std::max(0.0, b * b - 4.0 * a * c));
  // The smaller root, in the form that does not cancel.
  const double p2 = std::clamp(2.0 * c / (b + root), 0.0, 1.0);
  const double p1 = std::min(1.0, r * p2);
  const double variance = p1 * (1.0 - p1) / t.n1 + r * r * p2 * (1.0 - p2) / t.n2;
  const double gap = t.k1 / t.n1 - r * t.k2 / t.n2;
  if (variance <= 0.0) return gap == 0.0 ? 0.0 : std::copysign(1e300, gap);
  return gap / std::sqrt(variance);
}

double score_of_pairs(double b, double c, double n, double d) {
  const double qa = 2.0 * n, qb = -b - c + (2.0 * n - b + c) * d, qc = -c * d * (1.0 - d);
  const double q = (std::sqrt(std::max(0.0, qb * qb - 4.0 * qa * qc)) - qb) / (2.0 * qa);
  const double variance = n * (2.0 * q + d * (1.0 - d));
  const double gap = b - c - n * d;
  if (variance <= 0.0) return gap == 0.0 ? 0.0 : std::copysign(1e300, gap);
  return gap / std::sqrt(variance);
}

/// The x in [low, high] where the falling `f` meets `level`, to the last bits.
template <class F>
double meet(double low, double high, double level, F f) {
  for (int i = 0; i < 100; ++i) {
    const double middle = low + (high - low) / 2.0;
    if (middle <= low || middle >= high) break;
    (f(middle) > level ? low : high) = middle;
  }
  return low + (high - low) / 2.0;
}

RatioInterval koopman(const Table& t, double z) {
  RatioInterval out{std::nullopt, 0.0, std::numeric_limits<double>::infinity(),
                    RatioMethod::koopman};
  if (t.k1 == 0.0 && t.k2 == 0.0) return out;
  const auto at = [&](double log_ratio) { return score_of_ratio(t, std::exp(log_ratio)); };
  const double centre = t.k1 > 0.0 && t.k2 > 0.0 ? std::log(t.k1 / t.n1 / (t.k2 / t.n2)) : 0.0;
  if (t.k1 > 0.0) out.lower = std::exp(meet(-60.0, t.k2 > 0.0 ? centre : 60.0, z, at));
  if (t.k2 > 0.0) out.upper = std::exp(meet(t.k1 > 0.0 ? centre : -60.0, 60.0, -z, at));
  if (t.k2 > 0.0) out.value = t.k1 / t.n1 / (t.k2 / t.n2);
  return out;
}

}  // namespace detail::two_proportions

Interval difference_interval(double successes1, double n1, double successes2, double n2,
                             double level, DifferenceMethod method) {
  if (method == DifferenceMethod::newcombe)
    return newcombe_difference(successes1, n1, successes2, n2, level);
  namespace d = detail::two_proportions;
  detail::arguments::check_counts("difference_interval", successes1, n1);
  detail::arguments::check_counts("difference_interval", successes2, n2);
  detail::arguments::check_level("difference_interval", level);
  if (n1 == 0.0 || n2 == 0.0) return {-1.0, 1.0};
  const d::Table t{successes1, n1, successes2, n2};
  const double z = normal_two_sided(level), seen = successes1 / n1 - successes2 / n2;
  const auto score = [&](double x) { return d::score_of_difference(t, x); };
  return {seen <= -1.0 ? -1.0 : d::meet(-1.0, seen, z, score),
          seen >= 1.0 ? 1.0 : d::meet(seen, 1.0, -z, score)};
}

RatioInterval ratio_interval(double successes1, double n1, double successes2, double n2,
                             double level, RatioMethod method) {
  namespace d = detail::two_proportions;
  detail::arguments::check_counts("ratio_interval", successes1, n1);
  detail::arguments::check_counts("ratio_interval", successes2, n2);
  detail::arguments::check_level("ratio_interval", level);
  if (n1 == 0.0 || n2 == 0.0)
    return {std::nullopt, 0.0, std::numeric_limits<double>::infinity(), method};
  const double z = normal_two_sided(level);
  const bool sure = successes1 == n1 && successes2 == n2;
  if (method == RatioMethod::koopman || successes1 == 0.0 || successes2 == 0.0 || sure)
    return d::koopman({successes1, n1, successes2, n2}, z);
  const double ratio = successes1 / n1 / (successes2 / n2);
  const double spread =
      std::sqrt((n1 - successes1) / (n1 * successes1) + (n2 - successes2) / (n2 * successes2));
  return {ratio, ratio * std::exp(-z * spread), ratio * std::exp(z * spread), RatioMethod::katz};
}

Interval tango_difference(const PairedCounts& counts, double level) {
  namespace d = detail::two_proportions;
  detail::arguments::check_level("tango_difference", level);
  if (counts.both < 0 || counts.only_first < 0 || counts.only_second < 0 || counts.neither < 0)
    throw ValueError("tango_difference", "counts >= 0", "a negative count", "pass counts");
  if (counts.n() == 0) return {-1.0, 1.0};
  const auto n = static_cast<double>(counts.n()), b = static_cast<double>(counts.only_first);
  const auto c = static_cast<double>(counts.only_second);
  const double z = normal_two_sided(level), seen = (b - c) / n;
  const auto score = [&](double x) { return d::score_of_pairs(b, c, n, x); };
  return {seen <= -1.0 ? -1.0 : d::meet(-1.0, seen, z, score),
          seen >= 1.0 ? 1.0 : d::meet(seen, 1.0, -z, score)};
}

std::optional<std::int64_t> n_to_decide(const PairedCounts& counts, double limit, double level) {
  if (!(limit > -1.0 && limit < 1.0))
    throw ValueError("n_to_decide", "limit in (-1, 1)", std::to_string(limit),
                     "pass a difference of rates");
  if (!paired_difference(counts, level).contains(limit)) return 0;
  const auto n = static_cast<double>(counts.n());
  if (n == 0.0 || static_cast<double>(counts.only_first - counts.only_second) / n == limit)
    return std::nullopt;
  const auto excluded = [&](double times) {
    const auto scaled = [times](std::int64_t k) {
      return std::llround(times * static_cast<double>(k));
    };
    return !paired_difference({scaled(counts.both), scaled(counts.only_first),
                               scaled(counts.only_second), scaled(counts.neither)},
                              level)
                .contains(limit);
  };
  double low = 1.0, high = 2.0;
  while (!excluded(high)) {
    low = high;
    high *= 2.0;
    if (high * n > 0x1p40) return std::nullopt;
  }
  while ((high - low) * n > 1.0) {
    const double middle = low + (high - low) / 2.0;
    (excluded(middle) ? high : low) = middle;
  }
  return std::max<std::int64_t>(1, std::llround(std::ceil((high - 1.0) * n)));
}

}  // namespace leadline::stats

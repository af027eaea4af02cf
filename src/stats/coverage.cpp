#include "leadline/stats/coverage.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

#include "leadline/stats/distributions.hpp"
#include "stats/arguments.hpp"
#include "stats/score_tests.hpp"

namespace leadline::stats {
namespace detail::coverage {

/// Outcomes of Binomial(n, p) with all but about 1e-9 of the probability.
struct Likely {
  std::int64_t first = 0;
  std::vector<double> mass;
};

Likely likely(std::int64_t n, double p) {
  const double mean = p * static_cast<double>(n);
  const double reach = 7.0 * std::sqrt(mean * (1.0 - p)) + 12.0;
  const auto low = std::max<std::int64_t>(0, static_cast<std::int64_t>(mean - reach));
  const auto high = std::min(n, static_cast<std::int64_t>(mean + reach) + 1);
  Likely out{low, {}};
  for (auto k = low; k <= high; ++k) out.mass.push_back(binomial_pmf(k, n, p));
  return out;
}

/// 1 - P(not covered) over pairs of outcomes.
template <class F>
double over_pairs(std::int64_t n1, double p1, std::int64_t n2, double p2, F covers) {
  const auto a = likely(n1, p1), b = likely(n2, p2);
  double missed = 0.0;
  for (std::size_t i = 0; i < a.mass.size(); ++i) {
    if (a.mass[i] < 1e-12) continue;
    for (std::size_t j = 0; j < b.mass.size(); ++j) {
      const double mass = a.mass[i] * b.mass[j];
      if (mass < 1e-13) continue;
      if (!covers(a.first + static_cast<std::int64_t>(i), b.first + static_cast<std::int64_t>(j)))
        missed += mass;
    }
  }
  return 1.0 - missed;
}

/// Ends are computed to about 1e-12: a truth that close to one is in.
bool holds(double lower, double upper, double truth) {
  const double slack = 1e-10 * (1.0 + std::abs(truth));
  return lower - slack <= truth && truth <= upper + slack;
}

void check_two(const char* where, std::int64_t n1, double rate1, std::int64_t n2, double rate2,
               double level) {
  arguments::check_size(where, n1);
  arguments::check_size(where, n2);
  arguments::check_rate(where, "rate1", rate1);
  arguments::check_rate(where, "rate2", rate2);
  arguments::check_level(where, level);
}

Validity verdict(double least, double at, double level, double tolerance) {
  return {least >= level - tolerance, least, at};
}

/// The interval ends of consecutive counts, rising in the count.
struct Ends {
  std::int64_t first;
  std::vector<double> lower, upper;
};

Ends ends_between(ProportionMethod method, std::int64_t n, const Interval& rates, double level) {
  const auto from = [n](double p, double sign) {
    const double mean = p * static_cast<double>(n);
    const double reach = 6.0 * std::sqrt(mean * (1.0 - p)) + 25.0;
    return static_cast<std::int64_t>(std::clamp(mean + sign * reach, 0.0, static_cast<double>(n)));
  };
  Ends ends{from(rates.lower, -1.0), {}, {}};
  const auto last = from(rates.upper, 1.0);
  for (auto k = ends.first; k <= last; ++k) {
    const auto ci =
        proportion_interval(static_cast<double>(k), static_cast<double>(n), level, method);
    ends.lower.push_back(ci.lower);
    ends.upper.push_back(ci.upper);
  }
  return ends;
}

/// P(lower(k) <= p <= upper(k)): a run of counts, as both ends rise.
double coverage_at(const Ends& ends, std::int64_t n, double p, bool open_lower, bool open_upper) {
  const auto& lo = ends.lower;
  const auto& up = ends.upper;
  const auto first = open_upper ? std::upper_bound(up.begin(), up.end(), p)
                                : std::lower_bound(up.begin(), up.end(), p);
  const auto last = open_lower ? std::lower_bound(lo.begin(), lo.end(), p)
                               : std::upper_bound(lo.begin(), lo.end(), p);
  const auto a = ends.first + (first - up.begin()), b = ends.first + (last - lo.begin()) - 1;
  if (b < a) return 0.0;
  return binomial_cdf(b, n, p) - binomial_cdf(a - 1, n, p);
}

/// True rates to try for a group: the ends and the middle of Clopper-Pearson at 99 %, or, where few
/// successes (or failures) make the coverage jump, 24 in geometric spacing.
std::vector<double> plausible(std::int64_t k, std::int64_t n) {
  const bool mirrored = k > n - k;
  const auto few = static_cast<double>(mirrored ? n - k : k), size = static_cast<double>(n);
  const auto ci = proportion_interval(few, size, 0.99, ProportionMethod::clopper_pearson);
  std::vector<double> rates{ci.lower, (few + 0.5) / (size + 1.0), ci.upper};
  if (few < 20.0) {
    rates.clear();
    const double low = std::max(ci.lower, 0.02 / size);  // below it nothing is seen, all is covered
    for (int i = 0; i < 24; ++i) rates.push_back(low * std::pow(ci.upper / low, i / 23.0));
  }
  if (mirrored)
    for (double& p : rates) p = 1.0 - p;
  for (double& p : rates) p = std::clamp(p, 1e-12, 1.0 - 1e-12);
  return rates;
}

template <class F>
Validity over_plausible(std::int64_t k1, std::int64_t n1, std::int64_t k2, std::int64_t n2,
                        double level, double tolerance, F coverage) {
  const std::int64_t cells[] = {k1, n1 - k1, k2, n2 - k2};
  if (*std::min_element(std::begin(cells), std::end(cells)) >= 50) return {true, level, 0.0};
  Validity worst;
  const auto second = plausible(k2, n2);
  for (const double p1 : plausible(k1, n1))
    for (const double p2 : second) {
      const double covered = coverage(p1, p2);
      if (covered < worst.least_coverage) worst = {true, covered, p1};
    }
  return verdict(worst.least_coverage, worst.at, level, tolerance);
}

void check_tolerance(const char* where, double tolerance) {
  if (!(tolerance >= 0.0 && tolerance < 1.0))
    throw ValueError(where, "tolerance in [0, 1)", std::to_string(tolerance),
                     "0.03 is three points of coverage");
}

}  // namespace detail::coverage

double exact_coverage(ProportionMethod method, std::int64_t n, double rate, double level) {
  namespace d = detail::coverage;
  detail::arguments::check_size("exact_coverage", n);
  detail::arguments::check_rate("exact_coverage", "rate", rate);
  detail::arguments::check_level("exact_coverage", level);
  const auto outcomes = d::likely(n, rate);
  double missed = 0.0;
  for (std::size_t i = 0; i < outcomes.mass.size(); ++i) {
    const auto k = static_cast<double>(outcomes.first + static_cast<std::int64_t>(i));
    const auto ci = proportion_interval(k, static_cast<double>(n), level, method);
    if (!d::holds(ci.lower, ci.upper, rate)) missed += outcomes.mass[i];
  }
  return 1.0 - missed;
}

double exact_coverage(DifferenceMethod method, std::int64_t n1, double rate1, std::int64_t n2,
                      double rate2, double level) {
  namespace d = detail::coverage;
  d::check_two("exact_coverage", n1, rate1, n2, rate2, level);
  const double z = normal_two_sided(level) + 1e-9;
  return d::over_pairs(n1, rate1, n2, rate2, [&](std::int64_t a, std::int64_t b) {
    if (method == DifferenceMethod::miettinen_nurminen)  // what its interval inverts, once
      return std::abs(detail::two_proportions::score_of_difference(
                 {static_cast<double>(a), static_cast<double>(n1), static_cast<double>(b),
                  static_cast<double>(n2)},
                 rate1 - rate2)) <= z;
    const auto ci =
        difference_interval(static_cast<double>(a), static_cast<double>(n1), static_cast<double>(b),
                            static_cast<double>(n2), level, method);
    return d::holds(ci.lower, ci.upper, rate1 - rate2);
  });
}

double exact_coverage(RatioMethod method, std::int64_t n1, double rate1, std::int64_t n2,
                      double rate2, double level) {
  namespace d = detail::coverage;
  d::check_two("exact_coverage", n1, rate1, n2, rate2, level);
  if (rate2 == 0.0)
    throw ValueError("exact_coverage", "rate2 > 0", "0", "a ratio to 0 is not defined");
  return d::over_pairs(n1, rate1, n2, rate2, [&](std::int64_t a, std::int64_t b) {
    const auto ci = ratio_interval(static_cast<double>(a), static_cast<double>(n1),
                                   static_cast<double>(b), static_cast<double>(n2), level, method);
    return d::holds(ci.lower, ci.upper, rate1 / rate2);
  });
}

double exact_coverage(PairedMethod method, std::int64_t n, double both, double only_first,
                      double only_second, double level) {
  namespace d = detail::coverage;
  detail::arguments::check_size("exact_coverage", n);
  detail::arguments::check_level("exact_coverage", level);
  for (const double share : {both, only_first, only_second})
    detail::arguments::check_rate("exact_coverage", "each share", share);
  const double neither = 1.0 - both - only_first - only_second;
  if (neither < -1e-12)
    throw ValueError("exact_coverage", "shares that sum to at most 1",
                     std::to_string(1.0 - neither), "pass shares of all samples");
  // The number of discordant pairs, then how many of them are the first's; the concordant ones are
  // split as expected, on which Newcombe's depends little.
  const double discordant = only_first + only_second;
  const auto pairs = d::likely(n, discordant);
  const double share = discordant > 0.0 ? only_first / discordant : 0.5;
  const double both_share = discordant < 1.0 ? both / (1.0 - discordant) : 0.0;
  const double z = normal_two_sided(level) + 1e-9;
  double missed = 0.0;
  for (std::size_t i = 0; i < pairs.mass.size(); ++i) {
    if (pairs.mass[i] < 1e-12) continue;
    const auto m = pairs.first + static_cast<std::int64_t>(i);
    const auto split = d::likely(m, share);
    const auto right = std::llround(both_share * static_cast<double>(n - m));
    for (std::size_t j = 0; j < split.mass.size(); ++j) {
      const double mass = pairs.mass[i] * split.mass[j];
      if (mass < 1e-13) continue;
      const auto b = split.first + static_cast<std::int64_t>(j);
      if (method == PairedMethod::tango) {
        const double score = detail::two_proportions::score_of_pairs(
            static_cast<double>(b), static_cast<double>(m - b), static_cast<double>(n),
            only_first - only_second);
        if (std::abs(score) > z) missed += mass;
        continue;
      }
      const auto ci = paired_difference({right, b, m - b, n - m - right}, level);
      if (!d::holds(ci.lower, ci.upper, only_first - only_second)) missed += mass;
    }
  }
  return 1.0 - missed;
}

Validity interval_is_valid_here(ProportionMethod method, std::int64_t successes, std::int64_t n,
                                double level, double tolerance) {
  namespace d = detail::coverage;
  detail::arguments::check_size("interval_is_valid_here", n);
  detail::arguments::check_counts("interval_is_valid_here", static_cast<double>(successes),
                                  static_cast<double>(n));
  detail::arguments::check_level("interval_is_valid_here", level);
  d::check_tolerance("interval_is_valid_here", tolerance);
  const auto rates = proportion_interval(static_cast<double>(successes), static_cast<double>(n),
                                         0.99, ProportionMethod::clopper_pearson);
  const auto ends = d::ends_between(method, n, rates, level);
  double least = 1.0, at = rates.lower;
  const auto look = [&](double p, bool open_lower, bool open_upper) {
    if (p <= 0.0 || p >= 1.0 || p < rates.lower || p > rates.upper) return;
    const double covered = d::coverage_at(ends, n, p, open_lower, open_upper);
    if (covered < least) {
      least = covered;
      at = p;
    }
  };
  // Between two ends the coverage of a run of counts has one maximum: the least is beside an end.
  look(rates.lower, false, false);
  look(rates.upper, false, false);
  for (const double p : ends.lower) look(p, true, false);
  for (const double p : ends.upper) look(p, false, true);
  return d::verdict(least, at, level, tolerance);
}

Validity interval_is_valid_here(DifferenceMethod method, std::int64_t successes1, std::int64_t n1,
                                std::int64_t successes2, std::int64_t n2, double level,
                                double tolerance) {
  namespace d = detail::coverage;
  detail::arguments::check_counts("interval_is_valid_here", static_cast<double>(successes1),
                                  static_cast<double>(n1));
  detail::arguments::check_counts("interval_is_valid_here", static_cast<double>(successes2),
                                  static_cast<double>(n2));
  d::check_two("interval_is_valid_here", n1, 0.5, n2, 0.5, level);
  d::check_tolerance("interval_is_valid_here", tolerance);
  return d::over_plausible(
      successes1, n1, successes2, n2, level, tolerance,
      [&](double p1, double p2) { return exact_coverage(method, n1, p1, n2, p2, level); });
}

Validity interval_is_valid_here(RatioMethod method, std::int64_t successes1, std::int64_t n1,
                                std::int64_t successes2, std::int64_t n2, double level,
                                double tolerance) {
  namespace d = detail::coverage;
  detail::arguments::check_counts("interval_is_valid_here", static_cast<double>(successes1),
                                  static_cast<double>(n1));
  detail::arguments::check_counts("interval_is_valid_here", static_cast<double>(successes2),
                                  static_cast<double>(n2));
  d::check_two("interval_is_valid_here", n1, 0.5, n2, 0.5, level);
  d::check_tolerance("interval_is_valid_here", tolerance);
  return d::over_plausible(
      successes1, n1, successes2, n2, level, tolerance,
      [&](double p1, double p2) { return exact_coverage(method, n1, p1, n2, p2, level); });
}

Validity mean_interval_is_valid_here(std::int64_t n, double skewness, double kurtosis, double level,
                                     double tolerance) {
  detail::arguments::check_level("mean_interval_is_valid_here", level);
  detail::coverage::check_tolerance("mean_interval_is_valid_here", tolerance);
  if (n < 2 || !std::isfinite(skewness) || !std::isfinite(kurtosis))
    throw ValueError(
        "mean_interval_is_valid_here", "n >= 2 and finite moments",
        std::to_string(n) + ", " + std::to_string(skewness) + " and " + std::to_string(kurtosis),
        "leave the check out: there is no interval");
  const double z = normal_two_sided(level), square = z * z;
  const double density = std::exp(-square / 2.0) / std::sqrt(2.0 * std::numbers::pi);
  const double error = 2.0 * z * density *
                       (kurtosis * (square - 3.0) / 12.0 -
                        skewness * skewness * (square * square + 2.0 * square - 3.0) / 18.0) /
                       static_cast<double>(n);
  const double covered = std::clamp(level + error, 0.0, 1.0);
  return detail::coverage::verdict(covered, 0.0, level, tolerance);
}

}  // namespace leadline::stats

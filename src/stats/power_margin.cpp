#include <algorithm>
#include <cmath>
#include <string>

#include "leadline/stats/distributions.hpp"
#include "leadline/stats/power.hpp"
#include "stats/arguments.hpp"
#include "stats/plan.hpp"

namespace leadline::stats {
namespace detail::power_margin {

using namespace detail::arguments;

/// Variance of n times the mean of d in {-1, 0, 1}; 0 allowed.
double variance(const char* where, double only_first, double only_second) {
  check_rate(where, "only_first", only_first);
  check_rate(where, "only_second", only_second);
  const double discordant = only_first + only_second;
  if (discordant > 1.0)
    throw ValueError(where, "only_first + only_second <= 1", std::to_string(discordant),
                     "pass shares of all samples");
  const double loss = only_first - only_second;
  return discordant - loss * loss;
}

/// P(the interval of level 1 - alpha stays within `room` of the truth on one side). Without any
/// spread the interval still has the width of "none in n", Wilson's z^2 / (n + z^2).
double beyond(double room, double error, double n, double alpha) {
  const double z = normal_two_sided(1.0 - alpha);
  if (error == 0.0) return room > z * z / (n + z * z) ? 1.0 : 0.0;
  return normal_cdf(room / error - z);
}

}  // namespace detail::power_margin

double power_non_inferiority(std::int64_t n1, std::int64_t n2, double rate1, double rate2,
                             double margin, double alpha) {
  namespace d = detail::power_margin;
  d::check_size("power_non_inferiority", n1);
  d::check_size("power_non_inferiority", n2);
  d::check_rate("power_non_inferiority", "rate1", rate1);
  d::check_rate("power_non_inferiority", "rate2", rate2);
  d::check_margin("power_non_inferiority", margin);
  d::check_alpha("power_non_inferiority", alpha);
  const double error = std::sqrt(rate1 * (1.0 - rate1) / static_cast<double>(n1) +
                                 rate2 * (1.0 - rate2) / static_cast<double>(n2));
  return d::beyond(margin - (rate1 - rate2), error, static_cast<double>(std::min(n1, n2)), alpha);
}

std::optional<std::int64_t> sample_size_non_inferiority(double rate1, double rate2, double margin,
                                                        const Plan& plan) {
  detail::plan::check("sample_size_non_inferiority", plan);
  detail::arguments::check_margin("sample_size_non_inferiority", margin);
  if (rate1 - rate2 >= margin) return std::nullopt;
  return detail::plan::smallest(1, plan.power, [&](std::int64_t n) {
    const auto other = detail::plan::second(plan, n);
    return power_non_inferiority(n, other, rate1, rate2, margin, plan.alpha);
  });
}

double power_non_inferiority_paired(std::int64_t n, double only_first, double only_second,
                                    double margin, double alpha) {
  namespace d = detail::power_margin;
  d::check_size("power_non_inferiority_paired", n);
  d::check_margin("power_non_inferiority_paired", margin);
  d::check_alpha("power_non_inferiority_paired", alpha);
  const double variance = d::variance("power_non_inferiority_paired", only_first, only_second);
  const double error = std::sqrt(variance / static_cast<double>(n));
  return d::beyond(margin - (only_first - only_second), error, static_cast<double>(n), alpha);
}

std::optional<std::int64_t> sample_size_non_inferiority_paired(double only_first,
                                                               double only_second, double margin,
                                                               const Plan& plan) {
  detail::plan::check("sample_size_non_inferiority_paired", plan);
  detail::arguments::check_margin("sample_size_non_inferiority_paired", margin);
  if (only_first - only_second >= margin) return std::nullopt;
  return detail::plan::smallest(1, plan.power, [&](std::int64_t n) {
    return power_non_inferiority_paired(n, only_first, only_second, margin, plan.alpha);
  });
}

double power_equivalence_paired(std::int64_t n, double only_first, double only_second,
                                double margin, double alpha) {
  namespace d = detail::power_margin;
  d::check_size("power_equivalence_paired", n);
  d::check_margin("power_equivalence_paired", margin);
  d::check_alpha("power_equivalence_paired", alpha);
  const double variance = d::variance("power_equivalence_paired", only_first, only_second);
  const double error = std::sqrt(variance / static_cast<double>(n));
  const double loss = only_first - only_second;
  return std::max(0.0, d::beyond(margin - loss, error, static_cast<double>(n), alpha) +
                           d::beyond(margin + loss, error, static_cast<double>(n), alpha) - 1.0);
}

std::optional<std::int64_t> sample_size_equivalence_paired(double only_first, double only_second,
                                                           double margin, const Plan& plan) {
  detail::plan::check("sample_size_equivalence_paired", plan);
  detail::arguments::check_margin("sample_size_equivalence_paired", margin);
  if (std::abs(only_first - only_second) >= margin) return std::nullopt;
  return detail::plan::smallest(1, plan.power, [&](std::int64_t n) {
    return power_equivalence_paired(n, only_first, only_second, margin, plan.alpha);
  });
}

}  // namespace leadline::stats

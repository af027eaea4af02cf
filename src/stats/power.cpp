#include "leadline/stats/power.hpp"

#include <algorithm>
#include <boost/math/distributions/non_central_t.hpp>
#include <cmath>
#include <string>

#include "leadline/stats/distributions.hpp"
#include "stats/arguments.hpp"
#include "stats/plan.hpp"

namespace leadline::stats {
namespace detail::power {

using namespace detail::arguments;

void check_shares(const char* where, double only_first, double only_second) {
  check_rate(where, "only_first", only_first);
  check_rate(where, "only_second", only_second);
  if (only_first + only_second > 1.0)
    throw ValueError(where, "only_first + only_second <= 1",
                     std::to_string(only_first + only_second), "pass shares of all samples");
}

/// P(both sides of a t test reject) at noncentrality `shift`.
double power_t(double df, double shift, double alpha) {
  const double limit = student_t_quantile(1.0 - alpha / 2.0, df);
  // Far out, and for many samples, the normal is the noncentral t to 1e-4 and better.
  if (df > 1e4 || std::abs(shift) > 30.0) return normal_sf(limit - std::abs(shift));
  namespace bm = boost::math;
  using Policy = bm::policies::policy<bm::policies::promote_double<false>>;
  const bm::non_central_t_distribution<double, Policy> t(df, std::abs(shift));
  return std::clamp(cdf(complement(t, limit)) + cdf(t, -limit), 0.0, 1.0);
}

/// The largest min(b, c) at which the mid-p test of n discordant pairs rejects; -1 if none does.
std::int64_t critical(std::int64_t n, double alpha, std::int64_t guess) {
  const auto rejects = [&](std::int64_t k) {
    if (2 * k >= n) return false;
    return 2.0 * binomial_cdf(k, n, 0.5) - binomial_pmf(k, n, 0.5) <= alpha;
  };
  while (guess >= 0 && !rejects(guess)) --guess;
  while (rejects(guess + 1)) ++guess;
  return guess;
}

}  // namespace detail::power

double power_proportion(std::int64_t n, double rate, double limit, double alpha) {
  namespace d = detail::power;
  d::check_size("power_proportion", n);
  d::check_rate("power_proportion", "rate", rate);
  d::check_rate("power_proportion", "limit", limit);
  d::check_alpha("power_proportion", alpha);
  // Wilson's interval excludes the limit when |k - n limit| > z sqrt(n limit (1 - limit)).
  const auto size = static_cast<double>(n);
  const double z = normal_two_sided(1.0 - alpha);
  const double half = z * std::sqrt(size * limit * (1.0 - limit));
  const auto low = static_cast<std::int64_t>(std::ceil(size * limit - half)) - 1;
  const auto high = static_cast<std::int64_t>(std::floor(size * limit + half));
  const double below = low < 0 ? 0.0 : binomial_cdf(low, n, rate);
  return std::min(1.0, below + binomial_sf(high, n, rate));
}

std::optional<std::int64_t> sample_size_proportion(double rate, double limit, const Plan& plan) {
  namespace d = detail::power;
  detail::plan::check("sample_size_proportion", plan);
  d::check_rate("sample_size_proportion", "rate", rate);
  d::check_rate("sample_size_proportion", "limit", limit);
  if (rate == limit) return std::nullopt;
  // The saw-tooth has period 1 / limit or 1 / (1 - limit): the size must hold over one of each.
  const double edge = std::max(1e-3, std::min({limit, 1.0 - limit}));
  const auto window = static_cast<std::int64_t>(std::ceil(1.0 / edge)) + 1;
  const auto reaches = [&](std::int64_t n) {
    return power_proportion(n, rate, limit, plan.alpha) >= plan.power;
  };
  // The least over a window rises nearly with n; its first size is found from below.
  const auto over_window = [&](std::int64_t n) {
    const std::int64_t step = std::max<std::int64_t>(1, window / 16);
    double least = 1.0;
    for (std::int64_t m = n; m <= n + window; m += step)
      least = std::min(least, power_proportion(m, rate, limit, plan.alpha));
    return least;
  };
  auto n = detail::plan::smallest(1, plan.power, over_window);
  if (!n) return std::nullopt;
  for (std::int64_t held = 0; held <= window; ++held)
    if (!reaches(*n + held)) {
      *n += held + 1;
      held = -1;
    }
  while (*n > 1 && reaches(*n - 1)) --*n;
  return n;
}

double power_difference(std::int64_t n1, std::int64_t n2, double rate1, double rate2,
                        double alpha) {
  namespace d = detail::power;
  d::check_size("power_difference", n1);
  d::check_size("power_difference", n2);
  d::check_rate("power_difference", "rate1", rate1);
  d::check_rate("power_difference", "rate2", rate2);
  d::check_alpha("power_difference", alpha);
  const auto a = static_cast<double>(n1), b = static_cast<double>(n2);
  const double pooled = (rate1 * a + rate2 * b) / (a + b);
  const double under = std::sqrt(pooled * (1.0 - pooled) * (1.0 / a + 1.0 / b));
  const double spread = std::sqrt(rate1 * (1.0 - rate1) / a + rate2 * (1.0 - rate2) / b);
  const double gap = std::abs(rate1 - rate2);
  const double limit = normal_two_sided(1.0 - alpha) * under;
  if (spread == 0.0) return gap > limit ? 1.0 : 0.0;
  return normal_cdf((gap - limit) / spread) + normal_cdf((-gap - limit) / spread);
}

std::optional<std::int64_t> sample_size_difference(double rate1, double rate2, const Plan& plan) {
  detail::plan::check("sample_size_difference", plan);
  if (rate1 == rate2) return std::nullopt;
  return detail::plan::smallest(2, plan.power, [&](std::int64_t n) {
    const auto other = detail::plan::second(plan, n);
    return power_difference(n, other, rate1, rate2, plan.alpha);
  });
}

double power_mcnemar(std::int64_t n, double only_first, double only_second, double alpha) {
  namespace d = detail::power;
  d::check_size("power_mcnemar", n);
  d::check_shares("power_mcnemar", only_first, only_second);
  d::check_alpha("power_mcnemar", alpha);
  const double discordant = only_first + only_second;
  if (discordant == 0.0) return 0.0;
  const double share = only_first / discordant;
  const double mean = discordant * static_cast<double>(n);
  const double reach = 7.0 * std::sqrt(mean * (1.0 - discordant) + 1.0) + 7.0;
  const auto low = std::max<std::int64_t>(1, static_cast<std::int64_t>(mean - reach));
  const auto high = std::min(n, static_cast<std::int64_t>(mean + reach));
  // Thousands of discordant pairs: every 16th stands for its neighbours, the power is smooth there.
  const std::int64_t step = high - low > 2000 ? 16 : 1;
  double power = 0.0;
  auto k = static_cast<std::int64_t>(0.5 * static_cast<double>(low) -
                                     std::sqrt(static_cast<double>(low)));
  for (std::int64_t pairs = low; pairs <= high; pairs += step) {
    const auto last = std::min(high, pairs + step - 1);
    const double mass =
        step == 1 ? binomial_pmf(pairs, n, discordant)
                  : binomial_cdf(last, n, discordant) - binomial_cdf(pairs - 1, n, discordant);
    if (mass < 1e-14) continue;
    const auto middle = (pairs + last) / 2;
    k = d::critical(middle, alpha, k);
    if (k < 0) continue;
    power += mass * (binomial_cdf(k, middle, share) + binomial_sf(middle - k - 1, middle, share));
  }
  return std::min(1.0, power);
}

std::optional<std::int64_t> sample_size_mcnemar(double only_first, double only_second,
                                                const Plan& plan) {
  detail::plan::check("sample_size_mcnemar", plan);
  detail::power::check_shares("sample_size_mcnemar", only_first, only_second);
  if (only_first == only_second) return std::nullopt;
  return detail::plan::smallest(4, plan.power, [&](std::int64_t n) {
    return power_mcnemar(n, only_first, only_second, plan.alpha);
  });
}

double power_mean(std::int64_t n, double effect, double alpha) {
  namespace d = detail::power;
  d::check_alpha("power_mean", alpha);
  if (n < 2) throw ValueError("power_mean", "n >= 2", std::to_string(n), "a t test needs two");
  if (!std::isfinite(effect))
    throw ValueError("power_mean", "a finite effect", std::to_string(effect),
                     "pass the distance in standard deviations");
  const auto size = static_cast<double>(n);
  return d::power_t(size - 1.0, effect * std::sqrt(size), alpha);
}

std::optional<std::int64_t> sample_size_mean(double effect, const Plan& plan) {
  detail::plan::check("sample_size_mean", plan);
  if (effect == 0.0) return std::nullopt;
  return detail::plan::smallest(2, plan.power,
                                [&](std::int64_t n) { return power_mean(n, effect, plan.alpha); });
}

double power_two_means(std::int64_t n1, std::int64_t n2, double effect, double alpha) {
  namespace d = detail::power;
  d::check_alpha("power_two_means", alpha);
  if (n1 < 1 || n2 < 1 || n1 + n2 < 3)
    throw ValueError("power_two_means", "n1 and n2 >= 1, together >= 3",
                     std::to_string(n1) + " and " + std::to_string(n2), "a t test needs them");
  if (!std::isfinite(effect))
    throw ValueError("power_two_means", "a finite effect", std::to_string(effect),
                     "pass the distance in standard deviations");
  const auto a = static_cast<double>(n1), b = static_cast<double>(n2);
  return d::power_t(a + b - 2.0, effect * std::sqrt(a * b / (a + b)), alpha);
}

std::optional<std::int64_t> sample_size_two_means(double effect, const Plan& plan) {
  detail::plan::check("sample_size_two_means", plan);
  if (effect == 0.0) return std::nullopt;
  return detail::plan::smallest(2, plan.power, [&](std::int64_t n) {
    const auto other = detail::plan::second(plan, n);
    return power_two_means(n, other, effect, plan.alpha);
  });
}

double power_auroc(std::int64_t n1, std::int64_t n2, double auroc, double limit, double alpha) {
  namespace d = detail::power;
  d::check_size("power_auroc", n1);
  d::check_size("power_auroc", n2);
  d::check_rate("power_auroc", "auroc", auroc);
  d::check_rate("power_auroc", "limit", limit);
  d::check_alpha("power_auroc", alpha);
  const auto variance = [&](double area) {
    const double q1 = area / (2.0 - area), q2 = 2.0 * area * area / (1.0 + area);
    const auto p = static_cast<double>(n1), n = static_cast<double>(n2);
    return (area * (1.0 - area) + (p - 1.0) * (q1 - area * area) + (n - 1.0) * (q2 - area * area)) /
           (p * n);
  };
  const double gap = std::abs(auroc - limit);
  const double edge = normal_two_sided(1.0 - alpha) * std::sqrt(variance(limit));
  const double spread = std::sqrt(variance(auroc));
  if (spread == 0.0) return gap > edge ? 1.0 : 0.0;
  return normal_cdf((gap - edge) / spread);
}

std::optional<std::int64_t> sample_size_auroc(double auroc, double limit, const Plan& plan) {
  detail::plan::check("sample_size_auroc", plan);
  if (auroc == limit) return std::nullopt;
  return detail::plan::smallest(2, plan.power, [&](std::int64_t n) {
    const auto other = detail::plan::second(plan, n);
    return power_auroc(n, std::max<std::int64_t>(2, other), auroc, limit, plan.alpha);
  });
}

}  // namespace leadline::stats

#include "leadline/stats/t_tests.hpp"

#include <cmath>

#include "leadline/stats/distributions.hpp"
#include "stats/arguments.hpp"

namespace leadline::stats {
namespace detail::t_tests {

void check_moments(const Moments& moments) {
  if (moments.n < 0 || !std::isfinite(moments.mean) || !std::isfinite(moments.m2))
    throw ValueError("t_test", "finite values", std::to_string(moments.mean) + " as their mean",
                     "leave out what is undefined");
}

double p_of(double t, double df, Alternative alternative) {
  switch (alternative) {
    case Alternative::less:
      return student_t_cdf(t, df);
    case Alternative::greater:
      return student_t_sf(t, df);
    case Alternative::two_sided:
      break;
  }
  return std::min(1.0, 2.0 * student_t_sf(std::abs(t), df));
}

struct Spread {
  double error = 0.0, df = 0.0;
};

Spread welch(const Moments& first, const Moments& second) {
  const auto n1 = static_cast<double>(first.n), n2 = static_cast<double>(second.n);
  const double v1 = first.variance() / n1, v2 = second.variance() / n2;
  const double sum = v1 + v2;
  if (sum == 0.0) return {};
  const double s1 = v1 / sum, s2 = v2 / sum;  // shares: squares of tiny variances would vanish
  return {std::sqrt(sum), 1.0 / (s1 * s1 / (n1 - 1.0) + s2 * s2 / (n2 - 1.0))};
}

Spread pooled(const Moments& first, const Moments& second) {
  const auto n1 = static_cast<double>(first.n), n2 = static_cast<double>(second.n);
  const double df = n1 + n2 - 2.0;
  return {std::sqrt((first.m2 + second.m2) / df * (1.0 / n1 + 1.0 / n2)), df};
}

}  // namespace detail::t_tests

TestResult t_test(const Moments& sample, double mean, Alternative alternative) {
  namespace d = detail::t_tests;
  d::check_moments(sample);
  if (!std::isfinite(mean))
    throw ValueError("t_test", "a finite mean", std::to_string(mean), "pass the mean to test");
  TestResult result;
  result.n = sample.n;
  result.method = "student";
  if (sample.n < 2) {
    result.why = "fewer than two values";
    return result;
  }
  const double error = sample.standard_error();
  if (error == 0.0) {
    result.why = "the values do not differ";
    return result;
  }
  result.df = static_cast<double>(sample.n - 1);
  result.statistic = (sample.mean - mean) / error;
  result.p_value = d::p_of(result.statistic, result.df, alternative);
  return result;
}

TestResult t_test(const Moments& first, const Moments& second, Variances variances,
                  Alternative alternative) {
  namespace d = detail::t_tests;
  d::check_moments(first);
  d::check_moments(second);
  TestResult result;
  result.n = first.n + second.n;
  result.method = variances == Variances::equal ? "student" : "welch";
  if (first.n < 2 || second.n < 2) {
    result.why = "fewer than two values in a group";
    return result;
  }
  const auto spread =
      variances == Variances::equal ? d::pooled(first, second) : d::welch(first, second);
  if (spread.error == 0.0) {
    result.why = "the values of neither group differ";
    return result;
  }
  result.df = spread.df;
  result.statistic = (first.mean - second.mean) / spread.error;
  result.p_value = d::p_of(result.statistic, result.df, alternative);
  return result;
}

std::optional<Interval> mean_difference_interval(const Moments& first, const Moments& second,
                                                 double level) {
  namespace d = detail::t_tests;
  detail::arguments::check_level("mean_difference_interval", level);
  d::check_moments(first);
  d::check_moments(second);
  if (first.n < 2 || second.n < 2) return std::nullopt;
  const auto spread = d::welch(first, second);
  if (spread.error == 0.0) return std::nullopt;
  const double half = student_t_quantile(0.5 + level / 2.0, spread.df) * spread.error;
  const double gap = first.mean - second.mean;
  return Interval{gap - half, gap + half};
}

}  // namespace leadline::stats

#include "leadline/stats/distributions.hpp"

#include <boost/math/distributions/beta.hpp>
#include <boost/math/distributions/binomial.hpp>
#include <boost/math/distributions/chi_squared.hpp>
#include <boost/math/distributions/normal.hpp>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>
#include <string>

#include "leadline/core/error.hpp"

namespace leadline::stats {
namespace detail::distributions {

namespace bm = boost::math;
// No long double: slower and different on other machines. An overflow gives infinity.
using Policy = bm::policies::policy<bm::policies::promote_double<false>,
                                    bm::policies::overflow_error<bm::policies::ignore_error>,
                                    bm::policies::underflow_error<bm::policies::ignore_error>>;
using Normal = bm::normal_distribution<double, Policy>;
using StudentT = bm::students_t_distribution<double, Policy>;
using ChiSquare = bm::chi_squared_distribution<double, Policy>;
using Beta = bm::beta_distribution<double, Policy>;
using Binomial = bm::binomial_distribution<double, Policy>;

void check(bool fine, const char* where, const char* expected, double got) {
  if (!fine)
    throw ValueError(where, expected, std::to_string(got), "check the parameters of the call");
}

void check_probability(const char* where, double p) {
  check(p > 0.0 && p < 1.0, where, "a probability in (0, 1)", p);
}

void check_binomial(const char* where, std::int64_t n, double p) {
  check(n >= 0, where, "n >= 0", static_cast<double>(n));
  check(p >= 0.0 && p <= 1.0, where, "a probability in [0, 1]", p);
}

}  // namespace detail::distributions

double normal_cdf(double x) {
  detail::distributions::check(!std::isnan(x), "normal_cdf", "a number", x);
  return 0.5 * std::erfc(-x * 0.70710678118654752440);
}

double normal_sf(double x) { return normal_cdf(-x); }

double normal_quantile(double p) {
  detail::distributions::check_probability("normal_quantile", p);
  return quantile(detail::distributions::Normal(), p);
}

double normal_two_sided(double level) {
  detail::distributions::check_probability("normal_two_sided", level);
  return -normal_quantile((1.0 - level) / 2.0);
}

double student_t_cdf(double t, double df) {
  namespace d = detail::distributions;
  d::check(!std::isnan(t), "student_t_cdf", "a number", t);
  d::check(df > 0.0, "student_t_cdf", "df > 0", df);
  return cdf(d::StudentT(df), t);
}

double student_t_sf(double t, double df) { return student_t_cdf(-t, df); }

double student_t_quantile(double p, double df) {
  namespace d = detail::distributions;
  d::check_probability("student_t_quantile", p);
  d::check(df > 0.0, "student_t_quantile", "df > 0", df);
  return quantile(d::StudentT(df), p);
}

double chi_square_cdf(double x, double df) {
  namespace d = detail::distributions;
  d::check(x >= 0.0, "chi_square_cdf", "x >= 0", x);
  d::check(df > 0.0, "chi_square_cdf", "df > 0", df);
  return std::isinf(x) ? 1.0 : cdf(d::ChiSquare(df), x);
}

double chi_square_sf(double x, double df) {
  namespace d = detail::distributions;
  d::check(x >= 0.0, "chi_square_sf", "x >= 0", x);
  d::check(df > 0.0, "chi_square_sf", "df > 0", df);
  return std::isinf(x) ? 0.0 : cdf(complement(d::ChiSquare(df), x));
}

double chi_square_quantile(double p, double df) {
  namespace d = detail::distributions;
  d::check_probability("chi_square_quantile", p);
  d::check(df > 0.0, "chi_square_quantile", "df > 0", df);
  return quantile(d::ChiSquare(df), p);
}

double beta_cdf(double x, double a, double b) {
  namespace d = detail::distributions;
  d::check(x >= 0.0 && x <= 1.0, "beta_cdf", "x in [0, 1]", x);
  d::check(a > 0.0, "beta_cdf", "a > 0", a);
  d::check(b > 0.0, "beta_cdf", "b > 0", b);
  return cdf(d::Beta(a, b), x);
}

double beta_sf(double x, double a, double b) {
  namespace d = detail::distributions;
  d::check(x >= 0.0 && x <= 1.0, "beta_sf", "x in [0, 1]", x);
  d::check(a > 0.0, "beta_sf", "a > 0", a);
  d::check(b > 0.0, "beta_sf", "b > 0", b);
  return cdf(complement(d::Beta(a, b), x));
}

double beta_quantile(double p, double a, double b) {
  namespace d = detail::distributions;
  d::check_probability("beta_quantile", p);
  d::check(a > 0.0, "beta_quantile", "a > 0", a);
  d::check(b > 0.0, "beta_quantile", "b > 0", b);
  return quantile(d::Beta(a, b), p);
}

double binomial_cdf(std::int64_t k, std::int64_t n, double p) {
  namespace d = detail::distributions;
  d::check_binomial("binomial_cdf", n, p);
  if (k < 0) return 0.0;
  if (k >= n) return 1.0;
  return beta_sf(p, static_cast<double>(k) + 1.0, static_cast<double>(n - k));
}

double binomial_sf(std::int64_t k, std::int64_t n, double p) {
  namespace d = detail::distributions;
  d::check_binomial("binomial_sf", n, p);
  if (k < 0) return 1.0;
  if (k >= n) return 0.0;
  return beta_cdf(p, static_cast<double>(k) + 1.0, static_cast<double>(n - k));
}

double binomial_pmf(std::int64_t k, std::int64_t n, double p) {
  namespace d = detail::distributions;
  d::check_binomial("binomial_pmf", n, p);
  if (k < 0 || k > n) return 0.0;
  return pdf(d::Binomial(static_cast<double>(n), p), static_cast<double>(k));
}

}  // namespace leadline::stats

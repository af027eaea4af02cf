/// Distribution functions, tails and quantiles. Bodies are Boost.Math; relative error about 1e-13.
///
/// `_sf` is the upper tail P(X > x), accurate where 1 - cdf is not.
/// Every function throws ValueError on NaN or a parameter outside its range.
#pragma once

#include <cstdint>

#include "leadline/config.hpp"

namespace leadline::stats {

[[nodiscard]] LEADLINE_API double normal_cdf(double x);
[[nodiscard]] LEADLINE_API double normal_sf(double x);
/// p in (0, 1).
[[nodiscard]] LEADLINE_API double normal_quantile(double p);
/// The z with P(|Z| <= z) = level, e.g. 1.959964 for 0.95; level in (0, 1).
[[nodiscard]] LEADLINE_API double normal_two_sided(double level);

/// Student's t with `df` > 0 degrees of freedom, not necessarily whole.
[[nodiscard]] LEADLINE_API double student_t_cdf(double t, double df);
[[nodiscard]] LEADLINE_API double student_t_sf(double t, double df);
[[nodiscard]] LEADLINE_API double student_t_quantile(double p, double df);

/// Chi-square with `df` > 0 degrees of freedom; x >= 0.
[[nodiscard]] LEADLINE_API double chi_square_cdf(double x, double df);
[[nodiscard]] LEADLINE_API double chi_square_sf(double x, double df);
[[nodiscard]] LEADLINE_API double chi_square_quantile(double p, double df);

/// Beta(a, b), a and b > 0: the regularised incomplete beta function I_x(a, b) and its inverse.
[[nodiscard]] LEADLINE_API double beta_cdf(double x, double a, double b);
[[nodiscard]] LEADLINE_API double beta_sf(double x, double a, double b);
[[nodiscard]] LEADLINE_API double beta_quantile(double p, double a, double b);

/// Binomial(n, p): P(X <= k), P(X > k), P(X = k). k below 0 or above n is allowed.
[[nodiscard]] LEADLINE_API double binomial_cdf(std::int64_t k, std::int64_t n, double p);
[[nodiscard]] LEADLINE_API double binomial_sf(std::int64_t k, std::int64_t n, double p);
[[nodiscard]] LEADLINE_API double binomial_pmf(std::int64_t k, std::int64_t n, double p);

}  // namespace leadline::stats

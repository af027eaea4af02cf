// The loops over the values of a row in which attacks spend their own time.
#pragma once

#include <cstdint>

namespace leadline::detail::attack_kernels {

/// x <- clamp(x, low, high), value by value.
void clamp(double* x, const double* low, const double* high, std::int64_t n);
/// x <- clamp(x, x0 - eps, x0 + eps).
void clamp_about(double* x, const double* x0, double eps, std::int64_t n);
/// x <- x + step * sign(g), clamped to [x0 - eps, x0 + eps] and [low, high].
void sign_step(double* x, const double* g, const double* x0, const double* low, const double* high,
               double step, double eps, std::int64_t n);
/// x <- x rounded towards x0, which holds floats. False, and nothing done, where a value has no
/// float of full precision: one that is subnormal, too large or NaN.
[[nodiscard]] bool round_towards(double* x, const double* x0, float* out, std::int64_t n);
/// max |b - a|.
double largest_gap(const double* a, const double* b, std::int64_t n);
/// sum (b - a)^2.
double squared_gap(const double* a, const double* b, std::int64_t n);

}  // namespace leadline::detail::attack_kernels

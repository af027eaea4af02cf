/// The arithmetic of one row, on host floats.
#pragma once

#include <cstdint>

namespace leadline::detail::attack_kernels {

struct Seen {
  bool zero = false, bad = false;
};

/// x <- clamp(x + step * sign(g), low, high); a NaN moves nothing.
Seen linf_step(float* x, const float* g, const float* low, const float* high, double step,
               std::int64_t n);
Seen linf_step(double* x, const double* g, const double* low, const double* high, double step,
               std::int64_t n);

/// x <- project(x + step * g / |g|) on the ball of radius eps about x0, then on [lower, upper].
Seen l2_step(float* x, const float* g, const float* x0, double step, double eps, double lower,
             double upper, std::int64_t n);
Seen l2_step(double* x, const double* g, const double* x0, double step, double eps, double lower,
             double upper, std::int64_t n);

/// The largest box of representable numbers inside [x0 - eps, x0 + eps] and [lower, upper].
void box(const float* x0, float* low, float* high, double eps, double lower, double upper,
         std::int64_t n);
void box(const double* x0, double* low, double* high, double eps, double lower, double upper,
         std::int64_t n);

}  // namespace leadline::detail::attack_kernels

#include "attack_kernels.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "leadline/stats/clones.hpp"

// The library is built with -O2, whose cost model leaves loops of unknown length scalar.
#if defined(__GNUC__) && !defined(__clang__)
#define LEADLINE_VECTORISED __attribute__((optimize("O3")))
#else
#define LEADLINE_VECTORISED
#endif

namespace leadline::detail::attack_kernels {

// One body a type: target_clones does not take templates.
#define LEADLINE_LINF_STEP(T, Int)                                                               \
  LEADLINE_CLONES LEADLINE_VECTORISED Seen linf_step(                                            \
      T* __restrict x, const T* __restrict g, const T* __restrict low, const T* __restrict high, \
      double step, std::int64_t n) {                                                             \
    const T a = static_cast<T>(step);                                                            \
    Int moved = 0, bad = 0;                                                                      \
    for (std::int64_t i = 0; i < n; ++i) {                                                       \
      const T up = g[i] > T(0) ? a : T(0);                                                       \
      const T down = g[i] < T(0) ? a : T(0);                                                     \
      moved |= static_cast<Int>(g[i] != T(0));                                                   \
      bad |= static_cast<Int>(!(g[i] - g[i] == T(0)));                                           \
      T v = x[i] + (up - down);                                                                  \
      v = v < low[i] ? low[i] : v;                                                               \
      x[i] = v > high[i] ? high[i] : v;                                                          \
    }                                                                                            \
    return {moved == 0, bad != 0};                                                               \
  }
LEADLINE_LINF_STEP(float, std::int32_t)
LEADLINE_LINF_STEP(double, std::int64_t)
#undef LEADLINE_LINF_STEP

namespace {

/// x <- clip(x0 + factor * (x - x0 + scale * g)) and the norm of what was stored.
template <class T>
double l2_place(T* x, const T* g, const T* x0, double scale, double factor, double lower,
                double upper, std::int64_t n) {
  double norm2 = 0;
  for (std::int64_t i = 0; i < n; ++i) {
    const double base = x0[i];
    const double move = g == nullptr || !std::isfinite(g[i]) ? 0.0 : scale * g[i];
    const double to = base + factor * (static_cast<double>(x[i]) - base + move);
    x[i] = static_cast<T>(std::min(std::max(to, lower), upper));
    const double delta = static_cast<double>(x[i]) - base;
    norm2 += delta * delta;
  }
  return std::sqrt(norm2);
}

template <class T>
Seen l2_step_of(T* x, const T* g, const T* x0, double step, double eps, double lower, double upper,
                std::int64_t n) {
  double g2 = 0;
  bool bad = false;
  for (std::int64_t i = 0; i < n; ++i) {
    const double v = g[i];
    if (std::isfinite(v))
      g2 += v * v;
    else
      bad = true;
  }
  const double scale = g2 > 0 ? step / std::sqrt(g2) : 0.0;
  double norm2 = 0;
  for (std::int64_t i = 0; i < n; ++i) {
    const double move = std::isfinite(g[i]) ? scale * g[i] : 0.0;
    const double delta = static_cast<double>(x[i]) - x0[i] + move;
    norm2 += delta * delta;
  }
  const double norm = std::sqrt(norm2);
  double stored = l2_place(x, g, x0, scale, norm > eps ? eps / norm : 1.0, lower, upper, n);
  // Rounding may leave the ball by some 1e-6 of a small eps: pull in until it does not.
  for (int round = 0; round < 8 && stored > eps * (1 + 5e-7); ++round)
    stored = l2_place<T>(x, nullptr, x0, 0, eps / stored * (1 - 1e-6 * (1 << (2 * round))), lower,
                         upper, n);
  return {g2 == 0 && !bad, bad};
}

template <class T>
void box_of(const T* x0, T* low, T* high, double eps, double lower, double upper, std::int64_t n) {
  constexpr T infinity = std::numeric_limits<T>::infinity();
  for (std::int64_t i = 0; i < n; ++i) {
    const double base = x0[i], under = std::max(base - eps, lower),
                 over = std::min(base + eps, upper);
    T a = static_cast<T>(under), b = static_cast<T>(over);
    if (static_cast<double>(a) < under) a = std::nextafter(a, infinity);
    if (static_cast<double>(b) > over) b = std::nextafter(b, -infinity);
    low[i] = std::min(a, x0[i]);
    high[i] = std::max(b, x0[i]);
  }
}

}  // namespace

Seen l2_step(float* x, const float* g, const float* x0, double step, double eps, double lower,
             double upper, std::int64_t n) {
  return l2_step_of(x, g, x0, step, eps, lower, upper, n);
}
Seen l2_step(double* x, const double* g, const double* x0, double step, double eps, double lower,
             double upper, std::int64_t n) {
  return l2_step_of(x, g, x0, step, eps, lower, upper, n);
}
void box(const float* x0, float* low, float* high, double eps, double lower, double upper,
         std::int64_t n) {
  box_of(x0, low, high, eps, lower, upper, n);
}
void box(const double* x0, double* low, double* high, double eps, double lower, double upper,
         std::int64_t n) {
  box_of(x0, low, high, eps, lower, upper, n);
}

}  // namespace leadline::detail::attack_kernels

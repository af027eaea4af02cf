#include "attack_kernels.hpp"

#include <algorithm>
#include <bit>
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
namespace {
constexpr int lanes = 8;  // independent sums, so that the compiler may vectorise them
}

LEADLINE_CLONES LEADLINE_VECTORISED void clamp(double* __restrict x, const double* __restrict low,
                                               const double* __restrict high, std::int64_t n) {
  for (std::int64_t i = 0; i < n; ++i) {
    const double v = x[i] < low[i] ? low[i] : x[i];
    x[i] = v > high[i] ? high[i] : v;
  }
}

LEADLINE_CLONES LEADLINE_VECTORISED void clamp_about(double* __restrict x,
                                                     const double* __restrict x0, double eps,
                                                     std::int64_t n) {
  for (std::int64_t i = 0; i < n; ++i) {
    const double low = x0[i] - eps, high = x0[i] + eps;
    const double v = x[i] < low ? low : x[i];
    x[i] = v > high ? high : v;
  }
}

LEADLINE_CLONES LEADLINE_VECTORISED void sign_step(double* __restrict x, const double* __restrict g,
                                                   const double* __restrict x0,
                                                   const double* __restrict low,
                                                   const double* __restrict high, double step,
                                                   double eps, std::int64_t n) {
  for (std::int64_t i = 0; i < n; ++i) {
    const double up = g[i] > 0 ? step : 0;
    const double down = g[i] < 0 ? step : 0;
    const double least = x0[i] - eps > low[i] ? x0[i] - eps : low[i];
    const double most = x0[i] + eps < high[i] ? x0[i] + eps : high[i];
    double v = x[i] + (up - down);
    v = v < least ? least : v;
    x[i] = v > most ? most : v;
  }
}

LEADLINE_CLONES LEADLINE_VECTORISED bool round_towards(double* __restrict x,
                                                       const double* __restrict x0,
                                                       float* __restrict out, std::int64_t n) {
  constexpr double least = std::numeric_limits<float>::min();
  constexpr double most = std::numeric_limits<float>::max();
  std::int64_t odd = 0;
  for (std::int64_t i = 0; i < n; ++i) {
    const double size = std::abs(x[i]);
    odd += (size >= least && size <= most) || size == 0 ? 0 : 1;
  }
  if (odd > 0) return false;
  // A float keeps 23 of the 52 bits behind the point: cutting the rest goes to 0, and adding all
  // but one of them before goes the other way.
  constexpr std::int64_t rest = (std::int64_t{1} << 29) - 1;
  for (std::int64_t i = 0; i < n; ++i) {
    const std::int64_t more = (x[i] > x0[i]) == (x[i] > 0) ? 0 : rest;
    const auto bits = (std::bit_cast<std::int64_t>(x[i]) + more) & ~rest;
    x[i] = std::bit_cast<double>(bits);
    out[i] = static_cast<float>(x[i]);
  }
  return true;
}

LEADLINE_CLONES LEADLINE_VECTORISED double largest_gap(const double* __restrict a,
                                                       const double* __restrict b, std::int64_t n) {
  double most[lanes] = {};
  std::int64_t i = 0;
  for (; i + lanes <= n; i += lanes)
    for (int k = 0; k < lanes; ++k) {
      const double gap = std::abs(b[i + k] - a[i + k]);
      most[k] = gap > most[k] ? gap : most[k];
    }
  for (; i < n; ++i) most[0] = std::max(most[0], std::abs(b[i] - a[i]));
  return *std::max_element(most, most + lanes);
}

LEADLINE_CLONES LEADLINE_VECTORISED double squared_gap(const double* __restrict a,
                                                       const double* __restrict b, std::int64_t n) {
  double sum[lanes] = {};
  std::int64_t i = 0;
  for (; i + lanes <= n; i += lanes)
    for (int k = 0; k < lanes; ++k) {
      const double gap = b[i + k] - a[i + k];
      sum[k] += gap * gap;
    }
  for (; i < n; ++i) sum[0] += (b[i] - a[i]) * (b[i] - a[i]);
  double all = 0;
  for (const double s : sum) all += s;
  return all;
}

}  // namespace leadline::detail::attack_kernels

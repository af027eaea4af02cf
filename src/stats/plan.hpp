/// What the sizes of studies share: checking a plan, searching the smallest size.
#pragma once

#include <cmath>
#include <cstdint>
#include <optional>

#include "leadline/stats/power.hpp"
#include "stats/arguments.hpp"

namespace leadline::stats::detail::plan {

inline void check(const char* where, const Plan& plan) {
  arguments::check_power(where, plan.power);
  arguments::check_alpha(where, plan.alpha);
  if (!(plan.ratio > 0.0 && std::isfinite(plan.ratio)))
    throw ValueError(where, "ratio > 0", std::to_string(plan.ratio),
                     "pass the size of the second group over that of the first");
}

/// ceil(ratio * n), at least one.
inline std::int64_t second(const Plan& plan, std::int64_t n) {
  return std::max<std::int64_t>(
      1, static_cast<std::int64_t>(std::ceil(plan.ratio * static_cast<double>(n))));
}

/// Smallest n >= least with power(n) >= target, power taken as rising; nullopt beyond 2^40.
template <class F>
std::optional<std::int64_t> smallest(std::int64_t least, double target, F power) {
  if (power(least) >= target) return least;
  std::int64_t low = least, high = 2 * least;
  while (power(high) < target) {
    low = high;
    high *= 2;
    if (high > std::int64_t{1} << 40) return std::nullopt;
  }
  while (high - low > 1) {
    const auto middle = low + (high - low) / 2;
    (power(middle) >= target ? high : low) = middle;
  }
  return high;
}

}  // namespace leadline::stats::detail::plan

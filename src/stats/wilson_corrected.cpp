#include "leadline/stats/wilson_corrected.hpp"

#include <algorithm>
#include <cmath>

#include "leadline/stats/distributions.hpp"
#include "stats/arguments.hpp"

namespace leadline::stats {

Interval wilson_corrected_interval(double successes, double n, double level) {
  detail::arguments::check_counts("wilson_corrected_interval", successes, n);
  detail::arguments::check_level("wilson_corrected_interval", level);
  if (n == 0.0) return {0.0, 1.0};
  const double z = normal_two_sided(level), square = z * z, p = successes / n;
  const auto root = [&](double sign) {
    return std::sqrt(
        std::max(0.0, square + sign * 2.0 - 1.0 / n + 4.0 * p * (n * (1.0 - p) - sign)));
  };
  const double scale = 2.0 * (n + square), middle = 2.0 * successes + square;
  return {successes == 0.0 ? 0.0 : std::max(0.0, (middle - 1.0 - z * root(-1.0)) / scale),
          successes == n ? 1.0 : std::min(1.0, (middle + 1.0 + z * root(1.0)) / scale)};
}

}  // namespace leadline::stats

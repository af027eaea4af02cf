/// Checks of arguments that several files of the room share.
#pragma once

#include <cmath>
#include <cstdint>
#include <span>
#include <string>

#include "leadline/core/error.hpp"

namespace leadline::stats::detail::arguments {

inline void check_level(const char* where, double level) {
  if (!(level > 0.0 && level < 1.0))
    throw ValueError(where, "level in (0, 1)", std::to_string(level), "use 0.95 for 95 %");
}

inline void check_alpha(const char* where, double alpha) {
  if (!(alpha > 0.0 && alpha < 1.0))
    throw ValueError(where, "alpha in (0, 1)", std::to_string(alpha), "use 0.05 for 5 %");
}

inline void check_power(const char* where, double power) {
  if (!(power > 0.0 && power < 1.0))
    throw ValueError(where, "power in (0, 1)", std::to_string(power), "use 0.8 for 80 %");
}

inline void check_rate(const char* where, const char* name, double rate) {
  if (!(rate >= 0.0 && rate <= 1.0))
    throw ValueError(where, std::string(name) + " in [0, 1]", std::to_string(rate),
                     "pass a share, not per cent");
}

inline void check_size(const char* where, std::int64_t n) {
  if (n < 1) throw ValueError(where, "n >= 1", std::to_string(n), "pass a number of samples");
}

inline void check_counts(const char* where, double successes, double n) {
  if (!(n >= 0.0 && successes >= 0.0 && successes <= n && std::isfinite(n)))
    throw ValueError(where, "0 <= successes <= n",
                     std::to_string(successes) + " of " + std::to_string(n),
                     "pass counts of the same samples");
}

inline void check_margin(const char* where, double margin) {
  if (!(margin > 0.0 && margin < 1.0))
    throw ValueError(where, "margin in (0, 1)", std::to_string(margin),
                     "a margin is the loss that is still acceptable, a positive share");
}

inline void check_finite(const char* where, std::span<const double> values) {
  for (std::size_t i = 0; i < values.size(); ++i)
    if (!std::isfinite(values[i]))
      throw ValueError(where, "finite values",
                       std::to_string(values[i]) + " at position " + std::to_string(i),
                       "leave out what is undefined");
}

}  // namespace leadline::stats::detail::arguments

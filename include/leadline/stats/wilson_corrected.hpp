/// Wilson's interval with continuity correction: a reference for those who compare with it.
#pragma once

#include "leadline/config.hpp"
#include "leadline/stats/intervals.hpp"

namespace leadline::stats {

/// Interval of a rate by the score test with continuity correction (Newcombe 1998c, method 4; R's
/// prop.test): nearly as wide as Clopper-Pearson. [0, 1] when n is 0.
/// Throws ValueError unless 0 <= successes <= n and level in (0, 1).
///     wilson_corrected_interval(7, 50)  // [0.0628, 0.2736]
[[nodiscard]] LEADLINE_API Interval wilson_corrected_interval(double successes, double n,
                                                              double level = 0.95);

}  // namespace leadline::stats

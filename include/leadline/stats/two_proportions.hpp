/// Difference and ratio of two rates: intervals by inverting score tests, and the quick ones.
///
/// Newcombe's hybrid difference is `newcombe_difference`, its paired form `paired_difference`
/// (intervals.hpp). How well each covers: docs/interval_coverage.md. `level` in (0, 1).
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <type_traits>

#include "leadline/config.hpp"
#include "leadline/stats/intervals.hpp"

namespace leadline::stats {

enum class DifferenceMethod : std::uint8_t {
  newcombe,            // Wilson limits combined (1998a, method 10)
  miettinen_nurminen,  // score test with n / (n - 1) (1985); best coverage, iterates
};
[[nodiscard]] constexpr auto names_of(std::type_identity<DifferenceMethod>) {
  return std::array<std::string_view, 2>{"newcombe", "miettinen_nurminen"};
}

/// Interval of p1 - p2 of two independent rates, in [-1, 1]; [-1, 1] when either n is 0.
/// Throws ValueError unless 0 <= successes <= n.
[[nodiscard]] LEADLINE_API Interval
difference_interval(double successes1, double n1, double successes2, double n2, double level = 0.95,
                    DifferenceMethod method = DifferenceMethod::newcombe);

enum class RatioMethod : std::uint8_t {
  katz,     // normal for log(p1 / p2) (Katz et al. 1978)
  koopman,  // score test (Koopman 1984); exists with zero cells, iterates
};
[[nodiscard]] constexpr auto names_of(std::type_identity<RatioMethod>) {
  return std::array<std::string_view, 2>{"katz", "koopman"};
}

/// A ratio of two rates; `value` is nullopt where it is 0 / 0 or infinite. `upper` is infinity
/// where the second rate may be 0.
struct RatioInterval {
  std::optional<double> value;
  double lower = 0.0;
  double upper = 0.0;
  RatioMethod method = RatioMethod::katz;  // the one used
};

/// Interval of p1 / p2 of two independent rates. Katz' needs successes and, for a width above 0,
/// failures on both sides: where a count of successes is 0, or all are successes, Koopman's limits
/// are given instead, and `method` says so.
///     1 of 10 / 0 of 10: no value, [lower, infinity];  0 / 0: no value, [0, infinity]
/// Throws ValueError unless 0 <= successes <= n.
[[nodiscard]] LEADLINE_API RatioInterval ratio_interval(double successes1, double n1,
                                                        double successes2, double n2,
                                                        double level = 0.95,
                                                        RatioMethod method = RatioMethod::katz);

/// Score interval of (rate of the first) - (rate of the second) on the same samples (Tango 1998):
/// the differences at which the test with constrained estimates does not reject. Covers closer to
/// the level than `paired_difference` when pairs are few; iterates. [-1, 1] without a sample.
[[nodiscard]] LEADLINE_API Interval tango_difference(const PairedCounts& counts,
                                                     double level = 0.95);

/// About how many *further* samples make the interval of the paired difference exclude `limit`, if
/// the four shares stay: 0 when it does, nullopt when the difference is the limit, nothing was seen
/// or more than 2^40 would be needed.
[[nodiscard]] LEADLINE_API std::optional<std::int64_t> n_to_decide(const PairedCounts& counts,
                                                                   double limit,
                                                                   double level = 0.95);

}  // namespace leadline::stats

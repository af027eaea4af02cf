/// Intervals for rates, means and their differences, and how many samples would decide.
///
/// `level` is the two-sided coverage in (0, 1); for a one-sided bound with risk a use level 1 - 2a.
/// Why these methods: docs/design/intervals.md. Each throws ValueError on arguments out of range.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <type_traits>

#include "leadline/config.hpp"
#include "leadline/stats/moments.hpp"

namespace leadline::stats {

/// A closed interval; lower <= upper.
struct Interval {
  double lower = 0.0;
  double upper = 0.0;

  [[nodiscard]] bool contains(double x) const noexcept { return lower <= x && x <= upper; }
  [[nodiscard]] double width() const noexcept { return upper - lower; }
  friend bool operator==(const Interval&, const Interval&) = default;
};

/// How the interval of a rate is made.
enum class ProportionMethod : std::uint8_t {
  wilson,           // score interval: coverage near the level on average, down to 0 and up to n
  clopper_pearson,  // exact tails: coverage never below the level, wider
  jeffreys,         // Beta(1/2, 1/2) posterior, equal tails
};
[[nodiscard]] constexpr auto names_of(std::type_identity<ProportionMethod>) {
  return std::array<std::string_view, 3>{"wilson", "clopper_pearson", "jeffreys"};
}
[[nodiscard]] LEADLINE_API std::string_view name_of(ProportionMethod method);
/// Throws ValueError for a name that is none of "wilson", "clopper_pearson", "jeffreys".
[[nodiscard]] LEADLINE_API ProportionMethod proportion_method(std::string_view name);

/// Interval of a rate from `successes` of `n`; always inside [0, 1], [0, 1] itself when n is 0.
///
/// Both counts may be fractional (weights: `successes` = rate * n_effective, `n` = n_effective).
/// Wilson 1927; Clopper and Pearson 1934; Brown, Cai, DasGupta 2001 (with Jeffreys pinned to 0 at
/// no success and to 1 at no failure).
///     proportion_interval(7, 50)  // [0.0695, 0.2619]
[[nodiscard]] LEADLINE_API Interval
proportion_interval(double successes, double n, double level = 0.95,
                    ProportionMethod method = ProportionMethod::wilson);

/// Interval of a mean by Student's t; nullopt when n < 2. Skewed columns need n in the hundreds.
[[nodiscard]] LEADLINE_API std::optional<Interval> mean_interval_t(const Moments& moments,
                                                                   double level = 0.95);
/// The same for weighted columns: n_effective takes the place of n; nullopt when it is below 2.
[[nodiscard]] LEADLINE_API std::optional<Interval> mean_interval_t(const WeightedMoments& moments,
                                                                   double level = 0.95);

/// Interval of the mean of a column inside [low, high]: covers at any n, whatever the distribution
/// (empirical Bernstein, Maurer and Pontil 2009, theorem 4 on both sides). [low, high] when n < 2.
[[nodiscard]] LEADLINE_API Interval mean_interval_bernstein(const Moments& moments, double low,
                                                            double high, double level = 0.95);

/// Interval of p1 - p2 of two independent rates (Newcombe 1998a, method 10: Wilson limits
/// combined). [-1, 1] when either n is 0.
[[nodiscard]] LEADLINE_API Interval newcombe_difference(double successes1, double n1,
                                                        double successes2, double n2,
                                                        double level = 0.95);

/// The four outcomes of two models on the same samples.
struct PairedCounts {
  std::int64_t both = 0;         // both right
  std::int64_t only_first = 0;   // first right, second wrong
  std::int64_t only_second = 0;  // first wrong, second right
  std::int64_t neither = 0;

  [[nodiscard]] std::int64_t n() const noexcept {
    return both + only_first + only_second + neither;
  }
};

/// Interval of (rate of the first) - (rate of the second) on the same samples (Newcombe 1998b,
/// method 10 with continuity-corrected phi). [-1, 1] when there is no sample.
[[nodiscard]] LEADLINE_API Interval paired_difference(const PairedCounts& counts,
                                                      double level = 0.95);

/// About how many *further* samples make the interval of a rate exclude `limit`, if the rate stays
/// at successes / n: 0 when it does already, nullopt when more than 2^53 would be needed (the rate
/// is the limit) or nothing was seen.
[[nodiscard]] LEADLINE_API std::optional<std::int64_t> n_to_decide(
    double successes, double n, double limit, double level = 0.95,
    ProportionMethod method = ProportionMethod::wilson);

/// The same for a mean with its t interval, if mean and spread stay; nullopt also when n < 2.
[[nodiscard]] LEADLINE_API std::optional<std::int64_t> n_to_decide(const Moments& moments,
                                                                   double limit,
                                                                   double level = 0.95);

/// The same from an interval alone (F1, AUROC, ...): its half width on the side of `limit` shrinks
/// like 1 / sqrt(n). nullopt when value == limit or n is 0.
[[nodiscard]] LEADLINE_API std::optional<std::int64_t> n_to_decide(double value, Interval interval,
                                                                   std::int64_t n, double limit);

}  // namespace leadline::stats

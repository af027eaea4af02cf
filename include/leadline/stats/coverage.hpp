/// How often an interval holds the truth: exactly, by summing over every outcome. And the check
/// that a report runs on its own intervals, "interval method valid here".
#pragma once

#include <cstdint>

#include "leadline/config.hpp"
#include "leadline/stats/intervals.hpp"
#include "leadline/stats/two_proportions.hpp"

namespace leadline::stats {

/// P(the interval of k of n contains the rate), k binomial. Throws ValueError unless n >= 1, rate
/// in [0, 1].
[[nodiscard]] LEADLINE_API double exact_coverage(ProportionMethod method, std::int64_t n,
                                                 double rate, double level = 0.95);

/// The same for the difference of two independent rates; outcomes less likely than 1e-9 together
/// count as covered. Cost: the product of the numbers of likely outcomes.
[[nodiscard]] LEADLINE_API double exact_coverage(DifferenceMethod method, std::int64_t n1,
                                                 double rate1, std::int64_t n2, double rate2,
                                                 double level = 0.95);

/// The same for their ratio. Needs rate2 > 0. An interval without upper end covers.
[[nodiscard]] LEADLINE_API double exact_coverage(RatioMethod method, std::int64_t n1, double rate1,
                                                 std::int64_t n2, double rate2,
                                                 double level = 0.95);

enum class PairedMethod : std::uint8_t {
  newcombe,  // paired_difference
  tango,     // tango_difference
};
[[nodiscard]] constexpr auto names_of(std::type_identity<PairedMethod>) {
  return std::array<std::string_view, 2>{"newcombe", "tango"};
}

/// The same for the difference of two rates on the same n samples, of which the shares `only_first`
/// and `only_second` are discordant and `both` right with both (Newcombe's depends on it).
[[nodiscard]] LEADLINE_API double exact_coverage(PairedMethod method, std::int64_t n, double both,
                                                 double only_first, double only_second,
                                                 double level = 0.95);

/// Whether an interval can be trusted where the data are.
struct Validity {
  bool valid = true;
  double least_coverage = 1.0;  // over the plausible true rates
  double at = 0.0;              // the (first) rate that has it
};

/// Looks at every true rate that the data leave plausible (Clopper-Pearson at 99 %) and finds the
/// least coverage of `method` there; valid when it falls short of the level by at most `tolerance`.
///
/// Guarantee: where the coverage at the true rate falls short by more, this says so with
/// probability at least 0.99, since the plausible rates hold the true one that often. For Wilson at
/// 95 % it fires below five successes or failures; for Clopper-Pearson never.
/// Throws ValueError unless 0 <= successes <= n, n >= 1.
[[nodiscard]] LEADLINE_API Validity interval_is_valid_here(ProportionMethod method,
                                                           std::int64_t successes, std::int64_t n,
                                                           double level = 0.95,
                                                           double tolerance = 0.03);

/// The same for two independent rates: least coverage over pairs of plausible rates, 16 in
/// geometric spacing for a group with fewer than 20 successes or failures, else three, by
/// enumeration. With 50 successes and failures on both sides it is valid without a look
/// (docs/interval_coverage.md). Milliseconds for hundreds of samples, 0.1 s for ten thousand.
[[nodiscard]] LEADLINE_API Validity interval_is_valid_here(DifferenceMethod method,
                                                           std::int64_t successes1, std::int64_t n1,
                                                           std::int64_t successes2, std::int64_t n2,
                                                           double level = 0.95,
                                                           double tolerance = 0.03);
[[nodiscard]] LEADLINE_API Validity interval_is_valid_here(RatioMethod method,
                                                           std::int64_t successes1, std::int64_t n1,
                                                           std::int64_t successes2, std::int64_t n2,
                                                           double level = 0.95,
                                                           double tolerance = 0.03);

/// For the t interval of a mean, from the skewness and excess kurtosis of the column: the leading
/// term of the error of its coverage (Hall 1992, 3.5.2 after Student's correction),
///     2 z phi(z) (kurtosis (z^2 - 3) / 12 - skewness^2 (z^4 + 2 z^2 - 3) / 18) / n.
/// A skew column (exponential: 2) needs 33 values, one of rare losses (skewness 14) 1600. It cannot
/// see a tail that the sample has not seen. Throws ValueError unless n >= 2 and both are finite.
[[nodiscard]] LEADLINE_API Validity mean_interval_is_valid_here(std::int64_t n, double skewness,
                                                                double kurtosis = 0.0,
                                                                double level = 0.95,
                                                                double tolerance = 0.03);

}  // namespace leadline::stats

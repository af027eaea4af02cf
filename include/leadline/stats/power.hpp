/// How large a study must be: the power of each decision, and the smallest size that reaches one.
///
/// Sizes are planned for true values that you expect, before looking; `n_to_decide` (intervals.hpp)
/// says how many more would decide if things stay as seen. `alpha` is two-sided throughout: a claim
/// of non-inferiority at alpha 0.05 has the risk 0.025, as its 95 % interval has.
/// All throw ValueError on arguments out of range.
#pragma once

#include <cstdint>
#include <optional>

#include "leadline/config.hpp"

namespace leadline::stats {

/// What a study shall reach.
struct Plan {
  double power = 0.8;   // chance to decide when things are as expected, in (0, 1)
  double alpha = 0.05;  // two-sided risk, in (0, 1)
  double ratio = 1.0;   // size of the second group over that of the first, > 0
};

// Sizes are nullopt when the values do not differ (no size decides) or more than 2^40 were needed.

/// A rate against a limit: chance that Wilson's interval excludes the limit; exact binomial sum.
[[nodiscard]] LEADLINE_API double power_proportion(std::int64_t n, double rate, double limit,
                                                   double alpha = 0.05);
/// The smallest n from which on the power stays at or above the plan's (it is a saw-tooth in n).
[[nodiscard]] LEADLINE_API std::optional<std::int64_t> sample_size_proportion(
    double rate, double limit, const Plan& plan = {});

/// Two independent rates, score test with pooled variance (Fleiss, Levin, Paik 2003, 4.8, without
/// continuity correction).
[[nodiscard]] LEADLINE_API double power_difference(std::int64_t n1, std::int64_t n2, double rate1,
                                                   double rate2, double alpha = 0.05);
/// Size of the first group; the second has ceil(ratio * n).
[[nodiscard]] LEADLINE_API std::optional<std::int64_t> sample_size_difference(
    double rate1, double rate2, const Plan& plan = {});

/// Two models on the same n samples, of which the shares `only_first` and `only_second` are right
/// with one model only: power of McNemar's mid-p test, exact sum over the number of discordant
/// pairs.
[[nodiscard]] LEADLINE_API double power_mcnemar(std::int64_t n, double only_first,
                                                double only_second, double alpha = 0.05);
[[nodiscard]] LEADLINE_API std::optional<std::int64_t> sample_size_mcnemar(double only_first,
                                                                           double only_second,
                                                                           const Plan& plan = {});

/// A mean against a limit, or the mean of paired differences against 0, `effect` standard
/// deviations away: t test, noncentral t.
[[nodiscard]] LEADLINE_API double power_mean(std::int64_t n, double effect, double alpha = 0.05);
[[nodiscard]] LEADLINE_API std::optional<std::int64_t> sample_size_mean(double effect,
                                                                        const Plan& plan = {});

/// Two means that differ by `effect` common standard deviations: t test, noncentral t.
[[nodiscard]] LEADLINE_API double power_two_means(std::int64_t n1, std::int64_t n2, double effect,
                                                  double alpha = 0.05);
[[nodiscard]] LEADLINE_API std::optional<std::int64_t> sample_size_two_means(double effect,
                                                                             const Plan& plan = {});

/// An area under the ROC curve against a limit: normal, with the variance of Hanley and McNeil 1982
/// (exponential scores); n1 positives, n2 negatives.
[[nodiscard]] LEADLINE_API double power_auroc(std::int64_t n1, std::int64_t n2, double auroc,
                                              double limit = 0.5, double alpha = 0.05);
[[nodiscard]] LEADLINE_API std::optional<std::int64_t> sample_size_auroc(double auroc,
                                                                         double limit = 0.5,
                                                                         const Plan& plan = {});

/// Chance to show that the second of two independent rates is not below the first by `margin` or
/// more (the interval of second - first lies above -margin); normal, unpooled variance.
/// Throws ValueError unless margin is in (0, 1).
[[nodiscard]] LEADLINE_API double power_non_inferiority(std::int64_t n1, std::int64_t n2,
                                                        double rate1, double rate2, double margin,
                                                        double alpha = 0.05);
[[nodiscard]] LEADLINE_API std::optional<std::int64_t> sample_size_non_inferiority(
    double rate1, double rate2, double margin, const Plan& plan = {});

/// The same for two models on the same samples, the first the reference (Nam 1997, normal).
[[nodiscard]] LEADLINE_API double power_non_inferiority_paired(std::int64_t n, double only_first,
                                                               double only_second, double margin,
                                                               double alpha = 0.05);
[[nodiscard]] LEADLINE_API std::optional<std::int64_t> sample_size_non_inferiority_paired(
    double only_first, double only_second, double margin, const Plan& plan = {});

/// Chance to show that two models on the same samples differ by less than `margin` either way (the
/// interval of the difference lies inside (-margin, margin)); normal.
[[nodiscard]] LEADLINE_API double power_equivalence_paired(std::int64_t n, double only_first,
                                                           double only_second, double margin,
                                                           double alpha = 0.05);
[[nodiscard]] LEADLINE_API std::optional<std::int64_t> sample_size_equivalence_paired(
    double only_first, double only_second, double margin, const Plan& plan = {});

}  // namespace leadline::stats

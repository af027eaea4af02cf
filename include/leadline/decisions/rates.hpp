/// Claims about rare events, unseen data and more data.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "leadline/core/estimate.hpp"
#include "leadline/core/finding.hpp"

namespace leadline::decisions {

/// The rate of something that must never happen. No event in n samples is not a rate of 0: its
/// upper bound is 1 - (1 - level)^(1/n), about 3 / n at 0.95 (Hanley and Lippman-Hand 1983).
/// One-sided Clopper-Pearson: lower is 0, the rate is above `upper` in at most 1 - level of cases.
/// Throws ValueError unless 0 <= events <= n, n >= 1 and level in (0, 1).
[[nodiscard]] LEADLINE_API Estimate never_events(std::int64_t events, std::int64_t n,
                                                 double level = 0.95);

/// How many samples without an event show that its rate is below `limit`:
/// log(1 - level) / log(1 - limit), rounded up. 299 for 0.01 at 0.95.
[[nodiscard]] LEADLINE_API std::int64_t never_event_samples(double limit, double level = 0.95);

/// Difference of two independent estimates, second - first, by the method of variance estimates
/// recovery: limits d -+ sqrt of the squared distances to the limits (Zou and Donner 2008; for
/// Wilson intervals it is Newcombe's method 10). Absent when either has no value; without an
/// interval when either has none. Throws ValueError when the levels differ.
[[nodiscard]] LEADLINE_API Estimate unpaired_difference(const Estimate& first,
                                                        const Estimate& second);

/// How much worse a model is on new samples than on those it learned from: an unpaired difference,
/// oriented so that a positive gap is worse. Finding `generalization_gap` with the estimates train,
/// test, gap. The check `gap_is_small` fails where the gap is shown to exceed `allowed`.
[[nodiscard]] LEADLINE_API Finding generalization_gap(const Estimate& train, const Estimate& test,
                                                      Better better = Better::higher,
                                                      double allowed = 0.05);

/// One size of training set (or of subsample) and the metric there.
struct SizePoint {
  double n = 0;
  Estimate value;
};
/// A learning curve: metric against size, and a power law value = a + b n^-c fitted by weighted
/// least squares (c by search in [0.1, 2]) where there are at least 4 sizes.
///
/// Finding `learning_curve`: value{n=}, asymptote and n_needed (the size at which the fitted curve
/// reaches `goal`), whose intervals come from refits to draws from the estimates' intervals
/// (`draws`, normal). A fit extrapolates: the check `fit_describes_points` fails where the points
/// lie off the curve by more than chance (chi-square, p < 0.01).
/// Throws ValueError for fewer than 2 sizes, sizes <= 0 or repeated.
[[nodiscard]] LEADLINE_API Finding learning_curve(std::vector<SizePoint> points,
                                                  Better better = Better::higher,
                                                  std::optional<double> goal = {},
                                                  std::uint64_t seed = 0, std::int64_t draws = 200);

}  // namespace leadline::decisions

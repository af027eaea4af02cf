/// How large a difference is, in units that do not depend on the sample size, with intervals.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "leadline/config.hpp"
#include "leadline/stats/intervals.hpp"
#include "leadline/stats/moments.hpp"

namespace leadline::stats {

/// An effect with its interval; `value` is nullopt, with `why`, where it is undefined. The ends may
/// be infinite where the effect may be.
struct Effect {
  std::optional<double> value;
  Interval interval{0.0, 0.0};
  std::int64_t n = 0;
  std::string_view method;  // of the interval
  std::string_view why;
};

/// Cohen's d: (mean(first) - mean(second)) / pooled standard deviation; interval by inverting the
/// noncentral t (exact for normal columns of equal spread). Undefined below two values a group, or
/// without spread. Throws ValueError when the moments are not finite.
[[nodiscard]] LEADLINE_API Effect cohen_d(const Moments& first, const Moments& second,
                                          double level = 0.95);

/// Hedges' g: d without its upward bias, d * J(n1 + n2 - 2), J from gamma functions (Hedges 1981).
[[nodiscard]] LEADLINE_API Effect hedges_g(const Moments& first, const Moments& second,
                                           double level = 0.95);

/// Mean over standard deviation of paired differences (d_z), by the noncentral t.
[[nodiscard]] LEADLINE_API Effect cohen_d(const Moments& differences, double level = 0.95);

/// Cliff's delta: P(first > second) - P(first < second) = 2 AUROC - 1; interval of the AUROC
/// (DeLong, logit). In [-1, 1]. Undefined when a group is empty.
[[nodiscard]] LEADLINE_API Effect cliff_delta(std::span<const double> first,
                                              std::span<const double> second, double level = 0.95);

/// Odds ratio of two rates; normal for its logarithm (Woolf 1955). With a zero cell, the interval
/// has half a count added to each (Haldane 1956, Anscombe 1956), with its open end at 0 or
/// infinity; the value is 0, or undefined where infinite or 0 / 0.
[[nodiscard]] LEADLINE_API Effect odds_ratio(double successes1, double n1, double successes2,
                                             double n2, double level = 0.95);

/// Cohen's h: 2 asin sqrt(p1) - 2 asin sqrt(p2), in [-pi, pi]; its variance is 1 / n1 + 1 / n2
/// whatever the rates. Undefined when either n is 0.
[[nodiscard]] LEADLINE_API Effect cohen_h(double successes1, double n1, double successes2,
                                          double n2, double level = 0.95);

/// Cramer's V of a table of counts, row-major: sqrt(chi^2 / (n (min(rows, columns) - 1))), in
/// [0, 1]; rows and columns without a count are left out. It is biased up; the interval, from the
/// noncentral chi-square, is not, and is extended to hold the value.
[[nodiscard]] LEADLINE_API Effect cramer_v(std::span<const std::int64_t> counts, std::int64_t rows,
                                           std::int64_t columns, double level = 0.95);

}  // namespace leadline::stats

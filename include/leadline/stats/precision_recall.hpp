/// Areas under the precision-recall curve: average precision (steps) and the trapezoid, two numbers
/// that the literature both calls AUPR.
#pragma once

#include <string_view>

#include "leadline/config.hpp"
#include "leadline/stats/intervals.hpp"
#include "leadline/stats/ranked.hpp"

namespace leadline::stats {

/// A share with its variance and interval.
struct RankValue {
  double value = 0.0;
  double variance = 0.0;
  Interval interval{0.0, 1.0};
  std::string_view method = "none";  // "influence, logit", "clopper_pearson", ...; "none": too few
  double threshold = 0.0;            // of an operating point; +infinity: nothing is accepted
};

/// Average precision: sum over the levels of (recall_k - recall_{k-1}) * precision_k, as
/// scikit-learn's `average_precision_score`; the prevalence where all scores are equal.
///
/// The variance is that of its influence function (sum of squared derivatives by the weight of each
/// sample), the interval normal on the logit scale. Throws ValueError without positives.
[[nodiscard]] LEADLINE_API RankValue average_precision(const Levels& levels, double level = 0.95);

/// The trapezoid under the precision-recall points, which end in (recall 0, precision 1): what the
/// literature on out-of-distribution detection calls AUPR (Hendrycks and Gimpel 2017).
/// Interpolating linearly between points is optimistic (Davis and Goadrich 2006); the gap to
/// average precision is about 1e-5 at n = 1e4 and grows with ties.
[[nodiscard]] LEADLINE_API RankValue aupr_trapezoid(const Levels& levels, double level = 0.95);

/// The same with the negatives, from the least score up, as what is to be found.
[[nodiscard]] LEADLINE_API RankValue aupr_of_negatives(const Levels& levels, double level = 0.95);

/// The interval of a share from its variance: normal on the logit scale; where the variance is 0,
/// that of Clopper and Pearson for `n_least` samples.
[[nodiscard]] LEADLINE_API RankValue share_from(double value, double variance, double n_least,
                                                double level = 0.95);

}  // namespace leadline::stats

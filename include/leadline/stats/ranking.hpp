/// How well a score separates two groups of samples: area under the ROC curve with DeLong's
/// variance, and the operating point at a fixed true-positive rate.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "leadline/config.hpp"
#include "leadline/stats/intervals.hpp"

namespace leadline::stats {

struct Auroc {
  double value = 0.0;     // P(positive > negative) + P(tie) / 2
  double variance = 0.0;  // DeLong; 0 when every pair agrees
  Interval interval{0.0, 1.0};
};

/// AUROC of `positives` against `negatives`, ties counted one half (Mann-Whitney), with the
/// variance of DeLong et al. 1988 from midranks (Sun and Xu 2014), O(n log n). The interval is
/// formed on the logit scale, so that it stays in [0, 1]; when every pair agrees the variance is 0
/// and the interval is that of Clopper-Pearson for min(n+, n-) successes of as many. Needs one
/// value a group, else throws ValueError; an interval of [0, 1] with fewer than two.
[[nodiscard]] LEADLINE_API Auroc auroc(std::span<const double> positives,
                                       std::span<const double> negatives, double level = 0.95);

/// The score that at least a share `tpr` of `positives` reach: the k-th largest, k = ceil(tpr n).
[[nodiscard]] LEADLINE_API double threshold_at_tpr(std::span<const double> positives, double tpr);

/// Share of `negatives` with a score of at least `threshold_at_tpr(positives, tpr)`.
[[nodiscard]] LEADLINE_API double fpr_at_tpr(std::span<const double> positives,
                                             std::span<const double> negatives, double tpr);

struct RocPoint {
  double fpr = 0.0, tpr = 0.0, threshold = 0.0;
};
/// One point a distinct score from (0, 0) to (1, 1), none dropped; at most `max_points`, thinned
/// evenly (the ends stay).
[[nodiscard]] LEADLINE_API std::vector<RocPoint> roc_curve(std::span<const double> positives,
                                                           std::span<const double> negatives,
                                                           std::size_t max_points = 200);

}  // namespace leadline::stats

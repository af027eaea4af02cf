/// How well a score separates two groups of samples: area under the ROC curve with DeLong's
/// variance, precision and recall, and operating points, all from one sort.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "leadline/config.hpp"
#include "leadline/stats/delong.hpp"
#include "leadline/stats/intervals.hpp"
#include "leadline/stats/ranked.hpp"

namespace leadline::stats {

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

/// One threshold on a score: what is kept, what slips through, and how sure that is.
///
/// A sample is accepted when its score is at least the threshold. Every threshold is a level of the
/// sample: no point of the curve is dropped, and none is interpolated but where it is said.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <string_view>
#include <type_traits>

#include "leadline/config.hpp"
#include "leadline/stats/precision_recall.hpp"

namespace leadline::stats {

/// How the interval of a share at a threshold found on the same sample is made.
enum class PointInterval : std::uint8_t {
  matched_beta,     // the uncertainty of the threshold and of the share together, see below
  clopper_pearson,  // the threshold is taken as given: exact for a threshold chosen elsewhere
};

[[nodiscard]] constexpr auto names_of(std::type_identity<PointInterval>) {
  return std::array<std::string_view, 2>{"matched_beta", "clopper_pearson"};
}

/// Share of the negatives accepted at the largest threshold that accepts at least a share `tpr` of
/// the positives (the first point of the curve with TPR >= tpr; OpenOOD, pytorch-ood, ODIN).
///
/// Interval: the number of positives above the true threshold is Binomial(P, tpr); for 33 quantiles
/// of it the share of negatives there has a Beta(x + 1/2, N - x + 1/2) posterior; a Beta with the
/// mean and variance of that mixture gives the limits. No resampling, and not a point at 0 or 1.
/// Throws ValueError unless both groups have weight and tpr is in (0, 1].
[[nodiscard]] LEADLINE_API RankValue
fpr_at_tpr(const Levels& levels, double tpr, PointInterval interval = PointInterval::matched_beta,
           double level = 0.95);

/// Share of the positives accepted at the smallest threshold that accepts at most a share `fpr` of
/// the negatives (the last point with FPR <= fpr; Carlini et al. 2022 take FPR < fpr). 0 at the
/// threshold +infinity where the first level exceeds it. Interval as `fpr_at_tpr`.
[[nodiscard]] LEADLINE_API RankValue
tpr_at_fpr(const Levels& levels, double fpr, PointInterval interval = PointInterval::matched_beta,
           double level = 0.95);

/// Greatest precision among the thresholds with recall >= `recall`, as torchmetrics. Percentile
/// bootstrap over the levels.
[[nodiscard]] LEADLINE_API RankValue precision_at_recall(const Levels& levels, double recall,
                                                         double level = 0.95);

/// Greatest recall among the thresholds with precision >= `precision`; 0 at the threshold +infinity
/// where none has it. Percentile bootstrap.
[[nodiscard]] LEADLINE_API RankValue recall_at_precision(const Levels& levels, double precision,
                                                         double level = 0.95);

/// Equal error rate: where FPR = 1 - TPR on the ROC curve, linear between its points. Percentile
/// bootstrap.
[[nodiscard]] LEADLINE_API RankValue equal_error_rate(const Levels& levels, double level = 0.95);

/// Share of the positives among the `fraction` of samples with the greatest scores (gain); a level
/// that straddles the cut counts in proportion. Percentile bootstrap.
[[nodiscard]] LEADLINE_API RankValue gain_at(const Levels& levels, double fraction,
                                             double level = 0.95);
/// `gain_at` / fraction: how many times denser the positives are there. In [0, 1 / fraction].
[[nodiscard]] LEADLINE_API RankValue lift_at(const Levels& levels, double fraction,
                                             double level = 0.95);

/// Area under the ROC curve up to `max_fpr`, linear at the cut, standardised to [0, 1] with 1/2 for
/// chance: (1 + (A - A_min) / (A_max - A_min)) / 2 (McClish 1989). Percentile bootstrap.
[[nodiscard]] LEADLINE_API RankValue partial_auroc(const Levels& levels, double max_fpr,
                                                   double level = 0.95);
/// The value alone.
[[nodiscard]] LEADLINE_API double partial_auroc_value(const Levels& levels, double max_fpr);

struct LevelBootstrap {
  std::int64_t replicates = 300;
  std::uint64_t seed = 0;
  std::size_t max_levels = 256;  // more are joined first: it is the spread that is wanted
};

/// Percentile interval of any statistic of levels: Poisson weights of each level and group (sums of
/// independent Poisson weights are Poisson), one sort. The quantiles are shifted by the difference
/// between `value` and the statistic of the joined levels. Falls back on Clopper-Pearson for
/// `n_least` where no replicate differs. The statistic may return NaN (undefined).
[[nodiscard]] LEADLINE_API RankValue bootstrap_levels(
    const Levels& levels, double value, const std::function<double(const Levels&)>& statistic,
    double level = 0.95, const LevelBootstrap& options = {});

/// The same curve in at most `max_levels` levels of about equal weight.
[[nodiscard]] LEADLINE_API Levels joined(const Levels& levels, std::size_t max_levels);

}  // namespace leadline::stats

/// Precision, recall, F-beta and their averages with variances, from a confusion matrix alone.
///
/// The matrix is one multinomial draw, so a ratio g of its cells has, by the delta method,
///     Var(g) = sum_ij n_ij * (dg / dn_ij)^2        (g does not change when all cells double)
/// with exact gradients: no resampling, no second look at the data.
/// Counts: row-major [classes * classes], row = true class, column = predicted class, >= 0;
/// fractional counts (weights) are allowed if scaled to sum to the effective number of samples.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "leadline/config.hpp"
#include "leadline/stats/intervals.hpp"

namespace leadline::stats {

/// Which ratio of a class: TP over predicted, TP over true, or their weighted harmonic mean.
enum class Ratio : std::uint8_t { precision, recall, f_beta };

/// How the ratios of the classes become one.
enum class Average : std::uint8_t {
  macro,     // unweighted mean over the classes
  weighted,  // weighted by the number of true samples
  micro,     // counts summed over the classes first
};

/// What a 0 / 0 ratio of a class that occurs does in an average. A class that neither occurs nor is
/// predicted never counts.
enum class ZeroDivision : std::uint8_t {
  exclude,  // it is left out, and counted in `classes_undefined`
  zero,     // it counts as 0, as in scikit-learn and torchmetrics by default
};

struct RatioOptions {
  Ratio ratio = Ratio::f_beta;
  double beta = 1.0;  // recall counts beta times as much as precision; f_beta only, > 0
  ZeroDivision zero_division = ZeroDivision::exclude;
};

/// A value with its variance. Value and variance are 0 and mean nothing when not `defined`.
struct DeltaEstimate {
  double value = 0.0;
  double variance = 0.0;     // of the value; 0 where the table shows no error, do not use it there
  double n_effective = 0.0;  // samples of a plain rate that would be as precise; see score_interval
  double low = 0.0;          // the value lies in [low, 1]
  int classes_averaged = 0;  // classes behind the value
  int classes_undefined = 0;  // classes whose ratio is 0 / 0 (not averaged, or averaged as 0)
  bool defined = false;
};

/// The ratio of the positive class of a two-by-two table; the same numbers as class_ratios of that
/// class against the rest. Throws ValueError unless the counts are finite and >= 0.
[[nodiscard]] LEADLINE_API DeltaEstimate binary_ratio(double true_positive, double false_negative,
                                                      double false_positive, double true_negative,
                                                      const RatioOptions& options = {});

/// The ratio of each class against the rest, [classes]. Throws ValueError unless the counts are
/// finite and >= 0; ShapeError unless there are classes^2 of them.
[[nodiscard]] LEADLINE_API std::vector<DeltaEstimate> class_ratios(
    std::span<const double> counts, int classes, const RatioOptions& options = {});

/// The ratio averaged over the classes. Errors as class_ratios.
///     average_ratio(counts, 10, Average::macro, {.ratio = Ratio::f_beta});  // macro F1
[[nodiscard]] LEADLINE_API DeltaEstimate average_ratio(std::span<const double> counts, int classes,
                                                       Average average,
                                                       const RatioOptions& options = {});

/// Mean recall over the classes that occur (Brodersen et al. 2010).
[[nodiscard]] LEADLINE_API DeltaEstimate balanced_accuracy(std::span<const double> counts,
                                                           int classes);

/// Matthews correlation, multi-class R_K of Gorodkin 2004, in [-1, 1]; not defined when all true or
/// all predicted labels are one class.
[[nodiscard]] LEADLINE_API DeltaEstimate matthews_correlation(std::span<const double> counts,
                                                              int classes);

/// The default interval: Wilson's score interval at `n_effective`, the size of a plain rate with
/// the same variance. n_effective is taken from the table with half an error a row added, so that a
/// table without errors gets the interval of "no error in n", not a point. Inside [low, 1].
/// Coverage by simulation, 2 to 10 classes, n 100 to 2000, accuracy 0.6 to 0.99: 0.91 to 0.97 at
/// 0.95. Throws ValueError when the estimate is not defined.
[[nodiscard]] LEADLINE_API Interval score_interval(const DeltaEstimate& estimate,
                                                   double level = 0.95);

/// The textbook interval: normal on the logit scale, inside (0, 1). nullopt at value 0 or 1 or
/// variance 0, and covers badly close to them (0.6 at accuracy 0.99, n = 100).
[[nodiscard]] LEADLINE_API std::optional<Interval> logit_interval(double value, double variance,
                                                                  double level = 0.95);

}  // namespace leadline::stats

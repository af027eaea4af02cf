/// An interval for the expected calibration error, from the bin sums alone.
#pragma once

#include <span>

#include "leadline/config.hpp"
#include "leadline/stats/intervals.hpp"

namespace leadline::stats {

/// The sums of one bin of confidence; they merge by addition. With weights: scaled so that `n` of
/// all bins sums to the effective number of samples.
struct CalibrationBin {
  double n = 0.0;           // samples
  double confidence = 0.0;  // sum of confidences
  double correct = 0.0;     // sum of hits, 0 <= correct <= n
};

/// ECE as everyone computes it, without its upward bias, and an interval.
struct CalibrationError {
  double plugin = 0.0;     // sum_b |confidence_b - correct_b| / n: too high, by 0.03 at n = 2000
  double corrected = 0.0;  // median-unbiased: the ECE at which the plugin value is a median one
  Interval interval;       // of the binned ECE; contains both
};

/// Interval of the binned ECE, sum_b P(b) |E[confidence | b] - P(correct | b)|, by test inversion.
///
/// Given a true gap d_b in each bin, the plugin value is a sum of folded normals: its mean,
/// variance and skewness are known. The interval holds every ECE for which the plugin value seen
/// lies between the 2.5 % and 97.5 % points (Cornish-Fisher), for gaps in the proportions seen, in
/// proportion to the bins' sizes, and (lower end) for gaps only where they exceed two standard
/// errors. A calibrated model gets a lower end of 0 in 95 to 98 %. Coverage by simulation at level
/// 0.95: 0.93 to 0.99, for calibrated, slightly and grossly miscalibrated models, spread over the
/// bins or in one, n 200 to 10000, 15 bins (docs/design/intervals.md). The bins are part of the
/// definition: it says nothing on gaps that cancel inside a bin. Throws ValueError when there is no
/// sample, a sum is not finite, or correct or confidence is outside [0, n].
[[nodiscard]] LEADLINE_API CalibrationError calibration_error(std::span<const CalibrationBin> bins,
                                                              double level = 0.95);

}  // namespace leadline::stats

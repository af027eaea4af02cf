#pragma once

#include "leadline/metrics/score_metric.hpp"
#include "leadline/uncertainty/calibration_bins.hpp"

namespace leadline::uncertainty {

struct MaximumCalibrationErrorOptions {
  std::int64_t bins = 15;
  double level = 0.95;
  static Fields fields() {
    return {field("bins", &MaximumCalibrationErrorOptions::bins, "Number of bins of equal width.")
                .at_least(1)
                .at_most(10000),
            field("level", &MaximumCalibrationErrorOptions::level, "Coverage of the interval.")
                .above(0)
                .below(1)};
  }
};

/// Maximum calibration error: the largest |accuracy_b - confidence_b| of a bin that holds samples
/// (Guo et al. 2017, arXiv:1706.04599), top-1.
///
/// Reads, bins, errors: see `CalibrationBins`
/// Returns: Estimate in [0, 1], lower is better
/// Memory:  6 numbers a bin, independent of n
class LEADLINE_API MaximumCalibrationError
    : public metrics::ScoreMetric<MaximumCalibrationError, CalibrationBins,
                                  MaximumCalibrationErrorOptions> {
 public:
  static constexpr std::string_view type_name = "uncertainty.MaximumCalibrationError",
                                    who = "MaximumCalibrationError.update";
  explicit MaximumCalibrationError(Options options = {});
  using ScoreMetric::update;
  [[nodiscard]] MetricInfo info() const override;
  [[nodiscard]] Estimate estimate(const CalibrationBins& fold) const;
  /// Adds the reliability curve.
  void describe(Finding& finding, std::string_view prefix = {}) const override;
  [[nodiscard]] static std::string_view column_of(const ArrayView&) { return "probabilities"; }
};

}  // namespace leadline::uncertainty

#pragma once

#include "leadline/metrics/score_metric.hpp"
#include "leadline/uncertainty/calibration_bins.hpp"

namespace leadline::uncertainty {

struct ExpectedCalibrationErrorOptions {
  std::int64_t bins = 15;
  bool exact = true;
  std::int64_t bits = 16;
  double level = 0.95;
  static Fields fields() {
    return {
        field("bins", &ExpectedCalibrationErrorOptions::bins, "Number of bins of equal width.")
            .at_least(1)
            .at_most(10000),
        field(
            "exact", &ExpectedCalibrationErrorOptions::exact,
            "False: keep a mergeable histogram of confidence in place of the bins, from which the "
            "risk-coverage area comes too; the error bound is part of the estimate."),
        field("bits", &ExpectedCalibrationErrorOptions::bits,
              "Size of that histogram: at most 2^bits bins. Means nothing with exact.")
            .at_least(8)
            .at_most(20),
        field("level", &ExpectedCalibrationErrorOptions::level, "Coverage of the interval.")
            .above(0)
            .below(1)};
  }
};

/// Expected calibration error: sum_b (n_b / n) |accuracy_b - confidence_b|
/// (Guo et al. 2017, arXiv:1706.04599), top-1.
///
/// Reads, bins, errors: see `CalibrationBins`
/// Returns: Estimate in [0, 1], lower is better
/// Bounded: with exact=False |value - exact value| <= error_bound; the interval is widened by it;
///          `describe()` adds the area under the risk-coverage curve from the same state
/// Memory:  6 numbers a bin, independent of n
class LEADLINE_API ExpectedCalibrationError
    : public metrics::ScoreMetric<ExpectedCalibrationError, CalibrationBins,
                                  ExpectedCalibrationErrorOptions> {
 public:
  static constexpr std::string_view type_name = "uncertainty.ExpectedCalibrationError",
                                    who = "ExpectedCalibrationError.update";
  explicit ExpectedCalibrationError(Options options = {});
  using ScoreMetric::update;
  [[nodiscard]] MetricInfo info() const override;
  [[nodiscard]] Estimate estimate(const CalibrationBins& fold) const;
  /// Adds the reliability curve.
  void describe(Finding& finding, std::string_view prefix = {}) const override;
  [[nodiscard]] static std::string_view column_of(const ArrayView&) { return "probabilities"; }
};

}  // namespace leadline::uncertainty

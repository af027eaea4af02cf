#include "leadline/metrics/area_under_risk_coverage.hpp"
#include "leadline/uncertainty/expected_calibration_error.hpp"
#include "leadline/uncertainty/maximum_calibration_error.hpp"

namespace leadline::uncertainty {

ExpectedCalibrationError::ExpectedCalibrationError(Options options)
    : ScoreMetric("ExpectedCalibrationError", options,
                  CalibrationBins(options.bins, options.exact ? 0 : options.bits)) {}
MetricInfo ExpectedCalibrationError::info() const {
  return {"expected_calibration_error",
          Better::lower,
          {0, 1},
          "",
          "mean distance of confidence from the share right",
          {"probabilities", "target"}};
}
Estimate ExpectedCalibrationError::estimate(const CalibrationBins& fold) const {
  return fold.expected_error(options_.level);
}
void ExpectedCalibrationError::describe(Finding& finding, std::string_view prefix) const {
  ScoreMetric::describe(finding, prefix);
  finding.blocks.emplace_back(fold_.reliability(options_.level));
  if (!fold_.histogram() || fold_.n() == 0) return;
  finding.add(std::string(prefix) + "area_under_risk_coverage",
              metrics::risk_coverage_of(fold_.histogram()->levels(), false, options_.level),
              Better::lower, "mean error rate over the coverages, the surest answers first");
}

MaximumCalibrationError::MaximumCalibrationError(Options options)
    : ScoreMetric("MaximumCalibrationError", options, CalibrationBins(options.bins)) {}
MetricInfo MaximumCalibrationError::info() const {
  return {"maximum_calibration_error",
          Better::lower,
          {0, 1},
          "",
          "largest distance of confidence from the share right",
          {"probabilities", "target"}};
}
Estimate MaximumCalibrationError::estimate(const CalibrationBins& fold) const {
  return fold.maximum_error(options_.level);
}
void MaximumCalibrationError::describe(Finding& finding, std::string_view prefix) const {
  ScoreMetric::describe(finding, prefix);
  finding.blocks.emplace_back(fold_.reliability(options_.level));
}

}  // namespace leadline::uncertainty

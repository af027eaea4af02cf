/// The probe `calibration`: whether the model's confidence can be taken at its word.
#pragma once

#include <memory>

#include "leadline/core/catalog.hpp"
#include "leadline/core/probe.hpp"

namespace leadline::uncertainty {

struct CalibrationOptions {
  std::int64_t bins = 15;
  static Fields fields() {
    return {field("bins", &CalibrationOptions::bins, "Number of bins of equal width.")
                .at_least(2)
                .at_most(1000)};
  }
};

/// Top-1 calibration on the test data.
///
/// Estimates: ece, mce, overconfidence (mean confidence - accuracy), mean_confidence
/// Blocks:    reliability curve with Wilson bands, share of samples by bin
/// Checks:    enough_samples_per_bin, outputs_are_not_probabilities_already (softmax twice),
///            confidence_is_graded (not 0 or 1 throughout)
class LEADLINE_API Calibration : public Probe {
 public:
  using Options = CalibrationOptions;
  explicit Calibration(Options options = {});
  [[nodiscard]] ProbeInfo info() const override;
  [[nodiscard]] std::vector<std::pair<std::string, std::string>> options() const override {
    return options_text(options_);
  }
  [[nodiscard]] std::shared_ptr<ProbeRun> start(Session& session) const override;

 private:
  Options options_;
};

}  // namespace leadline::uncertainty

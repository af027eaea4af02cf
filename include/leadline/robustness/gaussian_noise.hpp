/// The probe `gaussian_noise`: how much random noise on the input changes the answers.
#pragma once

#include <memory>
#include <vector>

#include "leadline/core/catalog.hpp"
#include "leadline/core/probe.hpp"

namespace leadline::robustness {

struct GaussianNoiseOptions {
  std::vector<double> sigmas{0.02, 0.05, 0.1, 0.2};
  std::int64_t repeats = 1;
  std::int64_t max_samples = 0;
  static Fields fields() {
    return {
        field("sigmas", &GaussianNoiseOptions::sigmas, "Standard deviations of the noise.")
            .above(0)
            .in("input units"),
        field("repeats", &GaussianNoiseOptions::repeats, "Draws a sample and sigma.").at_least(1),
        field("max_samples", &GaussianNoiseOptions::max_samples,
              "Most samples to visit, chosen by key; 0: all.")
            .at_least(0)};
  }
};

/// Adds N(0, sigma^2) to every input value, clips to the declared bounds, and compares the answers
/// with those on the clean input. Works with labels only.
///
/// The noise of a sample depends on (seed, probe id, repeat, sample id) alone; all sigmas scale the
/// same draw. Byte inputs are rounded to whole numbers.
/// Estimates: clean_accuracy, accuracy{sigma=}, flip_rate{sigma=} (share of changed answers);
///            without labels the accuracies are not measured
/// Columns:   <id>.correct{sigma=} (mean over repeats), <id>.flip_sigma (least sigma that changed
///            the answer in the first repeat, +inf: none)
/// Checks:    zero_noise_equals_clean; accuracy_does_not_rise_with_noise (one-sided McNemar,
///            Bonferroni over sigmas)
class LEADLINE_API GaussianNoise : public Probe {
 public:
  using Options = GaussianNoiseOptions;
  /// Throws ValueError for no sigma, or one that is not positive and finite.
  explicit GaussianNoise(Options options = {});
  [[nodiscard]] ProbeInfo info() const override;
  [[nodiscard]] std::vector<std::pair<std::string, std::string>> options() const override {
    return options_text(options_);
  }
  [[nodiscard]] std::shared_ptr<ProbeRun> start(Session& session) const override;

 private:
  Options options_;
};

}  // namespace leadline::robustness

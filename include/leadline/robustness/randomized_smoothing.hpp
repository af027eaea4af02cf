/// The probe `smoothing`: how many answers are proven against every change of a given length, once
/// the model is asked under noise.
#pragma once

#include <memory>
#include <vector>

#include "leadline/core/catalog.hpp"
#include "leadline/core/probe.hpp"

namespace leadline::robustness {

struct RandomizedSmoothingOptions {
  double sigma = 0.25;
  std::vector<double> radii{0.125, 0.25, 0.5};
  std::int64_t n = 10'000;
  std::int64_t n0 = 100;
  double alpha = 0.001;
  bool early_stop = true;
  std::int64_t max_samples = 100;
  std::int64_t check_samples = 8;
  static Fields fields() {
    using Self = RandomizedSmoothingOptions;
    return {
        field("sigma", &Self::sigma, "Standard deviation of the noise.").above(0).in("input units"),
        field("radii", &Self::radii, "L2 radii at which the certified accuracy is told.")
            .above(0)
            .in("input units"),
        field("n", &Self::n, "Draws behind a certificate; most draws with early_stop.").at_least(1),
        field("n0", &Self::n0, "Draws that choose the class.").at_least(1),
        field("alpha", &Self::alpha, "Probability that the certificate of a sample is wrong.")
            .above(0)
            .below(0.5),
        field("early_stop", &Self::early_stop,
              "Stop drawing once each radius is proven or out of reach, by a confidence sequence."),
        field("max_samples", &Self::max_samples, "Samples looked at, drawn at random; 0: all.")
            .at_least(0),
        field("check_samples", &Self::check_samples,
              "Samples behind the checks of the certificates themselves; 0: no checks.")
            .at_least(0)};
  }
};

/// Certified accuracy of the smoothed model (`Smoothing`) on the test data. Needs labels only.
///
/// Estimates: clean_accuracy (the model itself), smoothed_accuracy (right and not abstaining),
///            abstained, certified_accuracy{radius=}, certified_together{radius=}, draws
/// certified_accuracy: share right with a certificate at that radius, each wrong with probability
///            at most alpha. A share c of certificates is that of a share q >= (c - alpha) / (1 -
///            alpha) of inputs that truly hold: the lower limit is Wilson's, corrected so.
/// certified_together: Holm over all samples at the level of the run: with that probability every
///            one of them is true at once.
/// Columns:   <id>.radius (of the right answer, 0 without), <id>.label (-1: abstains), <id>.draws
/// Checks:    votes_repeat, smoothing_not_contradicted: docs/rooms/robustness.md
class LEADLINE_API RandomizedSmoothing : public Probe {
 public:
  using Options = RandomizedSmoothingOptions;
  /// Throws ValueError on options out of range, and where n draws can certify nothing at alpha or
  /// not reach one of the radii.
  explicit RandomizedSmoothing(Options options = {});
  [[nodiscard]] ProbeInfo info() const override;
  [[nodiscard]] std::vector<std::pair<std::string, std::string>> options() const override {
    return options_text(options_);
  }
  [[nodiscard]] std::shared_ptr<ProbeRun> start(Session& session) const override;

 private:
  Options options_;
};

}  // namespace leadline::robustness

/// One perturbation for all samples (Moosavi-Dezfooli et al. 2017, arXiv:1610.08401; by gradient,
/// Shafahi et al. 2020, arXiv:1811.11304), or one patch (Brown et al. 2017, arXiv:1712.09665).
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "leadline/robustness/attack.hpp"

namespace leadline::robustness {

struct UniversalPerturbationOptions {
  Threat threat{};
  int epochs = 10;
  int fit_batch = 64;
  double step_size = 0.2;
  double fit_share = 0.5;
  std::int64_t fit_samples = 1000;
  std::int64_t max_samples = 0;
  std::int64_t check_samples = 64;

  static Fields fields() {
    return {
        field("threat", &UniversalPerturbationOptions::threat, "What the adversary may do."),
        field("epochs", &UniversalPerturbationOptions::epochs,
              "Passes over the part it is fitted on.")
            .at_least(1),
        field("fit_batch", &UniversalPerturbationOptions::fit_batch,
              "Samples behind a gradient step; independent of the batches of the run.")
            .at_least(1),
        field("step_size", &UniversalPerturbationOptions::step_size,
              "Length of the first step, as a share of eps (patch: of the range); it falls to a "
              "twentieth by half a cosine.")
            .above(0)
            .at_most(1),
        field("fit_share", &UniversalPerturbationOptions::fit_share,
              "Part of the test data that it is fitted on, and not judged on; without effect where "
              "the run has data of the role fit.")
            .above(0)
            .below(1),
        field("fit_samples", &UniversalPerturbationOptions::fit_samples,
              "Most samples that it is fitted on.")
            .at_least(2),
        field("max_samples", &UniversalPerturbationOptions::max_samples,
              "Most samples that it is judged on, drawn at random; 0: all that are left.")
            .at_least(0),
        field("check_samples", &UniversalPerturbationOptions::check_samples,
              "Samples asked twice, for the check that answers repeat; 0: no checks.")
            .at_least(0)};
  }
};

/// Finds one change that misleads the model on as many samples as possible, and counts on samples
/// it was not fitted on.
///
/// Fitted by steps with momentum along the gradient of the log odds of the answer that the model
/// gives to the clean sample (goal any_of: of `classes` against the rest), summed over a batch;
/// samples that are misled by a clear margin leave the sum (the clipped loss of Shafahi et al.). No
/// labels are needed to fit. Norms linf and l2: the change is added and cut to the bounds. Norm
/// patch: a patch of any values, eps of the area, put at a random place of each picture: at a new
/// one each time it is fitted, at one that depends on the sample alone when it is judged.
///
/// Estimates, a budget: fooling_rate{norm,eps} (Wilson; share of the samples judged whose answer
///   changes, goal any_of: to one of the classes), random_fooling_rate{..} (a random change of the
///   same size), fitted_fooling_rate{..} (on the part fitted on), accuracy{..}; clean_accuracy.
/// Columns: `<id>.fooled_at` of the samples judged (+inf: by none).
/// Checks: decisions_repeat, gradients_not_zero, noise_not_stronger, examples_verified.
class LEADLINE_API UniversalPerturbation : public Probe {
 public:
  using Options = UniversalPerturbationOptions;
  /// Throws ValueError on options out of range, for the norms l1, l0 and spatial, the goal
  /// targeted.
  explicit UniversalPerturbation(Options options = {});
  [[nodiscard]] ProbeInfo info() const override;
  [[nodiscard]] std::vector<std::pair<std::string, std::string>> options() const override;
  /// Throws CapabilityError when neither data set nor threat declares bounds.
  [[nodiscard]] std::shared_ptr<ProbeRun> start(Session& session) const override;

  /// The change itself at the largest budget, fitted on all of `x` [n, ...]: [1, ...] in float64,
  /// to be added to a sample and cut to the bounds; of norm patch its box [1, channels, height,
  /// width] (around an ellipse: the middle of the range). Throws ShapeError, CapabilityError,
  /// ValueError as an attack does.
  ///
  ///     Tensor delta = UniversalPerturbation({.threat = {.eps = 0.03}}).fit(model, x);
  [[nodiscard]] Tensor fit(Model& model, const Tensor& x, const PerturbOptions& options = {}) const;

 private:
  Options options_;
};

}  // namespace leadline::robustness

/// Auto-PGD (Croce and Hein 2020, arXiv:2003.01690; l1: Croce and Hein 2021, arXiv:2103.01208).
#pragma once

#include "leadline/robustness/attack.hpp"
#include "leadline/robustness/attack_loss.hpp"

namespace leadline::robustness {

/// Whose quirks to keep where a published implementation differs from its paper.
enum class Compat : std::uint8_t {
  none,      // as published
  reference  // as the authors' code: float32 cross-entropy, wrapped first window
};
constexpr std::array<std::string_view, 2> names_of(std::type_identity<Compat>) {
  return {"none", "reference"};
}

struct ApgdOptions {
  Threat threat{};
  int steps = 100;
  int restarts = 1;
  AttackLoss loss = AttackLoss::cross_entropy;
  std::int64_t n_targets = 0;
  double rho = 0.75;
  int eot_samples = 1;
  Compat compat = Compat::none;
  std::int64_t max_samples = 0;
  std::int64_t check_samples = 128;

  static Fields fields() {
    return attack_fields<ApgdOptions>(
        {field("steps", &ApgdOptions::steps, "Gradient steps a restart.").at_least(1),
         field("restarts", &ApgdOptions::restarts, "Independent starts a budget.").at_least(1),
         field("loss", &ApgdOptions::loss, "What is climbed."),
         field("n_targets", &ApgdOptions::n_targets,
               "Above 0: climbs the targeted logit ratio towards each of so many likeliest wrong "
               "classes in turn, instead of 'loss'.")
             .at_least(0),
         field("rho", &ApgdOptions::rho,
               "Share of improving steps below which a window halves the step size.")
             .above(0)
             .at_most(1),
         field("eot_samples", &ApgdOptions::eot_samples,
               "Gradients averaged at each point, for models that draw random numbers.")
             .at_least(1),
         field("compat", &ApgdOptions::compat,
               "reference: the quirks of the authors' code instead of the published rules.")});
  }
};

/// Gradient steps with momentum whose size halves where a window of steps did not pay, going on
/// from the best point so far: no step size to choose. For linf, l2 and l1. See Attack.
class LEADLINE_API Apgd : public Attack {
 public:
  using Options = ApgdOptions;
  /// Throws ValueError for the norm l0.
  explicit Apgd(const Options& options = {});
};

}  // namespace leadline::robustness

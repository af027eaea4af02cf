/// Projected gradient descent (Madry et al. 2018, arXiv:1706.06083).
#pragma once

#include "leadline/robustness/attack.hpp"
#include "leadline/robustness/attack_loss.hpp"

namespace leadline::robustness {

struct PgdOptions {
  Threat threat{};
  int steps = 40;
  std::optional<double> step_size{};
  int restarts = 1;
  bool random_start = true;
  AttackLoss loss = AttackLoss::cross_entropy;
  double momentum = 0;
  int eot_samples = 1;
  std::int64_t max_samples = 0;
  std::int64_t check_samples = 128;
  bool drop_fooled = true;

  static Fields fields() {
    return attack_fields<PgdOptions>(
        {field("steps", &PgdOptions::steps, "Gradient steps a restart.").at_least(1),
         field("step_size", &PgdOptions::step_size,
               "Length of a step; none: 2.5 * eps / steps of each budget.")
             .above(0)
             .in("input units"),
         field("restarts", &PgdOptions::restarts, "Independent starts a budget.").at_least(1),
         field(
             "random_start", &PgdOptions::random_start,
             "Start uniformly in the ball; off: at the clean input (the basic iterative method)."),
         field("loss", &PgdOptions::loss, "What is climbed."),
         field("momentum", &PgdOptions::momentum,
               "Decay of the sum of past gradients, each divided by its mean size (MI-FGSM, Dong "
               "et al. 2018); 0: the gradient alone.")
             .at_least(0),
         field("eot_samples", &PgdOptions::eot_samples,
               "Gradients averaged at each point, for models that draw random numbers (expectation "
               "over transformation, Athalye et al. 2018).")
             .at_least(1),
         field("drop_fooled", &PgdOptions::drop_fooled,
               "Fooled rows leave the batch; off only for benchmarks, the results are the same.")});
  }
};

/// Steps along the direction of steepest ascent (the sign of the gradient for linf, the normalised
/// gradient for l2, the steepest values for l1 and l0), each followed by the way back into ball and
/// bounds; restarts and any-iterate success. See Attack.
class LEADLINE_API Pgd : public Attack {
 public:
  using Options = PgdOptions;
  /// Throws ValueError on options out of range, several restarts without a random start.
  explicit Pgd(const Options& options = {});
};

}  // namespace leadline::robustness

/// Fast adaptive boundary attack (Croce and Hein 2020, arXiv:1907.02044).
#pragma once

#include "leadline/robustness/attack.hpp"

namespace leadline::robustness {

struct FabOptions {
  Threat threat{};
  int steps = 100;
  int restarts = 1;
  std::int64_t n_targets = 9;
  double alpha_max = 0.1;
  double eta = 1.05;
  double beta = 0.9;
  int polish = 3;
  std::int64_t max_samples = 0;
  std::int64_t check_samples = 128;

  static Fields fields() {
    return attack_fields<FabOptions>(
        {field("steps", &FabOptions::steps, "Gradient steps a restart.").at_least(1),
         field("restarts", &FabOptions::restarts,
               "Starts: the clean input, then points drawn within half the distance found.")
             .at_least(1),
         field("n_targets", &FabOptions::n_targets,
               "Likeliest wrong classes attacked one by one; 0: the nearest of all classes at each "
               "step, a gradient a class.")
             .at_least(0),
         field("alpha_max", &FabOptions::alpha_max,
               "Largest pull towards the projection of the clean input.")
             .at_least(0)
             .at_most(1),
         field("eta", &FabOptions::eta, "Length of a step relative to the projection.").at_least(1),
         field("beta", &FabOptions::beta, "After a success, the share of the way kept.")
             .above(0)
             .below(1),
         polish_field<FabOptions>()});
  }
};

/// Projects iterate and clean input on the linearised boundary inside the bounds, and steps to a
/// mean of the two; after a success it backs off towards the clean input. Norms linf, l2 and l1,
/// with the exact projections. One forward and one backward pass a step, one forward more where it
/// succeeds. Estimates of the minimum-norm attacks: see Attack.
class LEADLINE_API Fab : public Attack {
 public:
  using Options = FabOptions;
  /// Throws ValueError on options out of range, a norm that it does not measure in.
  explicit Fab(const Options& options = {});
};

}  // namespace leadline::robustness

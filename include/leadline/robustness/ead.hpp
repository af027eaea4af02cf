/// Elastic-net attack (Chen et al. 2018, arXiv:1709.04114).
#pragma once

#include "leadline/robustness/attack.hpp"

namespace leadline::robustness {

struct EadOptions {
  Threat threat{.norm = Norm::l1, .eps = {8}};
  int steps = 1000;
  int searches = 9;
  double step_size = 0.01;
  double beta = 0.001;
  std::optional<double> initial_const{};
  bool abort_early = true;
  int polish = 3;
  std::int64_t max_samples = 0;
  std::int64_t check_samples = 128;

  static Fields fields() {
    return attack_fields<EadOptions>(
        {field("steps", &EadOptions::steps, "Gradient steps a search.").at_least(1),
         field("searches", &EadOptions::searches,
               "Values of the constant tried: tenfold until one succeeds, then bisected.")
             .at_least(1),
         field("step_size", &EadOptions::step_size,
               "First step, relative to the range of the inputs; falls as a square root.")
             .above(0),
         field("beta", &EadOptions::beta,
               "Weight of the l1 distance against the squared l2 distance.")
             .at_least(0),
         field("initial_const", &EadOptions::initial_const,
               "First weight of the margin against the distance; none: by the slope at the clean "
               "point.")
             .above(0),
         field("abort_early", &EadOptions::abort_early,
               "Give a search up when a tenth of its steps brings nothing; judged row by row."),
         polish_field<EadOptions>()});
  }
};

/// Shrinkage-thresholding (FISTA) on c * max(-margin, 0) + |change|_2^2 + beta |change|_1; c is
/// searched. Norm l1.
/// Estimates of the minimum-norm attacks: see Attack.
class LEADLINE_API Ead : public Attack {
 public:
  using Options = EadOptions;
  /// Throws ValueError on options out of range, a norm that it does not measure in.
  explicit Ead(const Options& options = {});
};

}  // namespace leadline::robustness

/// Sign-OPT (Cheng et al. 2020, arXiv:1909.10773).
#pragma once

#include "leadline/robustness/attack.hpp"

namespace leadline::robustness {

struct SignOptOptions {
  Threat threat{.norm = Norm::l2, .eps = 0.5};
  std::int64_t queries = 10000;
  int start_tries = 100;
  int directions = 200;
  double step_size = 0.2;
  double smoothing = 0.001;
  std::int64_t max_samples = 0;
  std::int64_t check_samples = 32;

  static Fields fields() {
    return attack_fields<SignOptOptions>(
        {field("queries", &SignOptOptions::queries, "Rows of the model asked.").at_least(3),
         field("start_tries", &SignOptOptions::start_tries,
               "Points of noise tried for a first one that fools, then rays for a nearer one.")
             .at_least(1),
         field("directions", &SignOptOptions::directions,
               "Directions asked for one estimate of the gradient.")
             .at_least(1),
         field("step_size", &SignOptOptions::step_size,
               "First step of the line search, on directions of length 1.")
             .above(0),
         field("smoothing", &SignOptOptions::smoothing,
               "How far directions are turned for a difference.")
             .above(0)
             .below(1)});
  }
};

/// The nearest adversarial from decisions alone: minimises the distance of the boundary as a
/// function of the direction from the clean point, by the signs of its directional derivatives (one
/// question each, less their mean) and a line search. One run answers every budget. See Attack.
///
/// A ray bends where it meets the bounds, and its distance is that of the change that is left. A
/// descent starts from the shortest of `start_tries` rays; once it comes to rest (two rounds that
/// gain less than 0.2 %) another starts from other rays.
class LEADLINE_API SignOpt : public Attack {
 public:
  using Options = SignOptOptions;
  /// Throws ValueError on options out of range and for norms other than l2 and linf.
  explicit SignOpt(const Options& options = {});
};

}  // namespace leadline::robustness

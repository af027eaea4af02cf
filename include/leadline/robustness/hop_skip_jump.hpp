/// HopSkipJump (Chen, Jordan and Wainwright 2020, arXiv:1904.02144).
#pragma once

#include "leadline/robustness/attack.hpp"

namespace leadline::robustness {

struct HopSkipJumpOptions {
  Threat threat{.norm = Norm::l2, .eps = 0.5};
  std::int64_t queries = 5000;
  int start_tries = 100;
  int initial_evaluations = 100;
  int max_evaluations = 10000;
  double gamma = 1;
  std::int64_t max_samples = 0;
  std::int64_t check_samples = 32;

  static Fields fields() {
    return attack_fields<HopSkipJumpOptions>(
        {field("queries", &HopSkipJumpOptions::queries, "Rows of the model asked.").at_least(3),
         field("start_tries", &HopSkipJumpOptions::start_tries,
               "Points of noise tried for a first one that fools.")
             .at_least(1),
         field("initial_evaluations", &HopSkipJumpOptions::initial_evaluations,
               "Points behind the first estimate of the boundary's normal; they grow with the root "
               "of "
               "the number of steps.")
             .at_least(2),
         field("max_evaluations", &HopSkipJumpOptions::max_evaluations,
               "Most points behind one estimate.")
             .at_least(2),
         field("gamma", &HopSkipJumpOptions::gamma,
               "Precision of the bisections and radius of the estimates, relative to the published "
               "rule.")
             .above(0)});
  }
};

/// The nearest adversarial from decisions alone: from a point of noise to the boundary by
/// bisection, then again and again an estimate of the normal of the boundary from the decisions
/// around, a step along it (halved until it fools) and a bisection back. One run answers every
/// budget. See Attack.
///
/// A step that ends farther away is not taken. Bisections are at least as fine as a thousandth of
/// the distance (the published rule is coarser below 100 values).
class LEADLINE_API HopSkipJump : public Attack {
 public:
  using Options = HopSkipJumpOptions;
  /// Throws ValueError on options out of range and for norms other than l2 and linf.
  explicit HopSkipJump(const Options& options = {});
};

}  // namespace leadline::robustness

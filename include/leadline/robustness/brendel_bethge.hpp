/// Brendel and Bethge's attack (Brendel et al. 2019, arXiv:1907.01003).
#pragma once

#include "leadline/robustness/attack.hpp"

namespace leadline::robustness {

struct BrendelBethgeOptions {
  Threat threat{.norm = Norm::l2, .eps = {0.5}};
  int steps = 200;
  int start_tries = 100;
  double trust = 0.1;
  int polish = 3;
  std::int64_t max_samples = 0;
  std::int64_t check_samples = 128;

  static Fields fields() {
    return attack_fields<BrendelBethgeOptions>(
        {field("steps", &BrendelBethgeOptions::steps, "Steps along the boundary.").at_least(1),
         field("start_tries", &BrendelBethgeOptions::start_tries,
               "Points of noise and corners of the box tried as a start; where all are read as the "
               "label it starts from the clean input.")
             .at_least(1),
         field("trust", &BrendelBethgeOptions::trust,
               "Radius of the first step, as a share of the distance so far; it falls to a "
               "hundredth of that by half a cosine.")
             .above(0)
             .at_most(1),
         field("polish", &BrendelBethgeOptions::polish,
               "Rounds of local search at the end; 0: none, as published.")
             .at_least(0)});
  }
};

/// Starts far away, at noise blended towards the input until it is just misread, and walks along
/// the boundary to the nearest point. Minimum norm. See Attack.
///
/// With x the point, f its margin and b the slope of f there, each step goes to the point q that is
/// nearest to the clean input in the threat's norm subject to
///   b . (q - x) = -f,   |q - x|_2 <= radius,   bounds,
/// solved exactly through its dual: one number for the plane, one for the radius, each by bisection
/// (l0, which is not convex: the same, to the nearest change of a value).
class LEADLINE_API BrendelBethge : public Attack {
 public:
  using Options = BrendelBethgeOptions;
  /// Throws ValueError on options out of range.
  explicit BrendelBethge(const Options& options = {});
};

}  // namespace leadline::robustness

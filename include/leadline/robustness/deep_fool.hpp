/// DeepFool (Moosavi-Dezfooli et al. 2016, arXiv:1511.04599).
#pragma once

#include "leadline/robustness/attack.hpp"

namespace leadline::robustness {

struct DeepFoolOptions {
  Threat threat{.norm = Norm::l2, .eps = {0.5}};
  int steps = 50;
  double overshoot = 0.02;
  std::int64_t candidates = 10;
  std::int64_t max_samples = 0;
  std::int64_t check_samples = 128;

  static Fields fields() {
    return attack_fields<DeepFoolOptions>(
        {field("steps", &DeepFoolOptions::steps, "Gradient steps.").at_least(1),
         field("overshoot", &DeepFoolOptions::overshoot,
               "Share by which the step across the boundary is lengthened; 0: just across.")
             .at_least(0),
         field("candidates", &DeepFoolOptions::candidates,
               "Likeliest wrong classes whose boundaries are tried; 0: all.")
             .at_least(0)});
  }
};

/// Steps to the nearest linearised boundary until one is crossed; norms l2 and linf. Steps respect
/// the bounds, so that on a linear model the first one is exact whether or not they are in the way.
/// Estimates of the minimum-norm attacks: see Attack.
class LEADLINE_API DeepFool : public Attack {
 public:
  using Options = DeepFoolOptions;
  /// Throws ValueError on options out of range, a norm that it does not measure in.
  explicit DeepFool(const Options& options = {});
};

}  // namespace leadline::robustness

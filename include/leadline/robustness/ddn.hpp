/// Decoupled direction and norm (Rony et al. 2019, arXiv:1811.09600).
#pragma once

#include "leadline/robustness/attack.hpp"

namespace leadline::robustness {

struct DdnOptions {
  Threat threat{.norm = Norm::l2, .eps = {0.5}};
  int steps = 100;
  std::optional<double> init_norm{};
  double gamma = 0.05;
  int polish = 3;
  std::int64_t max_samples = 0;
  std::int64_t check_samples = 128;

  static Fields fields() {
    return attack_fields<DdnOptions>(
        {field("steps", &DdnOptions::steps, "Gradient steps.").at_least(1),
         field("init_norm", &DdnOptions::init_norm,
               "Radius of the first step, and its length; none: the distance by the slope at the "
               "clean point.")
             .above(0)
             .in("input units"),
         field("gamma", &DdnOptions::gamma,
               "Share by which the radius shrinks after a success and grows after a failure.")
             .above(0)
             .below(1),
         polish_field<DdnOptions>()});
  }
};

/// Steps along the normalised gradient, put back on a sphere that shrinks after each success and
/// grows after each failure. Norm l2. Estimates of the minimum-norm attacks: see Attack.
class LEADLINE_API Ddn : public Attack {
 public:
  using Options = DdnOptions;
  /// Throws ValueError on options out of range, a norm that it does not measure in.
  explicit Ddn(const Options& options = {});
};

}  // namespace leadline::robustness

/// Fast minimum-norm attack (Pintor et al. 2021, arXiv:2102.12827).
#pragma once

#include "leadline/robustness/attack.hpp"

namespace leadline::robustness {

struct FmnOptions {
  Threat threat{.norm = Norm::l2, .eps = {0.5}};
  int steps = 100;
  std::optional<double> step_size{};
  double gamma = 0.05;
  int polish = 3;
  std::int64_t max_samples = 0;
  std::int64_t check_samples = 128;

  static Fields fields() {
    return attack_fields<FmnOptions>(
        {field("steps", &FmnOptions::steps, "Gradient steps.").at_least(1),
         field("step_size", &FmnOptions::step_size,
               "First step, l2; shrinks to 1 % by a cosine. None: the distance by the slope at the "
               "clean point, later that of the best point.")
             .above(0)
             .in("input units"),
         field("gamma", &FmnOptions::gamma,
               "First share by which the radius changes; shrinks to 2 % by a cosine.")
             .above(0)
             .below(1),
         polish_field<FmnOptions>()});
  }
};

/// Steps along the normalised gradient of the margin, projected on a ball whose radius adapts to
/// the boundary. All four norms. The default step follows the model's own scale. Estimates of the
/// minimum-norm attacks: see Attack.
class LEADLINE_API Fmn : public Attack {
 public:
  using Options = FmnOptions;
  /// Throws ValueError on options out of range, a norm that it does not measure in.
  explicit Fmn(const Options& options = {});
};

}  // namespace leadline::robustness

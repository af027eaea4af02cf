/// Fast gradient sign method (Goodfellow et al. 2015, arXiv:1412.6572).
#pragma once

#include "leadline/robustness/attack.hpp"
#include "leadline/robustness/attack_loss.hpp"

namespace leadline::robustness {

struct FgsmOptions {
  Threat threat{};
  AttackLoss loss = AttackLoss::cross_entropy;
  std::int64_t max_samples = 0;
  std::int64_t check_samples = 128;

  static Fields fields() {
    return attack_fields<FgsmOptions>({field("loss", &FgsmOptions::loss, "What is climbed.")});
  }
};

/// One full step of steepest ascent from the clean input, clipped to the bounds; one gradient
/// serves every budget. Quick and weak: what it leaves standing says little. See Attack.
class LEADLINE_API Fgsm : public Attack {
 public:
  using Options = FgsmOptions;
  explicit Fgsm(const Options& options = {});
};

}  // namespace leadline::robustness

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
    return {field("threat", &FgsmOptions::threat, "What the adversary may do."),
            field("loss", &FgsmOptions::loss, "What is climbed."),
            field("max_samples", &FgsmOptions::max_samples,
                  "Samples looked at, drawn at random; 0: all.")
                .at_least(0),
            field("check_samples", &FgsmOptions::check_samples,
                  "Samples behind the checks of the attack itself; 0: no checks.")
                .at_least(0)};
  }
};

/// One full step of steepest ascent from the clean input, clipped to the bounds; one gradient
/// serves every budget. Quick and weak: what it leaves standing says little. See Attack.
class LEADLINE_API Fgsm : public Attack {
 public:
  using Options = FgsmOptions;
  explicit Fgsm(Options options = {});
  [[nodiscard]] std::vector<std::pair<std::string, std::string>> options() const override;

 private:
  Options options_;
};

}  // namespace leadline::robustness

/// The boundary attack (Brendel, Rauber and Bethge 2018, arXiv:1712.04248).
#pragma once

#include "leadline/robustness/attack.hpp"

namespace leadline::robustness {

struct BoundaryAttackOptions {
  Threat threat{.norm = Norm::l2, .eps = 0.5};
  std::int64_t queries = 25000;
  int start_tries = 100;
  double spherical_step = 0.01;
  double source_step = 0.01;
  double adaptation = 1.5;
  std::int64_t max_samples = 0;
  std::int64_t check_samples = 32;

  static Fields fields() {
    return attack_fields<BoundaryAttackOptions>(
        {field("queries", &BoundaryAttackOptions::queries, "Rows of the model asked.").at_least(3),
         field("start_tries", &BoundaryAttackOptions::start_tries,
               "Points of noise tried for a first one that fools.")
             .at_least(1),
         field("spherical_step", &BoundaryAttackOptions::spherical_step,
               "First length of the random step around the clean point, relative to its distance.")
             .above(0),
         field("source_step", &BoundaryAttackOptions::source_step,
               "First length of the step towards the clean point, relative to its distance.")
             .above(0),
         field("adaptation", &BoundaryAttackOptions::adaptation,
               "Factor by which steps grow and shrink with their success.")
             .above(1)});
  }
};

/// The nearest adversarial in l2 from decisions alone: a random walk along the boundary, each step
/// one around the clean point and one towards it; step lengths follow the rates of success. One run
/// answers every budget. See Attack.
class LEADLINE_API BoundaryAttack : public Attack {
 public:
  using Options = BoundaryAttackOptions;
  /// Throws ValueError on options out of range and for norms other than l2.
  explicit BoundaryAttack(const Options& options = {});
};

}  // namespace leadline::robustness

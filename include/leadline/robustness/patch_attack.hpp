/// A patch of any values on each picture (after Brown et al. 2017, arXiv:1712.09665).
#pragma once

#include "leadline/robustness/attack.hpp"
#include "leadline/robustness/attack_loss.hpp"

namespace leadline::robustness {

enum class PatchLocation : std::uint8_t {
  gradient,  // where the slope at the clean picture promises most
  random     // anywhere
};
constexpr std::array<std::string_view, 2> names_of(std::type_identity<PatchLocation>) {
  return {"gradient", "random"};
}

struct PatchAttackOptions {
  Threat threat{.norm = Norm::patch, .eps = 0.05};
  PatchLocation location = PatchLocation::gradient;
  int restarts = 4;
  int steps = 40;
  double step_size = 0.05;
  AttackLoss loss = AttackLoss::cross_entropy;
  std::int64_t max_samples = 0;
  std::int64_t check_samples = 64;

  static Fields fields() {
    return attack_fields<PatchAttackOptions>(
        {field("location", &PatchAttackOptions::location, "Where the patch is put."),
         field("restarts", &PatchAttackOptions::restarts, "Places tried, a budget.").at_least(1),
         field("steps", &PatchAttackOptions::steps, "Gradient steps a place.").at_least(1),
         field("step_size", &PatchAttackOptions::step_size, "Length of a step.")
             .above(0)
             .at_most(1)
             .in("shares of the range"),
         field("loss", &PatchAttackOptions::loss, "What is climbed.")});
  }
};

/// Covers a square, rectangle, circle or ellipse (`threat.patch_shape`, `patch_aspect`), eps of the
/// picture's area, with values that the gradient chooses: signs of the gradient from a random
/// start, anywhere within the bounds. One patch a picture; one patch for all pictures is
/// UniversalPerturbation. See Attack.
///
/// By gradient, a place is worth what its values can gain to first order, each going to the better
/// bound; later restarts try the best of the places that cover less than half of an earlier one.
class LEADLINE_API PatchAttack : public Attack {
 public:
  using Options = PatchAttackOptions;
  /// Throws ValueError on options out of range and for every norm but patch. Runs throw ShapeError
  /// for what is no picture [channels, height, width].
  explicit PatchAttack(const Options& options = {});
};

}  // namespace leadline::robustness

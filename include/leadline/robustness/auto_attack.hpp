/// AutoAttack (Croce and Hein 2020, arXiv:2003.01690): the ensemble by the published protocol.
#pragma once

#include "leadline/robustness/apgd.hpp"

namespace leadline::robustness {

enum class AutoAttackVersion : std::uint8_t { standard, plus, rand };
constexpr std::array<std::string_view, 3> names_of(std::type_identity<AutoAttackVersion>) {
  return {"standard", "plus", "rand"};
}

struct AutoAttackOptions {
  Threat threat{};
  AutoAttackVersion version = AutoAttackVersion::standard;
  Compat compat = Compat::none;
  std::int64_t max_samples = 0;
  std::int64_t check_samples = 64;

  static Fields fields() {
    return attack_fields<AutoAttackOptions>(
        {field("version", &AutoAttackOptions::version,
               "standard; plus: more restarts and the untargeted variants; rand: for models that "
               "draw random numbers."),
         field("compat", &AutoAttackOptions::compat,
               "reference: the quirks of the authors' code instead of the published rules.")});
  }
};

/// Each attack runs, from the clean input, on what the ones before it left standing; a sample
/// counts as robust when all of them fail.
///
/// standard: APGD on the cross-entropy (100 steps), APGD on the targeted logit ratio (9 targets of
///   100 steps), FAB towards 9 targets (100 steps), Square (5000 queries); l1: 5 restarts, 5
///   targets, budgets of 3, 2 and 1 eps in turn.
/// plus: APGD on the cross-entropy and on the logit ratio (5 restarts), FAB (5 restarts), Square,
///   then the two targeted ones.
/// rand: APGD on both losses, 20 gradients averaged a point.
/// With fewer classes than a logit ratio needs (3; 4 when targeted) the margin is climbed instead,
/// and a warning says so. See Attack.
class LEADLINE_API AutoAttack : public Attack {
 public:
  using Options = AutoAttackOptions;
  /// Throws ValueError for the norm l0 and for goals other than untargeted.
  explicit AutoAttack(const Options& options = {});
};

}  // namespace leadline::robustness

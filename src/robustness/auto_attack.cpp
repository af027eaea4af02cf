#include "leadline/robustness/auto_attack.hpp"

#include "attack_methods.hpp"
#include "leadline/core/error.hpp"

namespace leadline::detail::auto_attack {

using namespace robustness;
using attack_methods::ApgdPlan;
using attack_methods::FabPlan;

constexpr int steps = 100;
constexpr int queries = 5000;
constexpr std::int64_t targets = 9;
constexpr int rand_draws = 20;

AttackStage apgd(const char* name, ApgdPlan plan, std::int64_t n_targets = 0) {
  plan.steps = steps;
  plan.targeted = n_targets > 0;
  return {.name = name, .method = attack_methods::apgd(plan), .n_targets = n_targets};
}

AttackStage fab(const char* name, int restarts, std::int64_t n_targets = 0) {
  // An ensemble asks whether the row falls within the budget, not how near: no polish.
  const FabPlan plan{.targeted = n_targets > 0, .steps = steps, .restarts = restarts, .polish = 0};
  return {.name = name,
          .method = attack_methods::fab(plan),
          .minimum_norm = true,
          .n_targets = n_targets};
}

AttackStage square() {
  return {.name = "square", .method = attack_methods::square(queries), .needs = Knowledge::scores};
}

std::vector<AttackStage> stages_of(const AutoAttackOptions& options) {
  const ApgdPlan plain{.compat = options.compat, .wide_first = options.threat.norm == Norm::l1};
  ApgdPlan five = plain, ratio = plain, eot = plain;
  five.restarts = ratio.restarts = 5;
  ratio.loss = AttackLoss::dlr;
  eot.eot_samples = rand_draws;
  ApgdPlan eot_ratio = eot;
  eot_ratio.loss = AttackLoss::dlr;
  switch (options.version) {
    case AutoAttackVersion::standard:
      if (options.threat.norm == Norm::l1)
        return {apgd("apgd-ce", five), apgd("apgd-t", plain, 5), fab("fab-t", 1, targets),
                square()};
      return {apgd("apgd-ce", plain), apgd("apgd-t", plain, targets), fab("fab-t", 1, targets),
              square()};
    case AutoAttackVersion::plus:
      return {apgd("apgd-ce", five),          apgd("apgd-dlr", ratio), fab("fab", 5), square(),
              apgd("apgd-t", plain, targets), fab("fab-t", 1, targets)};
    case AutoAttackVersion::rand:
      break;
  }
  return {apgd("apgd-ce", eot), apgd("apgd-dlr", eot_ratio)};
}

Attack::Recipe recipe_of(const AutoAttackOptions& options) {
  Attack::Recipe recipe = recipe_from("AutoAttack", "auto_attack", options);
  if (options.threat.norm == Norm::l0)
    throw ValueError("AutoAttack", "the norm linf, l2 or l1", "l0", "use Fmn or Pgd for l0");
  if (options.threat.goal != Goal::untargeted)
    throw ValueError("AutoAttack", "the goal untargeted", "another goal",
                     "the ensemble is defined for any wrong class; use Apgd for a goal");
  recipe.stages = stages_of(options);
  recipe.climbs_dlr = true;
  recipe.averaged = options.version == AutoAttackVersion::rand ? rand_draws : 1;
  recipe.relative_cost = 5000.0 * static_cast<double>(options.threat.eps.size());
  return recipe;
}

}  // namespace leadline::detail::auto_attack

namespace leadline::robustness {

AutoAttack::AutoAttack(const Options& options)
    : Attack(leadline::detail::auto_attack::recipe_of(options)) {}

}  // namespace leadline::robustness

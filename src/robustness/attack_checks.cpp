// What the battery counted, as checks.
#include <algorithm>
#include <cmath>

#include "attack_exhibit.hpp"
#include "attack_run.hpp"
#include "attack_scores.hpp"
#include "leadline/stats/distributions.hpp"

namespace leadline::detail::attack_run {
namespace {

using robustness::Goal;
using robustness::is_ball;
using robustness::Knowledge;

std::string of(std::int64_t k, std::int64_t n) {
  return std::to_string(k) + " of " + std::to_string(n);
}

Check open_check(std::string name, const Outcome& outcome, std::int64_t n) {
  Check check;
  check.name = std::move(name);
  check.applies_to = {"*"};
  if (n > 0) {
    check.result = Check::pass;
    return check;
  }
  check.why = outcome.recipe.check_samples == 0 ? "checks were switched off (check_samples=0)"
              : outcome.partial                 ? "the run was stopped before its checks"
                                                : "no sample to check on";
  return check;
}

/// What a check alone takes for chance; over a whole report Holm decides (engine/family.cpp).
constexpr double alarm_rate = 0.01;

/// "`wrong` only" against "`right` only": fails when wrong outweighs right beyond chance (exact
/// McNemar, one-sided) and by more than 2 % of the samples.
Check paired_check(std::string name, const Outcome& outcome, std::int64_t n, std::int64_t wrong,
                   std::int64_t right, const std::string& why, std::string remedy) {
  Check check = open_check(std::move(name), outcome, n);
  if (n == 0) return check;
  check.p_value = wrong == 0 ? 1.0 : stats::binomial_sf(wrong - 1, wrong + right, 0.5);
  check.evidence = Estimate::of(static_cast<double>(wrong - right) / static_cast<double>(n), n,
                                "a paired difference; see the p-value");
  if (*check.p_value<alarm_rate&& static_cast<double>(wrong - right)> 0.02 *
      static_cast<double>(n)) {
    check.result = Check::fail;
    check.remedy = std::move(remedy);
  }
  check.why = why + " (exact McNemar p = " + attack_exhibit::digits(*check.p_value, 2) + ")";
  return check;
}

Check counted_check(std::string name, const Outcome& outcome, std::int64_t n, std::int64_t wrong,
                    const std::string& why) {
  Check check = open_check(std::move(name), outcome, n);
  if (n == 0) return check;
  check.evidence = Estimate::rate(wrong, n, "wilson", outcome.level);
  check.why = why;
  return check;
}

/// Fails at the first of n that went wrong: for what must never happen.
Check never_check(std::string name, const Outcome& outcome, std::int64_t n, std::int64_t wrong,
                  const std::string& why, std::string remedy) {
  Check check = counted_check(std::move(name), outcome, n, wrong, why);
  if (n == 0 || wrong == 0) return check;
  check.result = Check::fail;
  check.remedy = std::move(remedy);
  return check;
}

/// Fails when more of n went wrong than a true share of `tolerated` explains (exact binomial).
Check share_check(std::string name, const Outcome& outcome, std::int64_t n, std::int64_t wrong,
                  double tolerated, const std::string& why, std::string remedy) {
  Check check = counted_check(std::move(name), outcome, n, wrong, why);
  if (n == 0) return check;
  check.p_value = wrong == 0 ? 1.0 : stats::binomial_sf(wrong - 1, n, tolerated);
  check.why += " (more than " + attack_exhibit::digits(100 * tolerated, 2) +
               " %: p = " + attack_exhibit::digits(*check.p_value, 2) + ")";
  if (*check.p_value < alarm_rate) {
    check.result = Check::fail;
    check.remedy = std::move(remedy);
  }
  return check;
}

constexpr const char* masked =
    "the gradients do not lead to the weak points; attack without them (robustness.Square) or "
    "remove the step that hides them (rounding, detached preprocessing, saturated units)";

bool white_box(const Outcome& outcome) {
  return outcome.recipe.stages.front().needs == Knowledge::white_box;
}

Check unbounded_check(const Outcome& outcome) {
  const Tally& t = outcome.tally;
  Check check =
      share_check("unbounded_budget_succeeds", outcome, t.full_n, t.full_left, 0.05,
                  of(t.full_left, t.full_n) +
                      " samples withstood a budget as large as the whole input range; none should",
                  white_box(outcome) ? masked : "raise the number of queries");
  if (outcome.recipe.threat.goal != Goal::untargeted && t.full_n == 0)
    check.why = "only some classes count: they may be out of reach at any budget";
  return check;
}

/// An attack that averages its gradients takes random numbers into account, and the engine counts
/// what most further runs confirm.
Check repeat_check(const Outcome& outcome) {
  const Tally& t = outcome.tally;
  const std::string changed =
      of(t.again_changed, t.again_n) + " samples got other scores when run again";
  if (outcome.recipe.averaged > 1)
    return counted_check("decisions_repeat", outcome, t.again_n, t.again_changed,
                         changed + "; the attack averaged " +
                             std::to_string(outcome.recipe.averaged) +
                             " gradients a step, and counts what most further runs confirm");
  return never_check(
      "decisions_repeat", outcome, t.again_n, t.again_changed, changed,
      "the model draws random numbers, and this attack follows one draw at a time: evaluate it in "
      "eval mode, or average over its randomness (Pgd(eot_samples=20))");
}

/// Nothing must be too far or outside. Where random numbers decide, some examples near a tie were
/// confirmed by luck.
Check verified_check(const Outcome& outcome) {
  const Tally& t = outcome.tally;
  const std::int64_t wrong = t.too_far + t.outside + t.not_fooled;
  const std::string why = of(t.seen_n - wrong, t.seen_n) +
                          " stored examples hold in float64: " + std::to_string(t.too_far) +
                          " too far, " + std::to_string(t.outside) + " outside the bounds, " +
                          std::to_string(t.not_fooled) + " read correctly when run again";
  const char* remedy = "examples that do not hold were won by randomness or by a broken projection";
  if (t.again_changed == 0 || t.too_far + t.outside > 0)
    return never_check("examples_verified", outcome, t.seen_n, wrong, why, remedy);
  return share_check("examples_verified", outcome, t.seen_n, wrong, 0.2, why, remedy);
}

/// What all of the attack left standing must not fall to attacks without gradients. What the black
/// boxes of an ensemble brought down is found, but where that is much its number is that of a black
/// box, which a stronger one lowers.
Check blind_check(const Outcome& outcome) {
  constexpr double tolerated_late = 0.1;
  const Tally& t = outcome.tally;
  Check check = share_check("black_box_not_stronger", outcome, t.blind_n, t.blind_only, 0.02,
                            of(t.blind_only, t.blind_n) +
                                " samples withstood the attack and fell to others that use no "
                                "gradients",
                            masked);
  if (t.late_only == 0 || !check.p_value) return check;
  const double late = stats::binomial_sf(t.late_only - 1, t.blind_n, tolerated_late);
  check.p_value = std::min(1.0, 2 * std::min(*check.p_value, late));
  check.why += "; " + of(t.late_only, t.blind_n) +
               " fell only to those of the ensemble that use none (more than " +
               attack_exhibit::digits(100 * tolerated_late, 2) +
               " %: p = " + attack_exhibit::digits(late, 2) + ")";
  if (check.result == Check::pass && *check.p_value < alarm_rate) {
    check.result = Check::fail;
    check.remedy = masked;
  }
  return check;
}

void add_gradient_checks(const Outcome& outcome, std::vector<Check>& checks) {
  std::int64_t attacked = 0, blind = 0, bad = 0;
  for (const Record* r : outcome.counted) {
    if (!r->correct) continue;
    ++attacked;
    blind += r->zero_gradient && !fell_to_gradients(outcome.recipe, *r);
    bad += r->bad_gradient;
  }
  const Tally& t = outcome.tally;
  const bool off = outcome.recipe.check_samples == 0;
  checks.push_back(share_check(
      "gradients_not_zero", outcome, off ? 0 : attacked, blind, 0.01,
      of(blind, attacked) +
          " samples withstood the gradients, which are exactly zero there: the attack saw nothing; "
          "at the clean input of " +
          std::to_string(t.flat_n) + " samples the gradient of the log loss is zero for " +
          std::to_string(t.flat_ce) + ", of the logit ratio for " + std::to_string(t.flat_dlr),
      masked));
  checks.push_back(never_check(
      "gradients_finite", outcome, off ? 0 : attacked, bad,
      of(bad, attacked) + " samples had a NaN or infinite gradient",
      "find the operation that overflows (a division, a logarithm or a square root at 0)"));
  checks.push_back(share_check(
      "gradients_match_differences", outcome, t.slope_n, t.slope_wrong, 0.1,
      of(t.slope_wrong, t.slope_n) + " gradients foretell another change of the scores than a " +
          (is_ball(outcome.recipe.threat.norm) ? "step of an eighth of the budget" : "small step") +
          " shows",
      masked));
  checks.push_back(blind_check(outcome));
  if (is_ball(outcome.recipe.threat.norm))
    checks.push_back(
        share_check("transfer_not_stronger", outcome, t.smooth_n, t.smooth_only, 0.05,
                    of(t.smooth_only, t.smooth_n) +
                        " samples withstood the gradients and fell to examples of a smooth model "
                        "learned from the answers",
                    masked));
  checks.push_back(share_check(
      "noise_not_stronger", outcome, t.noise_n, t.noise_only, 0.01,
      of(t.noise_only, t.noise_n) + " samples withstood the attack and fell to random changes",
      masked));
}

void add_effort_checks(const Outcome& outcome, std::vector<Check>& checks) {
  const Tally& t = outcome.tally;
  const Recipe& recipe = outcome.recipe;
  if (white_box(outcome) && !recipe.single_step && is_ball(recipe.threat.norm))
    checks.push_back(paired_check("fgsm_not_stronger", outcome, t.fast_n, t.fast_only, t.slow_only,
                                  "one large step alone fooled " + of(t.fast_only, t.fast_n) +
                                      ", the attack alone " + std::to_string(t.slow_only),
                                  masked));
  if (recipe.longer.method)
    checks.push_back(
        paired_check("steps_converge", outcome, t.more_n, t.more_only, t.less_only,
                     "twice the effort fooled " + of(t.more_only, t.more_n) + " more, lost " +
                         std::to_string(t.less_only),
                     "raise the steps, restarts or queries until the accuracy no longer falls"));
}

}  // namespace

std::vector<Check> judge_checks(const Outcome& outcome) {
  const Tally& t = outcome.tally;
  std::vector<Check> checks;
  if (t.logit_n > 0)
    checks.push_back(never_check("logits_are_not_probabilities", outcome, t.logit_n,
                                 t.sum_to_one == t.logit_n ? t.sum_to_one : 0,
                                 of(t.sum_to_one, t.logit_n) +
                                     " rows of scores, declared as logits, lie in [0, 1] and sum "
                                     "to 1",
                                 attack_scores::declare_probabilities));
  checks.push_back(repeat_check(outcome));
  checks.push_back(never_check(
      "rows_independent", outcome, t.alone_n, t.alone_changed,
      of(t.alone_changed, t.alone_n) + " samples got other scores alone than in a batch",
      "the answer depends on the company (batch statistics in training mode, attention across "
      "rows): put the model into eval mode, or attack with batch_size=1"));
  if (t.alone_n == 0 && t.again_changed > 0)
    checks.back().why = "the scores do not repeat, so company cannot be told from noise";
  checks.push_back(share_check(
      "zero_budget_equals_clean", outcome, t.zero_n, t.zero_changed,
      t.again_changed > 0 ? 0.1 : 0.01,  // near a tie, random numbers decide
      of(t.zero_changed, t.zero_n) + " samples changed their answer with no change of the input",
      "the model gives other answers alone than in the pass: look for randomness, batch statistics "
      "or a preprocessing that differs"));
  if (!outcome.recipe.stages.front().minimum_norm)
    checks.push_back(
        paired_check("accuracy_does_not_rise", outcome, t.rise_n, t.rise_lost, t.rise_won,
                     "twice the budget lost " + of(t.rise_lost, t.rise_n) +
                         " samples that the budget fooled, won " + std::to_string(t.rise_won),
                     masked));
  if (outcome.recipe.threat.norm != robustness::Norm::spatial)
    checks.push_back(unbounded_check(outcome));
  add_effort_checks(outcome, checks);
  if (white_box(outcome)) add_gradient_checks(outcome, checks);
  checks.push_back(verified_check(outcome));
  return checks;
}

}  // namespace leadline::detail::attack_run

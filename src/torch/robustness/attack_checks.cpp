// The attack judged by other attacks on a subsample.
#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>

#include "attack_exhibit.hpp"
#include "attack_run.hpp"
#include "leadline/stats/distributions.hpp"
#include "leadline/stats/random.hpp"

namespace leadline::detail::attack_run {
namespace {

using robustness::AttackIo;
using robustness::AttackPlan;

/// Runs `plan` on the sample; by position, whether the row was fooled. Empty: stopped.
std::vector<bool> fooled_by(const Bench& bench, const AttackPlan& plan,
                            std::span<const Record* const> sample, const std::string& stream) {
  std::vector<AttackRow> rows;
  for (const Record* r : sample) rows.push_back({r->id, r->label, r->target});
  std::vector<bool> fooled(sample.size(), false);
  AttackIo io;
  io.fetch = bench.fetch;
  io.rng = [&](SampleId id, int restart) {
    return bench.session.rng(stream + "/" + std::to_string(restart), id);
  };
  io.stop = [&] { return bench.session.stopping(); };
  io.count = [&](std::int64_t forwards, std::int64_t backwards) {
    bench.session.count_forwards(forwards);
    bench.session.count_backwards(backwards);
  };
  io.done = [&](const AttackResult& result, const at::Tensor&) {
    fooled[result.position] = std::isfinite(result.fooled_at);
  };
  if (!run_attack(bench.model, plan, rows, io)) fooled.clear();
  return fooled;
}

/// The plan of the run at one budget; a step keeps its share of the budget.
AttackPlan at_budget(const AttackPlan& plan, double eps, int steps) {
  AttackPlan one = plan;
  const double share = plan.step_size.back() / plan.eps.back();
  one.eps = {eps};
  one.step_size = {eps * share};
  one.steps = steps;
  one.drop_fooled = true;
  return one;
}

struct Paired {
  std::int64_t n = 0, first_only = 0, second_only = 0;
};
Paired pair_up(const std::vector<bool>& first, const std::vector<bool>& second) {
  Paired p{std::ssize(first), 0, 0};
  for (std::size_t i = 0; i < first.size(); ++i) {
    p.first_only += first[i] && !second[i];
    p.second_only += second[i] && !first[i];
  }
  return p;
}

/// The same batch through the model twice: rows whose scores moved by more than 1e-5 of their size.
void run_again(const Bench& bench, std::span<const Record* const> sample, Tally& tally) {
  std::vector<SampleId> ids;
  for (const Record* r : sample) ids.push_back(r->id);
  ids.resize(std::min<std::size_t>(ids.size(), static_cast<std::size_t>(bench.plan.batch_size)));
  const auto inputs = bench.fetch(ids);
  models::TorchModel::Call how;
  how.extras = inputs.extras.empty() ? nullptr : &inputs.extras;
  const auto once = [&] {
    bench.session.count_forwards(std::ssize(ids));
    return bench.model.call(inputs.x.clone(), how)
        .output.detach()
        .to(at::kCPU, at::kDouble)
        .reshape({std::ssize(ids), -1});
  };
  const at::Tensor a = once(), b = once();
  const at::Tensor moved = (a - b).abs().amax(1) > 1e-5 * a.abs().amax(1).clamp_min(1e-6);
  tally.again_n = std::ssize(ids);
  tally.again_changed = moved.sum().item<std::int64_t>();
}

}  // namespace

bool run_checks(const Recipe& recipe, const Bench& bench, std::span<const Record* const> sample,
                Tally& tally) {
  if (sample.empty()) return true;
  const AttackPlan& plan = bench.plan;
  const double eps = plan.eps.back();
  const double range = plan.bounds.second - plan.bounds.first;
  std::vector<bool> as_run;
  for (const Record* r : sample) as_run.push_back(r->fooled_at <= eps);

  run_again(bench, sample, tally);

  AttackPlan zero = at_budget(plan, eps, 1);
  zero.eps = zero.step_size = {0.0};
  zero.restarts = 1;
  auto fooled = fooled_by(bench, zero, sample, "check/zero");
  if (fooled.empty()) return false;
  tally.zero_n = std::ssize(fooled);
  tally.zero_changed = std::count(fooled.begin(), fooled.end(), true);

  fooled = fooled_by(bench, at_budget(plan, 2 * eps, plan.steps), sample, "check/twice");
  if (fooled.empty()) return false;
  const auto rise = pair_up(as_run, fooled);
  tally.rise_n = rise.n;
  tally.rise_lost = rise.first_only;
  tally.rise_won = rise.second_only;

  if (!plan.targeted) {
    const auto example = bench.fetch(std::vector<SampleId>{sample[0]->id}).x;
    const double full = plan.norm == robustness::Norm::linf
                            ? range
                            : range * std::sqrt(static_cast<double>(example.numel()));
    AttackPlan unbounded = at_budget(plan, full, std::max(plan.steps, 20));
    unbounded.step_size = {2.5 * full / unbounded.steps};
    fooled = fooled_by(bench, unbounded, sample, "check/full");
    if (fooled.empty()) return false;
    tally.full_n = std::ssize(fooled);
    tally.full_left = std::count(fooled.begin(), fooled.end(), false);
  }

  if (recipe.name == "fgsm") return true;
  AttackPlan fast = at_budget(plan, eps, 1);
  fast.step_size = {eps};
  fast.random_start = false;
  fast.restarts = 1;
  fooled = fooled_by(bench, fast, sample, "check/fgsm");
  if (fooled.empty()) return false;
  const auto quick = pair_up(fooled, as_run);
  tally.fast_n = quick.n;
  tally.fast_only = quick.first_only;
  tally.slow_only = quick.second_only;

  // The same starts: a longer run of the same path.
  fooled = fooled_by(bench, at_budget(plan, eps, 2 * plan.steps), sample, "start");
  if (fooled.empty()) return false;
  const auto longer = pair_up(fooled, as_run);
  tally.more_n = longer.n;
  tally.more_only = longer.first_only;
  tally.less_only = longer.second_only;
  return true;
}

namespace {

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
    "the gradients do not lead to the weak points; attack without them (a black-box attack such as "
    "robustness.GaussianNoise or a transfer attack) or remove the step that hides them (rounding, "
    "detached preprocessing, saturated units)";

Check unbounded_check(const Outcome& outcome) {
  const Tally& t = outcome.tally;
  Check check =
      share_check("unbounded_budget_succeeds", outcome, t.full_n, t.full_left, 0.05,
                  of(t.full_left, t.full_n) +
                      " samples withstood a budget as large as the whole input range; none should",
                  masked);
  if (outcome.recipe.plan.targeted && t.full_n == 0)
    check.why = "targeted: the target class may be out of reach at any budget";
  return check;
}

void add_gradient_checks(const Outcome& outcome, std::vector<Check>& checks) {
  std::int64_t attacked = 0, blind = 0, bad = 0;
  for (const Record* r : outcome.counted) {
    if (!r->correct) continue;
    ++attacked;
    blind += r->zero_gradient && !std::isfinite(r->fooled_at);
    bad += r->bad_gradient;
  }
  const bool off = outcome.recipe.check_samples == 0;
  checks.push_back(share_check("gradients_not_zero", outcome, off ? 0 : attacked, blind, 0.01,
                               of(blind, attacked) +
                                   " samples were left standing with a gradient that is exactly "
                                   "zero: the attack saw nothing there",
                               masked));
  checks.push_back(never_check(
      "gradients_finite", outcome, off ? 0 : attacked, bad,
      of(bad, attacked) + " samples had a NaN or infinite gradient",
      "find the operation that overflows (a division, a logarithm or a square root at 0)"));
}

}  // namespace

std::vector<Check> judge_checks(const Outcome& outcome) {
  const Tally& t = outcome.tally;
  std::vector<Check> checks;
  checks.push_back(never_check(
      "decisions_repeat", outcome, t.again_n, t.again_changed,
      of(t.again_changed, t.again_n) + " samples got other scores when run again",
      "the model draws random numbers: success once is not success; evaluate it in eval mode, or "
      "average over its randomness"));
  checks.push_back(share_check(
      "zero_budget_equals_clean", outcome, t.zero_n, t.zero_changed, 0.01,
      of(t.zero_changed, t.zero_n) + " samples changed their answer with no change of the input",
      "the model gives other answers alone than in the pass: look for randomness, batch statistics "
      "or a preprocessing that differs"));
  checks.push_back(
      paired_check("accuracy_does_not_rise", outcome, t.rise_n, t.rise_lost, t.rise_won,
                   "twice the budget lost " + of(t.rise_lost, t.rise_n) +
                       " samples that the budget fooled, won " + std::to_string(t.rise_won),
                   masked));
  checks.push_back(unbounded_check(outcome));
  if (outcome.recipe.name != "fgsm") {
    checks.push_back(paired_check("fgsm_not_stronger", outcome, t.fast_n, t.fast_only, t.slow_only,
                                  "one large step alone fooled " + of(t.fast_only, t.fast_n) +
                                      ", the small steps alone " + std::to_string(t.slow_only),
                                  masked));
    checks.push_back(
        paired_check("steps_converge", outcome, t.more_n, t.more_only, t.less_only,
                     "twice the steps fooled " + of(t.more_only, t.more_n) + " more, lost " +
                         std::to_string(t.less_only),
                     "raise 'steps' or 'restarts' until the accuracy no longer falls"));
  }
  add_gradient_checks(outcome, checks);
  checks.push_back(
      never_check("examples_verified", outcome, t.seen_n, t.too_far + t.outside + t.not_fooled,
                  of(t.seen_n - t.too_far - t.outside - t.not_fooled, t.seen_n) +
                      " stored examples hold in float64: " + std::to_string(t.too_far) +
                      " too far, " + std::to_string(t.outside) + " outside the bounds, " +
                      std::to_string(t.not_fooled) + " read correctly when run again",
                  "examples that do not hold were won by randomness or by a broken projection"));
  return checks;
}

}  // namespace leadline::detail::attack_run

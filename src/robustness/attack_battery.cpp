#include "attack_battery.hpp"

#include <algorithm>
#include <cmath>

#include "attack_geometry.hpp"
#include "attack_methods.hpp"
#include "attack_space.hpp"

namespace leadline::detail::attack_run {

using namespace robustness;

namespace {

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

/// Whoever fell within the budget falls within a larger one: what stands is tried, by all stages of
/// an ensemble that see what the first sees.
bool check_unbounded(const Recipe& recipe, const Bench& bench, Sample sample, Tally& tally) {
  if (bench.plan.norm == Norm::spatial) return true;  // no motion need mislead
  const AttackStage& stage = recipe.stages.front();
  tally.full_n = std::ssize(sample);
  if (stage.minimum_norm) {  // it looked everywhere already
    tally.full_left = std::count_if(sample.begin(), sample.end(),
                                    [](const Record* r) { return !std::isfinite(r->distance); });
    return true;
  }
  std::vector<const Record*> left;
  for (const Record* r : sample)
    if (!(r->fooled_at <= bench.plan.eps.back())) left.push_back(r);
  const Inputs one = bench.fetch(std::vector<SampleId>{sample[0]->id});
  const double full = attack_geometry::unbounded(
      attack_space::make_space(one.primary.host(), bench.plan), bench.plan.norm);
  const AttackPlan plan = at_budget(bench.plan, std::max(full, 2 * bench.plan.eps.back()));
  for (const AttackStage& next : recipe.stages) {
    if (next.needs != stage.needs || left.empty()) continue;
    const auto fooled = fooled_by(bench, plan, next, left, "check/full");
    if (fooled.empty()) return false;
    std::size_t i = 0;
    std::erase_if(left, [&](const Record*) { return fooled[i++]; });
  }
  tally.full_left = std::ssize(left);
  return true;
}

/// The attack against weaker and longer versions of itself.
bool check_effort(const Recipe& recipe, const Bench& bench, Sample sample,
                  const std::vector<bool>& as_run, double eps, Tally& tally) {
  if (recipe.single_step) return true;
  std::vector<bool> fooled;
  if (recipe.stages.front().needs == Knowledge::white_box && is_ball(bench.plan.norm)) {
    fooled =
        fooled_by(bench, at_budget(bench.plan, eps),
                  {"fgsm", attack_methods::fgsm(AttackLoss::cross_entropy)}, sample, "check/fgsm");
    if (fooled.empty()) return false;
    const auto quick = pair_up(fooled, as_run);
    tally.fast_n = quick.n;
    tally.fast_only = quick.first_only;
    tally.slow_only = quick.second_only;
  }
  if (!recipe.longer.method) return true;
  // The same starts: a longer run of the same path.
  fooled = fooled_by(bench, at_budget(bench.plan, eps), recipe.longer, sample,
                     recipe.stages.front().name);
  if (fooled.empty()) return false;
  const auto longer = pair_up(fooled, as_run);
  tally.more_n = longer.n;
  tally.more_only = longer.first_only;
  tally.less_only = longer.second_only;
  return true;
}

}  // namespace

std::vector<bool> fooled_by(const Bench& bench, const AttackPlan& plan, const AttackStage& stage,
                            Sample sample, const std::string& stream) {
  std::map<SampleId, std::size_t> position;
  for (std::size_t i = 0; i < sample.size(); ++i) position[sample[i]->id] = i;
  std::vector<bool> fooled(sample.size(), false);
  AttackIo io;
  io.fetch = bench.fetch;
  io.rng = [&](std::string_view name, SampleId id, std::uint64_t extra) {
    return bench.session.rng(stream + "/" + std::string(name) + "/" + std::to_string(extra), id);
  };
  io.stop = [&] { return bench.session.stopping(); };
  io.count = [&](std::int64_t forwards, std::int64_t backwards) {
    bench.session.count_forwards(forwards);
    bench.session.count_backwards(backwards);
  };
  io.done = [&](const AttackResult& result, const Tensor&) {
    if (std::isfinite(result.fooled_at)) fooled[position.at(result.row.id)] = true;
  };
  if (!run_attack(bench.model, plan, stage.method, rows_of(stage, sample), io)) fooled.clear();
  return fooled;
}

AttackPlan at_budget(const AttackPlan& plan, double eps) {
  AttackPlan one = plan;
  one.eps = {eps};
  one.drop_fooled = true;
  return one;
}

bool run_battery(const Recipe& recipe, const Bench& bench, Sample sample, Tally& tally) {
  if (sample.empty()) return true;
  const double eps = bench.plan.eps.back();
  const AttackStage& stage = recipe.stages.front();
  std::vector<bool> as_run, by_first;  // by any stage, by the one that runs again here
  for (const Record* r : sample) {
    as_run.push_back(r->fooled_at <= eps);
    by_first.push_back(r->fooled_at <= eps && r->fooled_stage <= 0);
  }

  auto fooled = fooled_by(bench, at_budget(bench.plan, 0), {"clean", attack_methods::clean()},
                          sample, "check/zero");
  if (fooled.empty()) return false;
  tally.zero_n = std::ssize(fooled);
  tally.zero_changed = std::count(fooled.begin(), fooled.end(), true);

  if (!stage.minimum_norm) {  // one run answers all budgets: it cannot rise
    fooled = fooled_by(bench, at_budget(bench.plan, 2 * eps), stage, sample, "check/twice");
    if (fooled.empty()) return false;
    const auto rise = pair_up(by_first, fooled);
    tally.rise_n = rise.n;
    tally.rise_lost = rise.first_only;
    tally.rise_won = rise.second_only;
  }
  if (recipe.threat.goal == Goal::untargeted && !check_unbounded(recipe, bench, sample, tally))
    return false;
  if (!check_effort(recipe, bench, sample, as_run, eps, tally)) return false;
  if (stage.needs == Knowledge::white_box && !check_slopes(bench, sample, eps, tally)) return false;
  return stage.needs != Knowledge::white_box || check_blind(recipe, bench, sample, eps, tally);
}

}  // namespace leadline::detail::attack_run

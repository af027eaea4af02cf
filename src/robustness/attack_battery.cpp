// The attack judged by other attacks on a subsample.
#include <algorithm>
#include <array>
#include <cmath>

#include "attack_geometry.hpp"
#include "attack_methods.hpp"
#include "attack_run.hpp"
#include "attack_scores.hpp"
#include "attack_space.hpp"
#include "leadline/stats/moments.hpp"
#include "leadline/stats/random.hpp"
#include "surrogate.hpp"

namespace leadline::detail::attack_run {

using namespace robustness;

namespace {

using Sample = std::span<const Record* const>;

constexpr std::size_t n_alone = 16;  // rows sent alone
constexpr std::size_t n_blind = 48;  // rows attacked without gradients
constexpr int noise_draws = 20;
constexpr int square_queries = 150;
constexpr int slope_draws = 16;  // of a model that draws random numbers
constexpr attack_methods::NesPlan quick_nes{.steps = 8, .pairs = 12};
constexpr std::int64_t learn_samples = 200;  // of the smooth surrogate
constexpr SurrogatePlan quick_surrogate{.hidden = 32, .copies = 2, .steps = 500};

/// Runs `stage` on the sample at the budgets of `plan`; by position, whether the row was fooled.
/// Empty: stopped.
std::vector<bool> fooled_by(const Bench& bench, const AttackPlan& plan, const AttackStage& stage,
                            Sample sample, const std::string& stream) {
  std::vector<AttackRow> rows;
  std::vector<std::vector<std::int64_t>> targets;
  std::map<SampleId, std::size_t> position;
  for (const Record* r : sample) {
    position[r->id] = rows.size();
    rows.push_back({r->id, r->label, r->target});
    targets.push_back(r->targets);
  }
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
  if (!run_attack(bench.model, plan, stage.method, rows_of(stage, rows, targets), io))
    fooled.clear();
  return fooled;
}

AttackPlan at_budget(const AttackPlan& plan, double eps) {
  AttackPlan one = plan;
  one.eps = {eps};
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

std::vector<SampleId> ids_of(Sample sample, std::size_t most) {
  std::vector<SampleId> ids;
  for (const Record* r : sample.first(std::min(most, sample.size()))) ids.push_back(r->id);
  return ids;
}

/// Logits (or labels) of `inputs` as [n][k].
std::vector<std::vector<double>> scores_of(const Bench& bench, const Inputs& inputs) {
  const std::int64_t n = inputs.primary.size(0);
  bench.session.count_forwards(n);
  const auto scores = attack_scores::read(bench.model.forward(inputs).output, bench.plan.output, n);
  std::vector<std::vector<double>> rows(static_cast<std::size_t>(n));
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto k = static_cast<std::size_t>(scores.k);
    const auto row = std::span(scores.logits).subspan(i * k, k);
    rows[i].assign(row.begin(), row.end());
    if (k == 0) rows[i] = {static_cast<double>(scores.label[i])};
  }
  return rows;
}

/// Whether scores moved by more than `share` of their size.
bool moved(const std::vector<double>& a, const std::vector<double>& b, double share) {
  double size = 1e-6, gap = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    size = std::max(size, std::abs(a[i]));
    gap = std::max(gap, std::abs(a[i] - b[i]));
  }
  return !(gap <= share * size);
}

/// Gradients under both losses, and the slope along the steepest way against what a step of an
/// eighth of the budget shows; both averaged over `draws`, and judged by what these leave open.
Task<> slope_task(Row& row, double eps, int draws, Tally& tally) {
  const Objective objectives[] = {objective_of(row, AttackLoss::cross_entropy),
                                  objective_of(row, AttackLoss::dlr),
                                  objective_of(row, AttackLoss::margin)};
  std::vector<double> x = row.clean_point();
  std::array<bool, 3> flat{true, true, true};
  std::vector<std::vector<double>> gradients;  // of the margin, a draw
  for (int draw = 0; draw < draws; ++draw) {
    const Slope& slope = co_await row.climb_all(x, objectives);
    for (std::size_t k = 0; k < flat.size(); ++k) {
      const auto g = slope.gradient(k);
      flat[k] = flat[k] && std::all_of(g.begin(), g.end(), [](double v) { return v == 0; });
    }
    gradients.emplace_back(slope.gradient(2).begin(), slope.gradient(2).end());
  }
  ++tally.flat_n;
  tally.flat_ce += flat[0];
  tally.flat_dlr += flat[1];
  if (flat[2]) co_return;
  std::vector<double> mean(x.size(), 0.0), way(x.size());
  for (const auto& g : gradients)
    for (std::size_t i = 0; i < g.size(); ++i) mean[i] += g[i] / draws;
  attack_geometry::steepest(row, x, mean, way);
  std::vector<double> ends(2 * x.size() * static_cast<std::size_t>(draws));
  const std::span<double> ahead = std::span(ends).first(x.size());
  const std::span<double> behind = std::span(ends).subspan(x.size(), x.size());
  for (std::size_t i = 0; i < x.size(); ++i) {
    ahead[i] = x[i] + eps / 8 * way[i];
    behind[i] = x[i] - eps / 8 * way[i];
  }
  attack_geometry::clip(row, ahead);
  attack_geometry::clip(row, behind);
  const std::size_t pair = 2 * x.size();
  for (std::size_t at = pair; at < ends.size(); at += pair)
    std::copy_n(ends.begin(), pair, ends.begin() + static_cast<std::ptrdiff_t>(at));
  const std::span<const Answer> answers = co_await row.look_all(ends);
  stats::Moments seen, expected;
  double size = 0;
  for (std::size_t draw = 0; draw < gradients.size(); ++draw) {
    const Answer &up = answers[2 * draw], &down = answers[2 * draw + 1];
    seen.add(row.margin(up) - row.margin(down));
    double along = 0;
    for (std::size_t i = 0; i < x.size(); ++i) along += gradients[draw][i] * (ahead[i] - behind[i]);
    expected.add(along);
    for (const double z : up.logits) size = std::max(size, std::abs(z));
  }
  const double rounding = 1e-5 * size;  // of float32 scores
  const double n = draws;
  const double chance = draws > 1 ? 3 * std::sqrt((seen.m2 + expected.m2) / (n * (n - 1))) : 0;
  ++tally.slope_n;
  tally.slope_wrong +=
      std::abs(seen.mean - expected.mean) >
      0.75 * std::max(std::abs(seen.mean), std::abs(expected.mean)) + rounding + chance;
}

bool check_slopes(const Bench& bench, Sample sample, double eps, Tally& tally) {
  tally.flat_n = tally.flat_ce = tally.flat_dlr = tally.slope_n = tally.slope_wrong = 0;
  AttackPlan plan = at_budget(bench.plan, eps);
  plan.drop_fooled = false;
  plan.query_budget = 0;
  if (!is_ball(plan.norm)) {  // a slope is one of values, whatever an adversary does with it
    plan.norm = Norm::linf;
    plan.eps = {8.0 / 255 * (plan.bounds.second - plan.bounds.first)};
  }
  const AttackStage stage{"slopes", [&](Row& row, std::span<const double> budgets) {
                            return slope_task(row, budgets.front(),
                                              bench.plan.confirmations > 0 ? slope_draws : 1,
                                              tally);
                          }};
  return !fooled_by(bench, plan, stage, sample.first(std::min(n_blind, sample.size())),
                    "check/slopes")
              .empty();
}

/// Examples of a smooth stand-in, learned from answers alone, on what the attack left standing.
/// None is learned from fewer than 20 samples, for models with extra inputs, or where values are
/// frozen: it sees whole samples.
bool check_transfer(const Bench& bench, Sample sample, Sample left, const AttackPlan& plan,
                    Tally& tally) {
  tally.smooth_n = tally.smooth_only = 0;
  const std::int64_t n = bench.session.data().info().size.value_or(0);
  if (!is_ball(plan.norm) || !plan.frozen.empty() || !plan.feature_eps.empty() || n < 20)
    return true;
  const stats::Permutation rank(n, bench.session.seed(), "surrogate");
  std::vector<SampleId> ids;
  for (std::int64_t i = 0; i < std::min(n, learn_samples); ++i) ids.push_back(rank.inverse(i));
  const Inputs inputs = bench.fetch(ids);
  if (!inputs.extras.empty()) return true;
  tally.smooth_n = std::ssize(sample);
  if (left.empty()) return true;
  const auto learned = Surrogate::fit(bench.model, inputs.primary.host(), plan.output,
                                      bench.session.seed(), quick_surrogate);
  bench.session.count_forwards(learned.queries());
  const TransferOptions quick{.steps = 20, .restarts = 2};
  const auto fooled =
      fooled_by(bench, plan, {"transfer", attack_methods::transfer(quick, learned.model())}, left,
                "check/transfer");
  tally.smooth_only = std::count(fooled.begin(), fooled.end(), true);
  return !fooled.empty();
}

/// Samples that the gradients of an ensemble left to its attacks without gradients.
std::int64_t fell_blind(const Recipe& recipe, Sample sample) {
  return std::ranges::count_if(sample, [&](const Record* r) {
    return r->fooled_stage > 0 &&
           recipe.stages[static_cast<std::size_t>(r->fooled_stage)].needs != Knowledge::white_box;
  });
}

/// What the attack left standing, attacked without its gradients.
bool check_blind(const Recipe& recipe, const Bench& bench, Sample sample, double eps,
                 Tally& tally) {
  tally.blind_n = tally.noise_n = std::ssize(sample);
  tally.blind_only = fell_blind(recipe, sample);
  tally.noise_only = 0;
  std::vector<const Record*> left;
  for (const Record* r : sample)
    if (!(r->fooled_at <= eps) && left.size() < n_blind) left.push_back(r);
  const AttackPlan plan = at_budget(bench.plan, eps);
  if (!check_transfer(bench, sample, left, plan, tally)) return false;
  if (left.empty()) return true;
  const auto run = [&](const AttackStage& stage, std::int64_t& won) {
    const auto fooled = fooled_by(bench, plan, stage, left, "check/" + stage.name);
    won += std::count(fooled.begin(), fooled.end(), true);
    std::vector<const Record*> still;
    for (std::size_t i = 0; i < fooled.size(); ++i)
      if (!fooled[i]) still.push_back(left[i]);
    const bool complete = !fooled.empty() || left.empty();
    left = std::move(still);
    return complete;
  };
  if (!run({"noise", attack_methods::noise(noise_draws)}, tally.noise_only)) return false;
  tally.blind_only += tally.noise_only;
  if (bench.plan.output == OutputKind::labels) return true;  // nothing to follow but decisions
  if (bench.plan.norm == Norm::linf && !left.empty() &&
      !run({"square", attack_methods::square(square_queries)}, tally.blind_only))
    return false;
  if (bench.plan.norm == Norm::patch)
    return left.empty() ||
           run({"patch", attack_methods::patch_search(square_queries)}, tally.blind_only);
  return left.empty() || run({"nes", attack_methods::nes(quick_nes)}, tally.blind_only);
}

/// Whoever fell within the budget falls within a larger one: what stands is tried.
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
  tally.full_left = 0;
  if (left.empty()) return true;
  const Inputs one = bench.fetch(std::vector<SampleId>{sample[0]->id});
  const double full = attack_geometry::unbounded(
      attack_space::make_space(one.primary.host(), bench.plan), bench.plan.norm);
  const auto fooled =
      fooled_by(bench, at_budget(bench.plan, std::max(full, 2 * bench.plan.eps.back())), stage,
                left, "check/full");
  tally.full_left = std::count(fooled.begin(), fooled.end(), false);
  return !fooled.empty();
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

void run_again(const Bench& bench, Sample sample, Tally& tally) {
  const auto ids = ids_of(sample, static_cast<std::size_t>(bench.plan.batch_size));
  const Inputs inputs = bench.fetch(ids);
  const auto first = scores_of(bench, inputs), second = scores_of(bench, inputs);
  tally.again_n = std::ssize(ids);
  tally.again_changed = 0;
  for (std::size_t i = 0; i < first.size(); ++i)
    tally.again_changed += moved(first[i], second[i], 1e-5);
  if (tally.again_changed > 0) return;  // noise would be taken for company
  tally.alone_n = tally.alone_changed = 0;
  for (std::size_t i = 0; i < std::min(ids.size(), n_alone); ++i) {
    const auto alone = scores_of(bench, bench.fetch(std::vector<SampleId>{ids[i]}));
    ++tally.alone_n;
    tally.alone_changed += moved(first[i], alone.front(), 1e-3);
  }
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

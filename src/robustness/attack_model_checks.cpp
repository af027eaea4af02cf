// What the model answers, apart from any attack: does it repeat, is a row answered alike in any
// company, do its gradients foretell its scores?
#include <algorithm>
#include <array>
#include <cmath>

#include "attack_battery.hpp"
#include "attack_geometry.hpp"
#include "attack_scores.hpp"
#include "leadline/core/memory.hpp"
#include "leadline/robustness/attack_loss.hpp"
#include "leadline/stats/moments.hpp"

namespace leadline::detail::attack_run {

using namespace robustness;

namespace {

constexpr std::size_t n_alone = 16;  // rows sent alone
constexpr int slope_draws = 16;      // of a model that draws random numbers

std::vector<SampleId> ids_of(Sample sample, std::size_t most) {
  std::vector<SampleId> ids;
  for (const Record* r : sample.first(std::min(most, sample.size()))) ids.push_back(r->id);
  return ids;
}

/// Logits (or labels) of `inputs` as [n][k].
std::vector<std::vector<double>> scores_of(const Bench& bench, const Inputs& inputs) {
  const std::int64_t n = inputs.primary.size(0);
  bench.session.count_forwards(n);
  RowLimit limit;
  const auto scores =
      attack_scores::read(forward_within(limit, bench.model, inputs).output, bench.plan.output, n);
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

}  // namespace

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

}  // namespace leadline::detail::attack_run

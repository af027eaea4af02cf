// What an attack by gradients left standing, attacked without them.
#include <algorithm>

#include "attack_battery.hpp"
#include "attack_methods.hpp"
#include "leadline/stats/random.hpp"
#include "surrogate.hpp"

namespace leadline::detail::attack_run {

using namespace robustness;

namespace {

constexpr int noise_draws = 20;
constexpr int square_queries = 150;
constexpr attack_methods::NesPlan quick_nes{.steps = 8, .pairs = 12};
constexpr std::int64_t learn_samples = 200;  // of the smooth surrogate
constexpr SurrogatePlan quick_surrogate{.hidden = 32, .copies = 2, .steps = 500};

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

}  // namespace

bool check_blind(const Recipe& recipe, const Bench& bench, Sample sample, double eps,
                 Tally& tally) {
  tally.blind_n = tally.noise_n = std::ssize(sample);
  tally.blind_only = tally.noise_only = 0;
  tally.late_only = std::ranges::count_if(sample, [&](const Record* r) {
    return r->fooled_stage >= 0 && !fell_to_gradients(recipe, *r);
  });
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

}  // namespace leadline::detail::attack_run

#include "leadline/robustness/pgd.hpp"

#include <algorithm>
#include <cmath>

#include "attack_geometry.hpp"
#include "attack_methods.hpp"
#include "leadline/core/error.hpp"
#include "leadline/robustness/fgsm.hpp"

namespace leadline::detail::attack_methods {

using namespace robustness;
using namespace attack_geometry;

namespace {

Task<> fgsm_task(Row& row, std::span<const double> budgets, AttackLoss loss) {
  std::vector<double> x = row.clean_point();
  const Objective objective = objective_of(row, loss);
  row.aim(budgets.front());
  const Slope& slope = co_await row.climb(x, objective);
  const std::vector<double> gradient(slope.gradient().begin(), slope.gradient().end());
  for (const double eps : budgets) {
    row.aim(eps);
    x = row.clean_point();
    ascend(row, gradient, eps, eps, x);
    if (row.end_at(x)) continue;
    co_await row.look(x);
  }
}

/// sum <- decay * sum + gradient / its mean size.
void gather_momentum(std::span<const double> gradient, double decay, std::vector<double>& sum) {
  double size = 0;
  for (const double v : gradient) size += std::abs(v);
  size /= static_cast<double>(gradient.size());
  for (std::size_t i = 0; i < gradient.size(); ++i)
    sum[i] = decay * sum[i] + (size > 0 ? gradient[i] / size : 0.0);
}

Task<> pgd_task(Row& row, double eps, PgdPlan plan) {
  const Objective objective = objective_of(row, plan.loss);
  const double step =
      plan.step_size.value_or(eps * (plan.step_share > 0 ? plan.step_share : 2.5 / plan.steps));
  std::vector<double> x = row.clean_point(), sum;
  for (int restart = 0; restart < plan.restarts; ++restart) {
    x = row.clean_point();
    if (plan.random_start) {
      stats::Rng rng = row.rng("start", static_cast<std::uint64_t>(restart));
      draw_in_ball(row, eps, rng, x);
    }
    sum.assign(plan.momentum > 0 || plan.eot_samples > 1 ? x.size() : 0, 0.0);
    for (int i = 0; i < plan.steps; ++i) {
      if (sum.empty()) {
        const Slope& slope = co_await row.climb(x, objective);
        ascend(row, slope.gradient(), step, eps, x);
        continue;
      }
      std::vector<double> mean(x.size(), 0.0);
      for (int draw = 0; draw < plan.eot_samples; ++draw) {
        const Slope& slope = co_await row.climb(x, objective);
        for (std::size_t j = 0; j < mean.size(); ++j) mean[j] += slope.gradient()[j];
      }
      gather_momentum(mean, plan.momentum, sum);
      ascend(row, sum, step, eps, x);
    }
    if (row.end_at(x)) continue;
    co_await row.look(x);
  }
}

Task<> noise_task(Row& row, double eps, int draws) {
  std::vector<double> x(row.size());
  for (int i = 0; i < draws; ++i) {
    stats::Rng rng = row.rng("noise", static_cast<std::uint64_t>(i));
    draw_in_ball(row, eps, rng, x);
    co_await row.look(x);
  }
}

Task<> clean_task(Row& row) {
  std::vector<double> x = row.clean_point();
  co_await row.look(x);
}

}  // namespace

AttackMethod fgsm(AttackLoss loss) {
  return
      [loss](Row& row, std::span<const double> budgets) { return fgsm_task(row, budgets, loss); };
}
AttackMethod pgd(const PgdPlan& plan) {
  return each_budget([plan](Row& row, double eps) { return pgd_task(row, eps, plan); });
}
AttackMethod noise(int draws) {
  return each_budget([draws](Row& row, double eps) { return noise_task(row, eps, draws); });
}
AttackMethod clean() {
  return [](Row& row, std::span<const double>) { return clean_task(row); };
}

}  // namespace leadline::detail::attack_methods

namespace leadline::detail::pgd {

using namespace robustness;

Attack::Recipe recipe_of(const PgdOptions& options) {
  Attack::Recipe recipe = recipe_from("Pgd", "pgd", options);
  if (options.restarts > 1 && !options.random_start)
    throw ValueError("Pgd", "random_start=true with several restarts",
                     "restarts=" + std::to_string(options.restarts) + " from one start",
                     "drop 'restarts', they would all be the same");
  attack_methods::PgdPlan plan{.steps = options.steps,
                               .step_size = options.step_size,
                               .restarts = options.restarts,
                               .random_start = options.random_start,
                               .loss = options.loss,
                               .momentum = options.momentum,
                               .eot_samples = options.eot_samples};
  recipe.stages.push_back({"pgd", attack_methods::pgd(plan)});
  if (!plan.step_size) plan.step_share = 2.5 / plan.steps;  // a longer run of the same steps
  plan.steps *= 2;
  recipe.longer = {"pgd, twice the steps", attack_methods::pgd(plan)};
  recipe.averaged = options.eot_samples;
  recipe.climbs_dlr = options.loss == AttackLoss::dlr;
  recipe.drop_fooled = options.drop_fooled;
  recipe.relative_cost = 1.0 + 5.0 * options.steps * options.restarts * options.eot_samples *
                                   static_cast<double>(options.threat.eps.size());
  return recipe;
}

Attack::Recipe recipe_of(const FgsmOptions& options) {
  Attack::Recipe recipe = recipe_from("Fgsm", "fgsm", options);
  recipe.stages.push_back({"fgsm", attack_methods::fgsm(options.loss)});
  recipe.single_step = true;
  recipe.climbs_dlr = options.loss == AttackLoss::dlr;
  recipe.relative_cost = 6.0 + static_cast<double>(options.threat.eps.size());
  recipe.warnings.push_back("a single step is a weak attack: what it leaves standing says little");
  return recipe;
}

}  // namespace leadline::detail::pgd

namespace leadline::robustness {

Pgd::Pgd(const Options& options) : Attack(leadline::detail::pgd::recipe_of(options)) {}

Fgsm::Fgsm(const Options& options) : Attack(leadline::detail::pgd::recipe_of(options)) {}

}  // namespace leadline::robustness

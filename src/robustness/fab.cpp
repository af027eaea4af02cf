#include "leadline/robustness/fab.hpp"

#include <algorithm>
#include <cmath>

#include "attack_geometry.hpp"
#include "attack_methods.hpp"
#include "minimum_norm.hpp"
#include "minimum_norm_recipe.hpp"

namespace leadline::detail::fab {

using namespace robustness;
using attack_methods::FabPlan;

namespace {

/// A point of a run, with the scratch that its steps share.
struct Walk {
  std::vector<double> x, from_x, from_clean;
  PlaneProjector project;
};

/// x <- a mean of its projection on the nearest plane and of the clean point's, both overshot.
void step(const Row& row, const Slope& slope, const FabPlan& plan, Walk& walk) {
  const auto x0 = row.clean();
  const std::size_t k = minimum_norm::nearest_plane(row, walk.x, slope, walk.project, walk.from_x);
  const auto g = slope.gradient(k);
  const double gap = minimum_norm::dot_gap(g, x0, walk.x) - slope.value(k);
  minimum_norm::project_on(walk.project, row, x0, g, gap, walk.from_clean);
  const double d_x = attack_geometry::distance(row.norm(), walk.x, walk.from_x);
  const double d_clean = row.distance(walk.from_clean);
  const double alpha = d_x + d_clean > 0 ? std::min(d_x / (d_x + d_clean), plan.alpha_max) : 0.0;
  for (std::size_t i = 0; i < walk.x.size(); ++i)
    walk.x[i] = (1 - alpha) * (walk.x[i] + plan.eta * (walk.from_x[i] - walk.x[i])) +
                alpha * (x0[i] + plan.eta * (walk.from_clean[i] - x0[i]));
  attack_geometry::clip(row, walk.x);
}

void pull_back(const Row& row, double beta, std::span<double> x) {
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = row.clean()[i] + beta * (x[i] - row.clean()[i]);
}

/// The pass that tests a point also gives the gradient of the next step, unless the point before
/// it was adversarial: then this one probably is, and a look is the cheaper test.
Task<> run(Row& row, FabPlan plan, std::span<const Objective> planes, Walk& walk) {
  bool expected = false;
  for (int i = 0; i < plan.steps; ++i) {
    if (expected) {
      const Answer& answer = co_await row.look(walk.x);
      expected = row.reached(answer);
      if (expected) pull_back(row, plan.beta, walk.x);
    }
    const Slope& slope = co_await row.climb_all(walk.x, planes);
    if (!expected && row.reached(slope.answer)) {
      expected = true;
      pull_back(row, plan.beta, walk.x);
      const Slope& behind = co_await row.climb_all(walk.x, planes);
      step(row, behind, plan, walk);
      continue;
    }
    step(row, slope, plan, walk);
  }
  co_await row.look(walk.x);
}

Task<> fab_task(Row& row, std::span<const double> budgets, FabPlan plan) {
  minimum_norm::begin(row, budgets, plan.to_budget);
  Task<std::vector<Objective>> classes = minimum_norm::boundaries(row, 0, plan.targeted);
  const std::vector<Objective> planes = co_await classes;
  Walk walk;
  walk.from_x.resize(row.size());
  walk.from_clean.resize(row.size());
  for (int restart = 0; restart < plan.restarts; ++restart) {
    walk.x = row.clean_point();
    if (restart > 0) {
      stats::Rng rng = row.rng("start", static_cast<std::uint64_t>(restart));
      const double reach = std::min(row.best_distance(), budgets.back());
      attack_geometry::draw_in_ball(row, reach / 2, rng, walk.x);
    }
    Task<> one = run(row, plan, planes, walk);
    co_await one;
  }
  Task<> last = minimum_norm::polish(row, plan.polish);
  co_await last;
}

}  // namespace

Attack::Recipe recipe_of(const FabOptions& options) {
  minimum_norm::check_norm("Fab", options.threat.norm, {Norm::linf, Norm::l2, Norm::l1});
  const bool untargeted = options.threat.goal == Goal::untargeted;
  FabPlan plan{.targeted = untargeted && options.n_targets > 0,
               .steps = options.steps,
               .restarts = options.restarts,
               .alpha_max = options.alpha_max,
               .eta = options.eta,
               .beta = options.beta,
               .polish = options.polish,
               .to_budget = false};
  auto recipe = minimum_norm::recipe_of("Fab", "fab", options, attack_methods::fab(plan));
  recipe.stages[0].n_targets = untargeted ? options.n_targets : 0;
  plan.steps *= 2;
  minimum_norm::set_longer(recipe, "fab, twice the steps", attack_methods::fab(plan));
  recipe.relative_cost =
      1.0 + 4.0 * options.steps * options.restarts *
                static_cast<double>(std::max<std::int64_t>(options.n_targets, 9));
  return recipe;
}

}  // namespace leadline::detail::fab

namespace leadline::detail::attack_methods {

robustness::AttackMethod fab(const FabPlan& plan) {
  return [plan](robustness::Row& row, std::span<const double> budgets) {
    return leadline::detail::fab::fab_task(row, budgets, plan);
  };
}

}  // namespace leadline::detail::attack_methods

namespace leadline::robustness {

Fab::Fab(const Options& options) : Attack(leadline::detail::fab::recipe_of(options)) {}

}  // namespace leadline::robustness

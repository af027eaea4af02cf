#include "leadline/robustness/ddn.hpp"

#include <algorithm>
#include <cmath>

#include "attack_geometry.hpp"
#include "attack_methods.hpp"
#include "minimum_norm.hpp"
#include "minimum_norm_recipe.hpp"

namespace leadline::detail::ddn {

using namespace robustness;
using attack_methods::DdnPlan;

namespace {

/// x <- the point at `radius` from the clean one on the ray through x, clipped.
void put_on_sphere(const Row& row, double radius, std::span<double> x) {
  attack_geometry::clip(row, x);  // first: what the bounds undo must not use up the radius
  const double size = row.distance(x);
  const double factor = size > 0 ? radius / size : 0.0;
  for (std::size_t i = 0; i < x.size(); ++i)
    x[i] = row.clean()[i] + factor * (x[i] - row.clean()[i]);
  attack_geometry::clip(row, x);
}

Task<> ddn_task(Row& row, std::span<const double> budgets, DdnPlan plan) {
  minimum_norm::begin(row, budgets, plan.to_budget);
  Task<double> estimate = minimum_norm::first_distance(row);
  const double scale = co_await estimate;
  const Objective loss = objective_of(row, AttackLoss::cross_entropy);
  std::vector<double> x = row.clean_point(), direction(x.size());
  double radius = plan.init_norm.value_or(scale);
  const double first = radius;
  for (int i = 0; i < plan.steps; ++i) {
    const Slope& slope = co_await row.climb(x, loss);
    if (i > 0) radius *= row.reached(slope.answer) ? 1 - plan.gamma : 1 + plan.gamma;
    const double step = first * minimum_norm::cosine(i, plan.steps, 0.01);
    attack_geometry::steepest(row, x, slope.gradient(), direction);
    for (std::size_t j = 0; j < x.size(); ++j) x[j] += step * direction[j];
    put_on_sphere(row, radius, x);
  }
  co_await row.look(x);
  Task<> last = minimum_norm::polish(row, plan.polish);
  co_await last;
}

}  // namespace

Attack::Recipe recipe_of(const DdnOptions& options) {
  minimum_norm::check_norm("Ddn", options.threat.norm, {Norm::l2});
  DdnPlan plan{.steps = options.steps,
               .init_norm = options.init_norm,
               .gamma = options.gamma,
               .polish = options.polish,
               .to_budget = false};
  auto recipe = minimum_norm::recipe_of("Ddn", "ddn", options, attack_methods::ddn(plan));
  plan.steps *= 2;
  minimum_norm::set_longer(recipe, "ddn, twice the steps", attack_methods::ddn(plan));
  recipe.relative_cost = 1.0 + 4.0 * options.steps;
  return recipe;
}

}  // namespace leadline::detail::ddn

namespace leadline::detail::attack_methods {

robustness::AttackMethod ddn(const DdnPlan& plan) {
  return [plan](robustness::Row& row, std::span<const double> budgets) {
    return leadline::detail::ddn::ddn_task(row, budgets, plan);
  };
}

}  // namespace leadline::detail::attack_methods

namespace leadline::robustness {

Ddn::Ddn(const Options& options) : Attack(leadline::detail::ddn::recipe_of(options)) {}

}  // namespace leadline::robustness

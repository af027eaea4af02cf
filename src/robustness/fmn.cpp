#include "leadline/robustness/fmn.hpp"

#include <algorithm>
#include <cmath>

#include "attack_geometry.hpp"
#include "attack_methods.hpp"
#include "minimum_norm.hpp"
#include "minimum_norm_recipe.hpp"

namespace leadline::detail::fmn {

using namespace robustness;
using attack_methods::FmnPlan;

namespace {

/// The radius of the ball of the next step. Once a success is known it shrinks and grows by shares;
/// before, it reaches for the boundary by the slope.
double next_radius(const Row& row, const Slope& slope, std::span<const double> x, double radius,
                   double gamma) {
  const bool success = row.reached(slope.answer), known = std::isfinite(row.best_distance());
  if (row.norm() == Norm::l0) {  // whole values
    const double next =
        success ? std::min({radius - 1, std::floor(radius * (1 - gamma)), row.best_distance()})
                : std::max(radius + 1, std::floor(radius * (1 + gamma)));
    return std::clamp(next, 1.0, static_cast<double>(row.size()));
  }
  if (success) return std::min(radius * (1 - gamma), row.best_distance());
  if (known) return radius * (1 + gamma);
  const double size = attack_geometry::dual_norm(row.norm(), slope.gradient());
  // A little more, or on a linear model every step would end just short of the boundary.
  return size > 0 ? (1 + gamma) * (row.distance(x) + std::abs(slope.value()) / size) : radius;
}

Task<> fmn_task(Row& row, std::span<const double> budgets, FmnPlan plan) {
  minimum_norm::begin(row, budgets, plan.to_budget);
  Task<double> estimate = minimum_norm::first_distance(row);
  double scale = co_await estimate;
  const Objective margin = objective_of(row, AttackLoss::margin);
  const double endless = attack_geometry::unbounded(row.space(), row.norm());
  double radius = row.norm() == Norm::l0 ? 1 : endless;
  std::vector<double> x = row.clean_point();
  for (int i = 0; i < plan.steps; ++i) {
    const Slope& slope = co_await row.climb(x, margin);
    radius =
        next_radius(row, slope, x, radius, plan.gamma * minimum_norm::cosine(i, plan.steps, 0.02));
    if (std::isfinite(row.best_distance()))
      scale = std::min(scale, attack_geometry::distance(Norm::l2, row.clean(), row.best()));
    const double step = plan.step_size.value_or(scale) * minimum_norm::cosine(i, plan.steps, 0.01);
    const double size = attack_geometry::dual_norm(Norm::l2, slope.gradient());
    if (size > 0)
      for (std::size_t j = 0; j < x.size(); ++j) x[j] += step / size * slope.gradient()[j];
    attack_geometry::clip(row, x);  // first: what the bounds undo must not use up the radius
    attack_geometry::project(row, radius, x);
  }
  co_await row.look(x);
  Task<> last = minimum_norm::polish(row, plan.polish);
  co_await last;
}

}  // namespace

Attack::Recipe recipe_of(const FmnOptions& options) {
  FmnPlan plan{.steps = options.steps,
               .step_size = options.step_size,
               .gamma = options.gamma,
               .polish = options.polish,
               .to_budget = false};
  auto recipe = minimum_norm::recipe_of("Fmn", "fmn", options, attack_methods::fmn(plan));
  plan.steps *= 2;
  minimum_norm::set_longer(recipe, "fmn, twice the steps", attack_methods::fmn(plan));
  recipe.relative_cost = 1.0 + 4.0 * options.steps;
  return recipe;
}

}  // namespace leadline::detail::fmn

namespace leadline::detail::attack_methods {

robustness::AttackMethod fmn(const FmnPlan& plan) {
  return [plan](robustness::Row& row, std::span<const double> budgets) {
    return leadline::detail::fmn::fmn_task(row, budgets, plan);
  };
}

}  // namespace leadline::detail::attack_methods

namespace leadline::robustness {

Fmn::Fmn(const Options& options) : Attack(leadline::detail::fmn::recipe_of(options)) {}

}  // namespace leadline::robustness

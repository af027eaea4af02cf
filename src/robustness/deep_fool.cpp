#include "leadline/robustness/deep_fool.hpp"

#include <algorithm>
#include <cmath>

#include "attack_geometry.hpp"
#include "attack_methods.hpp"
#include "minimum_norm.hpp"
#include "minimum_norm_recipe.hpp"

namespace leadline::detail::deep_fool {

using namespace robustness;
using attack_methods::DeepFoolPlan;

namespace {

Task<> deep_fool_task(Row& row, std::span<const double> budgets, DeepFoolPlan plan) {
  // A step aims past the plane by this share of the first one's length: sums in float32 round. It
  // grows where steps come to nothing because of that.
  double past = 1e-6;
  minimum_norm::begin(row, budgets, plan.to_budget);
  Task<std::vector<Objective>> classes = minimum_norm::boundaries(row, plan.candidates, false);
  const std::vector<Objective> planes = co_await classes;
  PlaneProjector project;
  const auto x0 = row.clean();
  std::vector<double> x = row.clean_point(), exact = x, next(x.size());
  double first = 0;
  for (int i = 0; i < plan.steps; ++i) {
    const Slope& slope = co_await row.climb_all(x, planes);
    if (row.reached(slope.answer)) co_return;
    const std::size_t k = minimum_norm::nearest_plane(row, x, slope, project, next);
    double gap = -slope.value(k);
    if (i == 0) first = std::abs(gap);
    gap = std::max(gap, 0.0) + past * first;
    if (std::abs(slope.value(k)) < 1e-3 * first) past = std::min(2 * past, 1e-2);
    minimum_norm::project_on(project, row, x, slope.gradient(k), gap, next);
    // From the point without the overshoot, as the published code: only the end overshoots.
    for (std::size_t j = 0; j < x.size(); ++j) {
      exact[j] += next[j] - x[j];
      next[j] = x0[j] + (1 + plan.overshoot) * (exact[j] - x0[j]);
    }
    x = next;
    attack_geometry::clip(row, x);
  }
  co_await row.look(x);
}

}  // namespace

Attack::Recipe recipe_of(const DeepFoolOptions& options) {
  minimum_norm::check_norm("DeepFool", options.threat.norm, {Norm::l2, Norm::linf});
  DeepFoolPlan plan{.steps = options.steps,
                    .overshoot = options.overshoot,
                    .candidates = options.candidates,
                    .to_budget = false};
  auto recipe =
      minimum_norm::recipe_of("DeepFool", "deep_fool", options, attack_methods::deep_fool(plan));
  plan.steps *= 2;
  minimum_norm::set_longer(recipe, "deep_fool, twice the steps", attack_methods::deep_fool(plan));
  recipe.relative_cost =
      1.0 + 20.0 * static_cast<double>(std::max<std::int64_t>(options.candidates, 1));
  recipe.warnings.push_back(
      "DeepFool stops at the first boundary it crosses: its distances are upper bounds, often "
      "loose");
  return recipe;
}

}  // namespace leadline::detail::deep_fool

namespace leadline::detail::attack_methods {

robustness::AttackMethod deep_fool(const DeepFoolPlan& plan) {
  return [plan](robustness::Row& row, std::span<const double> budgets) {
    return leadline::detail::deep_fool::deep_fool_task(row, budgets, plan);
  };
}

}  // namespace leadline::detail::attack_methods

namespace leadline::robustness {

DeepFool::DeepFool(const Options& options)
    : Attack(leadline::detail::deep_fool::recipe_of(options)) {}

}  // namespace leadline::robustness

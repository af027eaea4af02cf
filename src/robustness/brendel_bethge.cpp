#include "leadline/robustness/brendel_bethge.hpp"

#include <algorithm>
#include <cmath>

#include "attack_geometry.hpp"
#include "attack_methods.hpp"
#include "boundary_step.hpp"
#include "decision.hpp"
#include "minimum_norm.hpp"
#include "minimum_norm_recipe.hpp"

namespace leadline::detail::brendel_bethge {

using namespace robustness;
using attack_methods::BrendelBethgePlan;

namespace {

/// x <- a point that is just misread, or the clean one; what a step is measured by.
Task<double> find_first(Row& row, int tries, std::vector<double>& x) {
  decision::Purse purse{tries + 20};
  Task<bool> start = decision::find_start(row, purse, tries, x);
  const bool found = co_await start;
  if (found) {
    purse.left = 20;
    Task<> inward = decision::bisect(row, purse, 1e-3, x);
    co_await inward;
    co_return decision::length(row.clean(), x);
  }
  x = row.clean_point();
  Task<double> first = minimum_norm::first_distance(row);
  const double distance = co_await first;
  co_return distance;
}

/// x <- the step of the header; false where the slope is zero.
bool step(const Row& row, const Slope& slope, double radius, std::vector<double>& x,
          std::vector<double>& next) {
  std::vector<double> b(slope.gradient().begin(), slope.gradient().end());
  double most = 0;  // divided by first: squares of small slopes are zero
  for (const double v : b) most = std::max(most, std::abs(v));
  if (most == 0) return false;
  for (double& v : b) v /= most;
  const double size = most * attack_geometry::dual_norm(Norm::l2, b);
  decision::normalise(b);
  const double past =
      0.01 * radius;  // float32 rounds, and points are rounded towards the clean one
  boundary_step::solve({.norm = row.norm(),
                        .clean = row.clean(),
                        .lower = row.lower(),
                        .upper = row.upper(),
                        .slope = b,
                        .gap = -slope.value() / size + past,
                        .radius = radius},
                       x, next);
  x.swap(next);
  return true;
}

Task<> boundary_walk(Row& row, BrendelBethgePlan plan) {
  row.aim(0);
  const Objective margin = objective_of(row, AttackLoss::margin);
  std::vector<double> x, next;
  Task<double> start = find_first(row, plan.start_tries, x);
  double reach = co_await start;
  for (int i = 0; i < plan.steps; ++i) {
    const Slope& slope = co_await row.climb(x, margin);
    if (std::isfinite(row.best_distance())) reach = decision::length(row.clean(), row.best());
    const double radius = plan.trust * reach * minimum_norm::cosine(i, plan.steps, 0.01);
    if (radius == 0 || !step(row, slope, radius, x, next)) break;
  }
  co_await row.look(x);
  Task<> last = minimum_norm::polish(row, plan.polish);
  co_await last;
}

}  // namespace

Attack::Recipe recipe_of(const BrendelBethgeOptions& options) {
  BrendelBethgePlan plan{.steps = options.steps,
                         .start_tries = options.start_tries,
                         .trust = options.trust,
                         .polish = options.polish};
  auto recipe = minimum_norm::recipe_of("BrendelBethge", "brendel_bethge", options,
                                        attack_methods::brendel_bethge(plan));
  plan.steps *= 2;
  minimum_norm::set_longer(recipe, "brendel_bethge, twice the steps",
                           attack_methods::brendel_bethge(plan));
  recipe.relative_cost = 1.0 + 4.0 * options.steps;
  return recipe;
}

}  // namespace leadline::detail::brendel_bethge

namespace leadline::detail::attack_methods {

robustness::AttackMethod brendel_bethge(const BrendelBethgePlan& plan) {
  return [plan](robustness::Row& row, std::span<const double>) {
    return leadline::detail::brendel_bethge::boundary_walk(row, plan);
  };
}

}  // namespace leadline::detail::attack_methods

namespace leadline::robustness {

BrendelBethge::BrendelBethge(const Options& options)
    : Attack(leadline::detail::brendel_bethge::recipe_of(options)) {}

}  // namespace leadline::robustness

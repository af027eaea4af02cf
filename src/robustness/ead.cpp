#include "leadline/robustness/ead.hpp"

#include <algorithm>
#include <cmath>

#include "attack_geometry.hpp"
#include "attack_methods.hpp"
#include "minimum_norm.hpp"
#include "minimum_norm_recipe.hpp"

namespace leadline::detail::ead {

using namespace robustness;
using attack_methods::EadPlan;

namespace {

double range_of(const Row& row) {
  double range = 0;
  for (std::size_t i = 0; i < row.size(); ++i)
    range = std::max(range, row.upper()[i] - row.lower()[i]);
  return range;
}

/// Points of FISTA: x the iterate, y the one ahead of it where slopes are taken.
struct Pair {
  std::vector<double> x, y;
};

/// x <- the shrunk step from y (changes below `beta` vanish), y <- x and a part of the way x went.
void shrink_step(const Row& row, std::span<const double> gradient, double step, double beta,
                 double ahead, Pair& at) {
  for (std::size_t j = 0; j < at.x.size(); ++j) {
    const double x0 = row.clean()[j];
    const double change = at.y[j] - step * gradient[j] - x0;
    const double kept = std::copysign(std::max(std::abs(change) - beta, 0.0), change);
    const double next = std::clamp(x0 + kept, row.lower()[j], row.upper()[j]);
    at.y[j] = std::clamp(next + ahead * (next - at.x[j]), row.lower()[j], row.upper()[j]);
    at.x[j] = next;
  }
}

/// True: the goal was reached at some point.
Task<bool> search(Row& row, EadPlan plan, const Objective& margin, double weight, double range) {
  const int window = std::max(1, plan.steps / 10);
  Pair at{row.clean_point(), row.clean_point()};
  std::vector<double> gradient(row.size());
  double last = std::numeric_limits<double>::infinity();
  bool success = false;
  for (int i = 0; i < plan.steps; ++i) {
    const Slope& slope = co_await row.climb(at.y, margin);
    const bool reached = row.reached(slope.answer);
    double loss = reached ? 0.0 : -weight * slope.value();
    for (std::size_t j = 0; j < gradient.size(); ++j) {
      const double change = (at.y[j] - row.clean()[j]) / range;
      loss += change * change + plan.beta * std::abs(change);
      gradient[j] = 2 * change - (reached ? 0.0 : weight * range * slope.gradient()[j]);
    }
    if (plan.abort_early && i % window == 0) {
      if (loss > 0.9999 * last) break;
      last = loss;
    }
    const double step = plan.step_size * range * std::sqrt(1 - static_cast<double>(i) / plan.steps);
    shrink_step(row, gradient, step, plan.beta * range, i / (i + 3.0), at);
    const Answer& answer = co_await row.look(at.x);
    success = success || reached || row.reached(answer);
  }
  co_return success;
}

/// The weight at which the steepest value moves a little more than it shrinks.
Task<double> first_weight(Row& row, EadPlan plan, const Objective& margin, double range) {
  std::vector<double> x = row.clean_point();
  const Slope& slope = co_await row.climb(x, margin);
  const double steepest = range * attack_geometry::dual_norm(Norm::l1, slope.gradient());
  constexpr double published = 1e-3;
  if (!(steepest > 0)) co_return published;
  const double l1 = 2 * plan.beta / (plan.step_size * steepest);
  const double l2 = 2 * std::abs(slope.value()) / (steepest * steepest);
  co_return std::max(l1, l2);
}

Task<> ead_task(Row& row, std::span<const double> budgets, EadPlan plan) {
  minimum_norm::begin(row, budgets, plan.to_budget);
  const Objective margin = objective_of(row, AttackLoss::margin);
  const double range = range_of(row);
  Task<double> slope = first_weight(row, plan, margin, range);
  const double by_slope = co_await slope;
  minimum_norm::WeightSearch weights{plan.initial_const.value_or(by_slope)};
  for (int i = 0; i < plan.searches; ++i) {
    Task<bool> one = search(row, plan, margin, weights.weight, range);
    const bool success = co_await one;
    weights.next(success);
  }
  Task<> last = minimum_norm::polish(row, plan.polish);
  co_await last;
}

}  // namespace

Attack::Recipe recipe_of(const EadOptions& options) {
  minimum_norm::check_norm("Ead", options.threat.norm, {Norm::l1});
  EadPlan plan{.steps = options.steps,
               .searches = options.searches,
               .step_size = options.step_size,
               .beta = options.beta,
               .initial_const = options.initial_const,
               .abort_early = options.abort_early,
               .polish = options.polish,
               .to_budget = false};
  auto recipe = minimum_norm::recipe_of("Ead", "ead", options, attack_methods::ead(plan));
  plan.steps *= 2;
  minimum_norm::set_longer(recipe, "ead, twice the steps", attack_methods::ead(plan));
  recipe.relative_cost = 1.0 + 5.0 * options.steps * options.searches;
  return recipe;
}

}  // namespace leadline::detail::ead

namespace leadline::detail::attack_methods {

robustness::AttackMethod ead(const EadPlan& plan) {
  return [plan](robustness::Row& row, std::span<const double> budgets) {
    return leadline::detail::ead::ead_task(row, budgets, plan);
  };
}

}  // namespace leadline::detail::attack_methods

namespace leadline::robustness {

Ead::Ead(const Options& options) : Attack(leadline::detail::ead::recipe_of(options)) {}

}  // namespace leadline::robustness

#include "leadline/robustness/carlini_wagner.hpp"

#include <algorithm>
#include <cmath>

#include "attack_geometry.hpp"
#include "attack_methods.hpp"
#include "minimum_norm.hpp"
#include "minimum_norm_recipe.hpp"

namespace leadline::detail::carlini_wagner {

using namespace robustness;
using attack_methods::CarliniWagnerPlan;

namespace {

/// A search in the coordinates w of x = middle + half * tanh(w), where the bounds are at infinity.
class TanhDescent {
 public:
  explicit TanhDescent(const Row& row)
      : lower_(row.lower()), upper_(row.upper()), w_(row.size()), slope_(row.size()) {
    for (std::size_t i = 0; i < w_.size(); ++i) range_ = std::max(range_, upper_[i] - lower_[i]);
  }
  /// The widest range of a value: the unit of the losses.
  [[nodiscard]] double range() const { return range_; }

  void start(std::span<const double> x) {
    // Of the way to the bounds: what lies on them can move. From the published 0.999999 it takes
    // Adam some 600 steps of 0.01 until it does.
    constexpr double inside = 0.9999;
    for (std::size_t i = 0; i < w_.size(); ++i)
      w_[i] = half(i) > 0 ? std::atanh(inside * std::clamp((x[i] - middle(i)) / half(i), -1.0, 1.0))
                          : 0.0;
    mean_.assign(w_.size(), 0.0);
    square_.assign(w_.size(), 0.0);
    mean_left_ = square_left_ = 1;
  }
  void place(std::span<double> x) {
    for (std::size_t i = 0; i < w_.size(); ++i) {
      const double t = std::tanh(w_[i]);
      x[i] = middle(i) + half(i) * t;
      slope_[i] = half(i) * (1 - t * t);
    }
  }
  /// A step of Adam down `gradient` (with respect to x).
  void step(std::span<const double> gradient, double size) {
    constexpr double decay = 0.9, square_decay = 0.999, floor = 1e-8;
    mean_left_ *= decay;
    square_left_ *= square_decay;
    for (std::size_t i = 0; i < w_.size(); ++i) {
      const double g = gradient[i] * slope_[i];
      mean_[i] = decay * mean_[i] + (1 - decay) * g;
      square_[i] = square_decay * square_[i] + (1 - square_decay) * g * g;
      w_[i] -= size * (mean_[i] / (1 - mean_left_)) /
               (std::sqrt(square_[i] / (1 - square_left_)) + floor);
    }
  }

 private:
  [[nodiscard]] double middle(std::size_t i) const { return (lower_[i] + upper_[i]) / 2; }
  [[nodiscard]] double half(std::size_t i) const { return (upper_[i] - lower_[i]) / 2; }

  std::span<const double> lower_, upper_;
  double range_ = 0;
  std::vector<double> w_, slope_, mean_, square_;
  double mean_left_ = 1, square_left_ = 1;
};

/// The distance part of the loss, in units of the range; adds its slope to `gradient`.
double distance_loss(const Row& row, std::span<const double> x, double range, double tau,
                     std::span<double> gradient) {
  double loss = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double change = (x[i] - row.clean()[i]) / range;
    if (row.norm() == Norm::l2) {
      loss += change * change;
      gradient[i] += 2 * change / range;
    } else if (std::abs(change) > tau) {
      loss += std::abs(change) - tau;
      gradient[i] += std::copysign(1 / range, change);
    }
  }
  return loss;
}

/// One search from where `descent` stands. True: it reached the goal (linf: within `tau`, and
/// ended there).
Task<bool> search(Row& row, CarliniWagnerPlan plan, const Objective& margin, double weight,
                  double tau, TanhDescent& descent) {
  const bool linf = row.norm() == Norm::linf;
  const double size = plan.step_size.value_or(linf ? 0.005 : 0.01);
  const int window = std::max(1, plan.steps / 10);
  std::vector<double> x(row.size()), gradient(row.size());
  double last = std::numeric_limits<double>::infinity();
  bool success = false;
  for (int i = 0; i < plan.steps; ++i) {
    descent.place(x);
    const Slope& slope = co_await row.climb(x, margin);
    const bool reached = row.reached(slope.answer);
    success = success || (reached && (!linf || row.distance(x) <= tau * descent.range()));
    if (linf && success) break;
    for (std::size_t j = 0; j < x.size(); ++j)
      gradient[j] = reached ? 0.0 : -weight * slope.gradient()[j];
    const double loss = distance_loss(row, x, descent.range(), tau, gradient) +
                        (reached ? 0.0 : -weight * slope.value());
    if (plan.abort_early && success && i % window == 0) {
      if (loss > 0.9999 * last) break;
      last = loss;
    }
    descent.step(gradient, size);
  }
  co_return success;
}

/// The weight at which a linear model's margin pulls as hard as the distance at the boundary.
Task<double> first_weight(Row& row, const Objective& margin, double range) {
  std::vector<double> x = row.clean_point();
  const Slope& slope = co_await row.climb(x, margin);
  const double size = range * attack_geometry::dual_norm(
                                  row.norm() == Norm::l2 ? Norm::l2 : Norm::l1, slope.gradient());
  constexpr double published = 1e-3;
  if (!(size > 0)) co_return published;
  co_return row.norm() == Norm::l2 ? 4 * std::abs(slope.value()) / (size * size) : 1 / size;
}

Task<> search_l2(Row& row, CarliniWagnerPlan plan, const Objective& margin, double first) {
  TanhDescent descent(row);
  minimum_norm::WeightSearch weights{first};
  for (int i = 0; i < plan.searches; ++i) {
    descent.start(row.clean());
    Task<bool> one = search(row, plan, margin, weights.weight, 0, descent);
    const bool success = co_await one;
    weights.next(success);
  }
}

/// Tau shrinks below each success; within, the weight doubles until there is one.
Task<> search_linf(Row& row, CarliniWagnerPlan plan, const Objective& margin, double first) {
  constexpr double shrink = 0.9;
  TanhDescent descent(row);
  descent.start(row.clean());
  double tau = 1, weight = first;
  for (int tries = 0; tries < plan.searches;) {
    Task<bool> one = search(row, plan, margin, weight, tau, descent);
    const bool success = co_await one;
    if (success) {
      tau = shrink * row.best_distance() / descent.range();
      tries = 0;
    } else {
      weight *= 2;
      ++tries;
    }
    if (std::isfinite(row.best_distance())) descent.start(row.best());  // else it goes on
  }
}

Task<> carlini_wagner_task(Row& row, std::span<const double> budgets, CarliniWagnerPlan plan) {
  minimum_norm::begin(row, budgets, plan.to_budget);
  const Objective margin = objective_of(row, AttackLoss::margin);
  const TanhDescent space(row);
  Task<double> slope = first_weight(row, margin, space.range());
  const double by_slope = co_await slope;
  const double first = plan.initial_const.value_or(by_slope);
  Task<> all = row.norm() == Norm::linf ? search_linf(row, plan, margin, first)
                                        : search_l2(row, plan, margin, first);
  co_await all;
  Task<> last = minimum_norm::polish(row, plan.polish);
  co_await last;
}

}  // namespace

Attack::Recipe recipe_of(const CarliniWagnerOptions& options) {
  minimum_norm::check_norm("CarliniWagner", options.threat.norm, {Norm::l2, Norm::linf});
  CarliniWagnerPlan plan{.steps = options.steps,
                         .searches = options.searches,
                         .step_size = options.step_size,
                         .initial_const = options.initial_const,
                         .abort_early = options.abort_early,
                         .polish = options.polish,
                         .to_budget = false};
  auto recipe = minimum_norm::recipe_of("CarliniWagner", "carlini_wagner", options,
                                        attack_methods::carlini_wagner(plan));
  plan.steps *= 2;
  minimum_norm::set_longer(recipe, "carlini_wagner, twice the steps",
                           attack_methods::carlini_wagner(plan));
  recipe.relative_cost = 1.0 + 4.0 * options.steps * options.searches;
  return recipe;
}

}  // namespace leadline::detail::carlini_wagner

namespace leadline::detail::attack_methods {

robustness::AttackMethod carlini_wagner(const CarliniWagnerPlan& plan) {
  return [plan](robustness::Row& row, std::span<const double> budgets) {
    return leadline::detail::carlini_wagner::carlini_wagner_task(row, budgets, plan);
  };
}

}  // namespace leadline::detail::attack_methods

namespace leadline::robustness {

CarliniWagner::CarliniWagner(const Options& options)
    : Attack(leadline::detail::carlini_wagner::recipe_of(options)) {}

}  // namespace leadline::robustness

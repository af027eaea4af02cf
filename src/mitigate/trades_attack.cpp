#include "leadline/mitigate/trades_attack.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "leadline/core/error.hpp"
#include "robustness/attack_geometry.hpp"

namespace leadline::detail::trades_attack {

using namespace robustness;
using namespace mitigate;

constexpr double start_spread = 0.001;  // of the normal start, in input units, as published

std::vector<double> log_softmax(std::span<const double> z) {
  const double most = *std::max_element(z.begin(), z.end());
  double sum = 0;
  for (const double v : z) sum += std::exp(v - most);
  std::vector<double> out(z.begin(), z.end());
  for (double& v : out) v -= most + std::log(sum);
  return out;
}

/// KL(p || softmax(z)), whose gradient is softmax(z) - p.
Objective divergence_from(std::vector<double> log_p) {
  return [log_p = std::move(log_p)](std::span<const double> z, std::span<double> dz) {
    const std::vector<double> log_q = log_softmax(z);
    double value = 0;
    for (std::size_t i = 0; i < z.size(); ++i) {
      const double p = std::exp(log_p[i]);
      if (p > 0) value += p * (log_p[i] - log_q[i]);
      dz[i] = std::exp(log_q[i]) - p;
    }
    return value;
  };
}

Task<> attempt(Row& row, double eps, TradesAttackOptions options) {
  std::vector<double> x = row.clean_point();
  const Answer& clean = co_await row.look(x);
  const Objective objective = divergence_from(log_softmax(clean.logits));
  stats::Rng rng = row.rng("start");
  for (double& v : x) v += start_spread * rng.normal();
  attack_geometry::project(row, eps, x);
  const double step = options.step_size.value_or(2.5 * eps / options.steps);
  for (int i = 0; i < options.steps; ++i) {
    const Slope& slope = co_await row.climb(x, objective);
    attack_geometry::ascend(row, slope.gradient(), step, eps, x);
  }
  if (row.end_at(x)) co_return;
  co_await row.look(x);
}

Attack::Recipe recipe_of(const TradesAttackOptions& options) {
  const char* who = "TradesAttack";
  if (options.steps < 1)
    throw ValueError(who, "steps of at least 1", std::to_string(options.steps), "take some");
  if (options.step_size && !(*options.step_size > 0))
    throw ValueError(who, "a step_size above 0", std::to_string(*options.step_size),
                     "leave it unset for 2.5 * eps / steps");
  if (options.threat.goal != Goal::untargeted)
    throw ValueError(who, "the goal untargeted", "another",
                     "TRADES pulls all answers together; use Pgd for a target");
  Attack::Recipe recipe{.name = "trades", .threat = options.threat, .stages = {}};
  recipe.stages.push_back({"trades", each_budget([options](Row& row, double eps) {
                             return attempt(row, eps, options);
                           })});
  return recipe;
}

}  // namespace leadline::detail::trades_attack

namespace leadline::mitigate {

TradesAttack::TradesAttack(const TradesAttackOptions& options)
    : Attack(leadline::detail::trades_attack::recipe_of(options)) {}

}  // namespace leadline::mitigate

#include "leadline/robustness/boundary_attack.hpp"

#include <algorithm>
#include <cmath>

#include "attack_geometry.hpp"
#include "black_box_recipe.hpp"
#include "decision.hpp"

namespace leadline::detail::boundary_attack {

using namespace robustness;
using namespace decision;

namespace {

/// How often the last steps of one kind succeeded.
class Rate {
 public:
  explicit Rate(std::size_t enough) : enough_(enough) {}
  void add(bool success) {
    ++n_;
    successes_ += success;
  }
  [[nodiscard]] bool known() const { return n_ >= enough_; }
  /// The rate, and begins anew.
  double take() {
    const double rate = static_cast<double>(successes_) / static_cast<double>(n_);
    n_ = successes_ = 0;
    return rate;
  }

 private:
  std::size_t enough_, n_ = 0, successes_ = 0;
};

/// A random point on the sphere about the clean point through x, about `step` times the distance
/// away from x.
void step_around(const Row& row, std::span<const double> x, double step, stats::Rng& rng,
                 std::span<double> out) {
  const auto x0 = row.clean();
  const double distance = length(x0, x);
  rng.fill_normal(out);
  double along = 0;
  for (std::size_t i = 0; i < x.size(); ++i) along += out[i] * (x0[i] - x[i]) / distance;
  for (std::size_t i = 0; i < x.size(); ++i) out[i] -= along * (x0[i] - x[i]) / distance;
  normalise(out);
  const double shrink = 1 / std::sqrt(1 + step * step);
  for (std::size_t i = 0; i < x.size(); ++i)
    out[i] = x0[i] + shrink * (x[i] - x0[i] + step * distance * out[i]);
  attack_geometry::clip(row, out);
}

/// From `x` towards the clean point, to (1 - step) of `distance`.
void step_inward(const Row& row, double distance, double step, std::span<double> x) {
  const double here = length(row.clean(), x);
  const double share = std::max(step * distance + here - distance, 0.0) / here;
  for (std::size_t i = 0; i < x.size(); ++i) x[i] += std::min(share, 1.0) * (row.clean()[i] - x[i]);
}

/// The two steps of a proposal, adapted by the rule of the paper: both while the first succeeds
/// about as often as not, the second while it succeeds now and then.
struct Steps {
  double around, inward, factor;
  Rate around_rate{30}, inward_rate{30};

  void adapt() {
    if (around_rate.known()) {
      const double rate = around_rate.take();
      const double change = rate > 0.5 ? factor : rate < 0.2 ? 1 / factor : 1.0;
      around *= change;
      inward *= change;
    }
    if (inward_rate.known()) {
      const double rate = inward_rate.take();
      inward *= rate > 0.25 ? factor : rate < 0.1 ? 1 / factor : 1.0;
    }
    inward = std::min(inward, 0.9);
  }
};

Task<> boundary_task(Row& row, std::span<const double> budgets, BoundaryAttackOptions options) {
  row.aim(budgets.front());
  Purse purse{options.queries};
  std::vector<double> x, next(row.size());
  Task<bool> start = find_start(row, purse, options.start_tries, x);
  const bool found = co_await start;
  if (!found) co_return;
  Task<> inward = bisect(row, purse, 1e-3, x);
  co_await inward;
  Steps steps{options.spherical_step, options.source_step, options.adaptation};
  for (std::uint64_t step = 0; purse.left > 0; ++step) {
    const double distance = length(row.clean(), x);
    if (distance == 0) co_return;
    stats::Rng rng = row.rng("walk", step);
    step_around(row, x, steps.around, rng, next);
    if (step % 5 == 0) {  // the first step on its own is asked now and then
      Task<bool> ask_around = fools(row, purse, next);
      const bool around = co_await ask_around;
      steps.around_rate.add(around);
      if (!around) {
        steps.adapt();
        continue;
      }
    }
    step_inward(row, distance, steps.inward, next);
    Task<bool> ask = fools(row, purse, next);
    const bool there = co_await ask;
    steps.inward_rate.add(there);
    if (there && length(row.clean(), next) < distance) x = next;
    steps.adapt();
  }
}

AttackMethod method_of(const BoundaryAttackOptions& options) {
  return [options](Row& row, std::span<const double> budgets) {
    return boundary_task(row, budgets, options);
  };
}

}  // namespace

Attack::Recipe recipe_of(const BoundaryAttackOptions& options) {
  black_box::check_norm("BoundaryAttack", options.threat, {Norm::l2},
                        "use HopSkipJump for linf, GeoDa for l1");
  return black_box::recipe_of("BoundaryAttack", "boundary_attack", options, method_of,
                              Knowledge::labels, true);
}

}  // namespace leadline::detail::boundary_attack

namespace leadline::robustness {

BoundaryAttack::BoundaryAttack(const Options& options)
    : Attack(leadline::detail::boundary_attack::recipe_of(options)) {}

}  // namespace leadline::robustness

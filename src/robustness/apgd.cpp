#include "leadline/robustness/apgd.hpp"

#include <algorithm>
#include <cmath>

#include "attack_geometry.hpp"
#include "attack_methods.hpp"
#include "leadline/core/error.hpp"

namespace leadline::detail::attack_methods {

using namespace robustness;
using attack_geometry::project;
using attack_geometry::steepest;

namespace {

/// The plain float32 cross-entropy of the authors' code: 0, and without a gradient, for rows more
/// confident than float32 can tell.
Objective float_cross_entropy(std::int64_t label) {
  return [label](std::span<const double> z, std::span<double> dz) {
    float most = -std::numeric_limits<float>::infinity(), sum = 0;
    for (const double v : z) most = std::max(most, static_cast<float>(v));
    for (const double v : z) sum += std::exp(static_cast<float>(v) - most);
    for (std::size_t i = 0; i < z.size(); ++i)
      dz[i] = static_cast<double>(std::exp(static_cast<float>(z[i]) - most) / sum);
    const auto y = static_cast<std::size_t>(label);
    dz[y] = static_cast<double>(static_cast<float>(dz[y]) - 1.0F);
    return static_cast<double>(std::log(sum) + most - static_cast<float>(z[y]));
  };
}

Objective apgd_objective(const Row& row, const ApgdPlan& plan) {
  if (plan.targeted) return targeted_dlr(row.label(), row.target());
  if (plan.compat == Compat::reference && plan.loss == AttackLoss::cross_entropy &&
      row.goal() == Goal::untargeted)
    return float_cross_entropy(row.label());
  return objective_of(row, plan.loss);
}

/// linf: a point with at least one value on the face; l2: on the sphere; l1: in the ball.
void apgd_start(const Row& row, double eps, stats::Rng& rng, std::span<double> x) {
  const auto x0 = row.clean();
  std::vector<double> t(x.size());
  if (row.norm() == Norm::linf) {
    rng.fill_uniform(t);
    double most = 0;
    for (double& v : t) most = std::max(most, std::abs(v = 2 * v - 1));
    for (std::size_t i = 0; i < x.size(); ++i) x[i] = x0[i] + eps * t[i] / most;
    attack_geometry::clip(row, x);
    return;
  }
  rng.fill_normal(t);
  double size = 0;
  for (const double v : t) size += v * v;
  const double scale = row.norm() == Norm::l2 ? eps / std::sqrt(size) : 1.0;
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = x0[i] + scale * t[i];
  project(row, eps, x);
}

/// When to look back, and whether the window paid.
class Windows {
 public:
  Windows(int steps, double rho, double first_loss, bool wrapped)
      : length_(std::max(static_cast<int>(0.22 * steps), 1)),
        shortest_(std::max(static_cast<int>(0.06 * steps), 1)),
        shrink_(std::max(static_cast<int>(0.03 * steps), 1)),
        rho_(rho),
        previous_(wrapped ? 0.0 : first_loss),
        best_then_(first_loss) {}

  /// Takes the loss of a step; true at the end of a window that did not pay.
  bool end(double loss, double best) {
    improved_ += loss > previous_;
    previous_ = loss;
    if (++seen_ < length_) return false;
    const bool oscillates = improved_ <= rho_ * length_;
    const bool stuck = !halved_ && best_then_ >= best;
    halved_ = oscillates || stuck;
    best_then_ = best;
    seen_ = improved_ = 0;
    length_ = std::max(length_ - shrink_, shortest_);
    return halved_;
  }

 private:
  int length_, shortest_, shrink_;
  double rho_;
  int seen_ = 0, improved_ = 0;
  double previous_, best_then_;
  bool halved_ = true;  // so that the first window is judged by its improvements alone
};

/// The best point so far, with its gradient.
struct Peak {
  double value = -std::numeric_limits<double>::infinity();
  std::vector<double> x, gradient;
  void offer(double given, std::span<const double> at, std::span<const double> slope) {
    if (!(given > value)) return;
    value = given;
    x.assign(at.begin(), at.end());
    gradient.assign(slope.begin(), slope.end());
  }
};

/// Value and gradient at x, averaged over `draws`; the gradient is written to `mean`.
Task<double> mean_slope(Row& row, std::span<double> x, const Objective& objective, int draws,
                        std::vector<double>& mean) {
  double value = 0;
  mean.assign(x.size(), 0.0);
  for (int draw = 0; draw < draws; ++draw) {
    const Slope& slope = co_await row.climb(x, objective);
    value += slope.value() / draws;
    for (std::size_t j = 0; j < mean.size(); ++j) mean[j] += slope.gradient()[j] / draws;
  }
  co_return value;
}

/// x <- P(x + a (P(x + step * direction) - x) + (1 - a) (x - before)).
void momentum_step(const Row& row, std::span<const double> gradient, double step, double eps,
                   double a, std::span<const double> before, std::vector<double>& x) {
  std::vector<double> ahead(x.size());
  steepest(row, x, gradient, ahead);
  for (std::size_t i = 0; i < x.size(); ++i) ahead[i] = x[i] + step * ahead[i];
  project(row, eps, ahead);
  for (std::size_t i = 0; i < x.size(); ++i)
    x[i] += a * (ahead[i] - x[i]) + (1 - a) * (x[i] - before[i]);
  project(row, eps, x);
}

Task<> apgd_once(Row& row, double eps, const ApgdPlan& plan, const Objective& objective,
                 std::vector<double> x) {
  std::vector<double> gradient, before = x;
  Task<double> first = mean_slope(row, x, objective, plan.eot_samples, gradient);
  const double start = co_await first;
  Peak peak;
  peak.offer(start, x, gradient);
  Windows windows(plan.steps, plan.rho, start, plan.compat == Compat::reference);
  double step = 2 * eps;
  for (int i = 0; i < plan.steps; ++i) {
    const std::vector<double> here = x;
    momentum_step(row, gradient, step, eps, i == 0 ? 1.0 : 0.75, before, x);
    before = here;
    if (plan.trace != nullptr) plan.trace->push_back(step);
    if (i + 1 == plan.steps && plan.eot_samples == 1) {
      co_await row.look(x);
      break;
    }
    Task<double> slope = mean_slope(row, x, objective, plan.eot_samples, gradient);
    const double value = co_await slope;
    peak.offer(value, x, gradient);
    if (!windows.end(value, peak.value)) continue;
    step /= 2;
    x = peak.x;
    gradient = peak.gradient;
  }
}

/// Values of b that differ from a.
double n_changed(std::span<const double> a, std::span<const double> b) {
  return attack_geometry::distance(Norm::l0, a, b);
}

/// The variant for l1: sparse steps over a share of the values that follows the sparsity of the
/// best point. Leaves that point in `x`.
Task<> apgd_l1(Row& row, double eps, int steps, const ApgdPlan& plan, const Objective& objective,
               std::vector<double>& x, bool fresh) {
  constexpr double shrink = 1.5, least_share = 0.1, sparse_enough = 0.95;
  const auto d = static_cast<double>(x.size());
  const int window = std::max(static_cast<int>(0.04 * steps), 1);
  std::vector<double> gradient, way(x.size());
  Task<double> first = mean_slope(row, x, objective, plan.eot_samples, gradient);
  const double start = co_await first;
  Peak peak;
  peak.offer(start, x, gradient);
  double share = fresh ? 0.2 : n_changed(row.clean(), x) / d / shrink;
  double changed_then = fresh ? d : n_changed(row.clean(), x), step = eps;
  for (int i = 0; i < steps; ++i) {
    steepest(row, x, gradient, way, share);
    for (std::size_t j = 0; j < x.size(); ++j) x[j] += step * way[j];
    project(row, eps, x);
    Task<double> slope = mean_slope(row, x, objective, plan.eot_samples, gradient);
    const double value = co_await slope;
    peak.offer(value, x, gradient);
    if ((i + 1) % window != 0) continue;
    const double changed = n_changed(row.clean(), peak.x);
    const bool sparser = changed < sparse_enough * changed_then;
    share = changed / d / shrink;
    step = sparser ? eps : std::max(step / shrink, least_share * eps);
    changed_then = changed;
    if (!sparser) continue;
    x = peak.x;
    gradient = peak.gradient;
  }
  x = peak.x;
}

/// Budgets of 3, 2 and 1 eps for 30, 30 and 40 % of the steps, each from where the last one ended.
Task<> apgd_l1_schedule(Row& row, double eps, const ApgdPlan& plan, const Objective& objective,
                        std::vector<double> x, int restart) {
  const int first = static_cast<int>(std::ceil(0.3 * plan.steps));
  const int phases[] = {first, first, plan.steps - 2 * first};
  for (int phase = 0; phase < 3; ++phase) {
    const double wide = eps * (3 - phase);
    if (phase == 0) {
      stats::Rng rng = row.rng("start", static_cast<std::uint64_t>(restart));
      apgd_start(row, wide, rng, x);
    } else {
      project(row, wide, x);
    }
    Task<> run = apgd_l1(row, wide, std::max(phases[phase], 1), plan, objective, x, phase == 0);
    co_await run;
  }
}

Task<> apgd_task(Row& row, double eps, ApgdPlan plan) {
  const Objective objective = apgd_objective(row, plan);
  for (int restart = 0; restart < plan.restarts; ++restart) {
    const std::uint64_t key = static_cast<std::uint64_t>(restart) * 4096 +
                              (plan.targeted ? static_cast<std::uint64_t>(row.target() + 1) : 0);
    stats::Rng rng = row.rng("start", key);
    std::vector<double> x = row.clean_point();
    apgd_start(row, eps, rng, x);
    if (row.norm() != Norm::l1) {
      Task<> run = apgd_once(row, eps, plan, objective, std::move(x));
      co_await run;
    } else if (plan.wide_first) {
      Task<> run = apgd_l1_schedule(row, eps, plan, objective, std::move(x), restart);
      co_await run;
    } else {
      Task<> run = apgd_l1(row, eps, plan.steps, plan, objective, x, true);
      co_await run;
    }
  }
}

}  // namespace

AttackMethod apgd(const ApgdPlan& plan) {
  return each_budget([plan](Row& row, double eps) { return apgd_task(row, eps, plan); });
}

}  // namespace leadline::detail::attack_methods

namespace leadline::detail::apgd {

using namespace robustness;

Attack::Recipe recipe_of(const ApgdOptions& options) {
  Attack::Recipe recipe = recipe_from("Apgd", "apgd", options);
  if (options.threat.norm == Norm::l0)
    throw ValueError("Apgd", "the norm linf, l2 or l1", "l0", "use Pgd or Fmn for l0");
  if (options.n_targets > 0 && options.threat.goal != Goal::untargeted)
    throw ValueError("Apgd", "n_targets with the goal untargeted", "another goal",
                     "drop n_targets: the goal names the class");
  attack_methods::ApgdPlan plan{.steps = options.steps,
                                .restarts = options.restarts,
                                .loss = options.loss,
                                .targeted = options.n_targets > 0,
                                .rho = options.rho,
                                .eot_samples = options.eot_samples,
                                .compat = options.compat};
  recipe.stages.push_back({.name = plan.targeted ? "apgd-t" : "apgd",
                           .method = attack_methods::apgd(plan),
                           .n_targets = options.n_targets});
  plan.restarts *= 2;
  recipe.longer = {.name = "apgd, twice the restarts",
                   .method = attack_methods::apgd(plan),
                   .n_targets = options.n_targets};
  recipe.averaged = options.eot_samples;
  recipe.climbs_dlr = plan.targeted || options.loss == AttackLoss::dlr;
  recipe.relative_cost =
      1.0 + 5.0 * options.steps * options.restarts * options.eot_samples *
                static_cast<double>(options.threat.eps.size()) *
                static_cast<double>(std::max<std::int64_t>(options.n_targets, 1));
  return recipe;
}

}  // namespace leadline::detail::apgd

namespace leadline::robustness {

Apgd::Apgd(const Options& options) : Attack(leadline::detail::apgd::recipe_of(options)) {}

}  // namespace leadline::robustness

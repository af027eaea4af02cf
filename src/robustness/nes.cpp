// Ascent along gradients estimated from scores.
#include "leadline/robustness/nes.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "adam.hpp"
#include "attack_geometry.hpp"
#include "attack_methods.hpp"
#include "black_box_recipe.hpp"
#include "leadline/robustness/spsa.hpp"

namespace leadline::detail::attack_methods {

using namespace robustness;

namespace {

/// How a gradient is estimated and followed.
struct EstimatePlan {
  std::string_view stream;
  std::int64_t queries = 0;
  int pairs = 20;
  double share = 0.25;             // of eps: how far the points of a pair lie
  std::optional<double> spread{};  // in input units; before `share`
  std::optional<double> step_size{};
  double momentum = 0;
  bool signs = false;  // directions are random signs; else normals
  bool adam = false;
  [[nodiscard]] std::int64_t steps() const {
    return (queries + 2 * pairs) / (2 * std::int64_t{pairs} + 1);
  }
};

void draw_directions(stats::Rng& rng, bool signs, std::span<double> out) {
  if (!signs) {
    rng.fill_normal(out);
    return;
  }
  for (double& v : out) v = (rng.next_u32() & 1U) != 0 ? 1.0 : -1.0;
}

/// x + spread u and x - spread u for each direction u, clipped.
void place_pairs(const Row& row, std::span<const double> x, double spread,
                 std::span<const double> directions, std::span<double> points) {
  const std::size_t d = x.size();
  for (std::size_t p = 0; p < directions.size() / d; ++p) {
    const std::span<double> up = points.subspan(2 * p * d, d);
    const std::span<double> down = points.subspan((2 * p + 1) * d, d);
    for (std::size_t i = 0; i < d; ++i) {
      up[i] = x[i] + spread * directions[p * d + i];
      down[i] = x[i] - spread * directions[p * d + i];
    }
    attack_geometry::clip(row, up);
    attack_geometry::clip(row, down);
  }
}

/// gradient += (1 - momentum) * sum over pairs of gap * direction, after the decay of the old one.
void gather(const Row& row, std::span<const Answer> answers, std::span<const double> directions,
            double momentum, std::span<double> gradient) {
  const std::size_t d = gradient.size();
  for (double& g : gradient) g *= momentum;
  for (std::size_t p = 0; p < answers.size() / 2; ++p) {
    const double gap = row.margin(answers[2 * p]) - row.margin(answers[2 * p + 1]);
    if (!std::isfinite(gap)) continue;
    for (std::size_t i = 0; i < d; ++i) gradient[i] += (1 - momentum) * gap * directions[p * d + i];
  }
}

Task<> estimate_task(Row& row, double eps, EstimatePlan plan) {
  const std::size_t d = row.size();
  const double unit = row.norm() == Norm::linf ? eps : eps / std::sqrt(static_cast<double>(d));
  const double spread = plan.spread.value_or(plan.share * unit);
  const double step =
      plan.step_size.value_or(2.5 * (plan.adam ? unit : eps) / static_cast<double>(plan.steps()));
  std::vector<double> x = row.clean_point(), gradient(d, 0.0), directions, points;
  Adam adam(d);
  std::int64_t left = plan.queries;
  for (std::uint64_t round = 0; left >= 3; ++round) {
    const auto pairs = static_cast<std::size_t>(std::min<std::int64_t>(plan.pairs, (left - 1) / 2));
    left -= 2 * static_cast<std::int64_t>(pairs) + 1;
    stats::Rng rng = row.rng(plan.stream, round);
    directions.resize(pairs * d);
    points.resize(2 * pairs * d);
    draw_directions(rng, plan.signs, directions);
    place_pairs(row, x, spread, directions, points);
    const std::span<const Answer> answers = co_await row.look_all(points);
    gather(row, answers, directions, plan.momentum, gradient);
    if (plan.adam) {
      adam.ascend(gradient, step, x);
      attack_geometry::project(row, eps, x);
    } else {
      attack_geometry::ascend(row, gradient, step, eps, x);
    }
    co_await row.look(x);
  }
}

AttackMethod estimated(const EstimatePlan& plan) {
  return each_budget([plan](Row& row, double eps) { return estimate_task(row, eps, plan); });
}

AttackMethod nes_of(const NesOptions& options) {
  return estimated({.stream = "nes",
                    .queries = options.queries,
                    .pairs = options.pairs,
                    .spread = options.sigma,
                    .step_size = options.step_size,
                    .momentum = options.momentum});
}

AttackMethod spsa_of(const SpsaOptions& options) {
  return estimated({.stream = "spsa",
                    .queries = options.queries,
                    .pairs = options.pairs,
                    .spread = options.delta,
                    .step_size = options.step_size,
                    .signs = true,
                    .adam = true});
}

}  // namespace

AttackMethod nes(const NesPlan& plan) {
  return estimated({.stream = "nes",
                    .queries = std::int64_t{plan.steps} * (2 * std::int64_t{plan.pairs} + 1),
                    .pairs = plan.pairs,
                    .share = plan.sigma_share});
}

Attack::Recipe recipe_of(const NesOptions& options) {
  black_box::check_norm("Nes", options.threat, {Norm::linf, Norm::l2, Norm::l1},
                        "use SimBa for the norm l0");
  return black_box::recipe_of("Nes", "nes", options, nes_of, Knowledge::scores, false);
}

Attack::Recipe recipe_of(const SpsaOptions& options) {
  black_box::check_norm("Spsa", options.threat, {Norm::linf, Norm::l2}, "use Nes for the norm l1");
  return black_box::recipe_of("Spsa", "spsa", options, spsa_of, Knowledge::scores, false);
}

}  // namespace leadline::detail::attack_methods

namespace leadline::robustness {

Nes::Nes(const Options& options) : Attack(leadline::detail::attack_methods::recipe_of(options)) {}

Spsa::Spsa(const Options& options) : Attack(leadline::detail::attack_methods::recipe_of(options)) {}

}  // namespace leadline::robustness

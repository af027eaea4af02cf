#include "leadline/robustness/spatial_attack.hpp"

#include <algorithm>
#include <cmath>

#include "attack_geometry.hpp"
#include "leadline/robustness/attack_loss.hpp"

namespace leadline::detail::spatial_attack {

using namespace robustness;

namespace {

/// n values from -eps to eps, evenly; 0 alone for n = 1.
std::vector<double> spaced(double eps, int n) {
  std::vector<double> out{0.0};
  if (n > 1) out.resize(static_cast<std::size_t>(n));
  for (int i = 0; i < n && n > 1; ++i) {
    const double share = static_cast<double>(2 * i - (n - 1)) / (n - 1);  // 0 in the middle
    out[static_cast<std::size_t>(i)] = eps * share;
  }
  return out;
}

/// One question a rotation: all its shifts.
Task<> grid_task(Row& row, double eps, int rotations, int translations) {
  std::vector<double> turns = spaced(eps, rotations);
  std::stable_sort(turns.begin(), turns.end(),
                   [](double a, double b) { return std::abs(a) > std::abs(b); });
  const std::vector<double> shifts = spaced(eps, translations);
  std::vector<double> points;
  for (const double turn : turns) {
    points.clear();
    for (const double down : shifts)
      for (const double right : shifts) points.insert(points.end(), {turn, down, right});
    for (std::size_t i = 0; i < points.size(); i += 3)
      attack_geometry::clip(row, std::span(points).subspan(i, 3));
    co_await row.look_all(points);
  }
}

Task<> random_task(Row& row, double eps, int tries) {
  std::vector<double> x(row.size());
  for (int i = 0; i < tries; ++i) {
    stats::Rng rng = row.rng("motion", static_cast<std::uint64_t>(i));
    attack_geometry::draw_in_ball(row, eps, rng, x);
    co_await row.look(x);
  }
}

/// The first of its starts are those of `random_task`.
Task<> gradient_task(Row& row, double eps, int tries, int steps) {
  const Objective objective = objective_of(row, AttackLoss::cross_entropy);
  std::vector<double> x(row.size());
  for (int i = 0; i < tries; ++i) {
    stats::Rng rng = row.rng("motion", static_cast<std::uint64_t>(i));
    attack_geometry::draw_in_ball(row, eps, rng, x);
    for (int step = 0; step < steps; ++step) {
      const Slope& slope = co_await row.climb(x, objective);
      const double left = static_cast<double>(steps - step) / steps;
      attack_geometry::ascend(row, slope.gradient(), 0.5 * eps * left, eps, x);
    }
    co_await row.look(x);
  }
}

AttackMethod method_of(const SpatialAttackOptions& options) {
  return each_budget([options](Row& row, double eps) {
    switch (options.search) {
      case SpatialSearch::random:
        return random_task(row, eps, options.tries);
      case SpatialSearch::gradient:
        return gradient_task(row, eps, options.tries, options.steps);
      case SpatialSearch::grid:
        break;
    }
    return grid_task(row, eps, options.rotations, options.translations);
  });
}

/// In passes without gradients.
double n_motions(const SpatialAttackOptions& options) {
  switch (options.search) {
    case SpatialSearch::random:
      return options.tries;
    case SpatialSearch::gradient:
      return 5.0 * options.tries * options.steps;
    case SpatialSearch::grid:
      break;
  }
  return static_cast<double>(options.rotations) * options.translations * options.translations;
}

/// Contains what is run: the same draws and more, the same grid and the rotations between.
AttackStage longer_of(SpatialAttackOptions options, Knowledge needs) {
  options.tries *= 2;
  options.rotations = std::max(2 * options.rotations - 1, 3);
  return {options.search == SpatialSearch::grid ? "spatial_attack, twice the rotations"
                                                : "spatial_attack, twice the tries",
          method_of(options), needs};
}

}  // namespace

Attack::Recipe recipe_of(const SpatialAttackOptions& options) {
  Attack::Recipe recipe = recipe_from("SpatialAttack", "spatial_attack", options);
  recipe.own_norm = Norm::spatial;
  const Knowledge needs =
      options.search == SpatialSearch::gradient ? Knowledge::white_box : Knowledge::labels;
  recipe.stages.push_back({"spatial_attack", method_of(options), needs});
  recipe.relative_cost =
      1.0 + 2.0 * n_motions(options) * static_cast<double>(options.threat.eps.size());
  recipe.longer = longer_of(options, needs);
  return recipe;
}

}  // namespace leadline::detail::spatial_attack

namespace leadline::robustness {

SpatialAttack::SpatialAttack(const Options& options)
    : Attack(leadline::detail::spatial_attack::recipe_of(options)) {}

}  // namespace leadline::robustness

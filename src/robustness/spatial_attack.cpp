#include "leadline/robustness/spatial_attack.hpp"

#include <algorithm>
#include <cmath>

#include "attack_geometry.hpp"

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

AttackMethod method_of(const SpatialAttackOptions& options) {
  if (options.search == SpatialSearch::random)
    return each_budget(
        [tries = options.tries](Row& row, double eps) { return random_task(row, eps, tries); });
  return each_budget(
      [rotations = options.rotations, translations = options.translations](Row& row, double eps) {
        return grid_task(row, eps, rotations, translations);
      });
}

double n_motions(const SpatialAttackOptions& options) {
  return options.search == SpatialSearch::random
             ? options.tries
             : static_cast<double>(options.rotations) * options.translations * options.translations;
}

}  // namespace

Attack::Recipe recipe_of(SpatialAttackOptions options) {
  check_options("SpatialAttack", options);
  Attack::Recipe recipe{.name = "spatial_attack", .threat = options.threat, .stages = {}};
  recipe.own_norm = Norm::spatial;
  recipe.stages.push_back({"spatial_attack", method_of(options), Knowledge::labels});
  recipe.max_samples = options.max_samples;
  recipe.check_samples = options.check_samples;
  recipe.relative_cost =
      1.0 + 2.0 * n_motions(options) * static_cast<double>(options.threat.eps.size());
  // Contains what is run: the same draws and more, the same grid and the rotations between.
  options.tries *= 2;
  options.rotations = std::max(2 * options.rotations - 1, 3);
  recipe.longer = {options.search == SpatialSearch::grid ? "spatial_attack, twice the rotations"
                                                         : "spatial_attack, twice the tries",
                   method_of(options), Knowledge::labels};
  return recipe;
}

}  // namespace leadline::detail::spatial_attack

namespace leadline::robustness {

SpatialAttack::SpatialAttack(Options options)
    : Attack(leadline::detail::spatial_attack::recipe_of(options)), options_(std::move(options)) {}
std::vector<std::pair<std::string, std::string>> SpatialAttack::options() const {
  return options_text(options_);
}

}  // namespace leadline::robustness

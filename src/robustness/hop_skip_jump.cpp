#include "leadline/robustness/hop_skip_jump.hpp"

#include <algorithm>
#include <cmath>

#include "attack_geometry.hpp"
#include "black_box_recipe.hpp"
#include "decision.hpp"

namespace leadline::detail::hop_skip_jump {

using namespace robustness;
using namespace decision;

namespace {

/// points <- x + delta * unit vectors, clipped: of a normal (l2) or of a cube (linf).
void draw_around(const Row& row, std::span<const double> x, double delta, stats::Rng& rng,
                 std::span<double> points) {
  if (row.norm() == Norm::linf) {
    rng.fill_uniform(points);
    for (double& v : points) v = 2 * v - 1;
  } else {
    rng.fill_normal(points);
  }
  for (std::size_t first = 0; first < points.size(); first += x.size()) {
    const std::span<double> point = points.subspan(first, x.size());
    normalise(point);
    for (std::size_t i = 0; i < x.size(); ++i) point[i] = x[i] + delta * point[i];
    attack_geometry::clip(row, point);
  }
}

/// The mean of the directions to the points, signed by their decisions less the mean decision
/// (all alike: the decision itself), of length 1.
std::vector<double> normal_from(const Row& row, std::span<const Answer> answers,
                                std::span<const double> x, std::span<const double> points) {
  double mean = 0;
  for (const Answer& answer : answers) mean += row.reached(answer) ? 1.0 : -1.0;
  mean /= static_cast<double>(answers.size());
  if (std::abs(mean) == 1) mean = 0;
  std::vector<double> normal(x.size(), 0.0);
  for (std::size_t k = 0; k < answers.size(); ++k) {
    const double weight = (row.reached(answers[k]) ? 1.0 : -1.0) - mean;
    for (std::size_t i = 0; i < x.size(); ++i)
      normal[i] += weight * (points[k * x.size() + i] - x[i]);
  }
  normalise(normal);
  if (row.norm() == Norm::linf)
    for (double& v : normal) v = static_cast<double>((v > 0) - (v < 0));
  return normal;
}

/// x <- x + step * normal with the largest step that still fools: `step`, halved until it does.
/// Leaves x as it is where none does.
Task<> jump(Row& row, Purse& purse, double step, std::vector<double> normal,
            std::vector<double>& x) {
  std::vector<double> next(x.size());
  for (int halving = 0; halving < 30 && purse.left > 0; ++halving, step /= 2) {
    for (std::size_t i = 0; i < x.size(); ++i) next[i] = x[i] + step * normal[i];
    attack_geometry::clip(row, next);
    Task<bool> ask = fools(row, purse, next);
    const bool there = co_await ask;
    if (!there) continue;
    x = next;
    co_return;
  }
}

/// The lengths of the paper, for an input of d values: theta and, of the distance, delta.
struct Lengths {
  double tolerance, radius;
  Lengths(const Row& row, double gamma) {
    const auto d = static_cast<double>(row.size());
    const bool cube = row.norm() == Norm::linf;
    const double theta = cube ? gamma / (d * d) : gamma / (d * std::sqrt(d));
    tolerance = std::clamp(theta, 1e-6, 1e-3);
    radius = cube ? d * theta : std::sqrt(d) * theta;
  }
};

double first_radius(const Row& row, double distance) {
  double range = 0;
  for (std::size_t i = 0; i < row.size(); ++i)
    range = std::max(range, row.upper()[i] - row.lower()[i]);
  return std::min(0.1 * range, distance);
}

Task<> hop_task(Row& row, std::span<const double> budgets, HopSkipJumpOptions options) {
  row.aim(budgets.front());
  const Lengths lengths(row, options.gamma);
  Purse purse{options.queries};
  std::vector<double> x, points, next;
  Task<bool> start = find_start(row, purse, options.start_tries, x);
  const bool found = co_await start;
  if (!found) co_return;
  Task<> inward = bisect(row, purse, lengths.tolerance, x);
  co_await inward;
  for (std::uint64_t step = 1; purse.left > 2; ++step) {
    const double distance = row.distance(x), root = std::sqrt(static_cast<double>(step));
    if (distance == 0) co_return;
    const double delta = step == 1 ? first_radius(row, distance) : lengths.radius * distance;
    const auto n = std::min({static_cast<std::int64_t>(options.initial_evaluations * root),
                             std::int64_t{options.max_evaluations}, purse.left});
    purse.left -= n;
    points.resize(static_cast<std::size_t>(n) * x.size());
    stats::Rng rng = row.rng("around", step);
    draw_around(row, x, delta, rng, points);
    const std::span<const Answer> answers = co_await row.look_all(points);
    next = x;
    Task<> away = jump(row, purse, distance / root, normal_from(row, answers, x, points), next);
    co_await away;
    Task<> back = bisect(row, purse, lengths.tolerance, next);
    co_await back;
    if (row.distance(next) < distance) x = next;
  }
}

AttackMethod method_of(const HopSkipJumpOptions& options) {
  return [options](Row& row, std::span<const double> budgets) {
    return hop_task(row, budgets, options);
  };
}

}  // namespace

Attack::Recipe recipe_of(const HopSkipJumpOptions& options) {
  black_box::check_norm("HopSkipJump", options.threat, {Norm::l2, Norm::linf},
                        "use GeoDa for the norm l1");
  return black_box::recipe_of("HopSkipJump", "hop_skip_jump", options, method_of, Knowledge::labels,
                              true);
}

}  // namespace leadline::detail::hop_skip_jump

namespace leadline::robustness {

HopSkipJump::HopSkipJump(const Options& options)
    : Attack(leadline::detail::hop_skip_jump::recipe_of(options)) {}

}  // namespace leadline::robustness

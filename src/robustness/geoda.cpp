#include "leadline/robustness/geoda.hpp"

#include <algorithm>
#include <cmath>

#include "attack_basis.hpp"
#include "attack_geometry.hpp"
#include "black_box_recipe.hpp"
#include "decision.hpp"

namespace leadline::detail::geoda {

using namespace robustness;
using namespace decision;

namespace {

/// x <- the clean point moved by r along the normal: in its direction (l2), by its signs (linf),
/// by its largest values, each as far as the bounds allow (l1).
void place(const Row& row, std::span<const double> normal, double r, std::span<double> x) {
  const auto x0 = row.clean();
  std::copy(x0.begin(), x0.end(), x.begin());
  if (row.norm() == Norm::l1) {
    std::vector<std::size_t> order(x.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
      return std::abs(normal[a]) > std::abs(normal[b]);
    });
    for (const std::size_t i : order) {
      if (r <= 0 || normal[i] == 0) break;
      const double room = normal[i] > 0 ? row.upper()[i] - x0[i] : x0[i] - row.lower()[i];
      const double change = std::min(room, r);
      x[i] += std::copysign(change, normal[i]);
      r -= change;
    }
    return;
  }
  for (std::size_t i = 0; i < x.size(); ++i)
    x[i] += r * (row.norm() == Norm::linf ? static_cast<double>((normal[i] > 0) - (normal[i] < 0))
                                          : normal[i]);
  attack_geometry::clip(row, x);
}

/// x <- the boundary along the normal; false, and x as it was, where it is not found within four
/// times `guess`.
Task<bool> meet(Row& row, Purse& purse, std::vector<double> normal, double guess,
                std::vector<double>& x) {
  constexpr double tolerance = 1e-4;
  double low = 0, high = guess;
  std::vector<double> point(x.size());
  bool found = false;
  for (; !found && high <= 4 * guess && purse.left > 0; high *= 1.3) {
    place(row, normal, high, point);
    Task<bool> ask = fools(row, purse, point);
    const bool there = co_await ask;
    found = there;
    if (found) break;
    low = high;
  }
  if (!found) co_return false;
  x = point;
  while (high - low > tolerance * high && purse.left > 0) {
    const double middle = (low + high) / 2;
    place(row, normal, middle, point);
    Task<bool> ask = fools(row, purse, point);
    const bool there = co_await ask;
    (there ? high : low) = middle;
    if (there) x = point;
  }
  co_return true;
}

Task<> geoda_task(Row& row, std::span<const double> budgets, GeoDaOptions options) {
  row.aim(budgets.front());
  Purse purse{options.queries};
  const attack_basis::Planes planes(row);
  const attack_basis::Cosines cosines(planes, row.space().is_image() ? options.low_frequencies : 1);
  const std::size_t d = row.size();
  std::vector<double> x, points, next, normal(d);
  Task<bool> start = find_start(row, purse, options.start_tries, x);
  const bool found = co_await start;
  if (!found) co_return;
  Task<> inward = bisect(row, purse, 1e-4, x);
  co_await inward;
  double evaluations = options.initial_evaluations;
  for (std::uint64_t step = 1; purse.left > 2; ++step, evaluations *= options.growth) {
    const double distance = length(row.clean(), x);
    if (distance == 0) co_return;
    const double sigma =
        options.sigma.value_or(0.01 * distance / std::sqrt(static_cast<double>(d)));
    const auto n = std::min(static_cast<std::int64_t>(evaluations), purse.left);
    purse.left -= n;
    points.resize(static_cast<std::size_t>(n) * d);
    stats::Rng rng = row.rng("around", step);
    for (std::size_t k = 0; k < points.size(); k += d) {
      const std::span<double> point = std::span(points).subspan(k, d);
      if (row.space().is_image())
        cosines.draw_low(rng, point);
      else
        rng.fill_normal(point);
      for (std::size_t i = 0; i < d; ++i) point[i] = x[i] + sigma * point[i];
      attack_geometry::clip(row, point);
    }
    const std::span<const Answer> answers = co_await row.look_all(points);
    std::fill(normal.begin(), normal.end(), 0.0);
    for (std::size_t k = 0; k < answers.size(); ++k) {
      const double side = row.reached(answers[k]) ? 1.0 : -1.0;
      for (std::size_t i = 0; i < d; ++i) normal[i] += side * (points[k * d + i] - x[i]);
    }
    normalise(normal);
    next = x;
    Task<bool> ask = meet(row, purse, normal, row.distance(x), next);
    const bool met = co_await ask;
    if (met && row.distance(next) < row.distance(x)) x = next;
  }
}

AttackMethod method_of(const GeoDaOptions& options) {
  return [options](Row& row, std::span<const double> budgets) {
    return geoda_task(row, budgets, options);
  };
}

}  // namespace

Attack::Recipe recipe_of(const GeoDaOptions& options) {
  black_box::check_norm("GeoDa", options.threat, {Norm::l2, Norm::linf, Norm::l1},
                        "use SimBa for the norm l0, which needs scores");
  return black_box::recipe_of("GeoDa", "geoda", options, method_of, Knowledge::labels, true);
}

}  // namespace leadline::detail::geoda

namespace leadline::robustness {

GeoDa::GeoDa(const Options& options) : Attack(leadline::detail::geoda::recipe_of(options)) {}

}  // namespace leadline::robustness

#include "leadline/robustness/sign_opt.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "attack_geometry.hpp"
#include "black_box_recipe.hpp"
#include "decision.hpp"

namespace leadline::detail::sign_opt {

using namespace robustness;
using namespace decision;

namespace {

constexpr double coarse = 1e-3;  // precision of the boundary while rays are compared

/// A direction of size 1 in the norm, and how far the boundary lies along it.
struct Ray {
  std::vector<double> direction;
  double distance = std::numeric_limits<double>::infinity();
};

double size_of(const Row& row, std::span<const double> change) {
  const std::vector<double> origin(change.size(), 0.0);
  return attack_geometry::distance(row.norm(), origin, change);
}
void to_size_one(const Row& row, std::span<double> direction) {
  const double size = size_of(row, direction);
  if (size > 0)
    for (double& v : direction) v /= size;
}

/// x <- the point at this distance along the direction, which bends where it meets the bounds; the
/// corner that it ends in where that is nearer.
void place(const Row& row, std::span<const double> direction, double distance,
           std::span<double> x) {
  constexpr int rounds = 30;
  double reach = distance;
  for (int k = 0; k < rounds; ++k) {
    for (std::size_t i = 0; i < x.size(); ++i) x[i] = row.clean()[i] + reach * direction[i];
    attack_geometry::clip(row, x);
    const double now = row.distance(x);
    if (now >= distance * (1 - 1e-9) || now == 0) return;
    reach *= distance / now;  // what was cut off counts for nothing
  }
}

/// The straight ray to the same point: what the bounds cut off is not part of it.
void straighten(const Row& row, Ray& ray) {
  std::vector<double> x(row.size());
  place(row, ray.direction, ray.distance, x);
  for (std::size_t i = 0; i < x.size(); ++i) ray.direction[i] = x[i] - row.clean()[i];
  to_size_one(row, ray.direction);
}

/// Narrows the boundary between two distances down, from above; `high` fools.
Task<> bisect_ray(Row& row, Purse& purse, double low, double high, double tolerance, Ray& ray) {
  std::vector<double> x(row.size());
  while (high - low > tolerance * high && purse.left > 0) {
    const double middle = (low + high) / 2;
    place(row, ray.direction, middle, x);
    Task<bool> ask = fools(row, purse, x);
    const bool there = co_await ask;
    (there ? high : low) = middle;
  }
  ray.distance = high;
}

/// ray.distance <- the boundary along it when that is below `limit`, else infinite.
Task<> measure(Row& row, Purse& purse, double limit, double tolerance, Ray& ray) {
  std::vector<double> x(row.size());
  ray.distance = std::numeric_limits<double>::infinity();
  place(row, ray.direction, limit, x);
  Task<bool> first = fools(row, purse, x);
  const bool nearer = co_await first;
  if (!nearer) co_return;
  double high = limit, low = limit * 0.99, shrink = 0.99;
  while (low > 0 && purse.left > 0) {  // from just below: most rays are nearly as long as the last
    place(row, ray.direction, low, x);
    Task<bool> ask = fools(row, purse, x);
    const bool there = co_await ask;
    if (!there) break;
    high = low;
    shrink *= shrink;
    low = high * shrink;
    if (high < 1e-12 * limit) low = 0;
  }
  Task<> narrowed = bisect_ray(row, purse, low, high, tolerance, ray);
  co_await narrowed;
}

/// direction <- number `i` of those tried in a run: towards noise, whose smooth part is quick to
/// descend from; every other run at random from the clean point, since towards noise most rays meet
/// the same class.
void draw_direction(const Row& row, std::uint64_t run, std::uint64_t i,
                    std::vector<double>& direction) {
  if (run % 2 == 0) {
    draw_start(row, (run << 32U) + i, direction);
    for (std::size_t j = 0; j < direction.size(); ++j) direction[j] -= row.clean()[j];
  } else {
    stats::Rng rng = row.rng("ray", (run << 32U) + i);
    rng.fill_normal(direction);
    if (row.norm() == Norm::linf)
      for (double& v : direction) v = v > 0 ? 1 : -1;
  }
  to_size_one(row, direction);
}

/// ray <- the shortest of one through a point of noise that fools and of `tries` others, which cost
/// one question each unless they are shorter than those before.
Task<> first_ray(Row& row, Purse& purse, int tries, std::uint64_t run, Ray& ray) {
  std::vector<double> x;
  Task<bool> start = find_start(row, purse, tries, x, run << 32U);
  const bool found = co_await start;
  if (!found) co_return;
  ray.direction.resize(x.size());
  for (std::size_t j = 0; j < x.size(); ++j) ray.direction[j] = x[j] - row.clean()[j];
  to_size_one(row, ray.direction);
  Task<> measured = measure(row, purse, row.distance(x), coarse, ray);
  co_await measured;
  const std::int64_t most = std::min<std::int64_t>(tries, purse.left / 8);
  for (std::int64_t i = 0; i < most; ++i) {
    Ray next{std::vector<double>(row.size())};
    draw_direction(row, run, static_cast<std::uint64_t>(tries + i), next.direction);
    Task<> tried = measure(row, purse, ray.distance, coarse, next);
    co_await tried;
    if (next.distance < ray.distance) ray = std::move(next);
  }
}

/// slope <- the mean of random directions, each signed by whether turning the ray that way brings
/// the boundary no nearer, less the mean of the signs (all alike: the sign itself).
Task<> estimate(Row& row, Purse& purse, int n, double smoothing, std::uint64_t step, const Ray& ray,
                std::vector<double>& slope) {
  const std::size_t d = row.size();
  n = static_cast<int>(std::min<std::int64_t>(n, purse.left));
  purse.left -= n;
  std::vector<double> turns(static_cast<std::size_t>(n) * d), points(turns.size()), turned(d);
  stats::Rng rng = row.rng("turn", step);
  rng.fill_normal(turns);
  for (std::size_t k = 0; k < turns.size(); k += d) {
    const std::span<double> turn = std::span(turns).subspan(k, d);
    to_size_one(row, turn);
    for (std::size_t i = 0; i < d; ++i) turned[i] = ray.direction[i] + smoothing * turn[i];
    to_size_one(row, turned);
    place(row, turned, ray.distance, std::span(points).subspan(k, d));
  }
  slope.assign(d, 0.0);
  if (n == 0) co_return;
  const std::span<const Answer> answers = co_await row.look_all(points);
  double mean = 0;
  for (const Answer& answer : answers) mean += (row.reached(answer) ? -1.0 : 1.0) / n;
  if (std::abs(mean) == 1) mean = 0;
  for (std::size_t k = 0; k < answers.size(); ++k) {
    const double sign = (row.reached(answers[k]) ? -1.0 : 1.0) - mean;
    for (std::size_t i = 0; i < d; ++i) slope[i] += sign * turns[k * d + i] / n;
  }
  if (row.norm() == Norm::linf) {
    // A cube is no smaller for values inside it: the direction that gains most has all at its face.
    for (double& v : slope) v = static_cast<double>((v > 0) - (v < 0));
  }
}

/// ray <- the best along -slope: steps from `step`, doubled while that helps; if the first does
/// not, quartered until one does. Returns the step that was best; below 1e-4: none helped.
Task<double> line_search(Row& row, Purse& purse, double step, const std::vector<double>& slope,
                         Ray& ray) {
  const Ray begin = ray;
  double factor = 2, best = 0;
  for (int k = 0; k < 15 && purse.left > 0; ++k, step *= factor) {
    Ray next{begin.direction};
    for (std::size_t i = 0; i < slope.size(); ++i) next.direction[i] -= step * slope[i];
    to_size_one(row, next.direction);
    Task<> measured = measure(row, purse, ray.distance, coarse, next);
    co_await measured;
    if (next.distance < ray.distance) {
      ray = next;
      best = step;
      if (factor < 1) break;
    } else {
      if (best > 0) break;
      factor = 0.25;
    }
  }
  co_return best;
}

/// Down from `ray` until nothing is left to ask, or the distance has come to rest.
Task<> descend(Row& row, Purse& purse, SignOptOptions options, std::uint64_t run, Ray ray) {
  constexpr int patience = 2;
  constexpr double rest = 2e-3;
  std::vector<double> slope;
  double step = options.step_size, smoothing = options.smoothing;
  int idle = 0;
  for (std::uint64_t k = 0; purse.left > 0 && ray.distance > 0 && idle < patience; ++k) {
    const double before = ray.distance;
    Task<> sharpened = bisect_ray(row, purse, ray.distance * (1 - coarse), ray.distance,
                                  std::max(smoothing / 500, 1e-8), ray);
    co_await sharpened;
    straighten(row, ray);
    Task<> estimated =
        estimate(row, purse, options.directions, smoothing, run << 32U | k, ray, slope);
    co_await estimated;
    Task<double> searched = line_search(row, purse, step, slope, ray);
    step = co_await searched;
    idle = ray.distance > before * (1 - rest) ? idle + 1 : 0;
    if (step >= 1e-4) continue;
    step = 1;
    smoothing = std::max(smoothing / 10, 1e-6);
  }
}

/// Descents from one start after another: what is nearest along one is not along all.
Task<> sign_opt_task(Row& row, std::span<const double> budgets, SignOptOptions options) {
  row.aim(budgets.front());
  Purse purse{options.queries};
  for (std::uint64_t run = 0; purse.left > 0; ++run) {
    Ray ray;
    Task<> first = first_ray(row, purse, options.start_tries, run, ray);
    co_await first;
    if (!std::isfinite(ray.distance)) co_return;
    Task<> down = descend(row, purse, options, run, ray);
    co_await down;
  }
}

AttackMethod method_of(const SignOptOptions& options) {
  return [options](Row& row, std::span<const double> budgets) {
    return sign_opt_task(row, budgets, options);
  };
}

}  // namespace

Attack::Recipe recipe_of(const SignOptOptions& options) {
  black_box::check_norm("SignOpt", options.threat, {Norm::l2, Norm::linf},
                        "use GeoDa for the norm l1");
  return black_box::recipe_of("SignOpt", "sign_opt", options, method_of, Knowledge::labels, true);
}

}  // namespace leadline::detail::sign_opt

namespace leadline::robustness {

SignOpt::SignOpt(const Options& options) : Attack(leadline::detail::sign_opt::recipe_of(options)) {}

}  // namespace leadline::robustness

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

/// A direction of size 1 in the norm, and how far the boundary lies along it.
struct Ray {
  std::vector<double> direction;
  double distance = std::numeric_limits<double>::infinity();
};

void to_size_one(const Row& row, std::span<double> direction) {
  const std::vector<double> origin(direction.size(), 0.0);
  const double size = attack_geometry::distance(row.norm(), origin, direction);
  if (size > 0)
    for (double& v : direction) v /= size;
}

void place(const Row& row, std::span<const double> direction, double distance,
           std::span<double> x) {
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = row.clean()[i] + distance * direction[i];
  attack_geometry::clip(row, x);
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
  while (high - low > tolerance * high && purse.left > 0) {
    const double middle = (low + high) / 2;
    place(row, ray.direction, middle, x);
    Task<bool> ask = fools(row, purse, x);
    const bool there = co_await ask;
    (there ? high : low) = middle;
  }
  ray.distance = high;
}

/// slope <- the mean of random directions, each signed by whether turning the ray that way brings
/// the boundary no nearer.
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
  for (std::size_t k = 0; k < answers.size(); ++k) {
    const double sign = row.reached(answers[k]) ? -1.0 : 1.0;
    for (std::size_t i = 0; i < d; ++i) slope[i] += sign * turns[k * d + i] / n;
  }
  if (row.norm() == Norm::linf) {
    // A cube is no smaller for values inside it: the direction that gains most has all at its face.
    for (double& v : slope) v = static_cast<double>((v > 0) - (v < 0));
  }
}

/// ray <- the best along -slope: steps from `step`, doubled while that helps; if the first does
/// not, quartered until one does. Returns the step to begin with next; below 1e-4: none helped.
Task<double> line_search(Row& row, Purse& purse, double step, double tolerance,
                         const std::vector<double>& slope, Ray& ray) {
  const Ray begin = ray;
  double factor = 2;
  for (int k = 0; k < 15 && purse.left > 0; ++k) {
    Ray next{begin.direction};
    for (std::size_t i = 0; i < slope.size(); ++i) next.direction[i] -= step * slope[i];
    to_size_one(row, next.direction);
    Task<> measured = measure(row, purse, ray.distance, tolerance, next);
    co_await measured;
    const bool better = next.distance < ray.distance;
    if (better) ray = next;
    if (better && factor < 1) break;
    if (!better && k > 0 && factor > 1) break;
    if (!better) factor = 0.25;
    step *= factor;
  }
  co_return step;
}

Task<> sign_opt_task(Row& row, std::span<const double> budgets, SignOptOptions options) {
  row.aim(budgets.front());
  Purse purse{options.queries};
  std::vector<double> x, slope;
  Task<bool> start = find_start(row, purse, options.start_tries, x);
  const bool found = co_await start;
  if (!found) co_return;
  Ray ray{std::vector<double>(row.size())};
  for (std::size_t i = 0; i < x.size(); ++i) ray.direction[i] = x[i] - row.clean()[i];
  to_size_one(row, ray.direction);
  double step = options.step_size, smoothing = options.smoothing;
  Task<> measured = measure(row, purse, row.distance(x), 1e-3, ray);
  co_await measured;
  for (std::uint64_t k = 0; purse.left > 0 && std::isfinite(ray.distance) && ray.distance > 0;
       ++k) {
    Task<> estimated = estimate(row, purse, options.directions, smoothing, k, ray, slope);
    co_await estimated;
    const double tolerance = std::max(smoothing / 50, 1e-7);
    Task<double> searched = line_search(row, purse, step, tolerance, slope, ray);
    step = co_await searched;
    if (step >= 1e-4) continue;
    step = 1;
    smoothing = std::max(smoothing / 10, 1e-6);
  }
}

AttackMethod method_of(const SignOptOptions& options) {
  return [options](Row& row, std::span<const double> budgets) {
    return sign_opt_task(row, budgets, options);
  };
}

}  // namespace

Attack::Recipe recipe_of(const SignOptOptions& options) {
  check_options("SignOpt", options);
  black_box::check_norm("SignOpt", options.threat, {Norm::l2, Norm::linf},
                        "use GeoDa for the norm l1");
  return black_box::recipe_of("sign_opt", options, method_of, Knowledge::labels, true);
}

}  // namespace leadline::detail::sign_opt

namespace leadline::robustness {

SignOpt::SignOpt(Options options)
    : Attack(leadline::detail::sign_opt::recipe_of(options)), options_(std::move(options)) {}
std::vector<std::pair<std::string, std::string>> SignOpt::options() const {
  return options_text(options_);
}

}  // namespace leadline::robustness

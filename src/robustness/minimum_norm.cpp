#include "minimum_norm.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "attack_geometry.hpp"

namespace leadline::detail::minimum_norm {

using namespace robustness;

namespace {

/// How far past a boundary to aim, as a share of the way: sums in float32 round.
constexpr std::array past_boundary{1e-5, 1e-4};

}  // namespace

bool project_on(PlaneProjector& project, const Row& row, std::span<const double> x,
                std::span<const double> w, double gap, std::span<double> out) {
  return project(row.norm(), x, w, gap, row.lower(), row.upper(), out);
}

double dot_gap(std::span<const double> w, std::span<const double> a, std::span<const double> b) {
  double sum = 0;
  for (std::size_t i = 0; i < w.size(); ++i) sum += w[i] * (b[i] - a[i]);
  return sum;
}

void begin(Row& row, std::span<const double> budgets, bool to_budget) {
  row.aim(to_budget ? budgets.front() : 0.0);
}

Task<std::vector<Objective>> boundaries(Row& row, std::int64_t most, bool own_target) {
  std::vector<Objective> out;
  if (row.goal() != Goal::untargeted) {
    out.push_back(objective_of(row, AttackLoss::margin));
    co_return out;
  }
  if (own_target && row.target() >= 0) {
    out.push_back(score_difference(row.target(), row.label()));
    co_return out;
  }
  std::vector<double> x = row.clean_point();
  const Answer& answer = co_await row.look(x);
  std::vector<std::int64_t> order(answer.logits.size());
  std::iota(order.begin(), order.end(), std::int64_t{0});
  std::erase(order, row.label());
  std::stable_sort(order.begin(), order.end(), [&](std::int64_t a, std::int64_t b) {
    return answer.logits[static_cast<std::size_t>(a)] > answer.logits[static_cast<std::size_t>(b)];
  });
  if (most > 0 && std::ssize(order) > most) order.resize(static_cast<std::size_t>(most));
  for (const std::int64_t c : order) out.push_back(score_difference(c, row.label()));
  co_return out;
}

std::size_t nearest_plane(const Row& row, std::span<const double> x, const Slope& slope,
                          PlaneProjector& project, std::span<double> out) {
  const std::size_t n = slope.values.size();
  if (n == 1) {
    project_on(project, row, x, slope.gradient(), -slope.value(), out);
    return 0;
  }
  // Without bounds the distance is smaller: planes farther than the best by it are passed over.
  std::vector<std::pair<double, std::size_t>> order;
  for (std::size_t k = 0; k < n; ++k) {
    const double size = attack_geometry::dual_norm(row.norm(), slope.gradient(k));
    const double least = row.norm() == Norm::l0 ? 0.0 : std::abs(slope.value(k)) / size;
    order.emplace_back(size > 0 ? least : std::numeric_limits<double>::infinity(), k);
  }
  std::sort(order.begin(), order.end());
  std::vector<double> point(x.size());
  double nearest = std::numeric_limits<double>::infinity();
  std::size_t chosen = order.front().second;
  project_on(project, row, x, slope.gradient(chosen), -slope.value(chosen), out);
  for (const auto& [least, k] : order) {
    if (least >= nearest) break;
    if (!project_on(project, row, x, slope.gradient(k), -slope.value(k), point)) continue;
    const double distance = attack_geometry::distance(row.norm(), x, point);
    if (distance >= nearest) continue;
    nearest = distance;
    chosen = k;
    std::copy(point.begin(), point.end(), out.begin());
  }
  return chosen;
}

Task<double> first_distance(Row& row) {
  const Objective margin = objective_of(row, AttackLoss::margin);
  std::vector<double> x = row.clean_point(), near(row.size());
  const Slope& slope = co_await row.climb(x, margin);
  PlaneProjector project;
  project_on(project, row, row.clean(), slope.gradient(), -slope.value(), near);
  const double length = attack_geometry::distance(Norm::l2, row.clean(), near);
  if (length > 0) co_return length;
  co_return 0.1 * attack_geometry::unbounded(row.space(), Norm::l2);
}

namespace {

/// Regula falsi (Illinois) on the line from the clean point to the nearest adversarial.
Task<> shorten(Row& row) {
  constexpr int most_looks = 5;
  const std::vector<double> end(row.best().begin(), row.best().end());
  std::vector<double> x = row.clean_point();
  const Answer& clean = co_await row.look(x);
  double low = 0, below = row.margin(clean);
  x = end;
  const Answer& found = co_await row.look(x);
  double high = 1, above = row.margin(found);
  int side = 0;
  for (int i = 0; i < most_looks; ++i) {
    const bool secant = std::isfinite(below) && std::isfinite(above) && above > below;
    const double root = secant ? low - (high - low) * below / (above - below) : (low + high) / 2;
    const double t = root + past_boundary.front() * high;
    if (!(t > low && t < high)) co_return;
    for (std::size_t j = 0; j < x.size(); ++j)
      x[j] = row.clean()[j] + t * (end[j] - row.clean()[j]);
    const Answer& answer = co_await row.look(x);
    const bool reached = row.reached(answer);
    (reached ? high : low) = t;
    (reached ? above : below) = row.margin(answer);
    if (side == (reached ? 1 : -1)) (reached ? below : above) /= 2;
    side = reached ? 1 : -1;
  }
}

/// near <- the point nearest to the clean one, beyond the planes of `slope` taken at `at`, of the
/// plane that is nearest; its distance. +inf where none is on the far side of the clean point.
double nearest_to_clean(const Row& row, const Slope& slope, std::span<const double> at, double past,
                        PlaneProjector& project, std::span<double> near) {
  double least = std::numeric_limits<double>::infinity();
  std::vector<double> point(row.size());
  for (std::size_t k = 0; k < slope.values.size(); ++k) {
    const double gap = dot_gap(slope.gradient(k), row.clean(), at) - slope.value(k);
    if (!(gap > 0)) continue;
    if (!project_on(project, row, row.clean(), slope.gradient(k), gap * (1 + past), point))
      continue;
    const double distance = row.distance(point);
    if (distance >= least) continue;
    least = distance;
    std::copy(point.begin(), point.end(), near.begin());
  }
  return least;
}

/// One round: true when it found a nearer point.
Task<bool> project_round(Row& row, std::span<const Objective> planes) {
  constexpr std::array parts{0.25, 0.5, 0.75};
  const double before = row.best_distance();
  const std::vector<double> end(row.best().begin(), row.best().end());
  std::vector<double> x = end, near(row.size()), farther(row.size());
  const Slope& slope = co_await row.climb_all(x, planes);
  PlaneProjector project;
  const double least = nearest_to_clean(row, slope, end, past_boundary[0], project, near);
  const double next = nearest_to_clean(row, slope, end, past_boundary[1], project, farther);
  if (!(least < before)) co_return false;
  x = near;
  const Answer& first = co_await row.look(x);
  if (row.reached(first)) co_return true;
  if (next < before) {
    x = farther;
    const Answer& second = co_await row.look(x);
    if (row.reached(second)) co_return true;
  }
  if (row.norm() == Norm::l0) co_return false;  // no line leads to fewer changes
  for (const double part : parts) {
    for (std::size_t j = 0; j < x.size(); ++j) x[j] = near[j] + part * (end[j] - near[j]);
    const Answer& answer = co_await row.look(x);
    if (row.reached(answer)) co_return true;
  }
  co_return false;
}

}  // namespace

Task<> polish(Row& row, int rounds) {
  constexpr std::int64_t classes = 10;  // whose planes the first round compares
  constexpr double worth_it = 1e-5;
  if (rounds == 0 || !std::isfinite(row.best_distance()) || row.best_distance() == 0) co_return;
  if (row.norm() != Norm::l0) {
    Task<> line = shorten(row);
    co_await line;
  }
  Task<std::vector<Objective>> likely = boundaries(row, classes, true);
  const std::vector<Objective> all = co_await likely;
  const std::vector<Objective> margin{objective_of(row, AttackLoss::margin)};
  for (int round = 0; round < rounds; ++round) {
    const double before = row.best_distance();
    Task<bool> one = project_round(row, round == 0 ? all : margin);
    const bool nearer = co_await one;
    if (round > 0 && !(nearer && row.best_distance() < before * (1 - worth_it))) co_return;
  }
}

}  // namespace leadline::detail::minimum_norm

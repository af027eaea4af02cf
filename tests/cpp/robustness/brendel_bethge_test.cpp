// Steps along the boundary: the trust-region problem by itself, then distances on linear models.
#include "leadline/robustness/brendel_bethge.hpp"
#include "catch.hpp"
#include "linear_world.hpp"
#include "src/robustness/boundary_step.hpp"

using namespace leadline;
using namespace leadline::robustness;

namespace brendel_bethge_test {

namespace boundary = leadline::detail::boundary_step;

double distance(Norm norm, std::span<const double> a, std::span<const double> b) {
  double most = 0, sum = 0, square = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const double gap = std::abs(b[i] - a[i]);
    most = std::max(most, gap);
    sum += gap;
    square += gap * gap;
  }
  return norm == Norm::linf ? most : norm == Norm::l1 ? sum : std::sqrt(square);
}

/// A random problem in [0, 1]^d whose plane and radius both can be met.
struct StepWorld {
  std::vector<double> clean, x, slope, lower, upper;
  boundary::Problem problem;

  StepWorld(Norm norm, std::uint64_t seed, double radius, std::size_t d = 12)
      : clean(d), x(d), slope(d), lower(d, 0.0), upper(d, 1.0) {
    stats::Rng rng(seed, "step");
    rng.fill_uniform(clean);
    rng.fill_uniform(x);
    rng.fill_normal(slope);
    double square = 0;
    for (const double v : slope) square += v * v;
    for (double& v : slope) v /= std::sqrt(square);
    problem = {norm, clean, lower, upper, slope, 0.3 * radius * rng.uniform(-1, 1), radius};
  }
  [[nodiscard]] double along(std::span<const double> q) const {
    double sum = 0;
    for (std::size_t i = 0; i < q.size(); ++i) sum += slope[i] * (q[i] - x[i]);
    return sum;
  }
  [[nodiscard]] bool holds(std::span<const double> q) const {
    bool in = std::abs(along(q) - problem.gap) < 1e-9 &&
              distance(Norm::l2, x, q) <= problem.radius * (1 + 1e-9);
    for (const double v : q) in = in && v >= 0 && v <= 1;
    return in;
  }
};

double worst_ratio_of(const BrendelBethgeOptions& options, const test::LinearWorld& world,
                      std::pair<double, double> bounds) {
  test::LinearModel model = world.model;
  const auto found = BrendelBethge(options).attack(model, world.x(), world.y(), {.bounds = bounds});
  double worst = 0;
  for (std::int64_t i = 0; i < world.n; ++i)
    worst = std::max(worst, found.results[static_cast<std::size_t>(i)].distance /
                                world.distance(i, options.threat.norm));
  return worst;
}

}  // namespace brendel_bethge_test

using namespace brendel_bethge_test;

TEST_CASE("a step holds its plane, radius and bounds, and no other point does better",
          "[robustness][brendel_bethge]") {
  for (const Norm norm : {Norm::l2, Norm::linf, Norm::l1})
    for (std::uint64_t seed = 0; seed < 12; ++seed) {
      const StepWorld world(norm, seed, seed % 2 == 0 ? 0.1 : 0.6);
      std::vector<double> q;
      boundary::solve(world.problem, world.x, q);
      INFO(name_of(norm) << " " << seed);
      REQUIRE(world.holds(q));
      const double best = distance(norm, world.clean, q);
      // Random directions within the plane; half-way points towards all that hold.
      stats::Rng rng(seed, "others");
      std::vector<double> other(q.size());
      for (int i = 0; i < 4000; ++i) {
        rng.fill_normal(other);
        double along = 0;
        for (std::size_t j = 0; j < q.size(); ++j) along += other[j] * world.slope[j];
        const double size = std::pow(10.0, -1 - 4 * rng.uniform());
        for (std::size_t j = 0; j < q.size(); ++j)
          other[j] = q[j] + size * (other[j] - along * world.slope[j]);
        if (world.holds(other)) CHECK(distance(norm, world.clean, other) >= best - 1e-9);
      }
    }
}

TEST_CASE("a step that the radius does not bind is the projection on the plane",
          "[robustness][brendel_bethge]") {
  StepWorld world(Norm::l2, 3, 100);
  std::fill(world.lower.begin(), world.lower.end(), -10);
  std::fill(world.upper.begin(), world.upper.end(), 10);
  std::vector<double> q;
  boundary::solve(world.problem, world.x, q);
  double gap = world.problem.gap;
  for (std::size_t i = 0; i < q.size(); ++i) gap += world.slope[i] * (world.x[i] - world.clean[i]);
  for (std::size_t i = 0; i < q.size(); ++i)
    CHECK_THAT(q[i], WithinAbs(world.clean[i] + gap * world.slope[i], 1e-9));
}

TEST_CASE("a step whose radius does not reach the plane goes as far as it allows",
          "[robustness][brendel_bethge]") {
  StepWorld world(Norm::l2, 4, 0.01);
  std::fill(world.x.begin(), world.x.end(), 0.5);
  world.problem.gap = 0.2;
  std::vector<double> q;
  boundary::solve(world.problem, world.x, q);
  CHECK_THAT(distance(Norm::l2, world.x, q), WithinAbs(0.01, 1e-9));
  CHECK(world.along(q) > 0.009);
}

TEST_CASE("brendel-bethge finds the exact distance on linear models",
          "[robustness][brendel_bethge]") {
  const test::LinearWorld world(12, 5, 20), two_classes(12, 2, 20);
  for (const Norm norm : {Norm::l2, Norm::linf, Norm::l1}) {
    BrendelBethgeOptions options{.threat = {.norm = norm, .eps = 1.0}, .steps = 60};
    INFO(name_of(norm));
    CHECK(worst_ratio_of(options, world, {-20, 20}) < 1.0001);
    options.steps = 200;
    options.polish = 0;
    CHECK(worst_ratio_of(options, two_classes, {-20, 20}) < 1.001);  // no other class on the way
  }
}

TEST_CASE("brendel-bethge counts changed values in l0", "[robustness][brendel_bethge]") {
  const test::LinearWorld world(8, 3, 20);
  test::LinearModel model = world.model;
  const auto found = BrendelBethge({.threat = {.norm = Norm::l0, .eps = 20}, .steps = 60})
                         .attack(model, world.x(), world.y());
  for (const AttackResult& result : found.results) {
    CHECK(result.distance >= 1);
    CHECK(result.distance <= 6);
    CHECK(result.distance == std::round(result.distance));
  }
}

TEST_CASE("brendel-bethge keeps to targets and does not depend on the batch",
          "[robustness][brendel_bethge]") {
  const test::LinearWorld world(9, 4, 16);
  test::LinearModel model = world.model;
  const BrendelBethge attack(
      {.threat = {.norm = Norm::l2, .eps = 5, .goal = Goal::targeted}, .steps = 40});
  const auto found = attack.attack(model, world.x(), world.y());
  for (std::size_t i = 0; i < 9; ++i) {
    CHECK(found.results[i].decision == (world.labels[i] + 1) % 4);
    CHECK(std::isfinite(found.results[i].distance));
  }
  const auto single = attack.attack(model, world.x(), world.y(), {.batch_size = 1});
  CHECK(std::memcmp(found.x.layout().data, single.x.layout().data, 9 * 16 * sizeof(float)) == 0);
}

// The engine under all attacks, on linear models whose truth is known.
#include <algorithm>
#include <cmath>

#include "catch.hpp"
#include "leadline/core/error.hpp"
#include "leadline/robustness/apgd.hpp"
#include "leadline/robustness/auto_attack.hpp"
#include "leadline/robustness/fgsm.hpp"
#include "leadline/robustness/pgd.hpp"
#include "robustness/linear_world.hpp"

using namespace leadline;
using namespace leadline::robustness;

namespace {

const PerturbOptions wide_box{.bounds = {-10, 10}};

std::vector<double> flags_of(const Perturbed& p) {
  std::vector<double> out;
  for (const AttackResult& r : p.results) out.push_back(r.fooled_at);
  return out;
}

/// The median of the exact distances: half of the rows must fall there.
double middle_distance(const test::LinearWorld& world, Norm norm) {
  std::vector<double> all;
  for (std::int64_t i = 0; i < world.n; ++i) all.push_back(world.distance(i, norm));
  std::nth_element(all.begin(), all.begin() + world.n / 2, all.end());
  return all[static_cast<std::size_t>(world.n / 2)];
}

void fools_exactly_within_reach(const Attack& attack, test::LinearWorld& world, Norm norm,
                                double eps, double slack = 0.01) {
  const auto out = attack.attack(world.model, world.x(), world.y(), wide_box);
  for (std::int64_t i = 0; i < world.n; ++i) {
    const double exact = world.distance(i, norm);
    if (std::abs(exact / eps - 1) < slack) continue;  // as near as steps can tell
    INFO(name_of(norm) << " row " << i << " exact " << exact << " budget " << eps);
    CHECK((out.results[static_cast<std::size_t>(i)].fooled_at == eps) == (exact < eps));
  }
}

}  // namespace

TEST_CASE("gradient attacks fall short of no reachable row and pass no other",
          "[robustness][attack]") {
  for (const Norm norm : {Norm::linf, Norm::l2, Norm::l1}) {
    test::LinearWorld world(40, 2, 12);
    const double eps = middle_distance(world, norm);
    const Threat threat{.norm = norm, .eps = eps};
    fools_exactly_within_reach(Pgd({.threat = threat, .steps = 100, .loss = AttackLoss::margin}),
                               world, norm, eps, norm == Norm::l1 ? 0.05 : 0.01);
    fools_exactly_within_reach(Apgd({.threat = threat}), world, norm, eps,
                               norm == Norm::l1 ? 0.02 : 0.01);
  }
}

TEST_CASE("an ensemble hands out no point beyond its budget", "[robustness][attack]") {
  test::LinearWorld world(24, 5, 12);  // FAB, one of its stages, looks past it
  const double eps = middle_distance(world, Norm::linf);
  const AutoAttack attack({.threat = {.norm = Norm::linf, .eps = eps}});
  const auto out = attack.attack(world.model, world.x(), world.y(), wide_box);
  const Tensor x = world.x();
  int fooled = 0;
  for (std::int64_t i = 0; i < world.n; ++i) {
    double change = 0;
    for (std::int64_t j = 0; j < 12; ++j)
      change = std::max(change, std::abs(static_cast<double>(out.x.data<float>()[i * 12 + j]) -
                                         static_cast<double>(x.data<float>()[i * 12 + j])));
    CHECK(within(change, eps));
    fooled += out.results[static_cast<std::size_t>(i)].fooled_at == eps;
  }
  CHECK(fooled == 12);
}

TEST_CASE("apgd halves its step where a window did not pay", "[robustness][apgd]") {
  // Uphill without end: every step improves until the ball ends; then nothing does.
  test::LinearWorld world(1, 2, 6, 3);
  const Apgd apgd({.threat = {.eps = world.distance(0, Norm::linf) * 0.5}, .steps = 100});
  const auto out = apgd.attack(world.model, world.x(), world.y(), wide_box);
  CHECK(out.results[0].forwards == 101);
  CHECK(out.results[0].backwards == 100);  // the last point needs no gradient
  CHECK(std::isinf(out.results[0].fooled_at));
}

TEST_CASE("targeted alternatives cover all classes and stop at the first that succeeds",
          "[robustness][apgd]") {
  test::LinearWorld world(30, 6, 12, 5);
  const double eps = middle_distance(world, Norm::linf);
  const Apgd apgd({.threat = {.eps = eps}, .n_targets = 9});
  fools_exactly_within_reach(apgd, world, Norm::linf, eps);
}

TEST_CASE("attacks give the same flags for any batch size", "[robustness][attack]") {
  test::LinearWorld world(30, 4, 8, 7);
  const double eps = middle_distance(world, Norm::l2);
  for (const std::int64_t targets : {0, 3}) {
    const Apgd apgd(
        {.threat = {.norm = Norm::l2, .eps = {eps / 2, eps}}, .steps = 10, .n_targets = targets});
    PerturbOptions how = wide_box;
    how.batch_size = 30;
    const auto expected = flags_of(apgd.attack(world.model, world.x(), world.y(), how));
    for (const std::int64_t batch : {1, 7, 64}) {
      how.batch_size = batch;
      CHECK(flags_of(apgd.attack(world.model, world.x(), world.y(), how)) == expected);
    }
  }
}

TEST_CASE("values that are frozen stay to the bit, others keep to their share of the budget",
          "[robustness][threat]") {
  test::LinearWorld world(12, 3, 5, 9);
  const Pgd pgd({.threat = {.eps = 0.1, .feature_eps = {1, 2, 0, 0.5, 1}, .frozen = {4}}});
  const auto out = pgd.attack(world.model, world.x(), world.y(), wide_box);
  const float* moved = out.x.data<float>();
  const double share[] = {1, 2, 0, 0.5, 0};
  bool any = false;
  for (std::int64_t i = 0; i < 12; ++i)
    for (std::int64_t j = 0; j < 5; ++j) {
      const double delta =
          std::abs(double{moved[i * 5 + j]} - double{world.row(i)[static_cast<std::size_t>(j)]});
      CHECK(delta <= 0.1 * share[j] * (1 + 1e-9));
      if (share[j] == 0) CHECK(moved[i * 5 + j] == world.row(i)[static_cast<std::size_t>(j)]);
      any = any || delta > 0.05;
    }
  CHECK(any);
}

TEST_CASE("l0 changes at most so many values", "[robustness][threat]") {
  test::LinearWorld world(20, 3, 10, 11);
  const Pgd pgd({.threat = {.norm = Norm::l0, .eps = {1, 3}}, .steps = 50});
  const auto out = pgd.attack(world.model, world.x(), world.y(), {.bounds = {0, 1}});
  std::int64_t fooled = 0;
  for (std::int64_t i = 0; i < 20; ++i) {
    const AttackResult& r = out.results[static_cast<std::size_t>(i)];
    std::int64_t changed = 0;
    for (std::int64_t j = 0; j < 10; ++j)
      changed += out.x.data<float>()[i * 10 + j] != world.row(i)[static_cast<std::size_t>(j)];
    CHECK(changed <= 3);
    if (!std::isfinite(r.fooled_at)) continue;
    ++fooled;
    CHECK(static_cast<double>(changed) == r.distance);
  }
  CHECK(fooled > 5);
}

TEST_CASE("any_of counts the classes named and no other", "[robustness][threat]") {
  test::LinearWorld world(30, 5, 10, 13);
  const Pgd pgd({.threat = {.eps = 5, .goal = Goal::any_of, .classes = {1, 3}}, .steps = 30});
  const auto out = pgd.attack(world.model, world.x(), world.y(), wide_box);
  std::int64_t fooled = 0;
  for (const AttackResult& r : out.results) {
    if (!std::isfinite(r.fooled_at)) continue;
    ++fooled;
    CHECK((r.decision == 1 || r.decision == 3));
    CHECK(r.decision != r.row.label);
  }
  CHECK(fooled > 20);
}

TEST_CASE("a query budget is kept to the row", "[robustness][threat]") {
  test::LinearWorld world(10, 2, 6, 15);
  const Pgd pgd({.threat = {.eps = 1e-6, .query_budget = 17}, .steps = 40});
  for (const AttackResult& r : pgd.attack(world.model, world.x(), world.y(), wide_box).results)
    CHECK(r.forwards == 17);
}

TEST_CASE("points are rounded towards the clean one, whatever the dtype", "[robustness][attack]") {
  // eps is no multiple of a float32 step: the nearest float lies outside of the ball.
  test::LinearWorld world(50, 2, 9, 17);
  for (const double eps : {0.1, 1.0 / 3, 8.0 / 255}) {
    const auto out = Fgsm({.threat = {.eps = eps}})
                         .attack(world.model, world.x(), world.y(), {.bounds = {-10, 10}});
    for (std::int64_t i = 0; i < world.n * world.d; ++i) {
      const double delta = std::abs(double{out.x.data<float>()[i]} -
                                    double{world.values[static_cast<std::size_t>(i)]});
      CHECK(delta <= eps);
      CHECK(delta >= eps - 1e-6);
    }
  }
}

TEST_CASE("a batch that does not fit into memory is halved", "[robustness][attack]") {
  test::LinearWorld world(40, 3, 6, 19);
  const double eps = middle_distance(world, Norm::linf);
  const Pgd pgd({.threat = {.eps = eps}, .steps = 10});
  PerturbOptions how = wide_box;
  how.batch_size = 32;
  const auto expected = flags_of(pgd.attack(world.model, world.x(), world.y(), how));
  world.model.memory = 10;
  world.model.largest_batch = 0;
  CHECK(flags_of(pgd.attack(world.model, world.x(), world.y(), how)) == expected);
  CHECK(world.model.largest_batch == 32);  // it was tried
}

TEST_CASE("a threat that contradicts itself is refused", "[robustness][threat]") {
  CHECK_THROWS_WITH(Pgd({.threat = {.knowledge = Knowledge::scores}}),
                    ContainsSubstring("white_box") && ContainsSubstring("Square"));
  CHECK_THROWS_WITH(Pgd({.threat = {.goal = Goal::any_of}}), ContainsSubstring("classes"));
  CHECK_THROWS_WITH(Pgd({.threat = {.classes = {1}}}), ContainsSubstring("any_of"));
  CHECK_THROWS_WITH(Pgd({.threat = {.bounds = {1, 0}}}), ContainsSubstring("bounds"));
  CHECK_THROWS_WITH(Pgd({.threat = {.norm = Norm::l0, .eps = 0.5}}), ContainsSubstring("whole"));
  CHECK_THROWS_WITH(Apgd({.threat = {.norm = Norm::l0, .eps = 2}}), ContainsSubstring("l0"));
  test::LinearWorld world(4, 2, 3);
  CHECK_THROWS_WITH(
      Pgd({.threat = {.frozen = {7}}}).perturb(world.model, world.x(), world.y(), wide_box),
      ContainsSubstring("[0, 3)"));
  CHECK_THROWS_WITH(
      Pgd({.threat = {.frozen = {0, 1, 2}}}).perturb(world.model, world.x(), world.y(), wide_box),
      ContainsSubstring("frozen"));
  CHECK_THROWS_WITH(
      Pgd({.threat = {.feature_eps = {1}}}).perturb(world.model, world.x(), world.y(), wide_box),
      ContainsSubstring("each of 3"));
}

TEST_CASE("a target that is the label is refused", "[robustness][threat]") {
  test::LinearWorld world(4, 3, 3);
  PerturbOptions how = wide_box;
  how.targets = world.y();
  CHECK_THROWS_WITH(
      Pgd({.threat = {.goal = Goal::targeted}}).perturb(world.model, world.x(), world.y(), how),
      ContainsSubstring("a target other than the label"));
}

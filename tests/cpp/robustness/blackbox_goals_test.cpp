// Black-box attacks that must reach a class, or one of some, on linear models where each is near.
#include <algorithm>
#include <functional>
#include <memory>

#include "catch.hpp"
#include "leadline/robustness/boundary_attack.hpp"
#include "leadline/robustness/geoda.hpp"
#include "leadline/robustness/hop_skip_jump.hpp"
#include "leadline/robustness/nes.hpp"
#include "leadline/robustness/sign_opt.hpp"
#include "leadline/robustness/simba.hpp"
#include "leadline/robustness/spsa.hpp"
#include "leadline/robustness/square.hpp"
#include "leadline/robustness/transfer.hpp"
#include "leadline/robustness/zoo.hpp"
#include "linear_world.hpp"

using namespace leadline;
using namespace leadline::robustness;

namespace blackbox_goals_test {

struct GoalCase {
  const char* name;
  std::function<std::unique_ptr<Attack>(Threat)> make;
  Norm norm;
  double eps;
  double least;  // share of the rows that must get there
};

/// 60 rows about 0 in [-0.5, 0.5], so that no class is far from any.
struct GoalWorld {
  test::LinearModel model{3, 12, 4};
  std::vector<float> values;
  std::vector<std::int64_t> labels;
  GoalWorld() {
    stats::Rng rng(4, "rows");
    for (int i = 0; i < 60 * 12; ++i) values.push_back(static_cast<float>(rng.uniform(-0.2, 0.2)));
    for (std::size_t i = 0; i < 60; ++i)
      labels.push_back(read(std::span(values).subspan(i * 12, 12)));
  }
  [[nodiscard]] std::int64_t read(std::span<const float> row) const {
    const auto z = model.logits(row);
    return std::max_element(z.begin(), z.end()) - z.begin();
  }
  [[nodiscard]] Perturbed attacked_by(const Attack& attack, PerturbOptions options = {}) {
    options.bounds = {-0.5, 0.5};
    return attack.attack(model, Tensor::own(values, {60, 12}), Tensor::own(labels, {60}), options);
  }
};

std::vector<GoalCase> goal_cases() {
  const auto of = []<class A>(std::type_identity<A>, auto options) {
    return [options](Threat threat) mutable -> std::unique_ptr<Attack> {
      options.threat = std::move(threat);
      return std::make_unique<A>(options);
    };
  };
  return {
      {"square", of(std::type_identity<Square>{}, SquareOptions{.queries = 400}), Norm::linf, 0.25,
       0.9},
      {"nes", of(std::type_identity<Nes>{}, NesOptions{.queries = 1000}), Norm::linf, 0.25, 0.9},
      {"spsa", of(std::type_identity<Spsa>{}, SpsaOptions{.queries = 1000}), Norm::linf, 0.25, 0.9},
      {"simba", of(std::type_identity<SimBa>{}, SimBaOptions{.queries = 400}), Norm::l2, 0.8, 0.8},
      {"zoo", of(std::type_identity<Zoo>{}, ZooOptions{.queries = 4000}), Norm::l2, 0.8, 0.8},
      {"hop_skip_jump", of(std::type_identity<HopSkipJump>{}, HopSkipJumpOptions{.queries = 800}),
       Norm::l2, 0.8, 0.9},
      {"boundary_attack",
       of(std::type_identity<BoundaryAttack>{}, BoundaryAttackOptions{.queries = 1500}), Norm::l2,
       0.8, 0.9},
      {"geoda", of(std::type_identity<GeoDa>{}, GeoDaOptions{.queries = 800}), Norm::l2, 0.8, 0.9},
      {"sign_opt", of(std::type_identity<SignOpt>{}, SignOptOptions{.queries = 1500}), Norm::l2,
       0.8, 0.9},
      {"transfer",
       of(std::type_identity<Transfer>{}, TransferOptions{.restarts = 2, .learn_samples = 60}),
       Norm::linf, 0.25, 0.7},
  };
}

}  // namespace blackbox_goals_test

using namespace blackbox_goals_test;

TEST_CASE("black-box attacks drive rows to the class they are given", "[robustness][goals]") {
  GoalWorld world;
  std::vector<std::int64_t> targets;
  for (std::size_t i = 0; i < 60; ++i)
    targets.push_back((world.labels[i] + 1 + static_cast<std::int64_t>(i % 2)) % 3);
  for (const GoalCase& one : goal_cases()) {
    const auto attack = one.make({.norm = one.norm, .eps = one.eps, .goal = Goal::targeted});
    const auto found = world.attacked_by(*attack, {.targets = Tensor::own(targets, {60})});
    std::int64_t reached = 0;
    for (std::size_t i = 0; i < 60; ++i) {
      if (!std::isfinite(found.results[i].fooled_at)) continue;
      ++reached;
      const std::span<const float> row(found.x.data<float>() + i * 12, 12);
      INFO(one.name << ", row " << i);
      CHECK(found.results[i].decision == targets[i]);
      CHECK(world.read(row) == targets[i]);
    }
    INFO(one.name << " reached " << reached << " of 60");
    CHECK(static_cast<double>(reached) >= 60 * one.least);
  }
}

TEST_CASE("black-box attacks stop at any of the classes that count, and at no other",
          "[robustness][goals]") {
  GoalWorld world;
  const std::vector<std::int64_t> classes{0, 2};
  const auto counts = [&](std::int64_t c) { return c == 0 || c == 2; };
  for (const GoalCase& one : goal_cases()) {
    const auto attack =
        one.make({.norm = one.norm, .eps = one.eps, .goal = Goal::any_of, .classes = classes});
    const auto found = world.attacked_by(*attack);
    std::int64_t reached = 0;
    for (std::size_t i = 0; i < 60; ++i) {
      if (!std::isfinite(found.results[i].fooled_at)) continue;
      ++reached;
      INFO(one.name << ", row " << i);
      CHECK(counts(found.results[i].decision));
      CHECK(found.results[i].decision != world.labels[i]);
    }
    INFO(one.name << " reached " << reached << " of 60");
    CHECK(static_cast<double>(reached) >= 60 * one.least);
  }
}

// Several attacks as one, and what an attack says of the model it was given.
#include <algorithm>
#include <cmath>

#include "catch.hpp"
#include "leadline/core/error.hpp"
#include "leadline/engine/evaluate.hpp"
#include "leadline/robustness/ensemble.hpp"
#include "leadline/robustness/fmn.hpp"
#include "leadline/robustness/hop_skip_jump.hpp"
#include "leadline/robustness/pgd.hpp"
#include "leadline/robustness/square.hpp"
#include "leadline/robustness/transfer.hpp"
#include "robustness/linear_world.hpp"

using namespace leadline;
using namespace leadline::robustness;

namespace {

constexpr double joint_eps = 0.02;
const Threat joint_threat{.norm = Norm::linf, .eps = joint_eps};

std::shared_ptr<const Attack> one_step_pgd(Threat threat = joint_threat) {
  return std::make_shared<Pgd>(PgdOptions{
      .threat = std::move(threat), .steps = 1, .step_size = 1e-4, .random_start = false});
}
std::shared_ptr<const Attack> full_pgd(Threat threat = joint_threat) {
  return std::make_shared<Pgd>(
      PgdOptions{.threat = std::move(threat), .steps = 20, .loss = AttackLoss::margin});
}
std::shared_ptr<const Attack> short_square() {
  return std::make_shared<Square>(SquareOptions{.threat = joint_threat, .queries = 200});
}

std::shared_ptr<TensorDataset> joint_data(const test::LinearWorld& world) {
  return std::make_shared<TensorDataset>(world.x(), world.y(),
                                         TensorDataset::Options{.bounds = {{0, 1}}});
}

/// Linear scores through softmax, declared as logits.
class SoftmaxModel : public test::LinearModel {
 public:
  using LinearModel::LinearModel;
  Outputs forward(const Inputs& inputs, std::span<const std::string> taps) override {
    const Tensor z = LinearModel::forward(inputs, taps).output;
    std::vector<float> p(z.data<float>(), z.data<float>() + z.n_elements());
    const std::int64_t k = z.size(1);
    for (std::int64_t i = 0; i < z.size(0); ++i) {
      const std::span<float> row =
          std::span(p).subspan(static_cast<std::size_t>(i * k), static_cast<std::size_t>(k));
      float sum = 0;
      for (float& v : row) sum += v = std::exp(v);
      for (float& v : row) v /= sum;
    }
    return {Tensor::own(std::move(p), {z.size(0), k}), {}, {}};
  }
};

}  // namespace

TEST_CASE("an ensemble fools what any of its attacks fools", "[robustness][ensemble]") {
  test::LinearWorld world(60, 4, 12);
  const Ensemble both({one_step_pgd(), full_pgd()});
  const auto joint = both.attack(world.model, world.x(), world.y());
  const auto alone = full_pgd()->attack(world.model, world.x(), world.y());
  int weak = 0, strong = 0;
  for (std::size_t i = 0; i < 60; ++i) {
    const bool fooled = std::isfinite(joint.results[i].fooled_at);
    const bool reachable = world.distance(static_cast<std::int64_t>(i), Norm::linf) < joint_eps;
    CHECK(fooled == std::isfinite(alone.results[i].fooled_at));
    CHECK(fooled == reachable);
    strong += fooled;
  }
  for (const auto& result : one_step_pgd()->attack(world.model, world.x(), world.y()).results)
    weak += std::isfinite(result.fooled_at);
  CHECK(weak < strong);
}

TEST_CASE("attacks by gradients come first, and equal ones draw their own numbers",
          "[robustness][ensemble]") {
  const Ensemble mixed({short_square(), full_pgd(), full_pgd()});
  const auto& stages = mixed.recipe().stages;
  REQUIRE(stages.size() == 3);
  CHECK(stages[0].name == "pgd");
  CHECK(stages[1].name == "pgd 2");
  CHECK(stages[2].name == "square");
  CHECK(mixed.info().access == (Access::outputs | Access::gradients));
  const auto options = mixed.options();
  CHECK(std::ranges::count(options, std::pair<std::string, std::string>{"pgd 2.steps", "20"}) == 1);
}

TEST_CASE("an ensemble learns the stand-in of each attack that wants one",
          "[robustness][ensemble]") {
  test::LinearWorld world(60, 3, 6);
  const Ensemble both(
      {std::make_shared<Transfer>(TransferOptions{.threat = joint_threat, .learn_samples = 40}),
       short_square()});
  const auto found = both.attack(world.model, world.x(), world.y());
  REQUIRE(found.notes.size() == 1);
  CHECK(found.notes[0].find("the surrogate, learned from") == 0);
}

TEST_CASE("attacks of unequal threats make no ensemble", "[robustness][ensemble]") {
  CHECK_THROWS_AS(Ensemble({}), ValueError);
  CHECK_THROWS_AS(Ensemble({full_pgd(), nullptr}), TypeError);
  CHECK_THROWS_AS(Ensemble({full_pgd(), full_pgd({.norm = Norm::linf, .eps = 0.5})}), ValueError);
  CHECK_THROWS_AS(Ensemble({full_pgd()}, {.check_samples = -1}), ValueError);
}

TEST_CASE("the checks of an ensemble are of what all of its attacks missed",
          "[robustness][ensemble]") {
  test::LinearWorld world(80, 4, 12);
  const auto model = std::make_shared<test::LinearModel>(world.model);
  Suite suite;
  suite.add(std::make_shared<Ensemble>(std::vector<std::shared_ptr<const Attack>>{
                one_step_pgd(), full_pgd(), short_square()}),
            "joint");
  const Report report = evaluate(model, joint_data(world), suite);
  const Finding& finding = report.findings.at(0);
  std::int64_t reachable = 0;
  for (std::int64_t i = 0; i < world.n; ++i) reachable += world.distance(i, Norm::linf) < joint_eps;
  CHECK(report["joint.accuracy{norm=linf,eps=0.02}"].value() ==
        static_cast<double>(world.n - reachable) / static_cast<double>(world.n));
  for (const Check& check : finding.checks) {
    INFO(check.name << ": " << check.why);
    CHECK(check.result != Check::fail);
  }
}

TEST_CASE("an attack says that numbers declared as logits are probabilities",
          "[robustness][attack][check]") {
  test::LinearWorld world(40, 3, 8);
  SoftmaxModel model(3, 8, 1);
  const Pgd pgd({.threat = joint_threat, .steps = 2});
  const auto called = pgd.attack(model, world.x(), world.y());
  REQUIRE(called.notes.size() == 1);
  CHECK(called.notes[0].find("declare output='probabilities'") != std::string::npos);
  CHECK(
      pgd.attack(model, world.x(), world.y(), {.output = OutputKind::probabilities}).notes.empty());
  CHECK(pgd.attack(world.model, world.x(), world.y()).notes.empty());

  Suite suite;
  suite.add(pgd, "pgd");
  const auto failed = [&](std::shared_ptr<Subject> subject) {
    const Report report = evaluate(std::move(subject), joint_data(world), suite);
    const auto& checks = report.findings.at(0).checks;
    const auto at =
        std::ranges::find(checks, std::string("logits_are_not_probabilities"), &Check::name);
    REQUIRE(at != checks.end());
    return at->result == Check::fail;
  };
  CHECK(failed(std::make_shared<SoftmaxModel>(model)));
  CHECK_FALSE(failed(std::make_shared<test::LinearModel>(world.model)));
}

TEST_CASE("a call says that it gave fewer rows for want of memory", "[robustness][attack]") {
  test::LinearWorld world(40, 3, 8);
  world.model.memory = 8;
  const auto found = full_pgd()->attack(world.model, world.x(), world.y());
  REQUIRE(found.notes.size() == 1);
  CHECK(found.notes[0] == "the model ran out of memory; batches of 5 rows from there on");
}

#include <ATen/ATen.h>
#include <torch/nn/modules.h>
#include <torch/optim/sgd.h>  // before the names of leadline: tests of a folder are one unit

#include <cmath>

#include "catch.hpp"
#include "leadline/core/error.hpp"
#include "leadline/robustness/pgd.hpp"
#include "leadline/torch/mitigate/defences.hpp"
#include "leadline/torch/models/backends.hpp"
#include "torch/small_models.hpp"

using namespace leadline;
using namespace leadline::mitigate;

namespace {

/// Three classes of eight values, told by a product.
struct DefendedWorld {
  at::Tensor weight = test::fixed_tensor({8, 3}, 2.0).to(at::kFloat);
  Classifier logits = [w = weight](const at::Tensor& x) { return (x - 0.5).matmul(w); };
  at::Tensor x = (0.5 + test::fixed_tensor({200, 8}, 0.5, 3)).to(at::kFloat);
};

}  // namespace

TEST_CASE("votes are shares of draws and their gradient is that of the mean probability",
          "[torch][mitigate][defences]") {
  const at::Tensor scores = at::tensor({0.0, 1.0, 2.0, 0.0, 0.0, 3.0}, at::kDouble).view({3, 2});
  const at::Tensor shares = vote_shares(scores, 3).exp();  // votes: 1, 0, 1
  CHECK(shares[0][0].item<double>() == Approx(1.5 / 4));
  CHECK(shares[0][1].item<double>() == Approx(2.5 / 4));

  const at::Tensor leaf = scores.clone().set_requires_grad(true), same = leaf.detach().clone();
  same.set_requires_grad(true);
  vote_shares(leaf, 3).select(1, 0).sum().backward();
  const at::Tensor share = (3 * same.softmax(1).mean(0)[0] + 0.5) / 4;
  share.backward();
  const at::Tensor expected = same.grad() / shares[0][0].item<double>();
  CHECK(leaf.grad().allclose(expected, 1e-9));
  CHECK_THROWS_AS(vote_shares(scores, 2), ShapeError);
}

TEST_CASE("the noise of a smoothed model depends on the seed and the draw alone",
          "[torch][mitigate][defences]") {
  const at::Tensor few = smoothing_noise({4, 5}, 3, 0.5, 7);
  CHECK(few.equal(smoothing_noise({4, 5}, 9, 0.5, 7).slice(0, 0, 3)));
  CHECK_FALSE(few.equal(smoothing_noise({4, 5}, 3, 0.5, 8)));
  const at::Tensor many = smoothing_noise({1000}, 20, 0.5, 7);
  CHECK(std::abs(many.mean().item<double>()) < 4 * 0.5 / std::sqrt(2e4));
  CHECK(many.std().item<double>() == Approx(0.5).epsilon(0.03));
  CHECK_THROWS_AS(smoothing_noise({4}, 3, 0, 7), ValueError);
  CHECK_THROWS_AS(Smoothed({}, {.sigma = 0.1, .draws = 0}), ValueError);
}

TEST_CASE("a smoothed model reads a row alone as in a batch", "[torch][mitigate][defences]") {
  const DefendedWorld world;
  const Smoothed vote(world.logits, {.sigma = 0.1, .draws = 16});
  const at::Tensor all = vote(world.x);
  CHECK(all.size(1) == 3);
  CHECK(all.exp().sum(1).allclose(at::ones({200})));
  CHECK(all.slice(0, 5, 6).allclose(vote(world.x.slice(0, 5, 6)), 1e-5, 1e-6));
}

TEST_CASE("a detector keeps its rate on honest inputs and an attack that knows it evades it",
          "[torch][mitigate][defences]") {
  const DefendedWorld world;
  for (const Suspicion score :
       {Suspicion::feature_squeezing, Suspicion::energy, Suspicion::confidence}) {
    Detector detector(world.logits, {.score = score, .false_reject_rate = 0.1});
    CHECK_THROWS_AS(detector(world.x), ValueError);
    detector.fit(world.x);
    const at::Tensor answer = detector(world.x).argmax(1);
    const auto rejected = (answer == 3).sum().item<std::int64_t>();
    CHECK(rejected <= 20);
    CHECK(rejected >= 10);
    const at::Tensor kept = answer != 3;
    CHECK(answer.masked_select(kept).equal(world.logits(world.x).argmax(1).masked_select(kept)));

    const at::Tensor x = world.x.index({kept}), y = answer.index({kept});
    const auto model = models::from_function(detector, {.output = OutputKind::logits});
    const robustness::Pgd attack(
        {.threat = {.eps = 0.3, .goal = robustness::Goal::any_of, .classes = {0, 1, 2}}});
    const at::Tensor found = detector(attack.perturb(*model, x, y)).argmax(1);
    const auto evaded = ((found != y) & (found != 3)).sum().item<std::int64_t>();
    CHECK(evaded > x.size(0) / 2);
  }
  CHECK_THROWS_AS(Detector(world.logits, {.false_reject_rate = 1.5}), ValueError);
  CHECK_THROWS_AS(Detector(world.logits).fit(world.x.slice(0, 0, 5)), ValueError);
}

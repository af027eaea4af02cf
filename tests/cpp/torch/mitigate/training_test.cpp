#include <ATen/ATen.h>
#include <torch/nn/modules.h>
#include <torch/optim/sgd.h>

#include <cmath>

#include "catch.hpp"
#include "leadline/core/error.hpp"
#include "leadline/mitigate/trades_attack.hpp"
#include "leadline/robustness/pgd.hpp"
#include "leadline/robustness/square.hpp"
#include "leadline/stats/random.hpp"
#include "leadline/torch/mitigate/adversarial_training.hpp"
#include "torch/small_models.hpp"

using namespace leadline;
using namespace leadline::mitigate;

namespace {

/// Two layers with batch statistics between them, so that a change of mode or buffers would show.
::torch::nn::Sequential hardened_net(std::int64_t d = 6, std::int64_t k = 3) {
  namespace nn = ::torch::nn;
  nn::Sequential net(nn::Linear(d, 8), nn::BatchNorm1d(8), nn::Tanh(), nn::Linear(8, k));
  const at::NoGradGuard no_grad;
  double phase = 0;
  for (auto& p : net->parameters())
    p.copy_(test::fixed_tensor(p.sizes(), 0.8, phase += 50).to(p.scalar_type()));
  net->train();
  return net;
}

struct Minibatch {
  at::Tensor x, y;
};
Minibatch fixed_minibatch(std::int64_t n = 12, std::int64_t d = 6) {
  return {(0.5 + test::fixed_tensor({n, d}, 0.4, 7)).to(at::kFloat), at::arange(n).remainder(3)};
}

std::uint64_t seed_of_call(std::uint64_t seed, std::uint64_t call) {
  return stats::Rng(seed, "mitigate.training", 0, call)();
}

}  // namespace

TEST_CASE("the examples of pgd training are those of pgd", "[torch][mitigate]") {
  auto net = hardened_net();
  const auto [x, y] = fixed_minibatch();
  PgdTraining training({.threat = {.eps = 0.1}, .steps = 4, .seed = 5});
  const Trainee net_in_training = trainee(net);
  const robustness::Pgd pgd({.threat = {.eps = 0.1}, .steps = 4});
  for (std::uint64_t call = 0; call < 2; ++call) {
    const at::Tensor expected = pgd.perturb(*net_in_training.model, x, y,
                                            {.seed = seed_of_call(5, call),
                                             .output = OutputKind::logits,
                                             .keep = robustness::Keep::last});
    at::Tensor seen;
    Trainee spy = net_in_training;
    spy.forward = [&](const at::Tensor& at) {
      seen = at;
      return net->forward(at);
    };
    const at::Tensor loss = training.loss(spy, x, y);
    CHECK(seen.equal(expected));
    CHECK(loss.requires_grad());
    CHECK((seen - x).abs().max().item<double>() <= 0.1 + 1e-7);
  }
  CHECK(training.calls() == 2);
}

TEST_CASE("keeping the last point gives the end of all steps, not the first success",
          "[torch][mitigate][pgd]") {
  // Class 1 wins beyond a shift of 0.01; the loss rises all the way to the face of the ball.
  const auto model = models::from_function(
      [](at::Tensor x) {
        const at::Tensor s = 20 * (x.mean(1, true) - 0.51);
        return at::cat({-s, s}, 1);
      },
      {.output = OutputKind::logits, .dtype = at::kFloat});
  const at::Tensor x = at::full({3, 4}, 0.5), y = at::zeros({3}, at::kLong);
  const robustness::Pgd pgd({.threat = {.eps = 0.1}, .steps = 8, .random_start = false});
  const at::Tensor nearest = pgd.perturb(*model, x, y);
  const auto last = pgd.attack(*model, x, y, {.keep = robustness::Keep::last});
  CHECK((nearest - x).max().item<double>() < 0.04);
  CHECK_THAT((last.x - x).min().item<double>(), WithinAbs(0.1, 1e-6));
  CHECK(last.results[0].forwards == 8);  // no look at the end point
  CHECK_THROWS_AS(robustness::Square({.threat = {.eps = 1e-4}, .queries = 5})
                      .perturb(*model, x, y, {.keep = robustness::Keep::last}),
                  CapabilityError);
}

TEST_CASE("the loss of trades is the equation of the paper", "[torch][mitigate][trades]") {
  auto net = hardened_net();
  const auto [x, y] = fixed_minibatch();
  TradesTraining training({.threat = {.eps = 0.08}, .steps = 5, .beta = 6, .seed = 2});
  const Trainee net_in_training = trainee(net);
  const at::Tensor moved = TradesAttack({.threat = {.eps = 0.08}, .steps = 5})
                               .perturb(*net_in_training.model, x, y,
                                        {.seed = seed_of_call(2, 0),
                                         .output = OutputKind::logits,
                                         .keep = robustness::Keep::last});
  const at::Tensor loss = training.loss(net_in_training, x, y);
  loss.backward();
  const at::Tensor gradient = net->parameters()[0].grad().clone();
  net->zero_grad();

  // sum_i [ -log p(y_i) + beta * sum_c p_c (log p_c - log q_c) ] / n, written out.
  const at::Tensor log_p = net->forward(x).log_softmax(1),
                   log_q = net->forward(moved).log_softmax(1);
  at::Tensor expected = at::zeros({});
  for (std::int64_t i = 0; i < x.size(0); ++i) {
    expected = expected - log_p[i][y[i].item<std::int64_t>()];
    expected = expected + 6 * (log_p[i].exp() * (log_p[i] - log_q[i])).sum();
  }
  expected = expected / static_cast<double>(x.size(0));
  expected.backward();
  CHECK_THAT(loss.item<double>(), WithinAbs(expected.item<double>(), 1e-5));
  CHECK(at::allclose(gradient, net->parameters()[0].grad(), 1e-4, 1e-6));
}

TEST_CASE("the attack of trades climbs the divergence of the answers",
          "[torch][mitigate][trades]") {
  auto net = hardened_net();
  net->eval();
  const Trainee net_in_training = trainee(net);
  const auto [x, y] = fixed_minibatch();
  const auto divergence = [&](const at::Tensor& at) {
    const at::NoGradGuard no_grad;
    const at::Tensor p = net->forward(x).log_softmax(1), q = net->forward(at).log_softmax(1);
    return (p.exp() * (p - q)).sum().item<double>();
  };
  const auto moved = [&](int steps) {
    return TradesAttack({.threat = {.eps = 0.1}, .steps = steps})
        .perturb(*net_in_training.model, x, y, {.keep = robustness::Keep::last});
  };
  const at::Tensor noise = (x + 0.1 * at::randn_like(x).sign()).clamp(0, 1);
  CHECK(divergence(moved(10)) > 2 * divergence(noise));
  CHECK(divergence(moved(10)) >= divergence(moved(1)));
}

TEST_CASE("an inner attack leaves the net as found", "[torch][mitigate]") {
  auto net = hardened_net();
  const auto [x, y] = fixed_minibatch();
  const Trainee net_in_training = trainee(net);
  const at::Tensor mean = net->buffers()[0].clone();
  at::manual_seed(3);
  const at::Tensor draw = at::rand({1});
  at::manual_seed(3);
  bool called = false;
  Trainee spy = net_in_training;
  spy.forward = [&](const at::Tensor& at) {
    called = true;
    CHECK(net->is_training());
    CHECK(net->buffers()[0].equal(mean));
    for (const auto& p : net->parameters()) CHECK_FALSE(p.grad().defined());
    return net->forward(at);
  };
  (void)PgdTraining({.threat = {.eps = 0.1}, .steps = 2}).loss(spy, x, y);
  CHECK(called);
  CHECK_FALSE(net->buffers()[0].equal(mean));  // the forward of the training moved them, once
  CHECK(at::rand({1}).equal(draw));
}

TEST_CASE("free training is the algorithm of the paper, one backward a replay",
          "[torch][mitigate][free]") {
  auto ours = hardened_net(), theirs = hardened_net();
  const double eps = 0.1;
  FreeTraining training({.threat = {.eps = eps}, .replays = 3});
  const Trainee net_in_training = trainee(ours);
  ::torch::optim::SGD a(ours->parameters(), 0.1), b(theirs->parameters(), 0.1);
  at::Tensor delta = at::zeros({12, 6});
  int forwards = 0;
  Trainee spy = net_in_training;
  spy.forward = [&](const at::Tensor& at) {
    ++forwards;
    return ours->forward(at);
  };
  for (const std::int64_t n : {12, 12, 7}) {  // the last minibatch is smaller
    const auto [all, labels] = fixed_minibatch();
    const at::Tensor x = all.slice(0, 0, n), y = labels.slice(0, 0, n);
    for (int r = 0; r < training.replays(); ++r) {
      const at::Tensor loss = training.loss(spy, x, y);
      a.zero_grad();
      loss.backward();
      a.step();
      // Shafahi et al. 2019, algorithm 1.
      const at::Tensor leaf = delta.slice(0, 0, n).clone().set_requires_grad(true);
      const at::Tensor expected =
          at::cross_entropy_loss(theirs->forward((x + leaf).clamp(0, 1)), y);
      b.zero_grad();
      expected.backward();
      delta.slice(0, 0, n).add_(eps * leaf.grad().sign()).clamp_(-eps, eps);
      b.step();
      CHECK_THAT(loss.item<double>(), WithinAbs(expected.item<double>(), 1e-5));
    }
  }
  CHECK(forwards == 9);
  (void)training.loss(spy, fixed_minibatch().x, fixed_minibatch().y);
  CHECK_THROWS_AS(training.loss(spy, fixed_minibatch().x, fixed_minibatch().y), ValueError);
}

TEST_CASE("fast training takes one step of 1.25 eps from a start in the ball",
          "[torch][mitigate][fast]") {
  auto net = hardened_net();
  const auto [x, y] = fixed_minibatch();
  Trainee spy = trainee(net);
  at::Tensor seen;
  spy.forward = [&](const at::Tensor& at) {
    seen = at;
    return net->forward(at);
  };
  FastTraining training({.threat = {.eps = 0.1}, .seed = 4});
  (void)training.loss(spy, x, y);
  const at::Tensor moved = (seen - x).abs();
  CHECK(moved.max().item<double>() <= 0.1 + 1e-7);
  // From a uniform start a step of 1.25 eps passes the face for 5 of 8 values, and is cut there;
  // the other values end anywhere else.
  const double faces = (moved > 0.1 - 1e-6).to(at::kDouble).mean().item<double>();
  CHECK(faces > 0.4);
  CHECK(faces < 0.85);
}

TEST_CASE("training refuses what it cannot train", "[torch][mitigate]") {
  auto net = hardened_net();
  const auto [x, y] = fixed_minibatch();
  const Trainee good = trainee(net);
  CHECK_THROWS_AS(PgdTraining({.threat = {.eps = 0.0}}), ValueError);
  CHECK_THROWS_AS(PgdTraining({.threat = {.eps = {0.1, 0.2}}}), ValueError);
  CHECK_THROWS_AS(PgdTraining({.steps = 0}), ValueError);
  CHECK_THROWS_AS(TradesTraining({.steps = 0}), ValueError);
  CHECK_THROWS_AS(TradesTraining({.beta = -1}), ValueError);
  CHECK_THROWS_AS(FreeTraining({.replays = 0}), ValueError);
  CHECK_THROWS_AS(FreeTraining({.threat = {.norm = robustness::Norm::l1}}), ValueError);
  CHECK_THROWS_AS(FastTraining({.step_share = 0}), ValueError);
  PgdTraining training({.threat = {.eps = 0.1}});
  const Trainee without_weights{test::linear_model(), good.forward};
  CHECK_THROWS_AS(training.loss(without_weights, x, y), ValueError);
  CHECK_THROWS_AS(training.loss({}, x, y), TypeError);
  CHECK_THROWS_AS(training.loss(good, x * 255, y), ValueError);
  CHECK_THROWS_AS(training.loss(good, x, y.to(at::kFloat)), ShapeError);
  CHECK_THROWS_AS(training.loss(good, x.to(at::kLong), y), ShapeError);
  CHECK_THROWS_AS(training.loss(good, x, y + 7), ValueError);
}

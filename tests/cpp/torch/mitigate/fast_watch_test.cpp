#include <ATen/ATen.h>
#include <torch/nn/modules.h>
#include <torch/optim/sgd.h>

#include "catch.hpp"
#include "leadline/core/error.hpp"
#include "leadline/torch/mitigate/adversarial_training.hpp"
#include "torch/small_models.hpp"

using namespace leadline;
using namespace leadline::mitigate;

namespace {

/// A net with one weight, whose mean shift decides: class 1 begins at 0.12 while `w` is 1. As `w`
/// falls to 0 a ditch opens at 0.03 to 0.06 that the single step of 0.125 jumps over and small
/// steps fall into: what nets learn when fast training collapses.
struct CollapsingNet : ::torch::nn::Module {
  CollapsingNet() { w = register_parameter("w", at::ones({1})); }
  at::Tensor forward(const at::Tensor& x) {
    const at::Tensor t = x.mean(1) - 0.5;
    const at::Tensor ditch = 0.02 - (t - 0.045).abs();
    const at::Tensor s = 20 * at::maximum(t - 0.12, ditch - w);
    return at::stack({-s, s}, 1);
  }
  at::Tensor w;
};

Trainee collapsing(const std::shared_ptr<CollapsingNet>& net) {
  return {models::from_module(net, {.output = OutputKind::logits}),
          [net](const at::Tensor& x) { return net->forward(x); }};
}

}  // namespace

TEST_CASE("the watch of fast training catches a planted collapse", "[torch][mitigate][fast]") {
  const auto net = std::make_shared<CollapsingNet>();
  const Trainee trainee = collapsing(net);
  const at::Tensor x = (0.5 + test::fixed_tensor({60, 16}, 0.01)).to(at::kFloat);
  const at::Tensor y = at::zeros({60}, at::kLong);
  FastTraining training({.threat = {.eps = 0.1}, .watch_steps = 10});
  const auto first = training.watch(trainee, x, y);
  CHECK(first.check.result == Check::not_run);
  CHECK(first.pgd_accuracy.value() > 0.9);
  const auto calm = training.watch(trainee, x, y);
  CHECK(calm.check.result == Check::pass);
  net->w.data().zero_();
  const auto after = training.watch(trainee, x, y);
  CHECK(after.collapsed);
  CHECK(after.check.result == Check::fail);
  CHECK(after.pgd_accuracy.value() < 0.3);
  CHECK(after.single_step_accuracy.value() > 0.7);
  CHECK_THROWS_AS(training.watch(trainee, x.slice(0, 0, 5), y.slice(0, 0, 5)), ValueError);
}

TEST_CASE("a net that loses to both attacks alike has not collapsed", "[torch][mitigate][fast]") {
  const auto net = std::make_shared<CollapsingNet>();
  Trainee trainee = collapsing(net);
  const at::Tensor x = (0.5 + test::fixed_tensor({60, 16}, 0.01)).to(at::kFloat);
  const at::Tensor y = at::zeros({60}, at::kLong);
  FastTraining training({.threat = {.eps = 0.1}});
  (void)training.watch(trainee, x, y);
  trainee.model = models::from_module(net,
                                      [](const at::Tensor& at, const auto&) {
                                        const at::Tensor s = 20 * (at.mean(1) - 0.53);
                                        return models::NamedList{{"logits", at::stack({-s, s}, 1)}};
                                      },
                                      {.output = OutputKind::logits});
  const auto after = training.watch(trainee, x, y);
  CHECK(after.pgd_accuracy.value() < 0.1);
  CHECK_FALSE(after.collapsed);
}

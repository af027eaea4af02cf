#include <torch/nn/functional/activation.h>
#include <torch/nn/modules.h>

#include "../small_models.hpp"
#include "catch.hpp"
#include "leadline/core/error.hpp"
#include "leadline/torch/models/backends.hpp"

namespace nn = torch::nn;
using leadline::from_aten;
using leadline::models::from_module;

namespace leadline::detail::module_test {

/// A net with batch norm and dropout, so that mode, buffers and random state all matter; it can be
/// told to fail in a layer.
nn::Sequential noisy_net() {
  torch::nn::Sequential net;
  net->push_back("conv", nn::Conv2d(nn::Conv2dOptions(1, 4, 3).padding(1)));
  net->push_back("norm", nn::BatchNorm2d(4));
  net->push_back("act", nn::Functional(at::relu));
  net->push_back("drop", nn::Dropout(0.5));
  net->push_back("flat", nn::Flatten());
  net->push_back("hidden", nn::Linear(4 * 64, 8));
  net->push_back("out", nn::Linear(8, 3));
  return net;
}

struct TwoInputsImpl : nn::Module {
  TwoInputsImpl() { linear = register_module("linear", nn::Linear(3, 2)); }
  std::pair<at::Tensor, at::Tensor> forward(const at::Tensor& x, const at::Tensor& mask) {
    const at::Tensor hidden = x * mask;
    return {hidden, linear(hidden)};
  }
  nn::Linear linear{nullptr};
};

struct SwitchesModeImpl : nn::Module {
  SwitchesModeImpl() { linear = register_module("linear", nn::Linear(3, 2)); }
  at::Tensor forward(const at::Tensor& x) {
    train();
    return linear(x);
  }
  nn::Linear linear{nullptr};
};

/// What a model must look like after a run.
struct Snapshot {
  explicit Snapshot(const nn::Module& module) {
    for (const auto& part : module.modules()) training.push_back(part->is_training());
    for (const auto& value : module.parameters()) {
      values.push_back(value.detach().clone());
      needs.push_back(value.requires_grad());
      grads.push_back(value.grad().defined());
    }
    for (const auto& value : module.buffers()) values.push_back(value.clone());
  }
  bool operator==(const Snapshot& other) const {
    if (training != other.training || needs != other.needs || grads != other.grads) return false;
    for (std::size_t i = 0; i < values.size(); ++i)
      if (!at::equal(values[i], other.values[i])) return false;
    return true;
  }
  std::vector<bool> training, needs, grads;
  std::vector<at::Tensor> values;
};

}  // namespace leadline::detail::module_test

using leadline::detail::module_test::noisy_net;
using leadline::detail::module_test::Snapshot;

TEST_CASE("a sequential net offers its children as layers", "[models][module]") {
  auto net = noisy_net();
  const auto model = from_module(net, {.name = "net"});
  const auto info = model->info();
  CHECK(info.layers ==
        std::vector<std::string>{"conv", "norm", "act", "drop", "flat", "hidden", "out"});
  CHECK(offers(info.access, leadline::Access::activations | leadline::Access::gradients |
                                leadline::Access::weights));
  CHECK(model->parameters().size() == 8);
  CHECK(model->buffers().size() == 3);
  CHECK(model->weight("out.weight").size(0) == 3);
  CHECK_THROWS_AS(model->weight("out.wait"), leadline::ValueError);
}

TEST_CASE("tapped layers give the same output as an untapped run", "[models][module]") {
  auto net = noisy_net();
  const auto model = from_module(net);
  const auto token = model->hold();
  const at::Tensor x = at::rand({4, 1, 8, 8});
  const std::vector<std::string> taps{"act", "hidden"};
  const auto plain = model->call(x);
  const auto tapped = model->call(x, {.taps = taps});
  CHECK(at::equal(plain.output, tapped.output));
  CHECK(tapped.activations.size() == 2);
  CHECK(tapped.activations.at("act").ge(0).all().item<bool>());
  CHECK(tapped.activations.at("hidden").size(1) == 8);
  CHECK_THROWS_WITH(model->call(x, {.taps = std::vector<std::string>{"heat"}}),
                    ContainsSubstring("hidden"));
}

TEST_CASE("an edited activation reaches the layers after it", "[models][module]") {
  auto net = noisy_net();
  const auto model = from_module(net);
  const std::vector<std::string> taps{"hidden"};
  const auto result = model->call(at::rand({4, 1, 8, 8}),
                                  {.taps = taps, .edit = [](std::string_view, at::Tensor value) {
                                     return at::zeros_like(value);
                                   }});
  const at::Tensor bias = net->named_parameters()["out.bias"].detach();
  CHECK(at::allclose(result.output, bias.expand({4, 3})));
}

TEST_CASE("the trace brackets every layer", "[models][module]") {
  const auto model = from_module(noisy_net());
  std::vector<std::string> seen;
  (void)model->call(at::rand({1, 1, 8, 8}), {.trace = [&](std::string_view layer, bool begins) {
                      seen.push_back((begins ? "+" : "-") + std::string(layer));
                    }});
  CHECK(seen.size() == 14);
  CHECK(seen.front() == "+conv");
  CHECK(seen.back() == "-out");
}

TEST_CASE("a module is left as found after success and after an exception", "[models][module]") {
  auto net = noisy_net();
  net->train();
  net[1]->as<nn::BatchNorm2d>()->eval();  // a frozen norm in a net that trains
  net->parameters()[0].set_requires_grad(false);
  const Snapshot before(*net);
  const auto model = from_module(net);
  {
    const auto token = model->hold();
    CHECK_FALSE(net->is_training());
    (void)model->call(at::rand({4, 1, 8, 8}).requires_grad_(), {.graph = true});
    CHECK_FALSE(net[3]->is_training());
  }
  CHECK(Snapshot(*net) == before);
  (void)model->call(at::rand({4, 1, 8, 8}));
  CHECK(Snapshot(*net) == before);

  for (const char* layer : {"conv", "norm", "drop", "hidden", "out"}) {
    const std::vector<std::string> taps{layer};
    const auto fail = [](std::string_view, at::Tensor) -> at::Tensor {
      throw std::runtime_error("planted");
    };
    CHECK_THROWS_WITH(model->call(at::rand({4, 1, 8, 8}), {.taps = taps, .edit = fail}),
                      ContainsSubstring("planted"));
    CHECK(Snapshot(*net) == before);
  }
}

TEST_CASE("as_is leaves the mode alone and puts running statistics back", "[models][module]") {
  auto net = noisy_net();
  net->train();
  const Snapshot before(*net);
  const auto model = from_module(net, {.mode = leadline::models::Mode::as_is});
  {
    const auto token = model->hold();
    const at::Tensor x = at::rand({4, 1, 8, 8}) + 5;
    const at::Tensor first = model->call(x).output;
    CHECK_FALSE(at::equal(first, model->call(x).output));  // dropout is on
    CHECK_FALSE(at::equal(net->buffers()[0], before.values[8]));
  }
  CHECK(Snapshot(*net) == before);
}

TEST_CASE("a module that changes its own mode is put back, and that is said", "[models][module]") {
  const auto module = std::make_shared<leadline::detail::module_test::SwitchesModeImpl>();
  const auto model = from_module(module);
  const auto token = model->hold();
  (void)model->call(at::rand({2, 3}));
  CHECK_FALSE(module->is_training());
  REQUIRE(model->notes().size() == 1);
  CHECK_THAT(model->notes().front(), ContainsSubstring("changed its own mode"));
  (void)model->call(at::rand({2, 3}));
  CHECK(model->notes().size() == 1);
}

TEST_CASE("a module of several inputs and outputs goes through a forward", "[models][module]") {
  const auto module = std::make_shared<leadline::detail::module_test::TwoInputsImpl>();
  const auto model = from_module(
      module,
      [raw = module.get()](const at::Tensor& x, const leadline::models::NamedTensors& extras) {
        return leadline::models::named_outputs(raw->forward(x, extras.at("mask")));
      },
      {.name = "two", .primary = "1"});
  const at::Tensor mask = at::ones({5, 3});
  const leadline::models::NamedTensors extras{{"mask", mask}};
  const auto result = model->call(at::rand({5, 3}), {.extras = &extras});
  CHECK(result.output.size(1) == 2);
  CHECK(result.extras.at("0").size(1) == 3);
  CHECK_THROWS_WITH(model->call(at::rand({5, 3}), {.taps = std::vector<std::string>{"linear"}}),
                    ContainsSubstring("Sequential"));
}

TEST_CASE("named outputs of a module or functor of one's own can be its layers",
          "[models][module]") {
  using leadline::models::NamedList;
  const auto module = std::make_shared<leadline::detail::module_test::TwoInputsImpl>();
  const leadline::models::Forward forward = [raw = module.get()](const at::Tensor& x, const auto&) {
    const auto [hidden, logits] = raw->forward(x, at::full({3}, 2.0));
    return NamedList{{"logits", logits}, {"hidden", hidden}, {"other", hidden + 1}};
  };
  const at::Tensor x = at::rand({5, 3}).requires_grad_();
  const std::vector<std::string> taps{"hidden"};
  for (const auto& model :
       {from_module(module, forward, {.layers = {"hidden"}}),
        leadline::models::from_forward(forward, {.name = "functor", .layers = {"hidden"}})}) {
    CHECK(model->info().layers == taps);
    CHECK(offers(model->info().access, leadline::Access::activations));
    const auto result = model->call(x, {.taps = taps, .graph = true});
    CHECK(at::equal(result.activations.at("hidden"), x * 2));
    CHECK(result.activations.at("hidden").requires_grad());
    CHECK(result.output.size(1) == 2);
    CHECK(result.extras.size() == 1);  // "other": a layer is no further answer
    CHECK(model->call(x).activations.empty());
    const auto edit = [](std::string_view, at::Tensor value) { return value; };
    CHECK_THROWS_AS(model->call(x, {.taps = taps, .edit = edit}), leadline::CapabilityError);
  }
  const auto lying = from_module(module, forward, {.layers = {"hiden"}});
  CHECK_THROWS_WITH(lying->call(x, {.taps = std::vector<std::string>{"hiden"}}),
                    ContainsSubstring("logits, hidden, other"));
}

TEST_CASE("functor and module with the same weights give the same logits", "[models][module]") {
  nn::Linear linear(3, 2);
  {
    const c10::NoGradGuard off;
    linear->weight.copy_(leadline::test::linear_weight());
    linear->bias.copy_(leadline::test::linear_bias());
  }
  const at::Tensor x = leadline::test::fixed_tensor({16, 3}, 2.0).to(at::kFloat);
  const auto model = from_module(linear);
  CHECK(at::equal(model->call(x).output, leadline::test::linear_model()->call(x).output));
}

TEST_CASE("the digest follows the weights", "[models][module]") {
  nn::Linear linear(3, 2);
  const auto model = from_module(linear);
  const std::string before = model->info().digest;
  CHECK(before.rfind("xxh3:", 0) == 0);
  CHECK(model->info().digest == before);
  {
    const c10::NoGradGuard off;
    linear->weight.mul_(2);
  }
  const std::string after = model->info().digest;
  CHECK(after != before);
  {
    const c10::NoGradGuard off;
    linear->weight.div_(2);
  }
  CHECK(model->info().digest == before);
}

TEST_CASE("a module in another dtype takes its own", "[models][module]") {
  nn::Linear linear(3, 2);
  linear->to(at::kDouble);
  const auto model = from_module(linear);
  CHECK(model->dtype() == at::kDouble);
  CHECK(model->forward(from_aten(at::ones({1, 3}))).output.dtype() == leadline::DType::f64);
}

#include "leadline/torch/models/torch_model.hpp"

#include <ATen/ATen.h>

#include "../small_models.hpp"
#include "catch.hpp"
#include "leadline/core/error.hpp"
#include "src/core/vjp.hpp"

namespace test = leadline::test;
using leadline::from_aten;
using leadline::to_aten;

namespace leadline::detail::torch_model_test {

/// d loss / d x of the linear model, given as a foreign pullback.
class ForeignLinear final : public Model {
 public:
  [[nodiscard]] SubjectInfo info() const override {
    SubjectInfo info;
    info.name = "foreign";
    info.access = Access::labels | Access::outputs | Access::gradients;
    return info;
  }
  Outputs forward(const Inputs& inputs, std::span<const std::string>) override {
    ++n_forwards;
    const auto x = inputs.primary.host(DType::f64).matrix<double>().matrix().eval();
    const at::Tensor w = test::linear_weight(at::kDouble), b = test::linear_bias(at::kDouble);
    std::vector<double> out;
    for (int i = 0; i < x.rows(); ++i)
      for (int c = 0; c < 2; ++c) {
        double sum = b[c].item<double>();
        for (int j = 0; j < 3; ++j) sum += x(i, j) * w[c][j].item<double>();
        out.push_back(sum);
      }
    return {Tensor::own(std::move(out), {x.rows(), 2}), {}, {}};
  }
  Pullback pullback(const Inputs& inputs, std::span<const std::string> taps) override {
    return {
        forward(inputs, taps), [](const Tensor& d_output) {
          return from_aten(to_aten(d_output).to(at::kDouble).mm(test::linear_weight(at::kDouble)));
        }};
  }
  int n_forwards = 0;
};

}  // namespace leadline::detail::torch_model_test

TEST_CASE("a functor gives the logits of its weights", "[models]") {
  const auto model = test::linear_model();
  const auto out =
      model->forward(leadline::Tensor::own(std::vector<float>{1, 1, 1, 0, 0, 2}, {2, 3}));
  const auto logits = out.output.matrix<float>();
  CHECK(logits(0, 0) == -0.25f);
  CHECK(logits(0, 1) == 0.5f);
  CHECK(logits(1, 0) == 1.25f);
  CHECK(logits(1, 1) == 3.5f);
}

TEST_CASE("the pullback of a linear model is its weight", "[models]") {
  const auto model = test::linear_model();
  const auto pull = model->pullback(leadline::Tensor::own(std::vector<float>{1, 2, 3}, {1, 3}));
  const auto d = pull.vjp(leadline::Tensor::own(std::vector<float>{0, 1}, {1, 2}));
  CHECK(d.matrix<float>()(0, 0) == -1.0f);
  CHECK(d.matrix<float>()(0, 2) == 2.0f);
  const auto again = pull.vjp(leadline::Tensor::own(std::vector<double>{1, 0}, {1, 2}));
  CHECK(again.matrix<float>()(0, 1) == -2.0f);
  CHECK_THROWS_AS(pull.vjp(leadline::Tensor::own(std::vector<float>{1}, {1, 1})),
                  leadline::ShapeError);
}

TEST_CASE("the last gradient of a pass is that of the others and frees what the pass kept",
          "[models]") {
  const auto model = test::linear_model();
  const auto pull = model->pullback(leadline::Tensor::own(std::vector<float>{1, 2, 3}, {1, 3}));
  const auto back = leadline::Tensor::own(std::vector<float>{0, 1}, {1, 2});
  const auto first = pull.vjp(back), last = leadline::detail::vjp::last_gradient(pull, back);
  for (int j = 0; j < 3; ++j) CHECK(first.matrix<float>()(0, j) == last.matrix<float>()(0, j));
  CHECK_THROWS(pull.vjp(back));
}

TEST_CASE("an in-place first layer does not overwrite the user's data", "[models]") {
  const std::vector<float> kept{-1, -2, -3, 4, -5, 6};
  std::vector<float> mine = kept;
  const std::int64_t shape[] = {2, 3};
  const auto x = leadline::Tensor::borrow(mine.data(), leadline::DType::f32, shape, nullptr);
  const auto model = test::in_place_model();
  (void)model->forward(x);
  (void)model->forward(x.rows(0, 1));
  (void)model->forward(from_aten(to_aten(x)));
  CHECK(mine == kept);

  const auto d =
      model->pullback(x).vjp(leadline::Tensor::own(std::vector<float>{1, 0, 1, 0}, {2, 2}));
  CHECK(mine == kept);
  CHECK(d.matrix<float>()(0, 0) == 0.0f);  // below zero: the ReLU passes nothing
  CHECK(d.matrix<float>()(1, 0) == 1.0f);
}

TEST_CASE("a call with a leaf input survives an in-place first layer", "[models]") {
  const auto model = test::in_place_model();
  const at::Tensor x = at::full({2, 3}, -1.0f).requires_grad_();
  for (int i = 0; i < 2; ++i) {
    const auto result = model->call(x, {.graph = true});
    CHECK(result.output.requires_grad());
  }
  CHECK(x.detach().eq(-1).all().item<bool>());
}

TEST_CASE("a call without a graph records none, and takes no inference tensor", "[models]") {
  const auto model = test::linear_model();
  const at::Tensor x = at::rand({2, 3}).requires_grad_();
  const auto plain = model->call(x).output;
  CHECK_FALSE(plain.requires_grad());
  CHECK_FALSE(plain.is_inference());
  const c10::NoGradGuard off;
  CHECK(model->call(x, {.graph = true}).output.requires_grad());
}

TEST_CASE("floating inputs are widened, never narrowed", "[models]") {
  const auto model = test::linear_model(at::kFloat);
  const auto half = from_aten(at::ones({1, 3}, at::kHalf));
  CHECK(to_aten(model->forward(half).output).scalar_type() == at::kFloat);
  CHECK_THROWS_WITH(model->forward(from_aten(at::ones({1, 3}, at::kDouble))),
                    ContainsSubstring("convert the data"));
  CHECK_THROWS_AS(model->forward(from_aten(at::ones({1, 3}, at::kDouble))), leadline::TypeError);
}

TEST_CASE("integer inputs have no gradient", "[models]") {
  const auto model = leadline::models::from_function([](at::Tensor x) { return x.to(at::kFloat); },
                                                     {.name = "ids"});
  CHECK_THROWS_AS(model->pullback(from_aten(at::ones({2, 3}, at::kLong))),
                  leadline::CapabilityError);
}

TEST_CASE("a model that cuts its graph says so", "[models]") {
  const auto model =
      leadline::models::from_function([](at::Tensor x) { return x.detach(); }, {.name = "cut"});
  CHECK_THROWS_WITH(model->pullback(from_aten(at::ones({2, 3}))), ContainsSubstring("detach()"));
}

TEST_CASE("an output with another number of rows is refused", "[models]") {
  const auto model = leadline::models::from_function([](at::Tensor x) { return x.mean(0, true); },
                                                     {.name = "mean"});
  CHECK_THROWS_AS(model->forward(from_aten(at::ones({2, 3}))), leadline::ShapeError);
  CHECK_THROWS_WITH(model->forward(from_aten(at::ones({2, 3}))), ContainsSubstring("mean.forward"));
}

TEST_CASE("holding puts the random state back, also after an exception", "[models]") {
  const auto model = test::stochastic_model();
  at::manual_seed(7);
  const at::Tensor expected = at::rand({4});
  at::manual_seed(7);
  {
    const auto token = model->hold();
    CHECK(model->hold() == token);
    (void)model->call(at::ones({8, 3}));
  }
  CHECK(at::equal(at::rand({4}), expected));

  at::manual_seed(7);
  try {
    const auto token = model->hold();
    (void)model->call(at::ones({8, 3}));
    (void)model->call(at::ones({8, 5}));  // wrong width: torch throws
  } catch (const std::exception&) {
  }
  CHECK(at::equal(at::rand({4}), expected));
}

TEST_CASE("named outputs: the primary is found, the rest are extras", "[models]") {
  using leadline::models::choose_primary;
  const at::Tensor a = at::ones({1}), b = at::zeros({1});
  CHECK(choose_primary({{"boxes", a}, {"logits", b}}, "", "m").output.is_same(b));
  CHECK(choose_primary({{"boxes", a}, {"masks", b}}, "", "m").output.is_same(a));
  CHECK(choose_primary({{"boxes", a}, {"masks", b}}, "masks", "m").extras.count("boxes") == 1);
  CHECK_THROWS_WITH(choose_primary({{"boxes", a}, {"masks", b}}, "logit", "m"),
                    ContainsSubstring("boxes, masks"));
  CHECK_THROWS_AS(choose_primary({}, "", "m"), leadline::TypeError);
}

TEST_CASE("several named inputs and outputs reach a functor", "[models]") {
  const auto model = leadline::models::from_forward(
      [](const at::Tensor& x, const leadline::models::NamedTensors& extras) {
        const at::Tensor masked = x * extras.at("mask");
        return leadline::models::named_outputs(std::make_tuple(masked.sum(1, true), masked));
      },
      {.name = "masked"});
  leadline::Inputs inputs(from_aten(at::ones({2, 3})),
                          {{"mask", from_aten(at::tensor({1.f, 0.f, 1.f}).expand({2, 3}))}});
  const auto out = model->forward(inputs);
  CHECK(to_aten(out.output)[0].item<float>() == 2.0f);
  CHECK(out.extras.at("1").size(1) == 3);
}

TEST_CASE("a foreign pullback becomes an autograd graph", "[models]") {
  const auto foreign = std::make_shared<leadline::detail::torch_model_test::ForeignLinear>();
  const auto model = leadline::models::as_torch(foreign);
  const at::Tensor x = at::tensor({1.0, 2.0, 3.0}, at::kDouble).view({1, 3}).requires_grad_();
  const auto result = model->call(x, {.graph = true});
  result.output.select(1, 1).pow(2).sum().backward();
  const double logit = -1.0 * 1 + 2.0 * 3 - 0.5;
  CHECK_THAT(x.grad()[0][0].item<double>(), WithinRel(2 * logit * -1.0, 1e-12));
  CHECK_THAT(x.grad()[0][2].item<double>(), WithinRel(2 * logit * 2.0, 1e-12));
  CHECK_FALSE(model->call(x).output.requires_grad());
  CHECK(foreign->n_forwards == 2);
  CHECK(leadline::models::as_torch(model) == model);
}

TEST_CASE("a foreign model without gradients refuses a graph", "[models]") {
  leadline::SubjectInfo info;
  info.name = "booster";
  const auto model = leadline::models::as_torch(std::make_shared<leadline::FunctionModel>(
      [](const leadline::Inputs& x) {
        return leadline::Outputs{x.primary, {}, {}};
      },
      info));
  CHECK(model->call(at::ones({2, 3})).output.size(0) == 2);
  CHECK_THROWS_AS(model->call(at::ones({2, 3}).requires_grad_(), {.graph = true}),
                  leadline::CapabilityError);
}

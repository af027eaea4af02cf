#include "leadline/torch/attribution/attribute.hpp"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include "../small_models.hpp"
#include "catch.hpp"
#include "leadline/core/error.hpp"
#include "leadline/torch/attribution/integrated_gradients.hpp"
#include "leadline/torch/attribution/saliency.hpp"

namespace test = leadline::test;
using namespace leadline;
using attribution::integrated_gradients;
using attribution::saliency;

namespace {

/// A score f(x) [n] as a two-class model of one column: class 1 is f, class 0 its negative.
std::shared_ptr<models::TorchModel> score_model(std::function<at::Tensor(at::Tensor)> f) {
  return models::from_function(std::move(f), {.name = "score", .output = OutputKind::logits});
}

double distance(const at::Tensor& a, const at::Tensor& b) {
  REQUIRE(a.sizes() == b.sizes());
  return (a.to(at::kDouble) - b.to(at::kDouble)).abs().max().item<double>();
}

at::Tensor classes(std::int64_t n, std::int64_t value = 1) {
  return at::full({n}, value, at::kLong);
}

constexpr double exact = 1e-12;

}  // namespace

TEST_CASE("integrated gradients of a linear score are w (x - x0) for every step count",
          "[attribution]") {
  const at::Tensor w = test::fixed_tensor({5}, 2), x = test::fixed_tensor({7, 5}, 3, 10);
  const auto model = score_model([w](at::Tensor v) { return v.mv(w) + 0.7; });
  for (const int steps : {1, 2, 7, 50})
    for (const double baseline : {0.0, 0.3}) {
      INFO(steps << " steps from " << baseline);
      const auto found = integrated_gradients(*model, x, classes(7), {steps, baseline});
      CHECK(distance(found.values, w * (x - baseline)) < exact);
      CHECK(distance(found.residual, at::zeros({7})) < exact);
      CHECK(distance(found.score, x.mv(w) + 0.7) < exact);
      const at::Tensor start = at::full_like(x, baseline).mv(w) + 0.7;
      CHECK(distance(found.baseline_score, start) < exact);
      const auto other = integrated_gradients(*model, x, classes(7, 0), {steps, baseline});
      CHECK(distance(other.values, -found.values) < exact);
      CHECK(distance(other.score, -found.score) < exact);
    }
}

TEST_CASE("integrated gradients of a quadratic are exact with one point", "[attribution]") {
  const at::Tensor half = test::fixed_tensor({4, 4}, 1), a = half + half.t();
  const at::Tensor b = test::fixed_tensor({4}, 1, 50), x = test::fixed_tensor({6, 4}, 2, 20);
  const auto model = score_model([=](at::Tensor v) { return (v.mm(a) * v).sum(1) / 2 + v.mv(b); });
  const double x0 = -0.4;
  const at::Tensor way = x - x0;
  const at::Tensor expected = way * (at::full_like(x, x0).mm(a) + way.mm(a) / 2 + b);
  for (const int steps : {1, 3, 50})
    CHECK(distance(integrated_gradients(*model, x, classes(6), {steps, x0}).values, expected) <
          exact);
}

TEST_CASE("n points are exact when the gradient has degree 2 n - 1 along the path",
          "[attribution]") {
  const at::Tensor x = test::fixed_tensor({5, 3}, 1.5, 30);
  const auto fourth = score_model([](at::Tensor v) { return v.pow(4).sum(1); });
  CHECK(distance(integrated_gradients(*fourth, x, classes(5), {2}).values, x.pow(4)) < exact);
  const auto coarse = integrated_gradients(*fourth, x, classes(5), {1});
  CHECK(distance(coarse.values, x.pow(4) / 2) < exact);  // the midpoint rule: 4 (x / 2)^3 x
  CHECK(distance(coarse.residual, -x.pow(4).sum(1) / 2) < exact);
  const auto product = score_model([](at::Tensor v) { return v.prod(1); });
  CHECK(distance(integrated_gradients(*product, x, classes(5), {2}).values,
                 (x.prod(1, true) / 3).expand({5, 3})) < exact);
}

TEST_CASE("behind a kink the residual says what is missing", "[attribution]") {
  // f = relu(w x - c) from 0: w_i x_i (1 - c / (w x)), which no fixed rule hits exactly.
  const at::Tensor w = at::tensor({1.0, 2.0, 0.5}, at::kDouble);
  const at::Tensor x = at::tensor({1.0, 1.0, 2.0, 3.0, 0.5, 1.0}, at::kDouble).view({2, 3});
  const double c = 1.5;
  const auto model = score_model([=](at::Tensor v) { return (v.mv(w) - c).relu(); });
  const at::Tensor expected = w * x * (1 - c / x.mv(w)).unsqueeze(1);
  const auto found = integrated_gradients(*model, x, classes(2), {50});
  CHECK(distance(found.values / (w * x), expected / (w * x)) < 0.02);
  CHECK(distance(found.values, expected) > 1e-6);
  CHECK(distance(found.residual, (found.values - expected).sum(1)) < exact);
  CHECK(distance(saliency(*model, x, classes(2)).values, w.expand({2, 3})) < exact);
}

TEST_CASE("a saturated unit has no gradient but its whole attribution", "[attribution]") {
  const auto model = score_model([](at::Tensor v) { return 1 - (1 - v).relu().sum(1); });
  const at::Tensor x = at::full({1, 1}, 2.0, at::kDouble);
  CHECK(saliency(*model, x, classes(1)).values.item<double>() == 0);
  const auto found = integrated_gradients(*model, x, classes(1), {50});
  CHECK_THAT(found.values.item<double>(), WithinAbs(1, exact));  // half of the nodes, times 2
}

TEST_CASE("attributions of a smooth network add up to the change of the score", "[attribution]") {
  const auto model = test::small_cnn(at::kDouble);
  const at::Tensor x = 0.5 + test::fixed_tensor({4, 1, 8, 8}, 0.5, 7);
  const at::Tensor target = at::tensor({0, 1, 2, 0}, at::kLong);
  const auto found = integrated_gradients(*model, x, target);
  CHECK(found.residual.abs().max().item<double>() < 1e-9);
  const at::Tensor scores = model->call(x).output;
  const at::Tensor base = model->call(at::zeros_like(x)).output;
  const at::Tensor column = target.view({-1, 1});
  CHECK(distance(found.score, scores.gather(1, column).squeeze(1)) < exact);
  CHECK(distance(found.baseline_score, base.gather(1, column).squeeze(1)) < exact);
  CHECK(distance(attribution::class_score(*model, x, target), found.score) < exact);
}

TEST_CASE("the size of a call changes nothing but the memory", "[attribution]") {
  const auto model = test::small_cnn(at::kDouble);
  const at::Tensor x = 0.5 + test::fixed_tensor({5, 1, 8, 8}, 0.5, 3);
  const at::Tensor target = at::tensor({0, 1, 2, 0, 1}, at::kLong);
  const auto whole = integrated_gradients(*model, x, target, {11, 0.1});
  for (const std::int64_t rows : {1, 3, 11, 12, 40, 1000}) {
    INFO(rows << " rows a call");
    CHECK(distance(integrated_gradients(*model, x, target, {11, 0.1, rows}).values, whole.values) <
          exact);
  }
}

TEST_CASE("the rows of a call do not grow with the steps", "[attribution]") {
  std::int64_t largest = 0, total = 0;
  const auto model = score_model([&](at::Tensor v) {
    largest = std::max(largest, v.size(0));
    total += v.size(0);
    return v.sum(1);
  });
  const at::Tensor x = test::fixed_tensor({20, 100}, 1);
  for (const int steps : {5, 50, 700}) {
    largest = total = 0;
    (void)integrated_gradients(*model, x, classes(20), {steps, 0, 32});
    CHECK(largest <= 32);
    CHECK(total == 20 * steps + 20 + 1);  // the path, the scores, one baseline
  }
  largest = 0;
  (void)integrated_gradients(*model, x, classes(20), {700});
  CHECK(largest <= 500);  // 400 kB of 100 doubles
}

TEST_CASE("each row is explained for its own class, in the dtype of the model", "[attribution]") {
  const at::Tensor target = at::tensor({0, 1, 1}, at::kLong);
  for (const auto dtype : {at::kFloat, at::kDouble}) {
    const auto model = test::linear_model(dtype);
    const at::Tensor x = test::fixed_tensor({3, 3}, 2, 5).to(dtype);
    const at::Tensor of_class = test::linear_weight(dtype).index_select(0, target);
    const double tolerance = dtype == at::kFloat ? 1e-5 : exact;  // 50 float weights add up to 1
    const auto found = integrated_gradients(*model, x, target);
    CHECK(found.values.scalar_type() == dtype);
    CHECK(found.score.scalar_type() == at::kDouble);
    CHECK(distance(found.values, of_class * x) < tolerance);
    CHECK(distance(saliency(*model, x, target).values, of_class.abs()) < tolerance);
    CHECK(distance(saliency(*model, x, target, false).values, of_class) < tolerance);
    CHECK(distance(integrated_gradients(*model, x, target.to(at::kInt)).values, found.values) == 0);
  }
  const auto column =
      models::from_function([](at::Tensor v) { return v.sum(1, true); }, {.name = "column"});
  const at::Tensor x = at::ones({2, 3}, at::kDouble);
  const auto found = integrated_gradients(*column, x, at::tensor({1, 0}, at::kLong));
  CHECK_THAT(found.values[0][0].item<double>(), WithinAbs(1, exact));
  CHECK_THAT(found.values[1][0].item<double>(), WithinAbs(-1, exact));
}

TEST_CASE("extra inputs stay with their sample", "[attribution]") {
  const at::Tensor w = test::fixed_tensor({4}, 1), x = test::fixed_tensor({6, 4}, 1, 9);
  const at::Tensor scale = at::arange(6, at::kDouble) - 2;
  const auto model = models::from_forward(
      [w](const at::Tensor& v, const models::NamedTensors& extras) {
        return models::named_outputs(v.mv(w) * extras.at("scale") + extras.at("scale"));
      },
      {.name = "scaled"});
  const models::NamedTensors extras{{"scale", scale}};
  for (const std::int64_t rows : {1, 7, 0}) {
    const auto found = integrated_gradients(*model, x, classes(6), {5, 0, rows}, &extras);
    CHECK(distance(found.values, scale.unsqueeze(1) * w * x) < exact);
    CHECK(distance(found.baseline_score, scale) < exact);
  }
  CHECK(distance(saliency(*model, x, classes(6), false, &extras).values, scale.unsqueeze(1) * w) <
        exact);
}

TEST_CASE("pictures keep their shape, whatever their layout in memory", "[attribution]") {
  const auto model = test::small_cnn(at::kDouble);
  const at::Tensor x = 0.5 + test::fixed_tensor({3, 1, 8, 8}, 0.5, 2);
  const at::Tensor turned = x.transpose(2, 3).contiguous().transpose(2, 3);
  REQUIRE_FALSE(turned.is_contiguous());
  const auto a = integrated_gradients(*model, x, classes(3), {5});
  const auto b = integrated_gradients(*model, turned, classes(3), {5});
  CHECK(distance(a.values, b.values) < exact);
  CHECK(distance(saliency(*model, x, classes(3)).values,
                 saliency(*model, turned, classes(3)).values) < exact);
}

TEST_CASE("model and data are left as found", "[attribution]") {
  const auto model = test::in_place_model();
  const at::Tensor x = test::fixed_tensor({4, 3}, 1, 4).to(at::kFloat), kept = x.clone();
  const auto found = integrated_gradients(*model, x, classes(4, 0));
  CHECK(at::equal(x, kept));
  CHECK_FALSE(x.requires_grad());
  CHECK_FALSE(found.values.requires_grad());
  CHECK(distance(found.values, test::linear_weight()[0] * x.relu()) < 1e-5);
  CHECK(distance(saliency(*model, x, classes(4, 0), false).values,
                 test::linear_weight()[0] * (x > 0)) < 1e-6);
  CHECK(at::equal(x, kept));

  at::Tensor w = test::linear_weight();
  w.requires_grad_(true);
  const auto trainable = models::from_function([w](at::Tensor v) { return v.mm(w.t()); }, {});
  at::Tensor asking = x.clone();
  asking.requires_grad_(true);
  (void)integrated_gradients(*trainable, asking, classes(4));
  (void)saliency(*trainable, asking, classes(4));
  CHECK(w.requires_grad());
  CHECK_FALSE(w.grad().defined());
  CHECK(asking.requires_grad());
  CHECK_FALSE(asking.grad().defined());
}

TEST_CASE("a gradient is found where the caller has turned graphs off", "[attribution]") {
  const c10::AutoGradMode off(false);
  const auto model = test::linear_model();
  const at::Tensor x = at::ones({2, 3});
  const at::Tensor w = test::linear_weight()[1].expand({2, 3});
  CHECK(distance(integrated_gradients(*model, x, classes(2)).values, w) < 1e-5);
  CHECK(distance(saliency(*model, x, classes(2), false).values, w) == 0);
}

TEST_CASE("what cannot be explained is refused with the reason", "[attribution]") {
  const auto model = test::linear_model();
  const at::Tensor x = at::ones({2, 3});
  CHECK_THROWS_AS(integrated_gradients(*model, at::ones({2, 3}, at::kLong), classes(2)),
                  CapabilityError);
  CHECK_THROWS_AS(saliency(*model, at::ones({2, 3}, at::kLong), classes(2)), CapabilityError);
  CHECK_THROWS_AS(saliency(*model, x.to(at::kDouble), classes(2)), TypeError);
  CHECK_THROWS_AS(saliency(*model, x, at::ones({2})), TypeError);
  CHECK_THROWS_AS(integrated_gradients(*model, x, classes(3)), ShapeError);
  CHECK_THROWS_WITH(integrated_gradients(*model, x, classes(2, 2)),
                    ContainsSubstring("expected class numbers in [0, 2), got 2"));
  CHECK_THROWS_AS(saliency(*model, x, classes(2, -1)), ValueError);
  CHECK_THROWS_AS(integrated_gradients(*model, x, classes(2), {0}), ValueError);
  CHECK_THROWS_AS(integrated_gradients(*model, x, classes(2), {5, 0, -1}), ValueError);
  CHECK_THROWS_AS(attribution::IntegratedGradients({.steps = 0}), ValueError);
  CHECK_THROWS_AS(attribution::Saliency({.share = 1}), ValueError);
  const auto cut = models::from_function([](at::Tensor v) { return v.detach() * 2; }, {});
  CHECK_THROWS_AS(integrated_gradients(*cut, x, classes(2)), CapabilityError);
  CHECK_THROWS_WITH(saliency(*cut, x, classes(2)), ContainsSubstring("permutation_importance"));
  const auto maps = models::from_function([](at::Tensor v) { return v.unsqueeze(2) * 2; }, {});
  CHECK_THROWS_AS(saliency(*maps, x, classes(2)), ShapeError);
}

TEST_CASE("the probes attribute as the functions do", "[attribution]") {
  const auto model = test::small_cnn();
  const at::Tensor x = (0.5 + test::fixed_tensor({3, 1, 8, 8}, 0.5)).to(at::kFloat);
  const attribution::IntegratedGradients ig({.steps = 7, .baseline = 0.2});
  CHECK(at::equal(ig.attribute(*model, x, classes(3)).values,
                  integrated_gradients(*model, x, classes(3), {7, 0.2}).values));
  CHECK(
      at::equal(attribution::Saliency({.absolute = false}).attribute(*model, x, classes(3)).values,
                saliency(*model, x, classes(3), false).values));
}

// Surrogates and the attacks that go through them.
#include <memory>

#include "blackbox_toys.hpp"
#include "leadline/engine/evaluate.hpp"
#include "leadline/robustness/transfer.hpp"
#include "src/robustness/surrogate.hpp"

using namespace blackbox_toys;
using leadline::detail::Surrogate;

namespace {

/// n points anywhere in [0, 1]^d, and their classes.
std::pair<Tensor, Tensor> cloud(const Plane& model, std::int64_t n) {
  const std::size_t d = model.w.size();
  std::vector<float> x;
  std::vector<std::int64_t> y;
  for (std::int64_t i = 0; i < n; ++i) {
    std::vector<double> one(d);
    stats::Rng rng(11, "cloud", i);
    rng.fill_uniform(one);
    y.push_back(model.score(one.data()) > 0);
    x.insert(x.end(), one.begin(), one.end());
  }
  return {Tensor::own(std::move(x), {n, static_cast<std::int64_t>(d)}),
          Tensor::own(std::move(y), {n})};
}

Plane centred(std::size_t d) {
  Plane model(plane_weights(d));
  for (const double v : model.w) model.b -= v / 2;
  return model;
}

}  // namespace

TEST_CASE("a surrogate learns a plane from labels and from scores", "[robustness][surrogate]") {
  Plane model = centred(10);
  const Tensor x = cloud(model, 400).first;
  for (const OutputKind kind :
       {OutputKind::labels, OutputKind::logits, OutputKind::probabilities}) {
    model.output = kind;
    model.rows = 0;
    const auto surrogate = Surrogate::fit(model, x, kind, 1);
    INFO(name_of(kind) << ": " << surrogate.agreement());
    CHECK(surrogate.agreement() > 0.9);
    CHECK(surrogate.n_kept_back() == 80);
    CHECK(surrogate.queries() == model.rows);
    CHECK(model.rows == 320 * 5 + 80);
  }
}

TEST_CASE("the gradients of a surrogate are those of its outputs", "[robustness][surrogate]") {
  Plane model = centred(6);
  const Tensor x = cloud(model, 60).first;
  const auto surrogate = Surrogate::fit(model, x, OutputKind::logits, 1, {.steps = 200});
  const Tensor one = x.rows(3, 1);
  const auto pull = surrogate.model()->pullback(Inputs(one));
  const Tensor dx = pull.vjp(Tensor::own(std::vector<float>{0.3F, -1.2F}, {1, 2}));
  const auto value = [&](std::size_t i, float step) {
    std::vector<float> moved(one.data<float>(), one.data<float>() + 6);
    moved[i] += step;
    const Tensor z = surrogate.model()->forward(Inputs(Tensor::own(moved, {1, 6}))).output;
    return 0.3 * z.data<float>()[0] - 1.2 * z.data<float>()[1];
  };
  for (std::size_t i = 0; i < 6; ++i)
    CHECK_THAT(dx.data<float>()[i], WithinAbs((value(i, 0.01F) - value(i, -0.01F)) / 0.02, 5e-3));
}

TEST_CASE("the same inputs and seed give the same surrogate", "[robustness][surrogate]") {
  Plane model = centred(6);
  const Tensor x = cloud(model, 60).first;
  const auto outputs = [&](std::uint64_t seed) {
    return Surrogate::fit(model, x, OutputKind::logits, seed, {.steps = 50})
        .model()
        ->forward(Inputs(x))
        .output;
  };
  CHECK(same_values(outputs(1), outputs(1)));
  CHECK_FALSE(same_values(outputs(1), outputs(2)));
  CHECK_THROWS_AS(Surrogate::fit(model, x.rows(0, 9), OutputKind::logits, 1), ShapeError);
}

TEST_CASE("a transfer attack fools a model of labels through a surrogate given",
          "[robustness][transfer]") {
  Plane model(plane_weights(12));
  const auto surrogate = std::make_shared<Plane>(model);
  model.output = OutputKind::labels;
  const Tensor x = points_at(model, 4, 0.4, {12});
  const double exact = exact_distance(model, Norm::linf, 0.4);
  const TransferOptions far{.threat = {.norm = Norm::linf, .eps = 1.02 * exact}};
  const TransferOptions near{.threat = {.norm = Norm::linf, .eps = 0.98 * exact}};
  CHECK(n_fooled(Transfer(far, surrogate).attack(model, x, ones(4))) == 4);
  model.rows = 0;
  const auto found = Transfer(near, surrogate).attack(model, x, ones(4));
  CHECK(n_fooled(found) == 0);
  CHECK(most_queries(found) == 4 * 4);  // 4 restarts, asked at steps 10, 20, 30, 40
  CHECK(model.rows == 4 * 16);
}

TEST_CASE("a transfer attack learns its own surrogate where gradients are masked",
          "[robustness][transfer]") {
  Plane model = centred(10);
  model.quantum = 1.0 / 64;  // zero gradients
  model.output = OutputKind::labels;
  const auto [x, y] = cloud(model, 200);
  const TransferOptions options{.threat = {.norm = Norm::linf, .eps = 0.3}};
  const auto found = Transfer(options).attack(model, x, y);
  INFO(n_fooled(found));
  CHECK(n_fooled(found) >= 190);
  const auto again = Transfer(options).attack(model, x, y, {.batch_size = 7});
  CHECK(same_values(found.x, again.x));
}

TEST_CASE("a transfer attack refuses surrogates it cannot use", "[robustness][transfer]") {
  auto labels = std::make_shared<Plane>(plane_weights(4));
  labels->output = OutputKind::labels;
  CHECK_THROWS_AS(Transfer(TransferOptions{}, nullptr), TypeError);
  CHECK_THROWS_WITH(Transfer(TransferOptions{}, labels),
                    ContainsSubstring("expected a surrogate that gives gradients"));
  CHECK_THROWS_AS(Transfer({.threat = {.frozen = {1}}}), ValueError);
}

TEST_CASE("a run learns one surrogate and says how often it agrees", "[robustness][transfer]") {
  auto model = std::make_shared<Plane>(centred(10));
  model->output = OutputKind::labels;
  const auto [x, y] = cloud(*model, 200);
  const auto data = std::make_shared<TensorDataset>(
      Inputs(x), y, TensorDataset::Options{.class_names = {"no", "yes"}, .bounds = {{0, 1}}});
  Suite suite("transfer");
  suite.add(Transfer({.threat = {.norm = Norm::linf, .eps = 0.3}, .check_samples = 0}));
  const Report whole = evaluate(model, data, suite);
  const Report small = evaluate(model, data, suite, {.batch_size = 9});
  const Finding& finding = whole.findings.front();
  std::string notes;
  for (const auto& note : finding.warnings) notes += note + "; ";
  CHECK_THAT(notes, ContainsSubstring("of 40 samples kept back"));
  CHECK(finding.at("attack_success{norm=linf,eps=0.3}").value() > 0.9);
  CHECK(finding.at("attack_success{norm=linf,eps=0.3}").value() ==
        small.findings.front().at("attack_success{norm=linf,eps=0.3}").value());
}

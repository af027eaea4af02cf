#include "leadline/inside/linear_probe.hpp"

#include <cmath>

#include "catch.hpp"
#include "leadline/core/error.hpp"
#include "leadline/engine/evaluate.hpp"
#include "leadline/inside/logistic.hpp"
#include "leadline/stats/random.hpp"

using namespace leadline;

namespace {

/// Shows its input as layer "early" and noise-free class scores as "late".
class Layers : public Model {
 public:
  SubjectInfo info() const override {
    SubjectInfo about;
    about.name = "layers";
    about.access = Access::labels | Access::outputs | Access::activations;
    about.output = OutputKind::logits;
    about.layers = {"early", "late"};
    return about;
  }
  Outputs forward(const Inputs& inputs, std::span<const std::string> taps) override {
    Outputs out{inputs.primary, {}, {}};
    for (const auto& tap : taps) out.activations[tap] = inputs.primary;
    return out;
  }
};

DatasetPtr clouds(std::uint64_t seed, std::int64_t n, double separation) {
  std::vector<double> x;
  std::vector<std::int64_t> y;
  for (std::int64_t i = 0; i < n; ++i) {
    stats::Rng rng(seed, "clouds", i);
    y.push_back(static_cast<std::int64_t>(rng.below(3)));
    for (int d = 0; d < 3; ++d) x.push_back((d == y.back() ? separation : 0) + rng.normal());
  }
  return std::make_shared<TensorDataset>(Tensor::own(std::move(x), {n, 3}),
                                         Tensor::own(std::move(y), {n}), TensorDataset::Options{});
}

Report run(DatasetPtr test, DatasetPtr fit, inside::LinearProbeOptions options = {},
           std::uint64_t seed = 0) {
  EvaluateOptions how;
  how.seed = seed;
  if (fit) how.also["fit"] = std::move(fit);
  Suite suite;
  suite.add(inside::LinearProbe(options));
  return evaluate(std::make_shared<Layers>(), std::move(test), suite, how);
}

Check::Result result_of(const Report& report, std::string_view name) {
  for (const auto& check : report.find("linear_probe")->checks)
    if (check.name == name) return check.result;
  return Check::not_run;
}

}  // namespace

TEST_CASE("logistic regression agrees with scikit-learn", "[inside][logistic]") {
  // sklearn 1.9.1: LogisticRegression(C=1/(60*0.01), tol=1e-12) on standardised features
  Eigen::MatrixXd x(60, 3);
  std::vector<std::int64_t> y;
  for (int i = 0; i < 60; ++i) {
    for (int j = 0; j < 3; ++j) x(i, j) = std::sin(0.7 * i * (j + 1) + j);
    const double s[] = {x(i, 0) - x(i, 2) + 0.3 * std::cos(1.3 * i),
                        x(i, 1) + 0.3 * std::cos(1.3 * i + 1),
                        x(i, 2) - x(i, 0) + 0.3 * std::cos(1.3 * i + 2)};
    y.push_back(std::max_element(s, s + 3) - s);
  }
  const auto model = inside::fit_logistic(x, y, 3, 0.01, 20000);
  REQUIRE(model.converged);
  Eigen::MatrixXd expected(3, 3);
  expected << 1.7288541761, -0.8385636501, -1.503095641, -0.6990865438, 1.7987129927, 0.1438314124,
      -1.0297676323, -0.9601493426, 1.3592642286;
  // the gradient ends below 1e-5; the curvature of the penalty is 0.01
  REQUIRE((model.weights - expected).cwiseAbs().maxCoeff() < 2e-3);
  REQUIRE_THAT(model.bias(0) - model.bias(1), WithinAbs(0.7871281104 + 1.0985337946, 2e-3));
  const auto said = model.predict(x);
  int right = 0;
  for (int i = 0; i < 60; ++i) right += said[i] == y[i] ? 1 : 0;
  REQUIRE(right == 52);
  REQUIRE_THROWS_AS(inside::fit_logistic(x, std::vector<std::int64_t>(60, 3), 3, 0.01), ValueError);
  REQUIRE_THROWS_AS(inside::fit_logistic(x, std::vector<std::int64_t>(5, 0), 3, 0.01), ShapeError);
}

TEST_CASE("a fit ends where little is left to gain, and reads the same", "[inside][logistic]") {
  Eigen::MatrixXd x(400, 30);
  std::vector<std::int64_t> y;
  for (int i = 0; i < 400; ++i) {
    stats::Rng rng(3, "gap", i);
    for (int j = 0; j < 30; ++j) x(i, j) = rng.normal() + (j > 0 ? 0.8 * x(i, j - 1) : 0);
    y.push_back(x(i, 3) + 0.5 * rng.normal() > x(i, 9) ? 1 : 0);
  }
  const auto loss = [&](const inside::Logistic& model) {
    double sum = 0;
    for (int i = 0; i < 400; ++i) {
      const Eigen::VectorXd z = (x.row(i).transpose() - model.mean).cwiseQuotient(model.scale);
      const Eigen::VectorXd s = model.weights * z + model.bias;
      sum += std::log(s.array().exp().sum()) - s(y[i]);
    }
    return sum / 400 + 1e-3 / 2 * model.weights.squaredNorm();
  };
  const auto whole = inside::fit_logistic(x, y, 2, 1e-3);
  const auto ended = inside::fit_logistic(x, y, 2, 1e-3, 2000, 1e-3);
  REQUIRE(whole.converged);
  REQUIRE(ended.converged);
  REQUIRE(ended.n_iterations < whole.n_iterations / 2);
  REQUIRE(loss(ended) - loss(whole) < ended.gap + 1e-9);
  REQUIRE(loss(ended) - loss(whole) < 1e-3);
  const auto a = ended.predict(x), b = whole.predict(x);
  int differ = 0;
  for (int i = 0; i < 400; ++i) differ += a[i] != b[i] ? 1 : 0;
  REQUIRE(differ <= 4);
}

TEST_CASE("a linear probe reads what is there and nothing from noise", "[inside]") {
  const auto informed = run(clouds(1, 400, 4), clouds(2, 400, 4));
  REQUIRE(informed["linear_probe.accuracy"].value() > 0.95);
  REQUIRE(informed["linear_probe.selectivity"].value() > 0.4);
  const auto blind = run(clouds(1, 400, 0), clouds(2, 400, 0));
  REQUIRE(blind["linear_probe.accuracy"].value() < 0.45);
  for (const auto& check : informed.find("linear_probe")->checks) {
    INFO(check.name << ": " << check.why);
    REQUIRE(check.result == Check::pass);
  }
}

TEST_CASE("random labels give chance accuracy in twenty honest runs", "[inside][checks]") {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const auto report = run(clouds(100 + seed, 150, 2), clouds(200 + seed, 150, 2), {}, seed);
    REQUIRE(result_of(report, "random_label_control") == Check::pass);
    REQUIRE(result_of(report, "enough_samples_to_fit") == Check::pass);
    REQUIRE(result_of(report, "fit_converged") == Check::pass);
  }
}

TEST_CASE("the control notices test samples among those fitted on", "[inside][checks]") {
  // 40 samples of 60 features: the reader can learn any labels by heart
  int caught = 0;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    std::vector<double> x;
    for (int i = 0; i < 40 * 60; ++i) x.push_back(stats::Rng(seed, "wide", i).normal());
    std::vector<std::int64_t> y(40);
    for (int i = 0; i < 40; ++i) y[i] = i % 2;
    const auto shared =
        std::make_shared<TensorDataset>(Tensor::own(std::move(x), {40, 60}),
                                        Tensor::own(std::move(y), {40}), TensorDataset::Options{});
    const auto report = run(shared, shared, {}, seed);
    caught += result_of(report, "random_label_control") == Check::fail ? 1 : 0;
    REQUIRE(result_of(report, "enough_samples_to_fit") == Check::fail);
  }
  REQUIRE(caught >= 19);
}

TEST_CASE("a fit that cannot end in time is noticed", "[inside][checks]") {
  Eigen::MatrixXd x = Eigen::MatrixXd::Random(30, 5);
  std::vector<std::int64_t> y(30);
  for (int i = 0; i < 30; ++i) y[i] = i % 2;
  REQUIRE_FALSE(inside::fit_logistic(x, y, 2, 0, 3).converged);
}

TEST_CASE("a linear probe says what it lacks", "[inside]") {
  REQUIRE(run(clouds(1, 50, 1), nullptr).find("linear_probe")->status == Status::not_measured);
  REQUIRE_THAT(
      run(clouds(1, 50, 1), clouds(2, 50, 1), {.layer = "middle"}).find("linear_probe")->why,
      ContainsSubstring("early, late"));
  const auto no_table = run(clouds(1, 50, 1), clouds(2, 50, 1), {.column = "sex"});
  REQUIRE(no_table.find("linear_probe")->status == Status::failed);
}

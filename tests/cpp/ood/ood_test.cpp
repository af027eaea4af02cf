#include <cmath>

#include "catch.hpp"
#include "leadline/core/error.hpp"
#include "leadline/engine/evaluate.hpp"
#include "leadline/ood/energy.hpp"
#include "leadline/ood/mahalanobis.hpp"
#include "leadline/stats/random.hpp"

using namespace leadline;

namespace {

/// Logits are the input; the layers are the input too.
class Identity : public Model {
 public:
  SubjectInfo info() const override {
    SubjectInfo about;
    about.name = "identity";
    about.access = Access::labels | Access::outputs | Access::activations;
    about.output = OutputKind::logits;
    about.layers = {"features", "last"};
    return about;
  }
  Outputs forward(const Inputs& inputs, std::span<const std::string> taps) override {
    Outputs out{inputs.primary, {}, {}};
    for (const auto& tap : taps) out.activations[tap] = inputs.primary;
    return out;
  }
};

/// Two classes at (3, 0, 0) and (0, 3, 0) with unit noise, `shift` added to every coordinate.
DatasetPtr clouds(std::uint64_t seed, std::int64_t n, double shift, bool labelled = true) {
  std::vector<double> x;
  std::vector<std::int64_t> y;
  for (std::int64_t i = 0; i < n; ++i) {
    stats::Rng rng(seed, "clouds", i);
    y.push_back(i % 2);
    for (int d = 0; d < 3; ++d) x.push_back((d == i % 2 ? 3 : 0) + shift + rng.normal());
  }
  return std::make_shared<TensorDataset>(Tensor::own(std::move(x), {n, 3}),
                                         labelled ? Tensor::own(std::move(y), {n}) : Tensor{},
                                         TensorDataset::Options{});
}

Report run(const Suite& suite, DatasetPtr test, DatasetPtr ood, DatasetPtr fit,
           std::int64_t batch = 64) {
  EvaluateOptions options;
  options.batch_size = batch;
  if (ood) options.also["ood/far"] = std::move(ood);
  if (fit) options.also["fit"] = std::move(fit);
  return evaluate(std::make_shared<Identity>(), std::move(test), suite, options);
}

const Check& check_of(const Report& report, std::string_view probe, std::string_view name) {
  for (const auto& check : report.find(probe)->checks)
    if (check.name == name) return check;
  throw std::runtime_error("no check " + std::string(name));
}

}  // namespace

TEST_CASE("the energy of equal logits is their value plus the log of their number",
          "[ood][energy]") {
  const std::vector<double> equal(10, 2.5);
  REQUIRE_THAT(ood::energy_score(equal), WithinAbs(2.5 + std::log(10.0), 1e-14));
  const std::vector<double> large{1000, 0};
  REQUIRE(ood::energy_score(large) == 1000);
  REQUIRE_THAT(ood::energy_score(equal, 2), WithinAbs(2.5 + 2 * std::log(10.0), 1e-14));
}

TEST_CASE("squared distances to the own mean have the mean of a chi square", "[ood][mahalanobis]") {
  const auto data = clouds(1, 4000, 0);
  const auto& memory = dynamic_cast<const TensorDataset&>(*data);
  const auto map = memory.inputs().primary.matrix<double>();
  const Eigen::MatrixXd features = map.matrix();
  const auto* labels = memory.target().data<std::int64_t>();
  ood::GaussianFit fit;
  fit.add(features, {labels, 4000});
  const auto solved = fit.solve();
  REQUIRE(solved.rank == 3);
  Eigen::MatrixXd one_class(2000, 3);
  for (Eigen::Index i = 0; i < 2000; ++i) one_class.row(i) = features.row(2 * i);
  const Eigen::MatrixXd white = one_class * solved.transform.transpose();
  const double mean = (white.rowwise() - solved.means.row(0)).rowwise().squaredNorm().mean();
  REQUIRE_THAT(mean, WithinAbs(3.0, 0.2));  // sd of the mean: sqrt(6 / 2000) = 0.055

  ood::GaussianFit left, right;
  left.add(features.topRows(1234), {labels, 1234});
  right.add(features.bottomRows(2766), {labels + 1234, 2766});
  left.merge(right);
  const auto joined = left.solve();
  REQUIRE((joined.means.rowwise().squaredNorm() - solved.means.rowwise().squaredNorm())
              .cwiseAbs()
              .maxCoeff() < 1e-9);
  REQUIRE((ood::nearest_squared_distance(joined, features) -
           ood::nearest_squared_distance(solved, features))
              .cwiseAbs()
              .maxCoeff() < 1e-9);
  State state("test");
  left.save(state);
  ood::GaussianFit back;
  back.load(State::parse(state.dump(), "test"));
  REQUIRE(back.solve().means == joined.means);
}

TEST_CASE("a feature that never varies is left out, as by a pseudo-inverse", "[ood][mahalanobis]") {
  Eigen::MatrixXd features = Eigen::MatrixXd::Random(100, 4);
  features.col(2).setConstant(7);
  const std::vector<std::int64_t> labels(100, 0);
  ood::GaussianFit fit;
  fit.add(features, labels);
  REQUIRE(fit.solve().rank == 3);
  ood::GaussianFit constant;
  constant.add(Eigen::MatrixXd::Constant(10, 2, 1), {labels.data(), 10});
  REQUIRE_THROWS_AS(constant.solve(), DataError);
}

TEST_CASE("detectors find what is far and say so with intervals", "[ood]") {
  Suite suite;
  suite.add(ood::Energy()).add(ood::Mahalanobis());
  const auto report = run(suite, clouds(1, 600, 0), clouds(2, 300, -6, false), clouds(3, 600, 0));
  for (const std::string probe : {"energy", "mahalanobis"}) {
    INFO(probe);
    const auto& auroc = report[probe + ".auroc{ood=far}"];
    REQUIRE(auroc.value() > 0.95);
    REQUIRE(*auroc.lower > 0.9);
    REQUIRE(report[probe + ".fpr95{ood=far,positive=id}"].value() < 0.2);
    for (const auto& check : report.find(probe)->checks) {
      INFO(check.name << ": " << check.why);
      REQUIRE(check.result != Check::fail);
    }
    REQUIRE_FALSE(report.find(probe)->headline.empty());
  }
  REQUIRE_THAT(report["mahalanobis.mean_squared_distance"].value(), WithinAbs(3.0, 0.6));
}

TEST_CASE("ood findings do not depend on the batch size", "[ood]") {
  Suite suite;
  suite.add(ood::Energy()).add(ood::Mahalanobis());
  const auto a = run(suite, clouds(1, 200, 0), clouds(2, 100, -2, false), clouds(3, 200, 0), 64);
  const auto b = run(suite, clouds(1, 200, 0), clouds(2, 100, -2, false), clouds(3, 200, 0), 7);
  for (const std::string name : {"energy.auroc{ood=far}", "energy.fpr95{ood=far,positive=id}",
                                 "mahalanobis.auroc{ood=far}"}) {
    REQUIRE_THAT(a[name].value(), WithinAbs(b[name].value(), 1e-12));
    REQUIRE_THAT(*a[name].lower, WithinAbs(*b[name].lower, 1e-12));
  }
}

TEST_CASE("each ood check catches what it is there for", "[ood][checks]") {
  Suite suite;
  suite.add(ood::Energy()).add(ood::Mahalanobis());
  SECTION("foreign data nearer than the test data") {
    const auto report = run(suite, clouds(1, 300, 0), clouds(2, 300, 6, false), clouds(3, 300, 0));
    REQUIRE(check_of(report, "energy", "separates_the_right_way_round{ood=far}").result ==
            Check::fail);
  }
  SECTION("too few foreign samples") {
    const auto report = run(suite, clouds(1, 300, 0), clouds(2, 20, -6, false), clouds(3, 300, 0));
    REQUIRE(check_of(report, "energy", "enough_samples{ood=far}").result == Check::fail);
  }
  SECTION("scores that follow the order of the file") {
    std::vector<double> x;
    for (int i = 0; i < 400; ++i)
      for (int d = 0; d < 3; ++d)
        x.push_back(0.01 * i + stats::Rng(1, "drift", i * 3 + d).normal());
    const auto drifting = std::make_shared<TensorDataset>(Tensor::own(std::move(x), {400, 3}),
                                                          Tensor{}, TensorDataset::Options{});
    const auto report = run(suite, drifting, clouds(2, 300, -6, false), clouds(3, 300, 0));
    REQUIRE(check_of(report, "energy", "known_halves_look_alike").result == Check::fail);
  }
  SECTION("constant scores") {
    const auto flat = std::make_shared<TensorDataset>(
        Tensor::own(std::vector<double>(300, 1.0), {100, 3}), Tensor{}, TensorDataset::Options{});
    const auto report = run(suite, flat, clouds(2, 300, -6, false), clouds(3, 300, 0));
    REQUIRE(check_of(report, "energy", "scores_differ").result == Check::fail);
  }
  SECTION("test data unlike the fit data, and too few samples to fit") {
    const auto report = run(suite, clouds(1, 300, 20), clouds(2, 300, -6, false), clouds(3, 6, 0));
    REQUIRE(check_of(report, "mahalanobis", "fit_describes_test_data").result == Check::fail);
    REQUIRE(check_of(report, "mahalanobis", "enough_samples_to_fit").result == Check::fail);
  }
}

TEST_CASE("twenty honest runs pass every ood check", "[ood][checks]") {
  Suite suite;
  suite.add(ood::Energy()).add(ood::Mahalanobis());
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const auto report = run(suite, clouds(10 + seed, 200, 0), clouds(50 + seed, 100, -3, false),
                            clouds(90 + seed, 200, 0));
    for (const auto& finding : report.findings)
      for (const auto& check : finding.checks) {
        INFO(seed << " " << check.name << ": " << check.why);
        REQUIRE(check.result != Check::fail);
      }
  }
}

TEST_CASE("what a detector lacks is not measured, with the reason", "[ood]") {
  Suite suite;
  suite.add(ood::Energy()).add(ood::Mahalanobis());
  const auto without_ood = run(suite, clouds(1, 100, 0), nullptr, clouds(3, 100, 0));
  REQUIRE(without_ood.find("energy")->status == Status::not_measured);
  const auto without_fit = run(suite, clouds(1, 100, 0), clouds(2, 100, -3, false), nullptr);
  REQUIRE(without_fit.find("energy")->status == Status::ok);
  REQUIRE(without_fit.find("mahalanobis")->status == Status::not_measured);
  REQUIRE_THAT(without_fit.find("mahalanobis")->why, ContainsSubstring("'fit' or 'train'"));
}

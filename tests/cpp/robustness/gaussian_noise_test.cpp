#include "leadline/robustness/gaussian_noise.hpp"

#include <cmath>

#include "catch.hpp"
#include "leadline/stats/distributions.hpp"
#include "support/toys.hpp"

using namespace leadline;
using robustness::GaussianNoise;

namespace {

/// Two Gaussians at -1 and +1 on a line; the model reads the sign.
DatasetPtr line(std::int64_t n, std::uint64_t seed, double distance = 1, double spread = 0.3) {
  std::vector<float> x;
  std::vector<std::int64_t> target;
  for (std::int64_t i = 0; i < n; ++i) {
    stats::Rng rng(seed, "line", i);
    target.push_back(i % 2);
    x.push_back(static_cast<float>((i % 2 ? distance : -distance) + spread * rng.normal()));
  }
  return std::make_shared<TensorDataset>(Tensor::own(x, {n, 1}), Tensor::own(target, {n}),
                                         TensorDataset::Options{});
}

std::shared_ptr<Subject> sign_model() {
  return toys::rowwise(2, [](const float* x, float* out) {
    out[0] = -x[0];
    out[1] = x[0];
  });
}

std::shared_ptr<GaussianNoise> noise(robustness::GaussianNoiseOptions options) {
  return std::make_shared<GaussianNoise>(std::move(options));
}

}  // namespace

TEST_CASE("noise on a linear model gives the closed form", "[robustness][gaussian_noise]") {
  // x ~ N(+-1, 0.3^2), noise N(0, 1): right with probability Phi(1 / sqrt(1.09))
  const auto probe = noise({.sigmas = {1.0, 0.5}, .repeats = 4});
  const Finding finding = toys::run(probe, sign_model(), line(2000, 1));
  INFO(finding.why);
  REQUIRE(finding.status == Status::ok);
  const Estimate& one = finding.at("accuracy{sigma=1}");
  const double truth = stats::normal_cdf(1 / std::sqrt(1.09));
  CHECK_THAT(one.value(), WithinAbs(truth, 0.02));
  CHECK(one.facts.at("n_effective") > 2000);
  CHECK(one.facts.at("n_effective") <= 8000);
  CHECK(finding.at("accuracy{sigma=0.5}").value() > one.value());
  CHECK(finding.at("flip_rate{sigma=1}").value() > finding.at("flip_rate{sigma=0.5}").value());
  CHECK(finding.flags.size() == 24);
  CHECK(finding.cost.forwards == 2000 * (1 + 1 + 2 * 4));
}

TEST_CASE("noise results do not depend on batch size or labels-only access",
          "[robustness][gaussian_noise]") {
  const auto probe = noise({.sigmas = {0.7}});
  const auto data = line(300, 2);
  EvaluateOptions small;
  small.batch_size = 7;
  const Finding a = toys::run(probe, sign_model(), data),
                b = toys::run(probe, sign_model(), data, small),
                c = toys::run(probe, toys::labels_only(sign_model()), data);
  for (const auto* other : {&b, &c}) {
    CHECK(a.at("accuracy{sigma=0.7}").value() == other->at("accuracy{sigma=0.7}").value());
    CHECK(a.at("flip_rate{sigma=0.7}").value() == other->at("flip_rate{sigma=0.7}").value());
    REQUIRE(a.flags.size() == other->flags.size());
    for (std::size_t i = 0; i < a.flags.size(); ++i) CHECK(a.flags[i].id == other->flags[i].id);
  }
}

TEST_CASE("max_samples visits that many, chosen by key", "[robustness][gaussian_noise]") {
  const Finding finding =
      toys::run(noise({.sigmas = {0.5}, .max_samples = 40}), sign_model(), line(300, 2));
  CHECK(finding.at("accuracy{sigma=0.5}").n == 40);
}

TEST_CASE("without labels the flips are measured, the accuracy is not",
          "[robustness][gaussian_noise]") {
  std::vector<float> x(200);
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<float>(i) / 100 - 1;
  const auto data =
      std::make_shared<TensorDataset>(Tensor::own(x, {200, 1}), Tensor(), TensorDataset::Options{});
  const Finding finding = toys::run(noise({.sigmas = {0.5}}), sign_model(), data);
  CHECK(finding.at("accuracy{sigma=0.5}").status == Status::not_measured);
  CHECK(finding.at("flip_rate{sigma=0.5}").value() > 0.05);
}

TEST_CASE("noise stays inside the declared bounds, also on bytes", "[robustness][gaussian_noise]") {
  std::vector<std::uint8_t> pixels(4 * 64, 250);
  std::vector<std::int64_t> target(64, 1);
  TensorDataset::Options options;
  options.bounds = {0.0, 255.0};
  const auto data = std::make_shared<TensorDataset>(Tensor::own(pixels, {64, 1, 2, 2}),
                                                    Tensor::own(target, {64}), options);
  SubjectInfo info;
  info.name = "bytes";
  info.output = OutputKind::logits;
  const auto model = std::make_shared<FunctionModel>(
      [](const Inputs& inputs) {
        const Tensor host = inputs.primary.host();
        const auto x = host.matrix<std::uint8_t>();
        std::vector<float> out;
        for (Eigen::Index i = 0; i < x.rows(); ++i) {
          out.push_back(static_cast<float>(x(i, 0)));
          out.push_back(240.0F);
        }
        return Outputs{Tensor::own(std::move(out), {x.rows(), 2}), {}, {}};
      },
      info);
  const Finding finding = toys::run(noise({.sigmas = {30}}), model, data);
  INFO(finding.why);
  CHECK(finding.status == Status::ok);
  CHECK(finding.at("flip_rate{sigma=30}").value() > 0.2);
}

TEST_CASE("the checks of noise catch a random model, clipped inputs and answers that improve",
          "[robustness][gaussian_noise][check]") {
  int calls = 0;
  const auto random = toys::rowwise(2, [&calls](const float* x, float* out) {
    out[0] = 0;
    out[1] = x[0] + ((++calls % 97) < 20 ? -9.0F : 0.0F);
  });
  const auto probe = noise({.sigmas = {0.1, 0.3}});
  const Finding shaky = toys::run(probe, random, line(200, 3));
  CHECK(toys::check_of(shaky, "zero_noise_equals_clean").result == Check::fail);
  CHECK(shaky.doubts("accuracy{sigma=0.1}").size() >= 1);

  // reads exact values: wrong on the clean grid, right as soon as noise leaves it
  std::vector<float> x(200);
  std::vector<std::int64_t> target(200);
  for (std::size_t i = 0; i < x.size(); ++i) {
    target[i] = static_cast<std::int64_t>(i % 2);
    x[i] = i % 2 ? 4 : -4;
  }
  const auto grid = std::make_shared<TensorDataset>(
      Tensor::own(x, {200, 1}), Tensor::own(target, {200}), TensorDataset::Options{});
  const auto exact = toys::rowwise(2, [](const float* in, float* out) {
    const bool on_grid = in[0] == std::round(in[0]);
    out[0] = on_grid ? in[0] : -in[0];
    out[1] = -out[0];
  });
  const Finding rises = toys::run(probe, exact, grid);
  CHECK(toys::check_of(rises, "accuracy_does_not_rise_with_noise").result == Check::fail);

  for (int seed = 0; seed < 20; ++seed) {
    const Finding honest = toys::run(probe, sign_model(), line(120, 30 + seed, 0.4));
    for (const Check& check : honest.checks) {
      INFO(check.name << ": " << check.why);
      CHECK(check.result == Check::pass);
    }
  }
}

TEST_CASE("noise refuses bad sigmas and inputs that are numbers of things",
          "[robustness][gaussian_noise][errors]") {
  CHECK_THROWS_AS(GaussianNoise({.sigmas = {}}), ValueError);
  CHECK_THROWS_AS(GaussianNoise({.sigmas = {-0.1}}), ValueError);
  CHECK_THROWS_AS(GaussianNoise({.repeats = 0}), ValueError);
  std::vector<std::int64_t> tokens(10, 3), target(10, 0);
  const auto data = std::make_shared<TensorDataset>(
      Tensor::own(tokens, {10, 1}), Tensor::own(target, {10}), TensorDataset::Options{});
  SubjectInfo info;
  info.name = "tokens";
  info.output = OutputKind::labels;
  const auto model = std::make_shared<FunctionModel>(
      [](const Inputs& in) {
        const std::int64_t n = in.primary.size(0);
        return Outputs{
            Tensor::own(std::vector<std::int64_t>(static_cast<std::size_t>(n), 0), {n}), {}, {}};
      },
      info);
  const Finding finding = toys::run(noise({.sigmas = {0.1}}), model, data);
  CHECK(finding.status != Status::ok);
  CHECK_THAT(finding.why, ContainsSubstring("floats or bytes"));
}

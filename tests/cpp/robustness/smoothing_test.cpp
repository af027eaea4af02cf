#include "leadline/robustness/smoothing.hpp"

#include <cmath>

#include "catch.hpp"
#include "leadline/core/error.hpp"
#include "leadline/robustness/randomized_smoothing.hpp"
#include "leadline/stats/distributions.hpp"
#include "support/toys.hpp"

using namespace leadline;
using robustness::RandomizedSmoothing;
using robustness::Smoothing;

namespace {

/// sign(x0 - x1): the true radius of a smoothed linear classifier is its distance to the plane,
/// |x0 - x1| / sqrt(2), for any sigma.
std::shared_ptr<Model> halfplane() {
  return std::dynamic_pointer_cast<Model>(toys::rowwise(2, [](const float* x, float* out) {
    out[0] = x[1];
    out[1] = x[0];
  }));
}
Inputs points(std::vector<float> values) {
  const std::int64_t n = std::ssize(values) / 2;
  return Inputs(Tensor::own(std::move(values), {n, 2}));
}
DatasetPtr plane(std::int64_t n, std::uint64_t seed) {
  std::vector<float> x;
  std::vector<std::int64_t> target;
  for (std::int64_t i = 0; i < n; ++i) {
    stats::Rng rng(seed, "plane", i);
    for (int j = 0; j < 2; ++j) x.push_back(static_cast<float>(rng.normal()));
    target.push_back(x[x.size() - 2] > x.back());
  }
  return std::make_shared<TensorDataset>(Tensor::own(x, {n, 2}), Tensor::own(target, {n}),
                                         TensorDataset::Options{});
}

/// Share of rows whose certificate exceeds the truth.
double share_beyond_truth(const robustness::SmoothingDraws& draws, int trials) {
  const Smoothing smooth(halfplane(), 1.0);
  std::vector<float> values;
  std::vector<SampleId> ids;
  std::vector<double> truth;
  for (int i = 0; i < trials; ++i) {
    stats::Rng rng(3, "trial", i);
    const double gap = 0.1 + 0.9 * rng.uniform();
    values.insert(values.end(), {static_cast<float>(gap), 0.0F});
    truth.push_back(static_cast<double>(static_cast<float>(gap)) / std::sqrt(2.0));
    ids.push_back(i);
  }
  const auto found = smooth.certify(points(values), draws, ids);
  int beyond = 0;
  for (std::size_t i = 0; i < found.size(); ++i)
    beyond += found[i].label == 0 || found[i].radius > truth[i];
  return static_cast<double>(beyond) / trials;
}

}  // namespace

TEST_CASE("the bounds of certify are those of the table", "[robustness][smoothing]") {
  struct Row {
    std::int64_t k, n;
    double p, radius;
  };
  // Beta and normal quantiles of SciPy at alpha = 0.001.
  for (const Row& row :
       {Row{99, 100, 0.9113731113, 1.349259}, Row{990, 1000, 0.9760361872, 1.978010},
        Row{60000, 100000, 0.5952010473, 0.240945}, Row{99999, 100000, 0.9999076697, 3.739127},
        Row{100000, 100000, 0.9999309248, 3.811457}}) {
    const double p = robustness::success_rate_bound(row.k, row.n, 0.001);
    CHECK_THAT(p, WithinAbs(row.p, 1e-9));
    CHECK_THAT(robustness::smoothing_radius(p, 1), WithinAbs(row.radius, 1e-6));
  }
  CHECK_THAT(robustness::success_rate_bound(50200, 100000, 0.001), WithinAbs(0.4971089478, 1e-9));
  CHECK(robustness::smoothing_radius(0.4971089478, 1) == 0);
  CHECK(robustness::success_rate_bound(0, 100, 0.001) == 0);
  CHECK_THAT(robustness::largest_radius(100000, 0.001, 0.25), WithinAbs(0.25 * 3.811457, 1e-6));
  CHECK(robustness::draws_needed(0.25 * 3.811457, 0.001, 0.25) <= 100001);
  CHECK(robustness::draws_needed(0, 0.001, 1) == 10);
}

TEST_CASE(
    "a certificate never exceeds the true radius of a linear classifier more often than alpha",
    "[robustness][smoothing]") {
  for (const bool early : {false, true}) {
    const robustness::SmoothingDraws draws{
        .n = 400, .n0 = 40, .alpha = 0.05, .early_stop = early, .batch_size = 100};
    // 600 trials at 5 %: 48 would be exceeded by chance once in 1000 such tests.
    CHECK(share_beyond_truth(draws, 600) <= 48.0 / 600);
  }
}

TEST_CASE("certificates of ten thousand points keep alpha", "[robustness][smoothing][.full]") {
  for (const bool early : {false, true}) {
    const double beyond = share_beyond_truth(
        {.n = 1000, .n0 = 100, .alpha = 0.01, .early_stop = early, .batch_size = 200}, 10'000);
    CHECK(stats::binomial_sf(std::llround(beyond * 10'000) - 1, 10'000, 0.01) > 1e-3);
  }
}

TEST_CASE("a certificate approaches the true radius as draws grow", "[robustness][smoothing]") {
  const Smoothing smooth(halfplane(), 0.5);
  const auto x = points({0.6F, 0.0F});
  const double truth = 0.6F / std::sqrt(2.0);
  double before = 0;
  for (const std::int64_t n : {100, 2000, 40000}) {
    const auto found = smooth.certify(x, {.n = n, .batch_size = 1000}).at(0);
    CHECK(found.label == 1);
    CHECK(found.radius > before);
    CHECK(found.radius < truth);
    before = found.radius;
  }
  CHECK_THAT(before, WithinAbs(truth, 0.03));
}

TEST_CASE("votes depend on seed, sample and draw alone", "[robustness][smoothing]") {
  const Smoothing smooth(halfplane(), 0.5);
  const auto both = points({0.3F, 0.0F, -0.2F, 0.1F});
  const auto all = smooth.certify(both, {.n = 500, .batch_size = 500});
  const auto small = smooth.certify(both, {.n = 500, .batch_size = 7});
  const std::vector<SampleId> second{1};
  const auto alone = smooth.certify(points({-0.2F, 0.1F}), {.n = 500, .batch_size = 64}, second);
  for (int i = 0; i < 2; ++i) {
    CHECK(all[i].agreed == small[i].agreed);
    CHECK(all[i].radius == small[i].radius);
  }
  CHECK(alone[0].agreed == all[1].agreed);
  const auto other = smooth.certify(both, {.n = 500, .seed = 1});
  CHECK(other[0].agreed != all[0].agreed);
}

TEST_CASE("labels-only models and other floats get the same certificate",
          "[robustness][smoothing]") {
  const auto scores = halfplane();
  const auto labels = std::dynamic_pointer_cast<Model>(toys::labels_only(scores));
  const auto x = points({0.3F, 0.0F});
  const auto a = Smoothing(scores, 0.5).certify(x, {.n = 300}).at(0);
  const auto b = Smoothing(labels, 0.5).certify(x, {.n = 300}).at(0);
  CHECK(a.agreed == b.agreed);
  CHECK(a.label == b.label);
  const Inputs bytes(Tensor::own(std::vector<std::uint8_t>{1, 2}, {1, 2}));
  CHECK_THROWS_AS(Smoothing(scores, 0.5).certify(bytes), CapabilityError);
}

TEST_CASE("an early stop spends fewer draws and decides the same radii",
          "[robustness][smoothing]") {
  const Smoothing smooth(halfplane(), 0.5);
  const auto x = points({2.0F, 0.0F, 0.5F, 0.0F, 0.02F, 0.0F});
  const auto fixed = smooth.certify(x, {.n = 20'000, .batch_size = 1000});
  const auto early =
      smooth.certify(x, {.n = 20'000, .early_stop = true, .radii = {0.25}, .batch_size = 1000});
  for (int i = 0; i < 3; ++i) CHECK((fixed[i].radius >= 0.25) == (early[i].radius >= 0.25));
  CHECK(early[0].n <= 1000);
  CHECK(early[1].n < 20'000);
  const auto free = smooth.certify(x, {.n = 20'000, .early_stop = true, .batch_size = 1000});
  CHECK(free[1].n < 20'000);
  CHECK(free[1].radius > 0.7 * fixed[1].radius);
}

TEST_CASE("predict abstains where two classes are close", "[robustness][smoothing]") {
  const Smoothing smooth(halfplane(), 0.5);
  const auto found = smooth.predict(points({1.0F, 0.0F, 0.0F, 0.0F}), {.n = 200});
  CHECK(found[0].label == 1);
  CHECK(found[0].first + found[0].second == 200);
  CHECK(found[1].label == -1);
}

TEST_CASE("draws that can certify nothing are refused before the first forward",
          "[robustness][smoothing]") {
  int calls = 0;
  SubjectInfo info;
  info.output = OutputKind::labels;
  const auto model = std::make_shared<FunctionModel>(
      [&](const Inputs&) -> Outputs {
        ++calls;
        return {};
      },
      info);
  const Smoothing smooth(model, 0.5);
  const auto x = points({1.0F, 0.0F});
  CHECK_THROWS_WITH(smooth.certify(x, {.n = 9}), ContainsSubstring("take at least n = 10"));
  CHECK_THROWS_WITH(smooth.predict(x, {.n = 10}), ContainsSubstring("take at least n = 11"));
  CHECK_THROWS_WITH(smooth.certify(x, {.n = 100, .early_stop = true, .radii = {5.0}}),
                    ContainsSubstring("radii up to"));
  CHECK_THROWS_AS(Smoothing(model, 0.0), ValueError);
  CHECK_THROWS_AS(RandomizedSmoothing({.radii = {2.0}}), ValueError);
  CHECK(calls == 0);
}

TEST_CASE("the smoothing probe certifies a linear model as its closed form says",
          "[robustness][smoothing]") {
  const auto probe = std::make_shared<RandomizedSmoothing>(robustness::RandomizedSmoothingOptions{
      .sigma = 0.5, .radii = {0.25, 0.5}, .n = 3000, .max_samples = 60});
  EvaluateOptions options;
  options.batch_size = 250;
  const auto data = plane(200, 4);
  const Finding found = toys::run(probe, halfplane(), data, options);
  INFO(found.why);
  REQUIRE(found.status == Status::ok);
  const Estimate& quarter = found.at("certified_accuracy{radius=0.25}");
  // P(|x0 - x1| / sqrt(2) > r) with x0 - x1 ~ N(0, 2): 2 (1 - Phi(r))
  CHECK(*quarter.lower < 2 * stats::normal_sf(0.25));
  CHECK(*quarter.upper > 2 * stats::normal_sf(0.25) - 0.1);
  // Holm may prove more than alpha a sample does, never more than is true.
  int further = 0;
  std::vector<SampleId> one(1);
  for (SampleId id = 0; id < 200; ++id) {
    one[0] = id;
    const Batch batch = data->batch(one);  // the matrix below borrows from it
    const auto row = batch.inputs.primary.matrix<float>();
    further += std::abs(row(0, 0) - row(0, 1)) / std::sqrt(2.0F) >= 0.25F;
  }
  CHECK(found.at("certified_together{radius=0.25}").value() > 0.5);
  CHECK(found.at("certified_together{radius=0.25}").value() * 60 <= further);
  CHECK(found.at("certified_accuracy{radius=0.5}").value() <= quarter.value());
  CHECK(*quarter.lower < Estimate::rate(std::llround(quarter.value() * 60), 60).lower);
  CHECK(found.at("draws").value() < 3100);
  CHECK(found.at("clean_accuracy").value() == 1);
  for (const Check& check : found.checks) CHECK(check.result == Check::pass);
  options.batch_size = 97;
  const Finding other = toys::run(probe, halfplane(), data, options);
  CHECK(other.at("smoothed_accuracy").value() == found.at("smoothed_accuracy").value());
}

#include "leadline/explain/permutation_importance.hpp"

#include <cmath>

#include "catch.hpp"
#include "support/toys.hpp"

using namespace leadline;
using explain::ImportanceLoss;
using explain::PermutationImportance;

namespace {

/// Two signal columns and one of noise; the label follows 2 a - b.
DatasetPtr table(std::int64_t n, std::uint64_t seed, bool informative = true) {
  std::vector<float> x;
  std::vector<std::int64_t> target;
  for (std::int64_t i = 0; i < n; ++i) {
    stats::Rng rng(seed, "table", i);
    const double a = rng.normal(), b = rng.normal(), noise = rng.normal();
    for (const double v : {a, b, noise}) x.push_back(static_cast<float>(v));
    const double margin = informative ? 2 * a - b : 0.0;
    target.push_back(rng.bernoulli(1 / (1 + std::exp(-2 * margin))));
  }
  TensorDataset::Options options;
  options.feature_names = {"age", "dose", "noise"};
  return std::make_shared<TensorDataset>(Tensor::own(x, {n, 3}), Tensor::own(target, {n}), options);
}

/// Boosted stumps, written by hand: not torch, not differentiable.
std::shared_ptr<Subject> stumps() {
  return toys::rowwise(2, [](const float* x, float* out) {
    float score = 0;
    for (const float cut : {-1.0F, -0.5F, 0.0F, 0.5F, 1.0F}) {
      score += x[0] > cut ? 0.8F : -0.8F;
      score -= x[1] > cut ? 0.4F : -0.4F;
    }
    out[0] = -score / 2;
    out[1] = score / 2;
  });
}

std::shared_ptr<PermutationImportance> probe(explain::PermutationImportanceOptions options = {}) {
  return std::make_shared<PermutationImportance>(options);
}

Finding regression(std::int64_t repeats, std::vector<double> x, std::int64_t n) {
  std::vector<double> y;
  for (std::int64_t i = 0; i < n; ++i)
    y.push_back(3 * x[static_cast<std::size_t>(2 * i)] - x[static_cast<std::size_t>(2 * i + 1)]);
  const auto data = std::make_shared<TensorDataset>(Tensor::own(x, {n, 2}), Tensor::own(y, {n}),
                                                    TensorDataset::Options{});
  SubjectInfo info;
  info.name = "linear";
  info.output = OutputKind::values;
  const auto model = std::make_shared<FunctionModel>(
      [](const Inputs& inputs) {
        const Tensor host = inputs.primary.host();
        const auto in = host.matrix<double>();
        std::vector<double> out;
        for (Eigen::Index i = 0; i < in.rows(); ++i) out.push_back(3 * in(i, 0) - in(i, 1));
        const std::int64_t rows = in.rows();
        return Outputs{Tensor::own(std::move(out), {rows}), {}, {}};
      },
      info);
  return toys::run(probe({.repeats = repeats}), model, data);
}

}  // namespace

TEST_CASE("squared error on a linear model gives 2 w^2 var(x)", "[explain][permutation]") {
  // the mean over all permutations of 7 rows, exactly; over 3000 of them, within their spread
  const std::vector<double> x{0, 1, 2, -1, 4, 0.5, 3, 2, 7, -2, 1, 1, -3, 0};
  double mean[2] = {0, 0}, square[2] = {0, 0};
  for (std::size_t i = 0; i < x.size(); ++i) {
    mean[i % 2] += x[i] / 7;
    square[i % 2] += x[i] * x[i] / 7;
  }
  const Finding finding = regression(3000, x, 7);
  INFO(finding.why);
  REQUIRE(finding.status == Status::ok);
  const double exact[2] = {18 * (square[0] - mean[0] * mean[0]),
                           2 * (square[1] - mean[1] * mean[1])};
  CHECK_THAT(finding.at("importance{feature=0}").value(), WithinRel(exact[0], 0.03));
  CHECK_THAT(finding.at("importance{feature=1}").value(), WithinRel(exact[1], 0.03));
  CHECK(finding.at("baseline_loss").value() == 0);
}

TEST_CASE("boosted stumps lean on what they read, and not on noise", "[explain][permutation]") {
  const Finding finding = toys::run(probe(), stumps(), table(600, 1));
  INFO(finding.why);
  REQUIRE(finding.status == Status::ok);
  const auto& age = finding.at("importance{feature=age}");
  const auto& dose = finding.at("importance{feature=dose}");
  CHECK(*age.lower > *dose.upper);
  CHECK(*dose.lower > 0);
  CHECK(finding.at("importance{feature=noise}").value() == 0);  // never read: exactly nothing
  CHECK_THAT(finding.headline, ContainsSubstring("'age'"));
  const auto* ranking = std::get_if<TableBlock>(&finding.blocks.front());
  REQUIRE(ranking != nullptr);
  CHECK(std::get<std::string>(ranking->rows[0][0]) == "age");
  CHECK(finding.cost.forwards == 600 * (2 + 5 * 3));
}

TEST_CASE("importance does not depend on the batch size", "[explain][permutation]") {
  EvaluateOptions small;
  small.batch_size = 13;
  const auto data = table(200, 2);
  const Finding a = toys::run(probe(), stumps(), data),
                b = toys::run(probe(), stumps(), data, small);
  for (const char* name : {"importance{feature=age}", "importance{feature=dose}"})
    CHECK_THAT(a.at(name).value(), WithinRel(b.at(name).value(), 1e-12));
}

TEST_CASE("labels only: the error rate is what rises", "[explain][permutation]") {
  const Finding finding = toys::run(probe(), toys::labels_only(stumps()), table(400, 3));
  CHECK(*finding.at("importance{feature=age}").lower > 0.05);
  CHECK_THAT(finding.headline, ContainsSubstring("error rate"));
}

TEST_CASE("20 honest models pass the checks of importance", "[explain][permutation][check]") {
  for (int seed = 0; seed < 20; ++seed) {
    const Finding finding = toys::run(probe({.repeats = 2}), stumps(), table(150, 100 + seed));
    for (const Check& check : finding.checks) {
      INFO(check.name << ": " << check.why);
      CHECK(check.result == Check::pass);
    }
  }
}

TEST_CASE("the checks of importance catch random, drifting and ignorant models",
          "[explain][permutation][check]") {
  int calls = 0;
  const auto random = toys::rowwise(2, [&calls](const float* x, float* out) {
    out[0] = 0;
    out[1] = 2 * x[0] - x[1] + 0.1F * static_cast<float>(++calls % 11);
  });
  const Finding shaky = toys::run(probe(), random, table(200, 5));
  CHECK(toys::check_of(shaky, "shadow_column_is_unimportant").result == Check::fail);
  CHECK(shaky.doubts("importance{feature=age}").size() >= 1);

  int rows = 0;  // gets worse as it is used: later repeats see another model
  const auto drifting = toys::rowwise(2, [&rows](const float* x, float* out) {
    const float fade = std::exp(-static_cast<float>(rows++ % (200 * 17)) / 1500);
    out[0] = 0;
    out[1] = fade * (4 * x[0] - 2 * x[1]);
  });
  EvaluateOptions whole;
  whole.batch_size = 200;
  const Finding drift = toys::run(probe(), drifting, table(200, 6), whole);
  CHECK(toys::check_of(drift, "repeats_agree").result == Check::fail);

  const Finding ignorant = toys::run(probe(), stumps(), table(200, 7, false));
  CHECK(toys::check_of(ignorant, "model_beats_chance").result == Check::fail);
}

TEST_CASE("importance is not measured on pictures and on streams", "[explain][permutation]") {
  const auto pictures = std::make_shared<TensorDataset>(
      Tensor::own(std::vector<float>(40, 0.5F), {10, 1, 2, 2}),
      Tensor::own(std::vector<std::int64_t>(10, 0), {10}), TensorDataset::Options{});
  const Finding finding = toys::run(
      probe(), toys::rowwise(2, [](const float*, float* out) { out[0] = out[1] = 0; }), pictures);
  CHECK(finding.status == Status::not_measured);

  struct Stream : Dataset {
    DatasetPtr base;
    [[nodiscard]] DataInfo info() const override {
      DataInfo about = base->info();
      about.random_access = false;
      about.size = std::nullopt;
      return about;
    }
    [[nodiscard]] Batch batch(std::span<const SampleId>) const override {
      throw CapabilityError("Stream.batch", "random access", "a stream", "");
    }
    [[nodiscard]] std::unique_ptr<Cursor> open(SampleId first) const override {
      return base->open(first);
    }
  };
  const auto stream = std::make_shared<Stream>();
  stream->base = table(50, 8);
  const Finding gone = toys::run(probe(), stumps(), stream);
  CHECK(gone.status == Status::not_measured);
}

TEST_CASE("a loss that does not fit the model is refused", "[explain][permutation][errors]") {
  const Finding finding =
      toys::run(probe({.loss = ImportanceLoss::squared_error}), stumps(), table(20, 9));
  CHECK(finding.status == Status::not_measured);
  CHECK_THROWS_AS(PermutationImportance({.repeats = 0}), ValueError);
}

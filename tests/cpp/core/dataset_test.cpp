#include "leadline/core/dataset.hpp"

#include <cmath>
#include <limits>

#include "catch.hpp"
#include "leadline/core/context.hpp"
#include "leadline/core/error.hpp"

using namespace leadline;

namespace {

Tensor inputs(std::int64_t n) {
  std::vector<float> values(n * 2);
  for (std::int64_t i = 0; i < n; ++i) values[2 * i] = static_cast<float>(i);
  return Tensor::own(std::move(values), {n, 2});
}
Tensor labels(std::vector<std::int64_t> values) {
  const std::int64_t n = std::ssize(values);
  return Tensor::own(std::move(values), {n});
}

}  // namespace

TEST_CASE("a data set in memory gathers by id and counts by cursor", "[core][dataset]") {
  const TensorDataset data(inputs(5), labels({0, 1, 2, 1, 0}), {.class_names = {"a", "b", "c"}});
  const SampleId ids[] = {4, 1};
  const Batch batch = data.batch(ids);
  REQUIRE(batch.inputs.primary.matrix<float>()(0, 0) == 4);
  REQUIRE(batch.target.data<std::int64_t>()[1] == 1);
  auto cursor = data.open(3);
  REQUIRE(cursor->next(10)->ids == std::vector<SampleId>{3, 4});
  REQUIRE_FALSE(cursor->next(10).has_value());
  REQUIRE(data.info().modality == Modality::table);
  const SampleId bad[] = {5};
  REQUIRE_THROWS_WITH(data.batch(bad), ContainsSubstring("ids in [0, 5), got 5"));
}

TEST_CASE("the fingerprint depends on inputs and labels", "[core][dataset]") {
  const auto of = [](std::int64_t label) {
    return TensorDataset(inputs(2), labels({0, label}), {}).info().fingerprint;
  };
  REQUIRE(of(1) == of(1));
  REQUIRE(of(1) != of(0));
  REQUIRE(of(1).starts_with("xxh3:"));
}

TEST_CASE("a data set refuses what no run can use", "[core][dataset]") {
  REQUIRE_THROWS_WITH(TensorDataset(inputs(0), {}, {}), ContainsSubstring("at least one sample"));
  REQUIRE_THROWS_AS(TensorDataset(inputs(3), labels({0, 1}), {}), ShapeError);
  REQUIRE_THROWS_WITH(TensorDataset(inputs(2), labels({0, 2}), {.class_names = {"a", "b"}}),
                      ContainsSubstring("labels in [0, 2), got 2 at sample 1"));
  REQUIRE_THROWS_AS(TensorDataset(inputs(2), labels({0, -1}), {}), ValueError);
  std::vector<float> values{0, 1, 2, std::numeric_limits<float>::quiet_NaN()};
  REQUIRE_THROWS_WITH(TensorDataset(Tensor::own(values, {2, 2}), {}, {}),
                      ContainsSubstring("in the inputs of sample 1"));
  REQUIRE_THROWS_AS(TensorDataset(inputs(2), {}, {.bounds = std::pair(1.0, 0.0)}), ValueError);
}

TEST_CASE("float64 values beyond float32 are finite", "[core][dataset]") {
  REQUIRE_NOTHROW(TensorDataset(Tensor::own(std::vector<double>{1e300, 0}, {1, 2}), {}, {}));
}

TEST_CASE("logits become probabilities, labels, confidence and log loss", "[core][context]") {
  const Tensor logits = Tensor::own(std::vector<float>{0, std::log(3.0F), 1000, 0}, {2, 2});
  const SampleId ids[] = {10, 11};
  const auto p = predictions_of(logits, OutputKind::logits, labels({0, 1}), ids);
  REQUIRE_THAT(p.probabilities[1], WithinAbs(0.75, 1e-7));
  REQUIRE(p.label == std::vector<std::int64_t>{1, 0});
  REQUIRE_THAT(p.confidence[0], WithinAbs(0.75, 1e-7));
  REQUIRE_THAT(p.loss[0], WithinAbs(std::log(4.0), 1e-7));
  REQUIRE_THAT(p.loss[1], WithinAbs(1000.0, 1e-9));  // no overflow
  REQUIRE(p.correct == std::vector<std::uint8_t>{0, 0});
}

TEST_CASE("a single column is a binary model", "[core][context]") {
  const SampleId ids[] = {0, 1};
  const auto logit = predictions_of(Tensor::own(std::vector<double>{0.5, -2}, {2, 1}),
                                    OutputKind::logits, labels({1, 1}), ids);
  REQUIRE(logit.label == std::vector<std::int64_t>{1, 0});
  REQUIRE_THAT(logit.probabilities[1], WithinAbs(1 / (1 + std::exp(-0.5)), 1e-15));
  const auto probability = predictions_of(Tensor::own(std::vector<double>{0.9, 0.2}, {2}),
                                          OutputKind::probabilities, labels({1, 1}), ids);
  REQUIRE(probability.label == std::vector<std::int64_t>{1, 0});
  REQUIRE_THAT(probability.loss[1], WithinAbs(-std::log(0.2), 1e-15));
}

TEST_CASE("a labels-only model gives decisions and nothing else", "[core][context]") {
  const SampleId ids[] = {0, 1};
  const auto p = predictions_of(labels({2, 0}), OutputKind::labels, labels({2, 1}), ids);
  REQUIRE(p.correct == std::vector<std::uint8_t>{1, 0});
  REQUIRE(p.probabilities.empty());
  REQUIRE(p.loss.empty());
}

TEST_CASE("bad outputs are named with their sample", "[core][context]") {
  const SampleId ids[] = {10, 11};
  const Tensor target = labels({0, 1});
  const auto run = [&](std::vector<float> values, OutputKind kind) {
    return predictions_of(Tensor::own(std::move(values), {2, 2}), kind, target, ids);
  };
  REQUIRE_THROWS_WITH(run({0, 0, INFINITY, 0}, OutputKind::logits), ContainsSubstring("sample 11"));
  REQUIRE_THROWS_WITH(run({0.5F, 0.5F, 3.7F, 0}, OutputKind::probabilities),
                      ContainsSubstring("probabilities in [0, 1], got 3.7"));
  REQUIRE_THROWS_WITH(run({0.5F, 0.5F, 0.1F, 0.1F}, OutputKind::probabilities),
                      ContainsSubstring("sum to 1"));
  REQUIRE_THROWS_AS(predictions_of(labels({1, 0}), OutputKind::logits, target, ids), TypeError);
  REQUIRE_THROWS_AS(
      predictions_of(Tensor::own(std::vector<float>{1}, {1}), OutputKind::logits, target, ids),
      ShapeError);
  REQUIRE_THROWS_WITH(
      predictions_of(Tensor::own(std::vector<float>(4), {2, 2}), OutputKind::logits, labels({0, 2}),
                     ids),
      ContainsSubstring("labels in [0, 2), the model's classes, got 2 at sample 11"));
}

#include "leadline/uncertainty/calibration.hpp"

#include <Eigen/Core>
#include <array>
#include <cmath>

#include "catch.hpp"
#include "leadline/uncertainty/expected_calibration_error.hpp"
#include "leadline/uncertainty/maximum_calibration_error.hpp"
#include "support/golden.hpp"
#include "support/toys.hpp"

using namespace leadline;
using uncertainty::Calibration;
using uncertainty::ExpectedCalibrationError;
using uncertainty::MaximumCalibrationError;

namespace {
const auto calibration = std::make_shared<Calibration>();

Rows rows_of(const std::vector<double>& confidence, const std::vector<std::int64_t>& correct,
             std::vector<Column>& columns) {
  columns = {{"confidence", confidence}, {"correct", correct}};
  return {{}, {}, columns};
}
}  // namespace

TEST_CASE("ece puts confidence 1.0 into the last bin", "[uncertainty][ece]") {
  ExpectedCalibrationError ece({.bins = 10});
  std::vector<Column> columns;
  ece.update(rows_of({0.95, 1.0}, {1, 0}, columns));
  CHECK_THAT(ece.compute().value(), WithinAbs(0.475, 1e-12));  // NumPy's convention
}

TEST_CASE("ece and mce agree with NumPy on scikit-learn's data", "[uncertainty][ece]") {
  const auto frozen = golden("metrics");
  std::vector<double> p = frozen["logits"];
  const std::vector<std::int64_t> target = frozen["target"];
  for (std::size_t i = 0; i < p.size(); i += 6) {
    double sum = 0;
    for (std::size_t c = i; c < i + 6; ++c) sum += p[c] = std::exp(p[c]);
    for (std::size_t c = i; c < i + 6; ++c) p[c] /= sum;
  }
  ArrayView view(p);
  view.rows = std::ssize(target);
  view.cols = view.row_stride = 6;
  view.rank = 2;
  ExpectedCalibrationError ece;
  MaximumCalibrationError mce;
  ece.update(view, target);
  mce.update(view, target);
  CHECK_THAT(ece.compute().value(), WithinAbs(static_cast<double>(frozen["plain"]["ece"]), 1e-12));
  CHECK_THAT(mce.compute().value(), WithinAbs(static_cast<double>(frozen["plain"]["mce"]), 1e-12));
  CHECK(ece.compute().facts.at("corrected") < ece.compute().value());
}

TEST_CASE("ece of P(y | p) = p^2 tends to 1/6", "[uncertainty][ece]") {
  stats::Rng rng(1, "ece");
  std::vector<double> confidence;
  std::vector<std::int64_t> correct;
  for (int i = 0; i < 200000; ++i) {
    confidence.push_back(rng.uniform());
    correct.push_back(rng.bernoulli(confidence.back() * confidence.back()));
  }
  ExpectedCalibrationError ece({.bins = 100});
  std::vector<Column> columns;
  ece.update(rows_of(confidence, correct, columns));
  CHECK_THAT(ece.compute().value(), WithinAbs(1.0 / 6, 0.004));
  CHECK(*ece.compute().lower <= 1.0 / 6);
  CHECK(*ece.compute().upper >= 1.0 / 6);
}

TEST_CASE("calibration states merge bit for bit in any order", "[uncertainty][contract]") {
  const auto scored = toys::calibrated(300, 4, 2, 3);
  std::vector<std::string> saved;
  for (const bool forward : {true, false}) {
    ExpectedCalibrationError total;
    std::vector<ExpectedCalibrationError> parts(3);
    for (int part = 0; part < 3; ++part) {
      std::vector<double> confidence;
      std::vector<std::int64_t> correct;
      for (int i = part * 100; i < part * 100 + 100; ++i) {
        confidence.push_back(1.0 / (1 + i % 7));
        correct.push_back(scored.target[static_cast<std::size_t>(i)] == 1);
      }
      std::vector<Column> columns;
      parts[static_cast<std::size_t>(part)].update(rows_of(confidence, correct, columns));
    }
    for (std::size_t k = 0; k < 3; ++k) total.merge(parts[forward ? k : 2 - k]);
    saved.push_back(total.save());
  }
  CHECK(saved[0] == saved[1]);
  ExpectedCalibrationError back;
  back.load(saved[0]);
  CHECK(back.save() == saved[0]);
  CHECK_THROWS_AS(ExpectedCalibrationError({.bins = 10}).merge(back), ValueError);
}

TEST_CASE("ece refuses what is no confidence and names the sample", "[uncertainty][errors]") {
  ExpectedCalibrationError ece;
  std::vector<Column> columns;
  CHECK_THROWS_WITH(ece.update(rows_of({0.5, 3.7}, {1, 0}, columns)),
                    ContainsSubstring("ExpectedCalibrationError.update: expected confidence in "
                                      "[0, 1], got 3.7 at row 1"));
  CHECK_THROWS_AS(ece.update(rows_of({0.5}, {2}, columns)), ValueError);
  CHECK_THROWS_AS(ece.update(rows_of({0.5}, {1, 0}, columns)), ShapeError);
  const Eigen::MatrixXd logits = Eigen::MatrixXd::Constant(2, 2, 4.0);
  CHECK_THROWS_AS(ece.update(logits, std::vector<std::int64_t>{0, 1}), ValueError);
  CHECK(ece.compute().status == Status::empty);
}

TEST_CASE("a calibrated model passes, an overconfident one is called too sure",
          "[uncertainty][calibration]") {
  int zero_inside = 0;
  for (int seed = 0; seed < 20; ++seed) {
    const Finding honest =
        toys::run(calibration, toys::echo(), toys::dataset(toys::calibrated(600, 5, 2, 50 + seed)));
    INFO(honest.why);
    REQUIRE(honest.status == Status::ok);
    zero_inside += *honest.at("ece").lower <= 0;
    for (const Check& check : honest.checks) CHECK(check.result == Check::pass);
  }
  CHECK(zero_inside >= 17);  // 0.975 each

  auto scored = toys::calibrated(600, 5, 2, 77);
  for (float& z : scored.logits) z *= 3;
  const Finding sure = toys::run(calibration, toys::echo(), toys::dataset(scored));
  CHECK(*sure.at("overconfidence").lower > 0.05);
  CHECK(*sure.at("ece").lower > 0.05);
  CHECK_THAT(sure.headline, ContainsSubstring("too sure"));
  CHECK_FALSE(sure.remedies.empty());
  bool drawn = false;
  for (const Block& block : sure.blocks)
    if (const auto* curve = std::get_if<Curve>(&block)) {
      drawn = curve->diagonal;
      CHECK(curve->series[0].lower.size() == curve->series[0].y.size());
    }
  CHECK(drawn);
}

TEST_CASE("calibration sees softmax applied twice, one-hot outputs and too few samples",
          "[uncertainty][calibration][check]") {
  auto scored = toys::calibrated(600, 4, 2, 5);
  for (std::size_t i = 0; i < scored.logits.size(); i += 4) {
    float sum = 0;
    for (std::size_t c = i; c < i + 4; ++c) sum += scored.logits[c] = std::exp(scored.logits[c]);
    for (std::size_t c = i; c < i + 4; ++c) scored.logits[c] /= sum;
  }
  const char* twice = "outputs_are_not_probabilities_already";
  const auto data = toys::dataset(scored);
  const Finding wrong = toys::run(calibration, toys::echo(OutputKind::logits), data);
  CHECK(toys::check_of(wrong, twice).result == Check::fail);
  CHECK(wrong.doubts("ece").size() == 1);
  const Finding right = toys::run(calibration, toys::echo(OutputKind::probabilities), data);
  CHECK(toys::check_of(right, twice).result == Check::pass);

  for (std::size_t i = 0; i < scored.logits.size(); ++i) scored.logits[i] = i % 4 == 0;
  const Finding hard =
      toys::run(calibration, toys::echo(OutputKind::probabilities), toys::dataset(scored));
  CHECK(toys::check_of(hard, "confidence_is_graded").result == Check::fail);

  const Finding few =
      toys::run(calibration, toys::echo(), toys::dataset(toys::calibrated(100, 4, 2, 6)));
  CHECK(toys::check_of(few, "enough_samples_per_bin").result == Check::fail);
}

TEST_CASE("calibration is not measured on labels only", "[uncertainty][calibration]") {
  const Finding finding = toys::run(calibration, toys::labels_only(toys::echo()),
                                    toys::dataset(toys::calibrated(50, 3, 2, 8)));
  CHECK(finding.status == Status::not_measured);
}

TEST_CASE("a weight of two counts as the sample twice in ece", "[uncertainty][ece]") {
  std::vector<Column> columns;
  ExpectedCalibrationError weighted, doubled, mixed, rest;
  const std::vector<double> weights{2, 1}, confidence{0.9, 0.55}, first{0.9};
  const std::vector<std::int64_t> correct{0, 1}, wrong{0};
  Rows rows = rows_of(confidence, correct, columns);
  mixed.update(rows);
  rows.weights = weights;
  weighted.update(rows);
  doubled.update(rows_of({0.9, 0.9, 0.55}, {0, 0, 1}, columns));
  CHECK_THAT(weighted.compute().value(), WithinAbs(doubled.compute().value(), 1e-12));
  rows = rows_of(first, wrong, columns);  // no weights so far, then merged with some
  rows.weights = std::span(weights).last(1);
  rest.update(rows);
  mixed.merge(rest);
  CHECK_THAT(mixed.compute().value(), WithinAbs(doubled.compute().value(), 1e-12));
}

TEST_CASE("bins are counted by the block to the same bits as sample by sample",
          "[uncertainty][calibration]") {
  std::vector<double> confidence, correct;
  for (int i = 0; i < 4000; ++i) {
    stats::Rng rng(9, "blocks", i);
    confidence.push_back(i % 500 == 0 ? 1.0 : rng.uniform());
    correct.push_back(rng.uniform() < confidence.back() ? 1 : 0);
  }
  const auto fed = [&](std::size_t size) {
    uncertainty::ExpectedCalibrationError metric;
    for (std::size_t first = 0; first < confidence.size(); first += size) {
      const std::size_t n = std::min(size, confidence.size() - first);
      const std::array<Column, 2> columns{
          Column{"confidence", std::span<const double>(confidence).subspan(first, n)},
          Column{"correct", std::span<const double>(correct).subspan(first, n)}};
      metric.update(Rows{{}, {}, columns});
    }
    return metric.save();
  };
  const std::string whole = fed(confidence.size());
  for (const std::size_t size :
       {std::size_t{1}, std::size_t{7}, std::size_t{1024}, std::size_t{1500}})
    REQUIRE(fed(size) == whole);
}

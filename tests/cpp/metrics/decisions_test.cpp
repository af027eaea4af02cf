// Binary, multiclass and multilabel decisions: values by hand, undefined cases, refusals.
#include <cmath>

#include "catch.hpp"
#include "leadline/core/error.hpp"
#include "leadline/metrics/accuracy.hpp"
#include "leadline/metrics/cohen_kappa.hpp"
#include "leadline/metrics/exact_match.hpp"
#include "leadline/metrics/f1.hpp"
#include "leadline/metrics/f_beta.hpp"
#include "leadline/metrics/geometric_mean.hpp"
#include "leadline/metrics/hamming_loss.hpp"
#include "leadline/metrics/informedness.hpp"
#include "leadline/metrics/jaccard.hpp"
#include "leadline/metrics/matthews_correlation.hpp"
#include "leadline/metrics/negative_predictive_value.hpp"
#include "leadline/metrics/precision.hpp"
#include "leadline/metrics/recall.hpp"
#include "leadline/metrics/specificity.hpp"
#include "leadline/metrics/zero_one_loss.hpp"
#include "leadline/stats/random.hpp"

using namespace leadline;
using namespace leadline::metrics;
using Labels = std::vector<std::int64_t>;
using Matrix = Eigen::Array<std::int64_t, -1, -1, Eigen::RowMajor>;

namespace {
// tp 3, fn 1, fp 2, tn 4
const std::vector<float> ten_scores{0.9f, 0.8f, 0.5f, 0.2f, 0.7f, 0.6f, 0.1f, 0.0f, 0.3f, 0.49f};
const Labels ten_target{1, 1, 1, 1, 0, 0, 0, 0, 0, 0};

template <class M>
Estimate binary(typename M::Options options = {}) {
  options.task = TaskType::binary;
  M metric(options);
  metric.update(ten_scores, ten_target);
  return metric.compute();
}
}  // namespace

TEST_CASE("binary ratios come from scores and a threshold that belongs to the positive side",
          "[metrics][binary]") {
  CHECK(binary<Accuracy>().value() == 0.7);
  CHECK(binary<Precision>().value() == 3.0 / 5);
  CHECK(binary<Recall>().value() == 3.0 / 4);
  CHECK(binary<Specificity>().value() == 4.0 / 6);
  CHECK(binary<NegativePredictiveValue>().value() == 4.0 / 5);
  CHECK_THAT(binary<F1>().value(), WithinRel(6.0 / 9, 1e-15));
  CHECK_THAT(binary<FBeta>().value(),
             WithinRel(15.0 / 21, 1e-15));  // beta 2: 5 tp / (5 tp + 4 fn + fp)
  CHECK(binary<Jaccard>().value() == 0.5);
  CHECK_THAT(binary<Informedness>().value(), WithinRel(0.75 + 4.0 / 6 - 1, 1e-14));
  CHECK_THAT(binary<GeometricMean>().value(), WithinRel(std::sqrt(0.5), 1e-14));
  CHECK_THAT(binary<MatthewsCorrelation>().value(),
             WithinRel(10.0 / std::sqrt(5.0 * 4 * 6 * 5), 1e-14));
  CHECK_THAT(binary<CohenKappa>().value(), WithinRel(1 - 0.3 / 0.5, 1e-14));
  CHECK(binary<Recall>({.positive_class = 0}).n == 10);
  const std::vector<double> doubles(ten_scores.begin(), ten_scores.end());
  Precision wide({.task = TaskType::binary});  // the plain path agrees with the fast one
  wide.update(doubles, ten_target);
  CHECK(wide.compute().text() == binary<Precision>().text());
}

TEST_CASE("the positive class may be 0, then scores speak for it", "[metrics][binary]") {
  Labels flipped;
  for (const auto label : ten_target) flipped.push_back(1 - label);
  Precision zero({.task = TaskType::binary, .positive_class = 0});
  zero.update(ten_scores, flipped);
  CHECK(zero.compute().text() == binary<Precision>().text());
}

TEST_CASE("a plain share of one class has Wilson's interval", "[metrics][binary]") {
  const Estimate recall = binary<Recall>();
  const auto wilson = stats::proportion_interval(3, 4);
  CHECK(recall.method == "wilson");
  CHECK_THAT(*recall.lower, WithinRel(wilson.lower, 1e-14));
  CHECK_THAT(*recall.upper, WithinRel(wilson.upper, 1e-14));
}

TEST_CASE("binary tasks refuse what is not binary", "[metrics][binary][errors]") {
  Precision metric({.task = TaskType::binary});
  REQUIRE_THROWS_WITH(
      metric.update(ten_scores, Labels{1, 1, 1, 1, 2, 0, 0, 0, 0, 0}),
      ContainsSubstring("Precision.update: expected 'target' in [0, 2), got 2 at row 4"));
  std::vector<float> bad = ten_scores;
  bad[3] = NAN;
  REQUIRE_THROWS_WITH(metric.update(bad, ten_target), ContainsSubstring("got NaN at row 3"));
  REQUIRE_THROWS_WITH(metric.update(Eigen::ArrayXXd(Eigen::ArrayXXd::Random(10, 2)), ten_target),
                      ContainsSubstring("'scores' of the positive class as floats [n]"));
  REQUIRE_THROWS_WITH(F1().update(ten_scores, ten_target), ContainsSubstring("task='binary'"));
  REQUIRE_THROWS_AS(F1({.task = TaskType::binary, .positive_class = 2}), ValueError);
  REQUIRE_THROWS_AS(Accuracy({.task = TaskType::multilabel}), ValueError);
  REQUIRE_THROWS_AS(F1({.average = Average::samples}), ValueError);
  CHECK(metric.compute().status == Status::empty);
}

TEST_CASE("infinite and subnormal scores decide like any other", "[metrics][binary]") {
  const std::vector<float> odd{INFINITY, -INFINITY, 1e-42f, 0.5f};
  Recall metric({.task = TaskType::binary});
  metric.update(odd, Labels{1, 1, 1, 1});
  CHECK(metric.compute().value() == 0.5);
}

TEST_CASE("weighted kappa of ordered classes, by hand", "[metrics][kappa]") {
  // rows true, columns predicted: {{2, 1, 0}, {0, 1, 1}, {0, 0, 1}}
  const Labels truth{0, 0, 0, 1, 1, 2}, called{0, 0, 1, 1, 2, 2};
  CohenKappa linear({.weighting = KappaWeighting::linear}),
      quadratic({.weighting = KappaWeighting::quadratic});
  linear.update(called, truth);
  quadratic.update(called, truth);
  // observed 2; expected sum |i - j| r_i c_j / 6 with r = (3, 2, 1), c = (2, 2, 2)
  CHECK_THAT(linear.compute().value(), WithinRel(1 - 2 / ((3 * 6 + 2 * 4 + 1 * 6) / 6.0), 1e-14));
  CHECK_THAT(quadratic.compute().value(),
             WithinRel(1 - 2 / ((3 * 10 + 2 * 4 + 1 * 10) / 6.0), 1e-14));
}

TEST_CASE("what one class alone cannot say is undefined, never 0", "[metrics][undefined]") {
  const auto one = [](auto metric, const Labels& called, const Labels& truth) {
    metric.update(called, truth);
    return metric.compute();
  };
  const Labels zeros(5, 0), mixed{0, 1, 0, 1, 1};
  CHECK(one(MatthewsCorrelation(), zeros, mixed).status == Status::undefined);
  CHECK(one(MatthewsCorrelation(), mixed, zeros).status == Status::undefined);
  CHECK(one(CohenKappa(), zeros, zeros).status == Status::undefined);
  CHECK(one(CohenKappa(), zeros, mixed).value() == 0);  // some disagreement was expected
  CHECK(one(GeometricMean(), mixed, zeros).status == Status::undefined);
  CHECK(one(GeometricMean(), zeros, mixed).value() == 0);  // class 1 is never found: a true 0
  CHECK(one(Informedness({.task = TaskType::binary}), mixed, zeros).status == Status::undefined);
  const Estimate precision = one(Precision(), zeros, mixed);
  CHECK(precision.value() == 0.4);
  CHECK(precision.facts.at("classes_averaged") == 1);
  CHECK(precision.facts.at("classes_undefined") == 1);
  const Estimate as_zero = one(Precision({.zero_division = ZeroDivision::zero}), zeros, mixed);
  CHECK(as_zero.value() == 0.2);
}

TEST_CASE("ignored labels do not count", "[metrics][ignore_index]") {
  F1 with({.ignore_index = 255}), without;
  with.update(Labels{0, 1, 1, 0, 2}, Labels{0, 1, 255, 255, 2});
  without.update(Labels{0, 1, 2}, Labels{0, 1, 2});
  CHECK(with.compute().text() == without.compute().text());
  F1 all({.ignore_index = -100});
  all.update(Labels{0, 1}, Labels{-100, -100});
  CHECK(all.compute().status == Status::empty);
  REQUIRE_THROWS_AS(F1().update(Labels{0, 1}, Labels{0, -100}), ValueError);
}

TEST_CASE("multilabel averages, exact match and Hamming loss, by hand", "[metrics][multilabel]") {
  Matrix truth(4, 3), called(4, 3);
  truth << 1, 0, 1, 0, 1, 0, 1, 1, 0, 0, 0, 0;
  called << 1, 0, 0, 0, 1, 0, 1, 0, 1, 0, 0, 0;
  const auto of = [&](auto metric) {
    metric.update(called, truth);
    return metric.compute();
  };
  const TaskType task = TaskType::multilabel;
  CHECK(of(ExactMatch({.task = task})).value() == 0.5);
  CHECK(of(ZeroOneLoss({.task = task})).value() == 0.5);
  CHECK(of(HammingLoss({.task = task})).value() == 0.25);
  // labels: (tp 2, fn 0, fp 0), (1, 1, 0), (0, 1, 1)
  CHECK(of(Recall({.average = Average::macro, .task = task})).value() == 0.5);
  CHECK(of(Recall({.average = Average::micro, .task = task})).value() == 0.6);
  CHECK_THAT(of(Recall({.average = Average::weighted, .task = task})).value(),
             WithinRel(0.6, 1e-15));
  const Estimate samples = of(Recall({.average = Average::samples, .task = task}));
  CHECK_THAT(samples.value(), WithinRel((0.5 + 1 + 0.5) / 3, 1e-15));
  CHECK(samples.facts.at("samples_undefined") == 1);
  // the interval of micro recall is that of a ratio of sums over samples
  const Estimate micro = of(Recall({.average = Average::micro, .task = task}));
  CHECK(micro.method == "delta");
  Matrix unknown = truth;
  unknown(3, 2) = 9;
  HammingLoss ignoring({.task = task, .ignore_index = 9});
  ignoring.update(called, unknown);
  CHECK(ignoring.compute().value() == 0.25);
  REQUIRE_THROWS_WITH(of(HammingLoss()), ContainsSubstring("'target' of shape [n]"));
  unknown(0, 0) = 3;
  REQUIRE_THROWS_WITH(
      ExactMatch({.task = task}).update(called, unknown),
      ContainsSubstring(
          "ExactMatch.update: expected 'target' of 0 and 1, got 3 at row 0, label 0"));
}

TEST_CASE("multilabel intervals cover, though labels go together", "[metrics][multilabel]") {
  constexpr int runs = 150, n = 120;
  int macro = 0, micro = 0;
  for (int run = 0; run < runs; ++run) {
    Matrix truth(n, 4), called(n, 4);
    for (int i = 0; i < n; ++i) {
      stats::Rng rng(17, "multilabel", run * 1000 + i);
      const bool all = rng.uniform() < 0.5, hit = rng.uniform() < 0.8;  // all labels alike
      for (int l = 0; l < 4; ++l) {
        truth(i, l) = all;
        called(i, l) = hit ? all : !all;
      }
    }
    const auto of = [&](Average average) {
      Recall metric({.average = average, .task = TaskType::multilabel});
      metric.update(called, truth);
      const Estimate e = metric.compute();
      return *e.lower <= 0.8 && 0.8 <= *e.upper;
    };
    macro += of(Average::macro);
    micro += of(Average::micro);
  }
  CHECK(macro >= 134);  // 0.95 * 150 = 142.5, three binomial standard deviations lower
  CHECK(micro >= 134);
}

TEST_CASE("multilabel states split, merge and save", "[metrics][multilabel]") {
  Matrix truth = Matrix::Zero(60, 5), called = Matrix::Zero(60, 5);
  for (int i = 0; i < 60; ++i)
    for (int l = 0; l < 5; ++l) {
      stats::Rng rng(3, "states", i * 5 + l);
      truth(i, l) = rng.uniform() < 0.4;
      called(i, l) = rng.uniform() < 0.7 ? truth(i, l) : 1 - truth(i, l);
    }
  const F1::Options options{.average = Average::weighted, .task = TaskType::multilabel};
  F1 whole(options), first(options), second(options), loaded(options);
  whole.update(called, truth);
  first.update(Matrix(called.topRows(20)), Matrix(truth.topRows(20)));
  second.update(Matrix(called.bottomRows(40)), Matrix(truth.bottomRows(40)));
  loaded.load(second.save());
  loaded.merge(first);
  CHECK_THAT(loaded.compute().value(), WithinRel(whole.compute().value(), 1e-13));
  CHECK_THAT(*loaded.compute().upper, WithinRel(*whole.compute().upper, 1e-12));
  CHECK(loaded.per_class().size() == 5);
}

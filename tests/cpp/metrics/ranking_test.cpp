// The metrics of ranking: values against the brute force and closed forms, bounds, merging,
// refusal.
#include <Eigen/Core>
#include <cmath>
#include <limits>

#include "catch.hpp"
#include "leadline/metrics/aupr.hpp"
#include "leadline/metrics/auroc.hpp"
#include "leadline/metrics/average_precision.hpp"
#include "leadline/metrics/detection.hpp"
#include "leadline/metrics/equal_error_rate.hpp"
#include "leadline/metrics/fpr_at_tpr.hpp"
#include "leadline/metrics/gain.hpp"
#include "leadline/metrics/lift.hpp"
#include "leadline/metrics/precision_at_recall.hpp"
#include "leadline/metrics/recall_at_precision.hpp"
#include "leadline/metrics/specificity_at_sensitivity.hpp"
#include "leadline/metrics/tpr_at_fpr.hpp"
#include "leadline/stats/random.hpp"

using namespace leadline;
using namespace leadline::metrics;
using Labels = std::vector<std::int64_t>;
using Doubles = std::vector<double>;
using ScoreTable = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

namespace {

struct Sample {
  Doubles scores;
  Labels target;
};

Sample binormal(std::uint64_t seed, std::int64_t n, double mu = 1, double rate = 0.5) {
  stats::Rng rng(seed, "metrics");
  Sample s;
  for (std::int64_t i = 0; i < n; ++i) {
    s.target.push_back(rng.bernoulli(rate) ? 1 : 0);
    s.scores.push_back(rng.normal() + mu * static_cast<double>(s.target.back()));
  }
  return s;
}

template <class Metric>
Estimate once(Metric metric, const ArrayView& scores, const ArrayView& target,
              const Doubles& weights = {}) {
  metric.update(scores, target, weights);
  return metric.compute();
}

}  // namespace

TEST_CASE("auroc is DeLong's example, with its interval", "[metrics][auroc]") {
  const Doubles scores{0.9, 0.8, 0.3, 0.7, 0.4, 0.2, 0.1};
  const Labels target{1, 1, 1, 0, 0, 0, 0};
  const Estimate e = once(Auroc(), scores, target);
  CHECK_THAT(e.value(), WithinAbs(10.0 / 12, 1e-15));
  CHECK(e.method == "delong, logit");
  CHECK(e.error_bound == 0);
  CHECK(e.facts.at("exact") == 1);
  const Estimate other = once(Auroc({.positive = 0}), scores, target);
  CHECK_THAT(other.value(), WithinAbs(2.0 / 12, 1e-15));
  CHECK(once(Auroc(), std::vector<int>{3, 2, 1}, Labels{1, 0, 0}).value() == 1);  // whole numbers
}

TEST_CASE("closed forms of two normals are met", "[metrics][auroc][fpr_at_tpr]") {
  const Sample s = binormal(1, 60000);
  CHECK_THAT(once(Auroc(), s.scores, s.target).value(), WithinAbs(0.7602499389, 0.006));
  CHECK_THAT(once(FprAtTpr(), s.scores, s.target).value(), WithinAbs(0.7404889772, 0.02));
  CHECK_THAT(once(EqualErrorRate(), s.scores, s.target).value(),
             WithinAbs(0.3085375387, 0.006));  // Phi(-1/2)
}

TEST_CASE("average precision is the step, aupr the trapezoid", "[metrics][average_precision]") {
  const Doubles scores{4, 3, 2, 1};
  const Labels target{1, 0, 1, 0};
  CHECK_THAT(once(AveragePrecision(), scores, target).value(), WithinAbs(5.0 / 6, 1e-15));
  // recall 0 to 1/2 at precision 1; 1/2 to 1 between 1/2 and 2/3
  CHECK_THAT(once(Aupr(), scores, target).value(), WithinAbs(0.5 + 7.0 / 24, 1e-15));
  CHECK_THAT(once(AveragePrecision(), Doubles(8, 0.3), Labels{1, 0, 0, 0, 1, 0, 0, 0}).value(),
             WithinAbs(0.25, 1e-15));  // constant scores: the prevalence
}

TEST_CASE("operating points keep their conventions", "[metrics][fpr_at_tpr]") {
  Doubles scores;
  Labels target;
  for (int level = 0; level < 40; ++level)  // one of each at 40 tied levels: nothing is dropped
    for (int y = 0; y < 2; ++y) {
      scores.push_back(level);
      target.push_back(y);
    }
  CHECK(once(FprAtTpr(), scores, target).value() == 0.95);
  CHECK(once(TprAtFpr({.fpr = 0.5}), scores, target).value() == 0.5);
  CHECK_THAT(once(SpecificityAtSensitivity(), scores, target).value(), WithinAbs(0.05, 1e-12));
  const Doubles few{9, 8, 7, 6};
  const Labels y{0, 1, 1, 0};
  CHECK(once(TprAtFpr({.fpr = 0.1}), few, y).value() == 0);
  CHECK(once(RecallAtPrecision({.precision = 0.9}), few, y).value() == 0);
  CHECK_THAT(once(PrecisionAtRecall({.recall = 0.5}), few, y).value(), WithinAbs(2.0 / 3, 1e-15));
  CHECK(once(RecallAtPrecision({.precision = 0.6}), few, y).value() == 1);
  CHECK(once(Gain({.fraction = 0.5}), few, y).value() == 0.5);
  CHECK(once(Lift({.fraction = 0.5}), few, y).value() == 1);
  const Estimate e = once(FprAtTpr(), few, y);
  CHECK(e.facts.at("threshold") == 7);
}

TEST_CASE("a missing class is undefined with the reason, never a number", "[metrics][auroc]") {
  const Estimate e = once(Auroc(), Doubles{1, 2, 3}, Labels{1, 1, 1});
  CHECK(e.status == Status::undefined);
  CHECK(e.why == "every sample is positive: ranking needs both classes");
  CHECK(once(AveragePrecision(), Doubles{1, 2}, Labels{0, 0}).why ==
        "no sample is positive: ranking needs both classes");
  CHECK(Auroc().compute().status == Status::empty);
  CHECK(once(Auroc(), Doubles{1, 2}, Labels{0, 1}, Doubles{0, 0}).why == "every weight is 0");
}

TEST_CASE("classes that do not occur are left out and counted", "[metrics][auroc]") {
  ScoreTable scores(6, 4);
  scores << 3, 1, 0, 0, 2, 1, 0, 0, 0, 2, 1, 0, 1, 0, 0, 0, 0, 1, 3, 0, 1, 1, 2, 0;
  const Labels target{0, 0, 1, 1, 2, 2};
  const Estimate e = once(Auroc(), scores, target);
  CHECK(e.facts.at("classes_averaged") == 3);
  CHECK(e.facts.at("classes_undefined") == 1);
  double sum = 0;
  for (int c = 0; c < 3; ++c) {
    Labels is_class;
    for (const auto y : target) is_class.push_back(y == c ? 1 : 0);
    const Eigen::VectorXd column = scores.col(c);
    sum += once(Auroc(), column, is_class).value();
  }
  CHECK_THAT(e.value(), WithinAbs(sum / 3, 1e-14));
  Finding finding;
  Auroc metric;
  metric.update(scores, target);
  metric.describe(finding);
  CHECK(finding.at("auroc{class=3}").status == Status::undefined);
  CHECK(finding.at("auroc{average=macro}").value() == e.value());
}

TEST_CASE("one against one is Hand and Till's mean over ordered pairs", "[metrics][auroc]") {
  stats::Rng rng(5, "pairs");
  ScoreTable scores(90, 3);
  Labels target;
  for (int i = 0; i < 90; ++i) {
    target.push_back(i % 7 == 0 ? 0 : i % 2 + 1);
    for (int c = 0; c < 3; ++c)
      scores(i, c) = std::round(3 * (rng.normal() + (target.back() == c ? 1 : 0)));
  }
  double sum = 0;
  for (int a = 0; a < 3; ++a)
    for (int b = 0; b < 3; ++b) {
      if (a == b) continue;
      Doubles values;
      Labels is_a;
      for (int i = 0; i < 90; ++i)
        if (target[static_cast<std::size_t>(i)] == a || target[static_cast<std::size_t>(i)] == b) {
          values.push_back(scores(i, a));
          is_a.push_back(target[static_cast<std::size_t>(i)] == a ? 1 : 0);
        }
      sum += once(Auroc(), values, is_a).value();
    }
  const Estimate e = once(Auroc({.contrast = stats::ClassContrast::one_vs_one}), scores, target);
  CHECK_THAT(e.value(), WithinAbs(sum / 6, 1e-13));
  CHECK(e.lower < e.value());
}

TEST_CASE("several labels a sample are averaged column by column", "[metrics][auroc]") {
  const Sample a = binormal(6, 50), b = binormal(7, 50);
  ScoreTable scores(50, 2);
  Eigen::Matrix<std::int64_t, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor> target(50, 2);
  for (int i = 0; i < 50; ++i) {
    const auto at = static_cast<std::size_t>(i);
    scores(i, 0) = a.scores[at];
    scores(i, 1) = b.scores[at];
    target(i, 0) = a.target[at];
    target(i, 1) = b.target[at];
  }
  const double mean =
      (once(Auroc(), a.scores, a.target).value() + once(Auroc(), b.scores, b.target).value()) / 2;
  CHECK_THAT(once(Auroc(), scores, target).value(), WithinAbs(mean, 1e-14));
  CHECK_THAT(once(AveragePrecision(), scores, target).value(),
             WithinAbs((once(AveragePrecision(), a.scores, a.target).value() +
                        once(AveragePrecision(), b.scores, b.target).value()) /
                           2,
                       1e-14));
}

TEST_CASE("the interval of an average is that of one class when both columns mirror each other",
          "[metrics][auroc]") {
  const Sample s = binormal(8, 300);
  ScoreTable scores(300, 2);
  for (int i = 0; i < 300; ++i) {
    scores(i, 1) = s.scores[static_cast<std::size_t>(i)];
    scores(i, 0) = -scores(i, 1);
  }
  const Estimate one = once(Auroc(), s.scores, s.target), two = once(Auroc(), scores, s.target);
  CHECK_THAT(two.value(), WithinAbs(one.value(), 1e-14));
  CHECK_THAT(*two.lower, WithinAbs(*one.lower, 2e-4));  // n / (n - 1) once, not by group
  CHECK_THAT(*two.upper, WithinAbs(*one.upper, 2e-4));
}

TEST_CASE("the bound of the histogram holds the exact value", "[metrics][bounded]") {
  for (const int shape : {0, 1, 2, 3}) {
    Sample s = binormal(static_cast<std::uint64_t>(20 + shape), 3000, 1, 0.3);
    const bool probability = shape >= 2;
    for (double& x : s.scores) {
      if (shape == 1) x = std::round(2 * x);
      if (shape == 2) x = 1 / (1 + std::exp(-x));
      if (shape == 3) x = 1 - 1e-3 / (1 + std::exp(x));  // all above 0.999
    }
    const auto scale = probability ? stats::ScoreScale::probability : stats::ScoreScale::raw;
    const auto check = [&]<class M>(std::type_identity<M>, typename M::Options options) {
      const Estimate exact = once(M(options), s.scores, s.target);
      options.keep = 0;
      options.scale = scale;
      for (const std::int64_t bits : {8, 12, 16}) {
        options.bits = bits;
        const Estimate bounded = once(M(options), s.scores, s.target);
        INFO(M::type_name << " shape " << shape << " bits " << bits);
        CHECK(bounded.facts.at("exact") == 0);
        CHECK(std::abs(bounded.value() - exact.value()) <= bounded.error_bound + 1e-12);
        CHECK(*bounded.lower <= exact.value());
        CHECK(*bounded.upper >= exact.value());
        if (bits == 16 && shape != 1) CHECK(bounded.error_bound < 0.03);  // ties share a bin
      }
    };
    check(std::type_identity<Auroc>{}, {});
    check(std::type_identity<Auroc>{}, {.max_fpr = 0.2});
    check(std::type_identity<AveragePrecision>{}, {});
    check(std::type_identity<Aupr>{}, {});
    check(std::type_identity<FprAtTpr>{}, {});
    check(std::type_identity<TprAtFpr>{}, {.fpr = 0.1});
    check(std::type_identity<SpecificityAtSensitivity>{}, {});
    check(std::type_identity<EqualErrorRate>{}, {});
    check(std::type_identity<PrecisionAtRecall>{}, {.recall = 0.7});
    check(std::type_identity<RecallAtPrecision>{}, {.precision = 0.5});
    check(std::type_identity<Gain>{}, {});
  }
}

TEST_CASE("scores turn into a histogram at the same number in any order", "[metrics][bounded]") {
  const Sample s = binormal(30, 400);
  const AurocOptions options{.keep = 300};
  const auto part = [&](std::size_t from, std::size_t to) {
    Auroc m(options);
    m.update(Doubles(s.scores.begin() + static_cast<std::ptrdiff_t>(from),
                     s.scores.begin() + static_cast<std::ptrdiff_t>(to)),
             Labels(s.target.begin() + static_cast<std::ptrdiff_t>(from),
                    s.target.begin() + static_cast<std::ptrdiff_t>(to)));
    return m;
  };
  Auroc whole = part(0, 400), a = part(0, 290), b = part(290, 400), c = part(290, 400);
  CHECK(a.compute().facts.at("exact") == 1);
  c.merge(a);
  a.merge(b);
  CHECK(a.save() == whole.save());
  CHECK(c.save() == whole.save());
  CHECK(whole.compute().facts.at("exact") == 0);
  CHECK(whole.compute().error_bound > 0);
  CHECK(once(Auroc({.exact = true, .keep = 300}), s.scores, s.target).error_bound == 0);
}

TEST_CASE("a bound beside which the interval is nothing fails its check", "[metrics][bounded]") {
  Sample s = binormal(31, 4000);
  for (double& x : s.scores) x = 1 - 1e-7 / (1 + std::exp(-x));
  Auroc raw({.keep = 0}), declared({.keep = 0, .scale = stats::ScoreScale::probability});
  raw.update(s.scores, s.target);
  declared.update(s.scores, s.target);
  Finding bad, good;
  raw.describe(bad);
  declared.describe(good);
  const auto result = [](const Finding& f) {
    for (const auto& check : f.checks)
      if (check.name == "auroc_error_bound_is_small") return check.result;
    return Check::not_run;
  };
  CHECK(result(bad) == Check::fail);
  CHECK(raw.compute().error_bound > 0.1);
  CHECK(result(good) == Check::pass);
}

TEST_CASE("a detector has its four numbers from one state", "[metrics][detection]") {
  const Sample s = binormal(40, 500);
  Labels flipped;
  Doubles negated;
  for (std::size_t i = 0; i < s.scores.size(); ++i) {
    flipped.push_back(1 - s.target[i]);
    negated.push_back(-s.scores[i]);
  }
  Detection m;
  m.update(s.scores, s.target);
  const auto all = m.estimates();
  CHECK_THAT(all.auroc.value(), WithinAbs(once(Auroc(), s.scores, s.target).value(), 1e-14));
  CHECK_THAT(all.aupr_of_positives.value(),
             WithinAbs(once(Aupr(), s.scores, s.target).value(), 1e-14));
  CHECK_THAT(all.aupr_of_negatives.value(),
             WithinAbs(once(Aupr(), negated, flipped).value(), 1e-14));
  CHECK(all.fpr_at_tpr.value() == once(FprAtTpr(), s.scores, s.target).value());
}

TEST_CASE("weights act as repetition on every metric of ranking", "[metrics][auroc]") {
  const Sample s = binormal(41, 60);
  Doubles weights;
  Sample repeated;
  for (std::size_t i = 0; i < s.scores.size(); ++i) {
    weights.push_back(static_cast<double>(i % 3));
    for (std::size_t k = 0; k < i % 3; ++k) {
      repeated.scores.push_back(s.scores[i]);
      repeated.target.push_back(s.target[i]);
    }
  }
  const auto check = [&](auto metric) {
    const double want = once(metric, repeated.scores, repeated.target).value();
    CHECK_THAT(once(metric, s.scores, s.target, weights).value(), WithinAbs(want, 1e-12));
  };
  check(Auroc());
  check(Auroc({.max_fpr = 0.3}));
  check(Auroc({.keep = 0}));
  check(AveragePrecision());
  check(Aupr());
  check(FprAtTpr());
  check(TprAtFpr({.fpr = 0.2}));
  check(EqualErrorRate());
  check(PrecisionAtRecall());
  check(Gain());
}

TEST_CASE("bad batches of scores say what is wrong", "[metrics][auroc]") {
  const auto message = [](AurocOptions options, const ArrayView& scores, const ArrayView& target,
                          const Doubles& weights = {}) -> std::string {
    Auroc metric(options);
    try {
      metric.update(scores, target, weights);
    } catch (const Error& error) {
      return error.what();
    }
    return "no error";
  };
  const Labels two{0, 1};
  CHECK(message({}, Doubles{0, std::nan("")}, two) ==
        "Auroc.update: expected scores that are numbers, got NaN at row 1 (find the layer that "
        "makes NaN; leadline.evaluate names such samples)");
  CHECK(message({}, Doubles{0, 1}, Labels{0, 2}) ==
        "Auroc.update: expected 'target' of 0 and 1, got 2 at row 1 (pass target == the positive "
        "class, or scores [n, n_classes])");
  CHECK(message({.scale = stats::ScoreScale::probability}, Doubles{0, 1.5}, two) ==
        "Auroc.update: expected probabilities in [0, 1], got 1.5 at row 1 (pass probabilities, or "
        "set scale='raw' for any other score)");
  CHECK(message({}, Doubles{0, 1}, two, {1, -2}) ==
        "Auroc.update: expected finite weights >= 0, got -2 at row 1 (leave the sample out or give "
        "it weight 0)");
  CHECK(message({}, Doubles{0, 1, 2}, two).find("3 rows") != std::string::npos);
  CHECK(message({}, Doubles{0, 1}, Doubles{0, 1}).find("integer labels") != std::string::npos);
  const double inf = std::numeric_limits<double>::infinity();
  CHECK(message({}, Doubles{-inf, inf}, two) == "no error");
  CHECK_THROWS_AS(Auroc({.bits = 30}), ValueError);
  Auroc metric;
  metric.update(Doubles{0, 1}, two);
  CHECK_THROWS_AS(metric.update(ScoreTable(2, 3), two), ShapeError);
}

TEST_CASE("samples with the label to ignore are as if they were not there", "[metrics][auroc]") {
  const Sample s = binormal(50, 40);
  Sample with = s;
  for (const double x : {-9.0, 0.0, 9.0}) {
    with.scores.push_back(x);
    with.target.push_back(-1);
  }
  const Estimate want = once(Auroc(), s.scores, s.target);
  const Estimate found = once(Auroc({.ignore_index = -1}), with.scores, with.target);
  CHECK(found.value() == want.value());
  CHECK(found.n == 40);
}

#include <cmath>
#include <vector>

#include "catch.hpp"
#include "leadline/core/error.hpp"
#include "leadline/decisions/expected_cost.hpp"
#include "leadline/decisions/net_benefit.hpp"
#include "leadline/decisions/rates.hpp"
#include "leadline/decisions/severity_weighted_error.hpp"
#include "leadline/decisions/thresholds.hpp"
#include "leadline/stats/intervals.hpp"
#include "leadline/stats/random.hpp"

using namespace leadline;
using namespace leadline::decisions;

namespace {

template <class Body>
std::string message_of(Body&& body) {
  try {
    body();
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

struct Samples {
  std::vector<double> scores;
  std::vector<std::int64_t> target;
  [[nodiscard]] Scored view() const { return {scores, target}; }
};

/// Calibrated probabilities: the truth is drawn from them.
Samples calibrated(std::int64_t n, std::uint64_t seed) {
  Samples out;
  for (std::int64_t i = 0; i < n; ++i) {
    stats::Rng rng(seed, "calibrated", i);
    const double p = rng.uniform();
    out.scores.push_back(p);
    out.target.push_back(rng.bernoulli(p) ? 1 : 0);
  }
  return out;
}

}  // namespace

TEST_CASE("expected cost is the mean of the matrix over the samples", "[decisions]") {
  ExpectedCost cost({.cost = {0, 1, 50, -2}});
  const std::vector<std::int64_t> target = {0, 0, 0, 1, 1, 1}, decided = {0, 0, 1, 1, 1, 0};
  cost.update(decided, target);
  const Estimate estimate = cost.compute();
  REQUIRE_THAT(estimate.value(), WithinAbs((1 + 50 - 4) / 6.0, 1e-12));
  REQUIRE(*estimate.lower >= -2);
  REQUIRE(*estimate.upper <= 50);
  // with costs 0 and 1 it is the error rate, and the t interval that of the column of errors
  ExpectedCost errors;
  errors.update(decided, target);
  stats::Moments column;
  for (std::size_t i = 0; i < 6; ++i) column.add(target[i] != decided[i] ? 1.0 : 0.0);
  REQUIRE_THAT(errors.compute().value(), WithinAbs(column.mean, 1e-12));
}

TEST_CASE("expected cost without any spread still has an interval", "[decisions]") {
  ExpectedCost cost({.cost = {0, 1, 10, 0}});
  const std::vector<std::int64_t> right(200, 1);
  cost.update(right, right);
  const Estimate estimate = cost.compute();
  REQUIRE(estimate.value() == 0);
  REQUIRE(*estimate.upper > 0);
  REQUIRE(estimate.method == "empirical_bernstein");
  REQUIRE(ExpectedCost().compute().status == Status::empty);
}

TEST_CASE("weights are duplication in expected cost", "[decisions]") {
  ExpectedCost weighted({.cost = {0, 1, 5, 0}}), twice({.cost = {0, 1, 5, 0}});
  const std::vector<std::int64_t> target = {0, 1, 1, 0}, decided = {1, 0, 1, 0};
  weighted.update(decided, target, std::vector<double>{2, 2, 2, 2});
  for (int i = 0; i < 2; ++i) twice.update(decided, target);
  REQUIRE_THAT(weighted.compute().value(), WithinAbs(twice.compute().value(), 1e-12));
}

TEST_CASE("bad costs and severities are refused by name", "[decisions]") {
  REQUIRE(message_of([] {
            ExpectedCost({.cost = {0, 1, 2}});
          }) ==
          "ExpectedCost: expected cost [k, k] with k >= 2 classes, got 3 values (give one cost for "
          "each true and decided class, row by row)");
  REQUIRE_THAT(message_of([] {
                 SeverityWeightedError({.severity = {1, -1}});
               }),
               ContainsSubstring("severities >= 0, got -1"));
}

TEST_CASE("severity weighs each class; equal severities give the error rate", "[decisions]") {
  const std::vector<std::int64_t> target = {0, 0, 0, 0, 1, 1}, decided = {0, 0, 0, 1, 1, 0};
  SeverityWeightedError severe({.severity = {1, 10}}), equal;
  severe.update(decided, target);
  equal.update(decided, target);
  REQUIRE_THAT(severe.compute().value(), WithinAbs((1 + 10) / 24.0, 1e-12));
  const Estimate plain = equal.compute();
  const auto wilson = stats::proportion_interval(2, 6);
  REQUIRE_THAT(plain.value(), WithinAbs(2 / 6.0, 1e-12));
  REQUIRE_THAT(*plain.lower, WithinAbs(wilson.lower, 1e-9));
  REQUIRE_THAT(*plain.upper, WithinAbs(wilson.upper, 1e-9));
}

TEST_CASE("net benefit subtracts false alarms at the odds", "[decisions]") {
  NetBenefit benefit({.threshold = 0.2});
  const std::vector<double> p = {0.1, 0.3, 0.2, 0.9, 0.05};
  const std::vector<std::int64_t> target = {0, 0, 1, 1, 1};
  benefit.update(p, target);
  const Estimate estimate = benefit.compute();
  REQUIRE_THAT(estimate.value(), WithinAbs(2 / 5.0 - 0.25 / 5, 1e-12));
  REQUIRE_THAT(estimate.facts.at("treat_all"), WithinAbs(3 / 5.0 - 0.25 * 2 / 5, 1e-12));
  REQUIRE_THAT(
      message_of([&] { benefit.update(std::vector<double>{1.5}, std::vector<std::int64_t>{1}); }),
      ContainsSubstring("probabilities in [0, 1], got 1.5 at row 0"));
}

TEST_CASE("none in n still has an upper bound", "[decisions]") {
  REQUIRE_THAT(*never_events(0, 300).upper, WithinAbs(1 - std::pow(0.05, 1 / 300.0), 1e-12));
  REQUIRE(*never_events(0, 300).lower == 0);
  REQUIRE(*never_events(5, 5).upper == 1);
  REQUIRE(never_event_samples(0.01) == 299);
  const auto n = never_event_samples(0.001, 0.99);
  REQUIRE(*never_events(0, n, 0.99).upper <= 0.001);
  REQUIRE(*never_events(0, n - 1, 0.99).upper > 0.001);
}

TEST_CASE("the operating point is judged on samples that had no part in choosing it",
          "[decisions]") {
  const Samples choose{{0.1, 0.2, 0.3, 0.4, 0.5, 0.6}, {0, 0, 1, 0, 1, 1}};
  const Samples judge{{0.25, 0.35, 0.45, 0.55}, {0, 1, 0, 1}};
  REQUIRE(choose_threshold(choose.view(), {.rule = Rule::sensitivity, .at_least = 1}) == 0.3);
  REQUIRE(choose_threshold(choose.view(), {.rule = Rule::precision, .at_least = 1}) == 0.5);
  REQUIRE(choose_threshold(choose.view(), {.rule = Rule::specificity, .at_least = 0.6}) == 0.3);
  REQUIRE(choose_threshold(choose.view(), {.rule = Rule::least_cost, .miss_cost = 10}) == 0.3);
  const Finding found =
      operating_point(choose.view(), judge.view(), {.rule = Rule::sensitivity, .at_least = 1});
  REQUIRE(found.at("sensitivity").value() == 1);
  REQUIRE(found.at("sensitivity").n == 2);
  REQUIRE(found.at("false_alarm_rate").value() == 0.5);
  REQUIRE(found.at("sensitivity").method == "clopper_pearson");
}

TEST_CASE("the cost of a chosen threshold is paid on other samples", "[decisions]") {
  // scores without information: whatever threshold looks best is luck
  Samples noise;
  for (int i = 0; i < 200; ++i) {
    stats::Rng rng(3, "noise", i);
    noise.scores.push_back(rng.uniform());
    noise.target.push_back(i % 2);
  }
  const Finding found = cost_curve(noise.view());
  REQUIRE(found.at("apparent_cost").value() < found.at("least_cost").value());
  REQUIRE(*found.at("least_cost").upper >= 0.5);
  REQUIRE(found.at("theory").value() == 0.5);
}

TEST_CASE("a calibrated model beats acting on all and on nobody", "[decisions]") {
  const Samples samples = calibrated(2000, 5);
  const Finding found = decision_curve(samples.view(), {0.3, 0.5, 0.7});
  // E[p; p >= t] - t / (1 - t) E[1 - p; p >= t] for uniform p
  for (const double t : {0.3, 0.5, 0.7}) {
    const double expected = (1 - t * t) / 2 - t / (1 - t) * (1 - t) * (1 - t) / 2;
    const Estimate& seen = found.at("net_benefit{threshold=" +
                                    std::string(t == 0.3   ? "0.3"
                                                : t == 0.5 ? "0.5"
                                                           : "0.7") +
                                    "}");
    REQUIRE(std::abs(seen.value() - expected) < 0.04);
  }
  REQUIRE_THAT(found.headline, ContainsSubstring("worth it"));
}

TEST_CASE("the generalization gap is an unpaired difference", "[decisions]") {
  const Estimate train = Estimate::rate(98, 100), test = Estimate::rate(80, 100);
  const Finding found = generalization_gap(train, test);
  const auto newcombe = stats::newcombe_difference(98, 100, 80, 100);
  REQUIRE_THAT(found.at("gap").value(), WithinAbs(0.18, 1e-12));
  REQUIRE_THAT(*found.at("gap").lower, WithinAbs(newcombe.lower, 1e-12));
  REQUIRE_THAT(*found.at("gap").upper, WithinAbs(newcombe.upper, 1e-12));
  REQUIRE(found.checks.at(0).result == Check::fail);
  REQUIRE(generalization_gap(Estimate::rate(81, 100), test).checks.at(0).result == Check::pass);
}

TEST_CASE("a power law is found again and extrapolated", "[decisions]") {
  std::vector<SizePoint> points;
  const auto law = [](double n) { return 0.9 - 0.8 * std::pow(n, -0.5); };
  for (const double n : {50., 100., 200., 400., 800., 1600.})
    points.push_back({n, Estimate::with(law(n), law(n) - 0.002, law(n) + 0.002, 1000, "t")});
  const Finding found = learning_curve(points, Better::higher, 0.89);
  REQUIRE_THAT(found.at("asymptote").value(), WithinAbs(0.9, 1e-9));
  REQUIRE_THAT(found.at("n_needed").value(), WithinRel(6400.0, 1e-6));
  REQUIRE(found.checks.at(0).result == Check::pass);
  const Finding never = learning_curve(points, Better::higher, 0.95);
  REQUIRE(never.at("n_needed").status == Status::undefined);
  points[3].value = Estimate::with(0.5, 0.498, 0.502, 1000, "t");
  REQUIRE(learning_curve(points).checks.at(0).result == Check::fail);
}

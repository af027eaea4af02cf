#include <cmath>
#include <string>
#include <vector>

#include "catch.hpp"
#include "leadline/core/error.hpp"
#include "leadline/stats/random.hpp"
#include "leadline/tradeoffs/disagreement.hpp"
#include "leadline/tradeoffs/pareto_front.hpp"

using namespace leadline;
using namespace leadline::tradeoffs;

namespace {

Estimate around(double value, double half) {
  return Estimate::with(value, value - half, value + half, 100, "t");
}
const std::vector<Axis> axes = {{"accuracy", Better::higher}, {"ms", Better::lower, "ms"}};

}  // namespace

TEST_CASE("the front holds what nothing dominates", "[tradeoffs]") {
  const std::vector<double> points = {0.9, 1, 0.95, 9, 0.8, 3, 0.9, 1, 0.9, 2};
  REQUIRE(non_dominated(points, axes) == std::vector<std::int64_t>{0, 1, 3});
}

TEST_CASE("the probability of the front reflects the intervals", "[tradeoffs]") {
  const std::vector<Candidate> exact = {{"a", {Estimate::of(0.9, 1), Estimate::of(1, 1)}},
                                        {"b", {Estimate::of(0.8, 1), Estimate::of(2, 1)}}};
  const Finding sure = pareto_front(exact, axes);
  REQUIRE(sure.at("on_front_probability{candidate=a}").value() == 1);
  REQUIRE(sure.at("on_front_probability{candidate=b}").value() == 0);
  // one metric, two independent normals of equal spread, one standard error of the difference apart
  const std::vector<Axis> one = {{"accuracy", Better::higher}};
  const double se = 0.01, gap = std::sqrt(2.0) * se, half = 1.959963985 * se;
  const std::vector<Candidate> close = {{"a", {around(0.9, half)}},
                                        {"b", {around(0.9 - gap, half)}}};
  const Finding open = pareto_front(close, one, {.draws = 20000});
  REQUIRE_THAT(open.at("on_front_probability{candidate=b}").value(), WithinAbs(0.1587, 0.01));
}

TEST_CASE("joint draws keep the pairing", "[tradeoffs]") {
  // b is below a in every replicate, however wide both are
  std::vector<Candidate> paired = {{"a", {around(0.9, 0.1)}}, {"b", {around(0.89, 0.1)}}};
  for (int r = 0; r < 200; ++r) {
    const double shift = 0.001 * r;
    paired[0].draws.push_back(0.8 + shift);
    paired[1].draws.push_back(0.79 + shift);
  }
  const Finding found = pareto_front(paired, std::vector<Axis>{{"accuracy", Better::higher}});
  REQUIRE(found.at("on_front_probability{candidate=b}").value() == 0);
}

TEST_CASE("candidates without a value are listed and left out", "[tradeoffs]") {
  const std::vector<Candidate> some = {{"a", {around(0.9, 0.01)}},
                                       {"b", {Estimate::absent(Status::not_measured, "no scores")}},
                                       {"c", {around(0.8, 0.01)}}};
  const Finding found = pareto_front(some, std::vector<Axis>{{"accuracy", Better::higher}});
  REQUIRE(found.find("on_front_probability{candidate=b}") == nullptr);
  REQUIRE_THAT(found.warnings.at(0), ContainsSubstring("no scores"));
  REQUIRE_THROWS_AS(pareto_front(std::vector<Candidate>{some[0]}, axes), ValueError);
}

TEST_CASE("benchmarks that agree and one that reverses", "[tradeoffs]") {
  const std::vector<std::string> models = {"x", "y", "z"};
  std::vector<Specification> specs = {{"b1", "acc", Better::higher, {0.9, 0.8, 0.7}},
                                      {"b2", "acc", Better::higher, {0.7, 0.6, 0.5}},
                                      {"b3", "err", Better::lower, {0.1, 0.2, 0.3}}};
  const Finding same = disagreement(models, specs);
  REQUIRE(same.at("sign_agreement").value() == 1);
  REQUIRE(same.at("mean_kendall_tau_b").value() == 1);
  REQUIRE_THAT(same.at("variance_share{of=model}").value(), WithinAbs(1, 1e-12));
  REQUIRE(same.at("share_first_ahead").value() == 1);
  REQUIRE(same.at("friedman").value() == 6);
  specs[2].better = Better::higher;
  const Finding reversed = disagreement(models, specs);
  REQUIRE_THAT(reversed.at("sign_agreement").value(), WithinAbs(1 / 3.0, 1e-12));
  REQUIRE(reversed.at("kendall_tau_b{first=b1/acc,second=b3/err}").value() == -1);
  REQUIRE_THAT(reversed.at("share_first_ahead").value(), WithinAbs(2 / 3.0, 1e-12));
}

TEST_CASE("the item bootstrap covers a true order that noise hides", "[tradeoffs]") {
  // models alike but for 1 point, 50 items a benchmark: agreement near chance, wide interval
  std::vector<Specification> specs;
  for (int b = 0; b < 3; ++b) {
    Specification one{"b" + std::to_string(b), "acc", Better::higher, {}};
    for (int m = 0; m < 3; ++m)
      for (int i = 0; i < 50; ++i) {
        stats::Rng rng(9, "items", b * 1000 + i, static_cast<std::uint64_t>(m));
        one.values.push_back(rng.bernoulli(0.7 + 0.01 * m) ? 1 : 0);
      }
    specs.push_back(one);
  }
  const std::vector<std::string> models = {"x", "y", "z"};
  const Finding found = disagreement(models, specs, {.replicates = 200});
  const Estimate& agreement = found.at("sign_agreement");
  REQUIRE(agreement.lower);
  REQUIRE(*agreement.upper - *agreement.lower > 0.2);
  REQUIRE(agreement.n == 50);
  const Finding again = disagreement(models, specs, {.replicates = 200});
  REQUIRE(again.at("sign_agreement").text() == agreement.text());
}

TEST_CASE("disagreement refuses what cannot be compared", "[tradeoffs]") {
  const std::vector<std::string> models = {"x", "y"};
  const std::vector<Specification> unequal = {{"b", "acc", Better::higher, {1, 2}},
                                              {"b", "f1", Better::higher, {1, 2, 3, 4}}};
  REQUIRE_THROWS_AS(disagreement(models, unequal), ShapeError);
  const std::vector<Specification> twice = {{"b", "acc", Better::higher, {1, 2}},
                                            {"b", "acc", Better::higher, {1, 2}}};
  REQUIRE_THROWS_AS(disagreement(models, twice), ValueError);
}

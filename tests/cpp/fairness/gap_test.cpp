#include "leadline/fairness/gap.hpp"

#include <algorithm>
#include <cmath>

#include "catch.hpp"
#include "leadline/core/error.hpp"
#include "leadline/stats/distributions.hpp"
#include "leadline/stats/intervals.hpp"
#include "leadline/stats/two_proportions.hpp"
#include "toys.hpp"

using namespace leadline;
using namespace leadline::fairness;

TEST_CASE("the gap of two groups is Newcombe's interval of their difference", "[fairness][gap]") {
  const auto gap = rate_difference(fair::rates({{56, 70}, {48, 80}}));
  CHECK_THAT(gap.estimate.value(), WithinAbs(0.2, 1e-15));
  CHECK_THAT(*gap.estimate.lower, WithinAbs(0.0524, 1e-4));  // Newcombe 1998, table II (a)
  CHECK_THAT(*gap.estimate.upper, WithinAbs(0.3339, 1e-4));
  CHECK(gap.estimate.method == "newcombe");
  CHECK(gap.highest == "g=0");
  CHECK(gap.lowest == "g=1");
  CHECK(gap.estimate.n == 150);
}

TEST_CASE("more groups widen the interval by Bonferroni over the pairs", "[fairness][gap]") {
  const auto three = fair::rates({{30, 100}, {45, 100}, {60, 100}});
  const auto gap = rate_difference(three);
  const auto pair = stats::newcombe_difference(60, 100, 30, 100, 1 - 0.05 / 3);
  CHECK_THAT(*gap.estimate.lower, WithinAbs(pair.lower, 1e-12));
  CHECK_THAT(*gap.estimate.upper, WithinAbs(pair.upper, 1e-12));
  CHECK(gap.estimate.facts.at("n_groups") == 3);
  CHECK(gap.estimate.facts.at("p_value") < 0.001);
  CHECK(gap.estimate.facts.at("corrected") <= gap.estimate.value());
  CHECK(gap.estimate.facts.at("corrected") > 0.25);
}

TEST_CASE("the gap does not depend on the order of the groups", "[fairness][gap]") {
  const auto one = rate_difference(fair::rates({{30, 100}, {45, 90}, {10, 80}}));
  const auto two = rate_difference(fair::rates({{10, 80}, {30, 100}, {45, 90}}));
  CHECK(one.estimate.value() == two.estimate.value());
  CHECK(*one.estimate.lower == *two.estimate.lower);
  CHECK_THAT(one.estimate.facts.at("null_gap"),
             WithinAbs(two.estimate.facts.at("null_gap"), 0.005));
}

TEST_CASE("under parity the simulated gap of large groups is the range of normals",
          "[fairness][gap][null]") {
  // E[range of G standard normals]: 1.12838 (2), 1.69257 (3), 2.84720 (8), Harter 1960.
  for (const auto& [groups, range] : {std::pair(2, 1.12838), {3, 1.69257}, {8, 2.84720}}) {
    std::vector<std::pair<int, int>> given(static_cast<std::size_t>(groups), {4000, 10000});
    const auto gap = rate_difference(fair::rates(given), {.replicates = 20000});
    CHECK_THAT(gap.estimate.facts.at("null_gap"),
               WithinRel(range * std::sqrt(0.4 * 0.6 / 10000), 0.015));
    CHECK(gap.estimate.facts.at("p_value") == 1);
    CHECK(gap.estimate.facts.at("corrected") == 0);
  }
}

TEST_CASE("under parity the simulated gap of small groups is the exact binomial one",
          "[fairness][gap][null]") {
  // Two groups of 30 at the common rate 10 / 60: sum over both binomials.
  const double p = 10.0 / 60;
  double exact = 0;
  for (int a = 0; a <= 30; ++a)
    for (int b = 0; b <= 30; ++b)
      exact += stats::binomial_pmf(a, 30, p) * stats::binomial_pmf(b, 30, p) * std::abs(a - b) / 30;
  const auto gap = rate_difference(fair::rates({{3, 30}, {7, 30}}), {.replicates = 20000});
  CHECK_THAT(gap.estimate.facts.at("null_gap"), WithinRel(exact, 0.02));
  double tail = 0;
  for (int a = 0; a <= 30; ++a)
    for (int b = 0; b <= 30; ++b)
      if (std::abs(a - b) >= 4)
        tail += stats::binomial_pmf(a, 30, p) * stats::binomial_pmf(b, 30, p);
  CHECK_THAT(gap.estimate.facts.at("p_value"), WithinAbs(tail, 0.012));
}

TEST_CASE("the plug-in gap is biased upwards and the corrected one is not", "[fairness][gap]") {
  // Eight groups of 60, one of which is 20 points off.
  stats::Rng rng(5, "bias");
  double plugin = 0, corrected = 0;
  const std::vector<double> p{0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.7};
  constexpr int runs = 150;
  for (int run = 0; run < runs; ++run) {
    const auto gap = rate_difference(fair::drawn(rng, p, std::vector<int>(8, 60)),
                                     {.replicates = 200, .seed = std::uint64_t(run)});
    plugin += gap.estimate.value() / runs;
    corrected += gap.estimate.facts.at("corrected") / runs;
  }
  CHECK(plugin > 0.28);                      // the true gap is 0.2
  CHECK(std::abs(corrected - 0.2) < 0.045);  // 0.24 + 0.20 of noise around it
  CHECK(std::abs(corrected - 0.2) < std::abs(plugin - 0.2) / 2);
}

TEST_CASE("the interval of a gap covers, its p-value holds its level",
          "[fairness][gap][coverage]") {
  struct Case {
    std::vector<double> p;
    std::vector<int> n;
  };
  stats::Rng rng(9, "coverage");
  for (const auto& c :
       {Case{{0.3, 0.3}, {80, 40}}, Case{{0.1, 0.25}, {100, 60}},
        Case{{0.5, 0.5, 0.5, 0.5}, {50, 60, 70, 80}}, Case{{0.9, 0.95, 0.8}, {60, 60, 60}}}) {
    const auto [least, most] = std::minmax_element(c.p.begin(), c.p.end());
    const double truth = *most - *least;
    int covered = 0, alarms = 0;
    constexpr int runs = 300;
    for (int run = 0; run < runs; ++run) {
      const auto gap = rate_difference(fair::drawn(rng, c.p, c.n),
                                       {.replicates = 200, .seed = std::uint64_t(run)});
      covered += *gap.estimate.lower <= truth && truth <= *gap.estimate.upper;
      alarms += gap.estimate.facts.at("p_value") <= 0.05;
    }
    CHECK(covered >= 275);                // 0.95 of 300 is 285, sd 3.8
    if (truth == 0) CHECK(alarms <= 27);  // 0.05 is 15, sd 3.8
  }
}

TEST_CASE("the ratio follows Katz and decides the four fifths rule", "[fairness][gap][ratio]") {
  const auto gap = rate_ratio(fair::rates({{30, 100}, {60, 100}}));
  const auto katz = stats::ratio_interval(30, 100, 60, 100);
  CHECK_THAT(gap.estimate.value(), WithinAbs(0.5, 1e-15));
  CHECK_THAT(*gap.estimate.lower, WithinAbs(katz.lower, 1e-12));
  CHECK_THAT(*gap.estimate.upper, WithinAbs(katz.upper, 1e-12));
  CHECK(gap.estimate.facts.at("four_fifths_rule") == 0);
  CHECK(rate_ratio(fair::rates({{5900, 10000}, {6000, 10000}}))
            .estimate.facts.at("four_fifths_rule") == 1);
  CHECK(rate_ratio(fair::rates({{50, 100}, {60, 100}})).estimate.facts.count("four_fifths_rule") ==
        0);
  const auto none = rate_ratio(fair::rates({{0, 50}, {20, 50}}));
  CHECK(none.estimate.value() == 0);
  CHECK(*none.estimate.upper < 0.4);
  CHECK(rate_ratio(fair::rates({{0, 50}, {0, 50}})).estimate.status == Status::undefined);
}

TEST_CASE("equalized odds takes the larger gap, their mean or the signed mean",
          "[fairness][gap][odds]") {
  const auto tpr = fair::rates({{80, 100}, {60, 100}}), fpr = fair::rates({{30, 100}, {20, 100}});
  CHECK_THAT(joint_difference(tpr, fpr, Aggregate::max).estimate.value(), WithinAbs(0.2, 1e-12));
  const auto mean = joint_difference(tpr, fpr, Aggregate::mean).estimate;
  CHECK_THAT(mean.value(), WithinAbs(0.15, 1e-12));
  const auto x = stats::newcombe_difference(80, 100, 60, 100),
             y = stats::newcombe_difference(30, 100, 20, 100);
  CHECK_THAT(*mean.lower,
             WithinAbs(0.15 - std::hypot(0.2 - x.lower, 0.1 - std::max(0.0, y.lower)) / 2, 1e-12));
  const auto signed_gap =
      joint_difference(tpr, fpr, Aggregate::signed_, {.reference = "g=0"}).estimate;
  CHECK_THAT(signed_gap.value(), WithinAbs(-0.15, 1e-12));  // AIF360's average odds difference
  CHECK(*signed_gap.lower < -0.15);
  CHECK_THROWS_AS(joint_difference(tpr, fpr, Aggregate::signed_), ValueError);
}

TEST_CASE("a reference makes the difference signed", "[fairness][gap]") {
  const auto given = fair::rates({{60, 100}, {45, 100}, {70, 100}});
  const auto gap = rate_difference(given, {.reference = "g=0"});
  CHECK_THAT(gap.estimate.value(), WithinAbs(-0.15, 1e-12));
  CHECK(gap.highest == "g=1");
  CHECK(gap.lowest == "g=0");
  CHECK(gap.estimate.facts.at("corrected") <= 0);
  CHECK_THROWS_WITH(rate_difference(given, {.reference = "g=9"}),
                    ContainsSubstring("fairness: expected a reference group there is, got 'g=9' "
                                      "(groups: g=0, g=1, g=2)"));
}

TEST_CASE("groups that are too small give a status, not a value", "[fairness][gap][errors]") {
  const auto one = rate_difference(fair::rates({{1, 1}, {50, 100}}));
  CHECK(one.estimate.status == Status::not_measured);
  CHECK_THAT(one.estimate.why,
             ContainsSubstring("1 of 2 groups have 30 samples or more: a gap needs two"));
  CHECK(rate_difference(fair::rates({{5, 100}})).estimate.why ==
        "a gap needs two groups, there is 1");
  const auto left_out = rate_difference(fair::rates({{1, 1}, {50, 100}, {60, 100}}));
  CHECK(left_out.estimate.ok());
  CHECK(left_out.estimate.facts.at("groups_left_out") == 1);
  CHECK_THROWS_AS(rate_difference(fair::rates({{5, 2}, {1, 2}})), ValueError);
  CHECK_THROWS_AS(rate_difference(fair::rates({{1, 50}, {1, 50}}), {.level = 1}), ValueError);
}

TEST_CASE("gaps of estimates that are not rates join their intervals", "[fairness][gap]") {
  const std::vector<GroupValue> values{{"a", Estimate::with(2.0, 1.8, 2.2, 100, "t")},
                                       {"b", Estimate::with(1.0, 0.9, 1.1, 100, "t")}};
  const auto gap = value_difference(values);
  CHECK_THAT(gap.estimate.value(), WithinAbs(1.0, 1e-12));
  CHECK_THAT(*gap.estimate.lower, WithinAbs(1 - std::hypot(0.2, 0.1), 1e-12));
  CHECK_THAT(*gap.estimate.upper, WithinAbs(1 + std::hypot(0.2, 0.1), 1e-12));
  CHECK(gap.estimate.facts.at("p_value") < 0.01);
  const std::vector<GroupValue> bare{{"a", Estimate::of(2.0, 100)}, {"b", Estimate::of(1.0, 100)}};
  CHECK_FALSE(value_difference(bare).estimate.lower);
  const std::vector<GroupValue> right{{"a", Estimate::rate(60, 100)},
                                      {"b", Estimate::rate(50, 100)}};
  CHECK(value_difference(right).estimate.method == "newcombe");
}

TEST_CASE("the worst group's interval holds for all groups at once", "[fairness][gap][worst]") {
  std::vector<GroupValue> values;
  for (const auto k : {90, 80, 70})
    values.push_back({"g" + std::to_string(k), Estimate::rate(k, 100)});
  const auto worst = worst_group(values, Better::higher);
  CHECK(worst.lowest == "g70");
  CHECK(worst.estimate.value() == 0.7);
  const auto wilson = stats::proportion_interval(70, 100, 1 - 0.05 / 3);
  CHECK_THAT(*worst.estimate.lower, WithinAbs(wilson.lower, 1e-12));
  CHECK_THAT(*worst.estimate.upper, WithinAbs(wilson.upper, 1e-12));
  CHECK(worst.estimate.facts.at("null_worst") < 0.8);
  CHECK(worst_group(values, Better::lower).lowest == "g90");

  stats::Rng rng(3, "worst");
  int covered = 0;
  for (int run = 0; run < 300; ++run) {
    std::vector<GroupValue> drawn;
    for (int g = 0; g < 6; ++g) drawn.push_back({"g", Estimate::rate(rng.binomial(60, 0.8), 60)});
    const auto e = worst_group(drawn, Better::higher, {.replicates = 100}).estimate;
    covered += *e.lower <= 0.8 && 0.8 <= *e.upper;
  }
  CHECK(covered >= 275);
}

TEST_CASE("coverage of gap intervals over many designs", "[fairness][gap][coverage][full]") {
  stats::Rng rng(17, "coverage.full");
  for (const int groups : {2, 4, 8})
    for (const int n : {50, 200, 1000})
      for (const double p : {0.05, 0.3, 0.8})
        for (const double off : {0.0, 0.1}) {
          std::vector<double> rate(static_cast<std::size_t>(groups), p);
          rate.back() += off;
          int covered = 0, alarms = 0;
          constexpr int runs = 500;
          for (int run = 0; run < runs; ++run) {
            const auto gap =
                rate_difference(fair::drawn(rng, rate, std::vector<int>(rate.size(), n)),
                                {.replicates = 100, .seed = std::uint64_t(run)});
            covered += *gap.estimate.lower <= off + 1e-12 && off <= *gap.estimate.upper + 1e-12;
            alarms += gap.estimate.facts.at("p_value") <= 0.05;
          }
          INFO(groups << " groups of " << n << " at " << p << ", gap " << off);
          CHECK(covered >= 0.925 * runs);
          if (off == 0) CHECK(alarms <= 0.075 * runs);
        }
}

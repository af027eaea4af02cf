#include "leadline/stats/rank_tests.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "catch.hpp"
#include "leadline/core/error.hpp"
#include "leadline/stats/random.hpp"

namespace stats = leadline::stats;
using stats::Alternative;
using stats::Zeros;

TEST_CASE("signed ranks match scipy and the enumeration of all signs", "[stats][tests]") {
  const std::vector<double> d{0.5, -0.3, 0.8, 1.2, -0.1, 0.9, 0.4, -0.7, 1.5, 0.2};
  CHECK_THAT(stats::wilcoxon_test(d).p_value, WithinAbs(0.083984375, 1e-12));
  CHECK_THAT(stats::wilcoxon_test(d, {.alternative = Alternative::less}).p_value,
             WithinAbs(0.9677734375, 1e-12));
  CHECK_THAT(stats::wilcoxon_test(d, {.alternative = Alternative::greater}).p_value,
             WithinAbs(0.0419921875, 1e-12));
  // with ties and zeros: numpy, all 2^9 signs
  const std::vector<double> coarse{1, 2, -1, 3, 0, 2, -2, 4, 0, 1, 5};
  const auto drop = stats::wilcoxon_test(coarse);
  CHECK(drop.statistic == 38.0);
  CHECK(drop.n == 9);
  CHECK(drop.method == "exact");
  CHECK_THAT(drop.p_value, WithinAbs(0.08203125, 1e-12));
  const auto pratt = stats::wilcoxon_test(coarse, {.zeros = Zeros::pratt});
  CHECK(pratt.statistic == 52.0);
  CHECK_THAT(pratt.p_value, WithinAbs(0.0859375, 1e-12));
  std::vector<double> shuffled(coarse.rbegin(), coarse.rend());
  CHECK(stats::wilcoxon_test(shuffled).p_value == drop.p_value);
}

TEST_CASE("the rank sum matches scipy and the enumeration of all choices", "[stats][tests]") {
  const std::vector<double> x{1, 2, 2, 3, 5, 5}, y{2, 3, 3, 4, 5, 6, 7};
  const auto tied = stats::mann_whitney_test(x, y);
  CHECK(tied.statistic == 12.0);
  CHECK_THAT(tied.p_value, WithinAbs(0.22727272727272727, 1e-12));
  CHECK_THAT(stats::mann_whitney_test(x, y, {.alternative = Alternative::less}).p_value,
             WithinAbs(0.11363636363636363, 1e-12));
  CHECK(stats::mann_whitney_test(y, x).statistic == 6 * 7 - 12.0);
  CHECK_THAT(stats::mann_whitney_test(y, x).p_value, WithinAbs(tied.p_value, 1e-12));
  // no ties: {1, 2} below {3, 4, 5} is one choice of ten on either side
  CHECK_THAT(stats::mann_whitney_test(std::vector{1.0, 2.0}, std::vector{3.0, 4.0, 5.0}).p_value,
             WithinAbs(0.2, 1e-12));
}

TEST_CASE("exact and normal ranks agree where both are offered", "[stats][tests]") {
  stats::Rng rng(17);
  std::vector<double> x(22), y(28), d(50);
  for (auto& v : x) v = std::round(4 * rng.normal()) / 4;
  for (auto& v : y) v = std::round(4 * rng.normal() + 2) / 4;
  for (auto& v : d) v = std::round(4 * rng.normal() + 1) / 4;
  CHECK_THAT(stats::mann_whitney_test(x, y).p_value,
             WithinAbs(stats::mann_whitney_test(x, y, {.exact_up_to = 0}).p_value, 0.01));
  CHECK_THAT(stats::wilcoxon_test(d).p_value,
             WithinAbs(stats::wilcoxon_test(d, {.exact_up_to = 0}).p_value, 0.01));
}

TEST_CASE("rank tests that the data cannot answer say why", "[stats][tests]") {
  CHECK(stats::wilcoxon_test({}).why == "no pair");
  CHECK(stats::wilcoxon_test(std::vector{0.0, 0.0}).why == "no pair differs");
  const std::vector<double> same{1, 1, 1};
  CHECK(stats::mann_whitney_test(same, same).why == "all values are equal");
  CHECK(stats::mann_whitney_test({}, same).why == "a group is empty");
  CHECK(stats::mann_whitney_test({}, same).p_value == 1.0);
  CHECK_THROWS_WITH(stats::wilcoxon_test(std::vector{1.0, std::nan("")}),
                    "wilcoxon_test: expected finite values, got nan at position 1 (leave out what "
                    "is undefined)");
  CHECK_THROWS_AS(stats::wilcoxon_test(same, {.exact_up_to = 51}), leadline::ValueError);
}

TEST_CASE("rank tests keep their level and have their power", "[stats][tests][coverage]") {
  const stats::Stream stream(32, "ranks");
  int exact = 0, normal = 0, pairs = 0, found = 0;
  const int runs = 1500;
  for (int r = 0; r < runs; ++r) {
    auto rng = stream.at(r);
    std::vector<double> x(15), y(15), d(20), shifted(60), rest(60);
    for (auto* column : {&x, &y, &d, &shifted, &rest})
      for (auto& v : *column) v = std::round(2 * rng.normal());  // with many ties
    for (auto& v : shifted) v += 1.5;
    exact += stats::mann_whitney_test(x, y).p_value <= 0.05;
    normal += stats::mann_whitney_test(x, y, {.exact_up_to = 0}).p_value <= 0.05;
    pairs += stats::wilcoxon_test(d).p_value <= 0.05;
    found += stats::mann_whitney_test(shifted, rest).p_value <= 0.05;
  }
  const double most = (0.05 + 2.6 * std::sqrt(.05 * .95 / runs)) * runs;
  CHECK(exact <= most);
  CHECK(normal <= most);
  CHECK(pairs <= most);
  CHECK(found >= 0.95 * runs);
}

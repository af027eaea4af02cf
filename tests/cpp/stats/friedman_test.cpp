#include "leadline/stats/friedman.hpp"

#include <cmath>

#include "catch.hpp"
#include "leadline/core/error.hpp"
#include "leadline/stats/distributions.hpp"

using namespace leadline::stats;

TEST_CASE("friedman agrees with scipy's friedmanchisquare", "[stats][friedman]") {
  // scipy.stats.friedmanchisquare([72,96,88,92,74,76,82],[120,120,132,120,101,96,112],
  //                               [76,95,104,96,84,72,76]): 10.57142857142857, 0.005063414171757498
  const std::vector<double> values = {72, 120, 76,  96, 120, 95, 88, 132, 104, 92, 120,
                                      96, 74,  101, 84, 76,  96, 72, 82,  112, 76};
  const auto test = friedman_test(values, 3, false);
  REQUIRE_THAT(test.statistic, WithinAbs(10.57142857142857, 1e-10));
  REQUIRE_THAT(test.p_value, WithinAbs(0.005063414171757498, 1e-12));
  REQUIRE(test.mean_ranks[1] == 3);
}

TEST_CASE("friedman of zeros and ones is Cochran's Q", "[stats][friedman]") {
  // two models: Q = (b - c)^2 / (b + c), McNemar without correction
  std::vector<double> values;
  for (int i = 0; i < 10; ++i) values.insert(values.end(), {1, 0});
  for (int i = 0; i < 2; ++i) values.insert(values.end(), {0, 1});
  for (int i = 0; i < 30; ++i) values.insert(values.end(), {1, 1});
  REQUIRE_THAT(friedman_test(values, 2).statistic, WithinAbs(64.0 / 12, 1e-12));
  REQUIRE(friedman_test(std::vector<double>(20, 1.0), 2).p_value == 1);
}

TEST_CASE("nemenyi's critical values are those of Demsar's table 5, which cuts digits",
          "[stats][friedman]") {
  const double expected[] = {1.960, 2.343, 2.569, 2.728, 2.850, 2.949, 3.031, 3.102, 3.164};
  for (int k = 2; k <= 10; ++k)
    REQUIRE_THAT(normal_range_quantile(0.95, k) / std::sqrt(2.0), WithinAbs(expected[k - 2], 1e-3));
  // two normals: the range is |N(0, 2)|
  REQUIRE_THAT(normal_range_cdf(1.7, 2),
               WithinAbs(2 * normal_cdf(1.7 / std::sqrt(2.0)) - 1, 1e-12));
  REQUIRE_THAT(nemenyi_p_value(1.2, 1.2 + nemenyi_critical_difference(4, 30), 4, 30),
               WithinAbs(0.05, 1e-9));
}

TEST_CASE("cliques join what no difference separates", "[stats][friedman]") {
  const std::vector<double> ranks = {1, 1.4, 1.8, 3, 3.3};
  using Pairs = std::vector<std::pair<std::int64_t, std::int64_t>>;
  REQUIRE(rank_cliques(ranks, 0.5) == Pairs{{0, 1}, {1, 2}, {3, 4}});
  REQUIRE(rank_cliques(ranks, 0.1).empty());
  REQUIRE(rank_cliques(ranks, 5) == Pairs{{0, 4}});
}

TEST_CASE("kendall tau-b corrects for ties", "[stats][friedman]") {
  // scipy.stats.kendalltau([12, 2, 1, 12, 2], [1, 4, 7, 1, 0]): -0.4714045207910316
  const std::vector<double> x = {12, 2, 1, 12, 2}, y = {1, 4, 7, 1, 0};
  REQUIRE_THAT(kendall_tau_b(x, y), WithinAbs(-0.4714045207910316, 1e-14));
  REQUIRE(std::isnan(kendall_tau_b(x, std::vector<double>(5, 1.0))));
}

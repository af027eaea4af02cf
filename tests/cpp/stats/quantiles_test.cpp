#include "leadline/stats/quantiles.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "catch.hpp"
#include "leadline/core/error.hpp"
#include "leadline/stats/random.hpp"

namespace leadline::detail::quantiles_test {

std::vector<double> exponentials(std::size_t n, int trial) {
  std::vector<double> x(n);
  stats::Rng(1, "latency", trial).fill_uniform(x);
  for (double& v : x) v = -std::log1p(-v);
  return x;
}

}  // namespace leadline::detail::quantiles_test

using leadline::detail::quantiles_test::exponentials;
namespace stats = leadline::stats;

TEST_CASE("quantiles interpolate as NumPy", "[stats][quantiles]") {
  const std::vector<double> x{3, 1, 4, 1, 5, 9, 2, 6};
  const std::vector<double> p{0, .1, .25, .5, .9, 1};
  const std::vector<double> expected{1, 1, 1.75, 3.5, 6.9, 9};
  const auto got = stats::quantiles(x, p);
  for (std::size_t i = 0; i < p.size(); ++i) CHECK_THAT(got[i], WithinAbs(expected[i], 1e-14));
  CHECK(stats::quantile(x, 0.5) == 3.5);
  CHECK(stats::quantile(std::vector{7.0}, 0.99) == 7.0);
  CHECK_THROWS_AS(stats::quantile({}, 0.5), leadline::ValueError);
  CHECK_THROWS_AS(stats::quantile(x, 1.5), leadline::ValueError);
  CHECK_THROWS_AS(stats::quantile(std::vector{1.0, std::nan("")}, 0.5), leadline::ValueError);
}

TEST_CASE("the order statistics around a quantile are those of the binomial",
          "[stats][quantiles]") {
  // scipy: binom.ppf(.025, n, p) - 1 and binom.ppf(.975, n, p), counted from 0
  struct Row {
    std::int64_t n;
    double p;
    std::int64_t lower, upper;
  };
  for (const auto& [n, p, lower, upper] :
       {Row{100, .5, 39, 60}, {368, .99, 359, 367}, {1000, .9, 880, 918}, {20, .5, 5, 14}}) {
    const auto range = stats::quantile_order_range(n, p);
    REQUIRE(range);
    CHECK(range->lower == lower);
    CHECK(range->upper == upper);
    CHECK(range->coverage >= 0.95);
  }
  CHECK(!stats::quantile_order_range(367, .99));
  CHECK(!stats::quantile_order_range(0, .5));
  CHECK(!stats::quantile_interval(std::vector{1.0, 2.0}, .5));
}

TEST_CASE("quantile intervals cover", "[stats][quantiles][coverage]") {
  const int trials = 1000;
  int hits = 0;
  for (int t = 0; t < trials; ++t)
    hits += stats::quantile_interval(exponentials(200, t), .9)->contains(-std::log(.1));
  CHECK(hits >= 0.935 * trials);
}

TEST_CASE("early stopping needs as many queries as MLPerf says", "[stats][quantiles]") {
  // smallest h with I_p(h, t + 1) <= 0.01, scipy.special.betainc; MLPerf: 64 for p90, 662 for p99
  CHECK(stats::early_stopping_needed(1, .90) + 1 == 64);
  CHECK(stats::early_stopping_needed(1, .99) + 1 == 662);
  CHECK(stats::early_stopping_needed(0, .90) == 44);
  CHECK(stats::early_stopping_needed(10, .90) == 187);
  CHECK(stats::early_stopping_needed(5, .97) == 428);
  CHECK(stats::early_stopping_needed(10, .99) == 2000);
}

TEST_CASE("the early-stopping percentile drops t - 1 queries", "[stats][quantiles]") {
  std::vector<double> x;
  for (int i = 1; i <= 64; ++i) x.push_back(i);
  std::reverse(x.begin(), x.end());
  const auto first = stats::early_stopping_percentile(x, .9);
  REQUIRE(first);
  CHECK(first->value == 64.0);
  CHECK(first->dropped == 0);
  x.pop_back();
  CHECK(!stats::early_stopping_percentile(x, .9));
  std::vector<double> many;
  for (int i = 1; i <= 197; ++i) many.push_back(i);  // 187 + 10
  const auto tenth = stats::early_stopping_percentile(many, .9);
  REQUIRE(tenth);
  CHECK(tenth->dropped == 9);
  CHECK(tenth->value == 188.0);
  CHECK(!stats::early_stopping_percentile({}, .9));
  CHECK_THROWS_AS(stats::early_stopping_percentile(many, 90.0), leadline::ValueError);
}

TEST_CASE("the early-stopping percentile is above the true one with confidence",
          "[stats][quantiles][coverage]") {
  const int trials = 1000;
  int above = 0;
  for (int t = 0; t < trials; ++t)
    above += stats::early_stopping_percentile(exponentials(300, t), .9)->value >= -std::log(.1);
  CHECK(above >= 0.978 * trials);  // 0.99 less 4 standard errors
  CHECK(above < trials);           // and not by never being wrong
}

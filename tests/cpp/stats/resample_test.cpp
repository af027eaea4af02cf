#include "leadline/stats/resample.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "catch.hpp"
#include "leadline/core/error.hpp"
#include "leadline/stats/random.hpp"

namespace stats = leadline::stats;

namespace leadline::detail::resample_test {

double spread_of(const std::vector<double>& values) {
  stats::Moments moments;
  moments.add(values);
  return moments.standard_deviation();
}

}  // namespace leadline::detail::resample_test

using namespace leadline::detail::resample_test;

TEST_CASE("a replicate draws as many samples as there are", "[stats][resample]") {
  const std::vector<std::int64_t> strata{1, 1, 1, 2, 2}, clusters{7, 7, 8, 9, 9};
  const auto check = [&](const stats::Design& design, auto property) {
    const auto values = stats::resample(
        5, [&](auto counts) { return property(counts) ? 1.0 : 0.0; }, {.replicates = 200}, design);
    return std::accumulate(values.begin(), values.end(), 0.0) == 200.0;
  };
  CHECK(check({}, [](auto c) { return std::accumulate(c.begin(), c.end(), 0U) == 5; }));
  CHECK(check({.strata = strata},
              [](auto c) { return c[0] + c[1] + c[2] == 3 && c[3] + c[4] == 2; }));
  CHECK(check({.clusters = clusters},
              [](auto c) { return c[0] == c[1] && c[3] == c[4] && c[0] + c[2] + c[3] == 3; }));
  CHECK(check({.clusters = clusters, .strata = strata},
              [](auto c) { return c[0] == c[1] && c[0] + c[2] == 2 && c[3] == 1; }));
}

TEST_CASE("the bootstrap spread is the closed form", "[stats][resample]") {
  std::vector<double> x(200);
  stats::Rng rng(5);
  for (auto& v : x) v = rng.normal();
  stats::Moments m;
  m.add(x);
  const double expected = std::sqrt(m.m2 / 200 / 200);
  CHECK_THAT(spread_of(stats::bootstrap_mean(x, {.replicates = 4000})),
             WithinAbs(expected, 0.05 * expected));
  CHECK_THAT(spread_of(stats::bootstrap_rate(80, 100, {.replicates = 4000})), WithinAbs(.04, .002));
  CHECK_THAT(spread_of(stats::bootstrap_paired_difference({100, 30, 20, 50}, {.replicates = 4000})),
             WithinAbs(std::sqrt((.25 - .0025) / 200), .0018));
  // each sample four times, in clusters: the same spread as once; without clusters half of it
  std::vector<double> four;
  std::vector<std::int64_t> ids;
  for (int i = 0; i < 200; ++i)
    for (int k = 0; k < 4; ++k) four.push_back(x[i]), ids.push_back(i);
  CHECK_THAT(spread_of(stats::bootstrap_mean(four, {.replicates = 4000}, {.clusters = ids})),
             WithinAbs(expected, 0.05 * expected));
  CHECK_THAT(spread_of(stats::bootstrap_mean(four, {.replicates = 2000})),
             WithinAbs(expected / 2, 0.04 * expected));
  // strata that explain all of the spread leave none
  std::vector<double> two{1, 1, 1, 5, 5};
  CHECK(spread_of(stats::bootstrap_mean(
            two, {.replicates = 50}, {.strata = std::vector<std::int64_t>{0, 0, 0, 1, 1}})) == 0);
}

TEST_CASE("acceleration is that of the jackknife for a mean", "[stats][resample]") {
  const std::vector<double> x{1, 2, 2.5, 4, 9, 30};
  const double mean = std::accumulate(x.begin(), x.end(), 0.0) / 6;
  std::vector<double> influence, left_out;
  for (const double v : x) influence.push_back(v - mean), left_out.push_back((6 * mean - v) / 5);
  double squares = 0, cubes = 0;  // Efron 1987: jackknife values
  for (const double v : left_out) {
    squares += (mean - v) * (mean - v);
    cubes += std::pow(mean - v, 3);
  }
  CHECK_THAT(stats::acceleration(influence),
             WithinAbs(cubes / (6 * std::pow(squares, 1.5)), 1e-12));
  CHECK(stats::acceleration(std::vector{0.0, 0.0}) == 0.0);
  CHECK(stats::acceleration(std::vector{1e300, -1e300}) == 0.0);
  std::vector<double> hits(50, 0.0 - 0.14);
  for (int i = 0; i < 7; ++i) hits[i] += 1;
  CHECK_THAT(stats::acceleration_of_rate(7, 50), WithinAbs(stats::acceleration(hits), 1e-12));
}

TEST_CASE("bca without acceleration is the bias-corrected interval", "[stats][resample]") {
  std::vector<double> values(2000);
  stats::Rng rng(8);
  for (auto& v : values) v = std::exp(rng.normal());
  const auto bc = stats::bias_corrected_interval(values, 1.2),
             bca = stats::bca_interval(values, 1.2, 0);
  REQUIRE(bc);
  REQUIRE(bca);
  CHECK_THAT(bca->lower, WithinAbs(bc->lower, 1e-12));
  CHECK_THAT(bca->upper, WithinAbs(bc->upper, 1e-12));
  CHECK(stats::bca_interval(values, 1.2, .1)->upper > bca->upper);
  CHECK_FALSE(stats::bca_interval(values, -1, 0));
  CHECK_FALSE(stats::bca_interval(std::vector<double>(10, 1.0), 1, 0));
}

TEST_CASE("bca covers the mean of skewed data better than percentiles",
          "[stats][resample][coverage]") {
  const stats::Stream stream(21, "skewed");
  int percentile = 0, bca = 0;
  const int runs = 400, n = 40;
  for (int r = 0; r < runs; ++r) {
    auto rng = stream.at(r);
    std::vector<double> x(n);
    for (auto& v : x) v = -std::log(1 - rng.uniform());
    const double mean = std::accumulate(x.begin(), x.end(), 0.0) / n;
    std::vector<double> influence;
    for (const double v : x) influence.push_back(v - mean);
    const auto values = stats::bootstrap_mean(x, {.replicates = 500, .seed = std::uint64_t(r)});
    percentile += stats::percentile_interval(values)->contains(1.0);
    bca += stats::bca_interval(values, mean, stats::acceleration(influence))->contains(1.0);
  }
  CHECK(bca >= percentile);
  CHECK(double(bca) / runs >= 0.89);
}

TEST_CASE("designs that cannot be drawn are refused", "[stats][resample]") {
  const std::vector<double> x{1, 2, 3};
  const std::vector<std::int64_t> two{0, 1}, cluster{4, 4, 5}, strata{0, 1, 1};
  CHECK_THROWS_WITH(stats::bootstrap_mean(x, {}, {.clusters = two}),
                    "resample: expected clusters of shape [3], got [2] (pass one a sample, or "
                    "none)");
  CHECK_THROWS_WITH(stats::bootstrap_mean(x, {}, {.clusters = cluster, .strata = strata}),
                    "resample: expected each cluster inside one stratum, got cluster 4 in two "
                    "(name clusters apart, or leave the strata out)");
  CHECK_THROWS_AS(stats::bootstrap_mean({}), leadline::ValueError);
  CHECK_THROWS_AS(stats::bootstrap_rate(3, 2), leadline::ValueError);
  CHECK_THROWS_AS(stats::bootstrap_mean(x, {.replicates = 0}), leadline::ValueError);
}

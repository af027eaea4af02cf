#include "leadline/stats/bootstrap.hpp"

#include <array>
#include <cmath>
#include <limits>
#include <vector>

#include "catch.hpp"
#include "leadline/core/error.hpp"
#include "leadline/stats/moments.hpp"

namespace leadline::detail::bootstrap_test {

using stats::PoissonBootstrap;

const auto mean_of_first = [](std::span<const double> sums, double weight) {
  return weight > 0 ? sums[0] / weight : std::numeric_limits<double>::quiet_NaN();
};

std::vector<double> column(std::size_t n, int trial) {
  std::vector<double> x(n);
  stats::Rng(1, "column", trial).fill_uniform(x);
  for (double& v : x) v *= v;
  return x;
}

}  // namespace leadline::detail::bootstrap_test

using namespace leadline::detail::bootstrap_test;
namespace stats = leadline::stats;

TEST_CASE("bootstrap states have the same bits in any order and any sharding",
          "[stats][bootstrap]") {
  const auto x = column(300, 0);
  PoissonBootstrap forward({.replicates = 101}, 2), backward({.replicates = 101}, 2),
      even({.replicates = 101}, 2), odd({.replicates = 101}, 2);
  for (int i = 0; i < 300; ++i) {
    const auto value = x[static_cast<std::size_t>(i)];
    forward.add(i, std::array{value, -1.0});
    backward.add(299 - i, std::array{x[static_cast<std::size_t>(299 - i)], -1.0});
    (i % 2 == 0 ? even : odd).add(i, std::array{value, -1.0});
  }
  odd.merge(even);
  CHECK(forward.save() == backward.save());
  CHECK(forward.save() == odd.save());
  CHECK(forward.n() == 300);
  PoissonBootstrap loaded({.replicates = 101}, 2);
  loaded.load(forward.save());
  CHECK(loaded.save() == forward.save());
  CHECK(loaded.replicate(mean_of_first) == forward.replicate(mean_of_first));
}

TEST_CASE("a replicate is the weighted sum with the documented weights", "[stats][bootstrap]") {
  PoissonBootstrap boot({.replicates = 8, .seed = 3}, 1, 10.0);
  std::vector<double> sums(8), weights(8);
  for (int id = 0; id < 20; ++id) {
    std::vector<std::uint8_t> w(8);
    stats::poisson1_weights(stats::Stream(3, "bootstrap"), id, 0, w);
    for (std::size_t r = 0; r < 8; ++r) {
      sums[r] += w[r] * (id - 9.5);
      weights[r] += w[r];
    }
    boot.add(id, std::array{id - 9.5});
  }
  std::size_t r = 0;
  const auto seen = boot.replicate([&](std::span<const double> s, double weight) {
    CHECK_THAT(s[0], WithinAbs(sums[r], 1e-6));
    CHECK(weight == weights[r]);
    ++r;
    return weight;
  });
  CHECK(seen == weights);
}

TEST_CASE("the spread of the replicates is the standard error", "[stats][bootstrap]") {
  const auto x = column(400, 1);
  stats::Moments m, replicates;
  m.add(x);
  PoissonBootstrap boot({.replicates = 2000});
  for (std::size_t i = 0; i < x.size(); ++i)
    boot.add(static_cast<std::int64_t>(i), std::span(&x[i], 1));
  replicates.add(boot.replicate(mean_of_first));
  CHECK_THAT(replicates.mean, WithinAbs(m.mean, 0.002));
  CHECK_THAT(replicates.standard_deviation(), WithinRel(m.standard_error(), 0.07));
}

TEST_CASE("bootstrap intervals cover the mean of a column", "[stats][bootstrap][coverage]") {
  const int trials = 300;
  int percentile = 0, basic = 0, corrected = 0;
  for (int t = 0; t < trials; ++t) {
    const auto x = column(100, t);
    PoissonBootstrap boot({.replicates = 200, .seed = static_cast<std::uint64_t>(t)});
    double mean = 0;
    for (std::size_t i = 0; i < x.size(); ++i) {
      boot.add(static_cast<std::int64_t>(i), std::span(&x[i], 1));
      mean += x[i] / 100;
    }
    const auto values = boot.replicate(mean_of_first);
    percentile += stats::percentile_interval(values)->contains(1.0 / 3);
    basic += stats::basic_interval(values, mean)->contains(1.0 / 3);
    corrected += stats::bias_corrected_interval(values, mean)->contains(1.0 / 3);
  }
  // 0.935 (what the percentile bootstrap has at n = 100) less 4 standard errors
  for (const int hits : {percentile, basic, corrected}) CHECK(hits >= 0.88 * trials);
}

TEST_CASE("the multinomial bootstrap keeps the total and has the multinomial spread",
          "[stats][bootstrap]") {
  const std::vector<std::int64_t> counts{60, 30, 0, 10};
  stats::Moments share;
  share.add(stats::multinomial_bootstrap(counts,
                                         [](std::span<const std::int64_t> t) {
                                           CHECK(t[0] + t[1] + t[2] + t[3] == 100);
                                           CHECK(t[2] == 0);
                                           return static_cast<double>(t[1]) / 100;
                                         },
                                         {.replicates = 2000}));
  CHECK_THAT(share.mean, WithinAbs(0.3, 0.005));
  CHECK_THAT(share.standard_deviation(), WithinRel(std::sqrt(0.3 * 0.7 / 100), 0.07));
  CHECK_THROWS_AS(
      stats::multinomial_bootstrap(std::vector<std::int64_t>{-1}, [](auto) { return 0.0; }),
      leadline::ValueError);
}

TEST_CASE("interval ends are the quantiles of the replicates", "[stats][bootstrap]") {
  std::vector<double> values;
  for (int i = 0; i <= 1000; ++i) values.push_back(i);
  const auto p = stats::percentile_interval(values);
  CHECK_THAT(p->lower, WithinAbs(25, 1e-9));
  CHECK_THAT(p->upper, WithinAbs(975, 1e-9));
  const auto b = stats::basic_interval(values, 400);
  CHECK_THAT(b->lower, WithinAbs(-175, 1e-9));
  CHECK_THAT(b->upper, WithinAbs(775, 1e-9));
  const auto unbiased = stats::bias_corrected_interval(values, 500);
  CHECK_THAT(unbiased->lower, WithinAbs(25, 1e-6));
  CHECK(stats::bias_corrected_interval(values, 600)->lower > 25);
  CHECK(!stats::bias_corrected_interval(values, -1));
}

TEST_CASE("undefined replicates are left out, unless they are many", "[stats][bootstrap]") {
  std::vector<double> values(100, 1.0);
  for (std::size_t i = 0; i < 10; ++i) values[i] = std::nan("");
  CHECK(stats::percentile_interval(values) == stats::Interval{1, 1});
  values[10] = std::nan("");
  CHECK(!stats::percentile_interval(values));
  CHECK(!stats::percentile_interval(std::vector{1.0, 2.0}));
}

TEST_CASE("a bootstrap refuses what it cannot hold", "[stats][bootstrap]") {
  PoissonBootstrap boot({.replicates = 10}, 1, 1.0), other({.replicates = 10, .seed = 1}, 1, 1.0);
  CHECK_THROWS_AS(boot.add(0, std::array{1.5}), leadline::ValueError);
  CHECK_THROWS_AS(boot.add(0, std::array{std::nan("")}), leadline::ValueError);
  CHECK_THROWS_AS(boot.add(0, std::array{0.1, 0.2}), leadline::ShapeError);
  CHECK_THROWS_AS(boot.merge(other), leadline::ValueError);
  CHECK_THROWS_AS(boot.load(std::vector<std::int64_t>{1, 2}), leadline::ValueError);
  CHECK_THROWS_AS(PoissonBootstrap({.replicates = 0}), leadline::ValueError);
  CHECK_THROWS_AS(PoissonBootstrap({}, 1, std::nan("")), leadline::ValueError);
  CHECK(boot.n() == 0);
}

#include "leadline/stats/power.hpp"

#include <algorithm>
#include <cmath>

#include "catch.hpp"
#include "leadline/core/error.hpp"
#include "leadline/stats/distributions.hpp"
#include "leadline/stats/intervals.hpp"
#include "leadline/stats/random.hpp"
#include "leadline/stats/tests.hpp"

namespace stats = leadline::stats;

TEST_CASE("power matches statsmodels and enumeration", "[stats][power]") {
  // statsmodels 0.15: TTestPower, TTestIndPower, power_proportions_2indep
  CHECK_THAT(stats::power_mean(30, .5), WithinAbs(0.75396471574379, 1e-9));
  CHECK_THAT(stats::power_two_means(40, 60, .4), WithinAbs(0.49223274876964224, 1e-9));
  CHECK_THAT(stats::power_difference(100, 100, .4, .3), WithinAbs(0.3158429250699363, 1e-9));
  CHECK_THAT(stats::power_difference(1000, 2000, .92, .9), WithinAbs(0.42425325102588873, 1e-9));
  CHECK(stats::sample_size_mean(.3) == 90);
  CHECK(stats::sample_size_two_means(.25, {.power = .9, .ratio = 2}) == 253);
  // numpy: sums over all outcomes of Wilson's interval, and of the mid-p test
  CHECK_THAT(stats::power_proportion(50, .9, .8), WithinAbs(0.43121590375074736, 1e-10));
  CHECK_THAT(stats::power_proportion(1000, .02, .01), WithinAbs(0.7815371247509131, 1e-10));
  CHECK_THAT(stats::power_mcnemar(200, .1, .05), WithinAbs(0.4346533285051748, 1e-9));
  CHECK_THAT(stats::power_mcnemar(1000, .04, .02), WithinAbs(0.7413575904137125, 1e-9));
  CHECK_THAT(stats::power_mcnemar(3000, .02, .02), WithinAbs(0.04910920987458845, 1e-9));
  // closed form of Hanley and McNeil
  CHECK_THAT(stats::power_auroc(50, 80, .75, .6), WithinAbs(0.8558485100015576, 1e-9));
}

TEST_CASE("sizes are the smallest that reach the power", "[stats][power]") {
  const auto a = stats::sample_size_proportion(.95, .9);
  REQUIRE(a);
  for (int further = 0; further < 12; ++further)
    CHECK(stats::power_proportion(*a + further, .95, .9) >= 0.8);
  CHECK(stats::power_proportion(*a - 1, .95, .9) < 0.8);
  const auto b = stats::sample_size_mcnemar(.04, .02);
  REQUIRE(b);
  CHECK(stats::power_mcnemar(*b, .04, .02) >= 0.8);
  CHECK(stats::power_mcnemar(*b - 40, .04, .02) < 0.8);
  const auto c = stats::sample_size_difference(.9, .88);
  CHECK(stats::power_difference(*c, *c, .9, .88) >= 0.8);
  CHECK(stats::power_difference(*c - 1, *c - 1, .9, .88) < 0.8);
  const auto d = stats::sample_size_auroc(.8, .7);
  CHECK(stats::power_auroc(*d, *d, .8, .7) >= 0.8);
  const auto e = stats::sample_size_non_inferiority(.9, .9, .02);
  CHECK(stats::power_non_inferiority(*e, *e, .9, .9, .02) >= 0.8);
  CHECK(stats::power_non_inferiority(*e - 1, *e - 1, .9, .9, .02) < 0.8);
}

TEST_CASE("no size decides where nothing differs", "[stats][power]") {
  CHECK_FALSE(stats::sample_size_proportion(.9, .9));
  CHECK_FALSE(stats::sample_size_difference(.9, .9));
  CHECK_FALSE(stats::sample_size_mcnemar(.02, .02));
  CHECK_FALSE(stats::sample_size_mean(0));
  CHECK_FALSE(stats::sample_size_auroc(.7, .7));
  CHECK_FALSE(stats::sample_size_non_inferiority_paired(.05, .03, .01));
  CHECK_FALSE(stats::sample_size_equivalence_paired(.05, .03, .01));
  // identical models: still as many as Wilson's "none in n" needs
  const auto n = stats::sample_size_non_inferiority_paired(0, 0, .01);
  REQUIRE(n);
  CHECK(stats::paired_difference({*n, 0, 0, 0}).lower > -.01);
}

TEST_CASE("the stated power of paired decisions is met by simulation", "[stats][power][coverage]") {
  // Non-inferiority by 0.02, 6 % discordant pairs, no true difference.
  const double b = 0.03, c = 0.03, margin = 0.02;
  const auto n = stats::sample_size_non_inferiority_paired(b, c, margin);
  REQUIRE(n);
  const stats::Stream stream(3, "power");
  int shown = 0;
  const int runs = 4000;
  for (int r = 0; r < runs; ++r) {
    auto rng = stream.at(r);
    const auto first = rng.binomial(*n, b);
    const auto second = rng.binomial(*n - first, c / (1 - b));
    const stats::PairedCounts counts{*n - first - second, first, second, 0};
    shown += stats::paired_difference(counts).upper < margin;
  }
  CHECK_THAT(double(shown) / runs, WithinAbs(0.8, 0.04));
}

TEST_CASE("plans out of range are refused with a reason", "[stats][power]") {
  CHECK_THROWS_WITH(stats::sample_size_non_inferiority(.9, .9, -.01),
                    "sample_size_non_inferiority: expected margin in (0, 1), got -0.010000 (a "
                    "margin is the loss that is still acceptable, a positive share)");
  CHECK_THROWS_WITH(stats::sample_size_mean(.3, {.power = 80}),
                    "sample_size_mean: expected power in (0, 1), got 80.000000 (use 0.8 for 80 %)");
  CHECK_THROWS_WITH(stats::power_mcnemar(100, .7, .7),
                    "power_mcnemar: expected only_first + only_second <= 1, got 1.400000 (pass "
                    "shares of all samples)");
  CHECK_THROWS_AS(stats::power_proportion(0, .5, .4), leadline::ValueError);
  CHECK_THROWS_AS(stats::power_mean(1, .5), leadline::ValueError);
}

#include "leadline/stats/coverage.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "catch.hpp"
#include "leadline/core/error.hpp"
#include "leadline/stats/distributions.hpp"
#include "leadline/stats/moments.hpp"
#include "leadline/stats/random.hpp"

namespace stats = leadline::stats;
using stats::DifferenceMethod;
using stats::PairedMethod;
using stats::ProportionMethod;
using stats::RatioMethod;

namespace leadline::detail::coverage_test {

const double true_rates[] = {0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5};

/// Probability that the check fires when the rate is `p`.
double check_fires(ProportionMethod method, std::int64_t n, double p) {
  double fired = 0;
  for (std::int64_t k = 0; k <= n; ++k) {
    const double mass = stats::binomial_pmf(k, n, p);
    if (mass > 1e-7 && !stats::interval_is_valid_here(method, k, n).valid) fired += mass;
  }
  return fired;
}

}  // namespace leadline::detail::coverage_test

using namespace leadline::detail::coverage_test;

TEST_CASE("clopper-pearson never covers less than its level", "[stats][coverage]") {
  for (const std::int64_t n : {20, 50, 200, 1000, 10000})
    for (const double p : true_rates) {
      CAPTURE(n, p);
      CHECK(stats::exact_coverage(ProportionMethod::clopper_pearson, n, p) >= 0.95);
      CHECK(stats::exact_coverage(ProportionMethod::clopper_pearson, n, p, 0.9) >= 0.9);
    }
}

TEST_CASE("approximate intervals cover within a point of their level on average",
          "[stats][coverage]") {
  for (const auto method : {ProportionMethod::wilson, ProportionMethod::jeffreys}) {
    double mean = 0;
    for (const std::int64_t n : {20, 50, 100, 500, 2000, 10000})
      for (const double p : true_rates) mean += stats::exact_coverage(method, n, p) / 60;
    CAPTURE(stats::name_of(method));
    CHECK(mean >= 0.94);
  }
}

TEST_CASE("enumerated coverage agrees with a sum by hand", "[stats][coverage]") {
  // n = 2, p = 0.1: Wilson of 0 is [0, .658], of 1 [.095, .905], of 2 [.342, 1]
  CHECK_THAT(stats::exact_coverage(ProportionMethod::wilson, 2, 0.1), WithinAbs(0.99, 1e-12));
  CHECK_THAT(stats::exact_coverage(ProportionMethod::wilson, 2, 0.09), WithinAbs(.91 * .91, 1e-12));
  double covered = 0;
  for (int a = 0; a <= 8; ++a)
    for (int b = 0; b <= 6; ++b)
      if (stats::newcombe_difference(a, 8, b, 6).contains(0.4 - 0.3))
        covered += stats::binomial_pmf(a, 8, .4) * stats::binomial_pmf(b, 6, .3);
  CHECK_THAT(stats::exact_coverage(DifferenceMethod::newcombe, 8, .4, 6, .3),
             WithinAbs(covered, 1e-9));
}

TEST_CASE("the check of an interval fires where it covers three points too little",
          "[stats][coverage]") {
  int short_ones = 0;
  for (const auto method : {ProportionMethod::wilson, ProportionMethod::jeffreys}) {
    for (const std::int64_t n : {20, 50, 200, 1000})
      for (const double expected : {0.05, 0.17, 0.54, 1.0, 2.0, 3.6, 8.0}) {
        const double p = expected / double(n);
        const bool is_short = stats::exact_coverage(method, n, p) < 0.92;
        short_ones += is_short;
        CAPTURE(stats::name_of(method), n, p);
        if (is_short) CHECK(check_fires(method, n, p) >= 0.99);
      }
    CHECK(check_fires(method, 1000, 0.05) <= 0.001);
    CHECK(check_fires(method, 1000, 0.5) == 0.0);
  }
  CHECK(short_ones >= 8);  // the grid has such places
  CHECK(check_fires(ProportionMethod::clopper_pearson, 200, 0.01) == 0.0);
  CHECK_FALSE(stats::interval_is_valid_here(ProportionMethod::wilson, 1, 1000).valid);
  CHECK_FALSE(stats::interval_is_valid_here(ProportionMethod::wilson, 999, 1000).valid);
  CHECK(stats::interval_is_valid_here(ProportionMethod::wilson, 10, 1000).valid);
}

TEST_CASE("coverage of two true_rates is near the level", "[stats][coverage]") {
  CHECK_THAT(stats::exact_coverage(DifferenceMethod::newcombe, 100, .2, 100, .3),
             WithinAbs(0.95, 0.01));
  CHECK_THAT(stats::exact_coverage(DifferenceMethod::miettinen_nurminen, 40, .2, 60, .3),
             WithinAbs(0.95, 0.012));
  CHECK_THAT(stats::exact_coverage(RatioMethod::katz, 200, .2, 200, .3), WithinAbs(0.95, 0.01));
  CHECK_THAT(stats::exact_coverage(RatioMethod::koopman, 60, .2, 60, .3), WithinAbs(0.95, 0.012));
  for (const auto method : {PairedMethod::newcombe, PairedMethod::tango})
    CHECK_THAT(stats::exact_coverage(method, 200, .7, .1, .05), WithinAbs(0.955, 0.015));
  CHECK(stats::interval_is_valid_here(DifferenceMethod::newcombe, 60, 200, 70, 200).valid);
  CHECK_THROWS_AS(stats::exact_coverage(RatioMethod::katz, 10, .5, 10, 0), leadline::ValueError);
}

TEST_CASE("the check of a mean sees skewness", "[stats][coverage]") {
  CHECK(stats::mean_interval_is_valid_here(50, 0.0).valid);
  CHECK(stats::mean_interval_is_valid_here(50, 2.0, 6.0).valid);
  CHECK_FALSE(stats::mean_interval_is_valid_here(20, 2.0).valid);
  CHECK_FALSE(stats::mean_interval_is_valid_here(1000, 14.0).valid);
  CHECK_THROWS_AS(stats::mean_interval_is_valid_here(1, 0.0), leadline::ValueError);
  // and what it says is about what happens: lognormal columns, n = 50
  const stats::Stream stream(51, "skew");
  int covered = 0;
  for (int r = 0; r < 2000; ++r) {
    auto rng = stream.at(r);
    stats::Moments m;
    for (int i = 0; i < 25; ++i) m.add(-std::log(1 - rng.uniform()));
    covered += stats::mean_interval_t(m)->contains(1.0);
  }
  CHECK_THAT(covered / 2000.0,
             WithinAbs(stats::mean_interval_is_valid_here(25, 2.0, 6.0).least_coverage, 0.02));
}

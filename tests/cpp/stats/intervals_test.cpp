#include "leadline/stats/intervals.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "catch.hpp"
#include "leadline/core/error.hpp"
#include "leadline/stats/distributions.hpp"
#include "leadline/stats/random.hpp"

namespace stats = leadline::stats;
using stats::Interval;
using stats::Moments;
using stats::ProportionMethod;

namespace leadline::detail::intervals_test {

void check_close(const Interval& got, double lower, double upper, double tolerance = 1e-10) {
  CHECK_THAT(got.lower, WithinAbs(lower, tolerance));
  CHECK_THAT(got.upper, WithinAbs(upper, tolerance));
}

/// Exact coverage of p: no simulation, the sum over all outcomes.
double exact_coverage(int n, double p, ProportionMethod method) {
  double covered = 0;
  for (int k = 0; k <= n; ++k)
    if (stats::proportion_interval(k, n, 0.95, method).contains(p))
      covered += stats::binomial_pmf(k, n, p);
  return covered;
}

}  // namespace leadline::detail::intervals_test

using namespace leadline::detail::intervals_test;

TEST_CASE("proportion intervals match scipy", "[stats][intervals]") {
  struct Row {
    double k, n, wilson_low, wilson_up, exact_low, exact_up, jeffreys_low, jeffreys_up;
  };
  // scipy 1.17.1: binomtest(k, n).proportion_ci(method=...), beta.ppf(.025, k + .5, n - k + .5)
  for (const Row& r : {Row{7, 50, 0.0695083342702, 0.261861937106, 0.05819170034, 0.267396002497,
                           0.0648717011505, 0.255325028156},
                       Row{0, 1000, 0, 0.00382675848556, 0, 0.00368208389664, 0, 0.00250816434142},
                       Row{998, 1000, 0.992737192137, 0.999451356412, 0.992794161088,
                           0.999757698883, 0.993599500239, 0.999584168635},
                       Row{0, 10, 0, 0.277532799863, 0, 0.308497107819, 0, 0.217196267509},
                       Row{10, 10, 0.722467200137, 1, 0.691502892181, 1, 0.782803732491, 1},
                       Row{81, 263, 0.255288519878, 0.366209576983, 0.252736745585, 0.367621922601,
                           0.254521934991, 0.365647499174}}) {
    CAPTURE(r.k, r.n);
    check_close(stats::proportion_interval(r.k, r.n), r.wilson_low, r.wilson_up);
    check_close(stats::proportion_interval(r.k, r.n, .95, ProportionMethod::clopper_pearson),
                r.exact_low, r.exact_up);
    check_close(stats::proportion_interval(r.k, r.n, .95, ProportionMethod::jeffreys),
                r.jeffreys_low, r.jeffreys_up);
  }
  check_close(stats::proportion_interval(7, 50, .99), 0.0561437186063375, 0.308205787430355);
}

TEST_CASE("clopper-pearson at zero is the closed form", "[stats][intervals]") {
  const auto ci = stats::proportion_interval(0, 1000, .95, ProportionMethod::clopper_pearson);
  CHECK(ci.lower == 0.0);
  CHECK_THAT(ci.upper, WithinAbs(1.0 - std::pow(0.025, 1.0 / 1000), 1e-12));
  const auto one_sided =
      stats::proportion_interval(0, 1000, .90, ProportionMethod::clopper_pearson);
  CHECK_THAT(one_sided.upper, WithinAbs(.0029912495, 1e-10));
}

TEST_CASE("proportion intervals are honest at the edges", "[stats][intervals]") {
  for (const auto method :
       {ProportionMethod::wilson, ProportionMethod::clopper_pearson, ProportionMethod::jeffreys}) {
    CHECK(stats::proportion_interval(0, 0, .95, method) == Interval{0, 1});
    CHECK(stats::proportion_interval(0, 5, .95, method).lower == 0.0);
    CHECK(stats::proportion_interval(5, 5, .95, method).upper == 1.0);
    CHECK(stats::proportion_method(stats::name_of(method)) == method);
    for (int k = 0; k <= 20; ++k) {  // mirror: failures are successes seen from behind
      const auto a = stats::proportion_interval(k, 20, .9, method);
      const auto b = stats::proportion_interval(20 - k, 20, .9, method);
      check_close(a, 1 - b.upper, 1 - b.lower, 1e-12);
      CHECK(a.contains(k / 20.0));
    }
  }
  CHECK_THROWS_AS(stats::proportion_interval(6, 5), leadline::ValueError);
  CHECK_THROWS_AS(stats::proportion_interval(-1, 5), leadline::ValueError);
  CHECK_THROWS_AS(stats::proportion_interval(1, 5, 95.0), leadline::ValueError);
  CHECK_THROWS_AS(stats::proportion_interval(std::nan(""), 5), leadline::ValueError);
  CHECK_THROWS_AS(stats::proportion_method("wald"), leadline::ValueError);
}

TEST_CASE("proportion intervals cover as they say, summed over every outcome",
          "[stats][intervals][coverage]") {
  for (const int n : {10, 50, 200}) {
    double worst_exact = 1, mean_wilson = 0, worst_wilson = 1, mean_jeffreys = 0;
    int points = 0;
    for (double p = 0.0125; p < 1; p += 0.025, ++points) {
      worst_exact = std::min(worst_exact, exact_coverage(n, p, ProportionMethod::clopper_pearson));
      const double wilson = exact_coverage(n, p, ProportionMethod::wilson);
      worst_wilson = std::min(worst_wilson, wilson);
      mean_wilson += wilson;
      mean_jeffreys += exact_coverage(n, p, ProportionMethod::jeffreys);
    }
    CAPTURE(n);
    CHECK(worst_exact >= 0.95);
    CHECK_THAT(mean_wilson / points, WithinAbs(0.95, 0.012));
    CHECK(worst_wilson > 0.87);
    CHECK_THAT(mean_jeffreys / points, WithinAbs(0.95, 0.012));
  }
}

TEST_CASE("the t interval of a mean matches scipy", "[stats][intervals]") {
  Moments m;
  CHECK(!stats::mean_interval_t(m));
  m.add(2.1);
  CHECK(!stats::mean_interval_t(m));
  m.add(std::vector{3.4, 1.9, 5.5, 4.0, 2.2, 3.3});
  check_close(*stats::mean_interval_t(m), 2.013214718743824, 4.386785281256175);
  stats::WeightedMoments w;
  for (const double x : {2.1, 3.4, 1.9, 5.5, 4.0, 2.2, 3.3}) w.add(x, 0.3);
  check_close(*stats::mean_interval_t(w), 2.013214718743824, 4.386785281256175);
}

TEST_CASE("the t interval covers the mean of normal and of skewed columns",
          "[stats][intervals][coverage]") {
  const int trials = 2000;
  int normal_hits = 0, skewed_hits = 0;
  std::vector<double> x(60);
  for (int t = 0; t < trials; ++t) {
    Moments normal, skewed;
    stats::Rng rng(1, "t", t);
    rng.fill_normal(std::span(x).first(8));
    normal.add(std::span(x).first(8));
    normal_hits += stats::mean_interval_t(normal)->contains(0.0);
    rng.fill_uniform(x);
    for (const double u : x) skewed.add(-std::log1p(-u));  // exponential, mean 1
    skewed_hits += stats::mean_interval_t(skewed)->contains(1.0);
  }
  // 0.95 +- 4 standard errors; the exponential loses about 0.015 at n = 60
  CHECK_THAT(normal_hits / double{trials}, WithinAbs(0.95, 0.02));
  CHECK(skewed_hits / double{trials} > 0.915);
}

TEST_CASE("the Bernstein interval covers where the t interval fails",
          "[stats][intervals][coverage]") {
  // One loss of 1 in 200, at n = 100: six samples in ten see none at all.
  const int trials = 1000;
  int t_hits = 0, bernstein_hits = 0;
  std::vector<double> u(100);
  for (int t = 0; t < trials; ++t) {
    stats::Rng(2, "rare", t).fill_uniform(u);
    Moments m;
    for (const double v : u) m.add(v < 0.005 ? 1.0 : 0.0);
    t_hits += stats::mean_interval_t(m)->contains(0.005);
    bernstein_hits += stats::mean_interval_bernstein(m, 0, 1).contains(0.005);
  }
  CHECK(t_hits < 0.6 * trials);
  CHECK(bernstein_hits >= 0.95 * trials);
}

TEST_CASE("the Bernstein interval is the formula of Maurer and Pontil", "[stats][intervals]") {
  Moments m;
  m.add(std::vector{0.2, 0.4, 0.9, 0.1});
  const double log_term = std::log(2 / 0.025);
  Moments many;
  for (int i = 0; i < 1000; ++i) many.add(i % 2);
  const double expected =
      std::sqrt(2 * many.variance() * log_term / 1000) + 7 * log_term / (3 * 999.0);
  check_close(stats::mean_interval_bernstein(many, 0, 1), 0.5 - expected, 0.5 + expected, 1e-12);
  CHECK(stats::mean_interval_bernstein(m, 0, 1) == Interval{0, 1});
  CHECK(stats::mean_interval_bernstein(Moments(), 0, 1) == Interval{0, 1});
  CHECK_THROWS_AS(stats::mean_interval_bernstein(m, 0, 0.5), leadline::ValueError);
}

TEST_CASE("differences of rates match the published examples", "[stats][intervals]") {
  // Newcombe 1998a, 56/70 - 48/80, and 1998b, (36, 12, 2, 0), method 10
  check_close(stats::newcombe_difference(56, 70, 48, 80), 0.05243147240236484, 0.3338726540369059);
  check_close(stats::newcombe_difference(10, 10, 0, 20), 0.6790860371419147, 1.0);
  check_close(stats::paired_difference({36, 12, 2, 0}), 0.0569295840032388, 0.3404276029749408);
  check_close(stats::paired_difference({20, 12, 2, 16}), 0.05615642484174829, 0.32920699540014053);
  check_close(stats::paired_difference({54, 0, 0, 0}), -0.06641358809089648, 0.06641358809089648);
  CHECK(stats::newcombe_difference(0, 0, 1, 2) == Interval{-1, 1});
  CHECK(stats::paired_difference({}) == Interval{-1, 1});
  CHECK_THROWS_AS(stats::paired_difference({-1, 0, 0, 0}), leadline::ValueError);
}

TEST_CASE("the difference of two rates covers, summed over every outcome",
          "[stats][intervals][coverage]") {
  const int n1 = 20, n2 = 30;
  double sum = 0, worst = 1;
  int points = 0;
  std::vector<Interval> table;
  for (int i = 0; i <= n1; ++i)
    for (int j = 0; j <= n2; ++j) table.push_back(stats::newcombe_difference(i, n1, j, n2));
  for (double p1 = 0.05; p1 < 1; p1 += 0.1)
    for (double p2 = 0.05; p2 < 1; p2 += 0.1, ++points) {
      double covered = 0;
      for (int i = 0; i <= n1; ++i) {
        const double mass = stats::binomial_pmf(i, n1, p1);
        for (int j = 0; j <= n2; ++j)
          if (table[static_cast<std::size_t>(i * (n2 + 1) + j)].contains(p1 - p2))
            covered += mass * stats::binomial_pmf(j, n2, p2);
      }
      sum += covered;
      worst = std::min(worst, covered);
    }
  CHECK_THAT(sum / points, WithinAbs(0.955, 0.01));
  CHECK(worst > 0.91);
}

TEST_CASE("the paired difference covers, by simulation", "[stats][intervals][coverage]") {
  struct Truth {
    double both, only_first, only_second;
  };
  const int trials = 1000;
  for (const Truth& p : {Truth{0.8, 0.08, 0.05}, Truth{0.5, 0.2, 0.1}, Truth{0.96, 0.02, 0.01}}) {
    int hits = 0;
    for (int t = 0; t < trials; ++t) {
      stats::Rng rng(3, "paired", t);
      const std::int64_t n = 150;
      stats::PairedCounts c;
      c.both = rng.binomial(n, p.both);
      c.only_first = rng.binomial(n - c.both, p.only_first / (1 - p.both));
      c.only_second =
          rng.binomial(n - c.both - c.only_first, p.only_second / (1 - p.both - p.only_first));
      c.neither = n - c.both - c.only_first - c.only_second;
      hits += stats::paired_difference(c).contains(p.only_first - p.only_second);
    }
    CAPTURE(p.both);
    CHECK(hits >= 0.93 * trials);
  }
}

TEST_CASE("n_to_decide is the smallest further number that decides", "[stats][intervals]") {
  for (const double limit : {0.85, 0.93}) {
    const auto further = stats::n_to_decide(90, 100, limit);
    REQUIRE(further);
    REQUIRE(*further > 0);
    const double total = 100 + static_cast<double>(*further);
    CHECK(!stats::proportion_interval(0.9 * total, total).contains(limit));
    CHECK(stats::proportion_interval(0.9 * (total - 1), total - 1).contains(limit));
  }
  CHECK(stats::n_to_decide(90, 100, 0.5) == 0);
  CHECK(!stats::n_to_decide(90, 100, 0.9));
  CHECK(!stats::n_to_decide(0, 0, 0.9));
  CHECK(stats::n_to_decide(10, 10, 0.999).value() > 1000);
  CHECK(stats::n_to_decide(0, 100, 0.001).value() > 1000);
}

TEST_CASE("n_to_decide of a mean and of any interval agree", "[stats][intervals]") {
  Moments m;
  std::vector<double> x(500);
  stats::Rng(5).fill_normal(x);
  m.add(x);
  const double limit = m.mean + 0.02;
  const auto by_t = stats::n_to_decide(m, limit);
  const auto by_width = stats::n_to_decide(m.mean, *stats::mean_interval_t(m), m.n, limit);
  REQUIRE((by_t && by_width));
  CHECK_THAT(static_cast<double>(*by_t) / static_cast<double>(*by_width), WithinAbs(1.0, 0.02));
  CHECK(stats::n_to_decide(m, m.mean + 10) == 0);
  CHECK(!stats::n_to_decide(m, m.mean));
  CHECK(!stats::n_to_decide(Moments(), 1.0));
  CHECK(stats::n_to_decide(0.5, {0.4, 0.6}, 100, 0.7) == 0);
  CHECK(!stats::n_to_decide(0.5, {0.4, 0.6}, 100, 0.5));
  CHECK(stats::n_to_decide(0.5, {0.4, 0.6}, 100, 0.55) == 300);
}

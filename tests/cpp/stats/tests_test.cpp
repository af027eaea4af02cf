#include "leadline/stats/tests.hpp"

#include <cmath>
#include <vector>

#include "catch.hpp"
#include "leadline/core/error.hpp"
#include "leadline/stats/distributions.hpp"
#include "leadline/stats/random.hpp"

namespace stats = leadline::stats;

TEST_CASE("the binomial test matches scipy", "[stats][tests]") {
  struct Row {
    std::int64_t k, n;
    double p, expected;  // scipy 1.17.1, binomtest(k, n, p).pvalue
  };
  for (const auto& [k, n, p, expected] : {Row{7, 50, .3, 0.0128563726314},
                                          {3, 10, .5, 0.34375},
                                          {0, 20, .05, 0.622646397465},
                                          {12, 20, .35, 0.0316970620452},
                                          {530, 1000, .5, 0.0620231950984},
                                          {8, 10, .8, 1},
                                          {400000, 1000000, .4007, 0.153454915637},
                                          {0, 5, 0, 1},
                                          {5, 5, 1, 1},
                                          {2, 5, 1, 0},
                                          {0, 0, .5, 1}}) {
    CAPTURE(k, n, p);
    CHECK_THAT(stats::binomial_test(k, n, p), WithinAbs(expected, 1e-9));
  }
  CHECK_THROWS_AS(stats::binomial_test(3, 2, .5), leadline::ValueError);
}

TEST_CASE("mcnemar matches the published values", "[stats][tests]") {
  const auto test = stats::mcnemar_test(10, 2);
  CHECK_THAT(test.exact, WithinAbs(.03857421875, 1e-12));
  CHECK_THAT(test.mid_p, WithinAbs(.0224609375, 1e-12));
  CHECK(stats::mcnemar_test(2, 10).exact == test.exact);
  CHECK(stats::mcnemar_test(0, 0).mid_p == 1.0);
  CHECK(stats::mcnemar_test(3, 3).exact == 1.0);
  CHECK_THAT(stats::mcnemar_test(3, 3).mid_p, WithinAbs(1 - 0.5 * 20 / 64.0, 1e-12));
  CHECK_THROWS_AS(stats::mcnemar_test(-1, 3), leadline::ValueError);
}

TEST_CASE("the chi-square forms of mcnemar match statsmodels", "[stats][tests]") {
  // statsmodels 0.15, mcnemar(exact=False, correction=False / True); facts: b = 10, c = 2
  const auto a = stats::mcnemar_test(10, 2), b = stats::mcnemar_test(40, 25);
  CHECK_THAT(a.chi_square, WithinAbs(0.020921335337794035, 1e-12));
  CHECK_THAT(a.chi_square_corrected, WithinAbs(0.04330814281079206, 1e-12));
  CHECK_THAT(b.chi_square, WithinAbs(0.06281184751609843, 1e-12));
  CHECK_THAT(b.chi_square_corrected, WithinAbs(0.08247788747320971, 1e-12));
  CHECK_THAT(b.exact, WithinAbs(0.08168153394154003, 1e-12));
  CHECK(a.n_discordant == 12);
  CHECK(stats::mcnemar_test(0, 0).chi_square == 1.0);
  CHECK(stats::mcnemar_test(1, 0).chi_square_corrected == 1.0);
}

TEST_CASE("mcnemar keeps its level, by enumeration", "[stats][tests][coverage]") {
  // Unconditional: the number of discordant pairs is binomial too. The mid-p
  // keeps its level while that number varies; with every sample discordant it reaches 0.065.
  for (const int n : {20, 50, 200})
    for (const double discordant : {0.05, 0.2, 0.5}) {
      double exact = 0, mid = 0, corrected = 0;
      for (int pairs = 0; pairs <= n; ++pairs) {
        const double mass = stats::binomial_pmf(pairs, n, discordant);
        if (mass < 1e-9) continue;
        for (int b = 0; b <= pairs; ++b) {
          const auto test = stats::mcnemar_test(b, pairs - b);
          const double p = mass * stats::binomial_pmf(b, pairs, 0.5);
          exact += test.exact <= 0.05 ? p : 0;
          mid += test.mid_p <= 0.05 ? p : 0;
          corrected += test.chi_square_corrected <= 0.05 ? p : 0;
        }
      }
      CAPTURE(n, discordant, exact, mid, corrected);
      CHECK(exact <= 0.05);
      CHECK(mid <= 0.0505);
      CHECK(corrected <= 0.05);
      CHECK(exact <= mid);
    }
}

TEST_CASE("a Monte Carlo p-value counts the observation", "[stats][tests]") {
  CHECK(stats::permutation_p_value(0, 999) == 0.001);
  CHECK(stats::permutation_p_value(999, 999) == 1.0);
  CHECK_THROWS_AS(stats::permutation_p_value(5, 4), leadline::ValueError);
  CHECK_THROWS_AS(stats::permutation_p_value(0, 0), leadline::ValueError);
}

TEST_CASE("sign flips agree with the full enumeration", "[stats][tests]") {
  const std::vector<double> d{.5, .1, -.2, .3, .4, .25, .6, -.1, .2, .35};
  // 24 of 1024 sign patterns are as extreme
  CHECK_THAT(stats::sign_flip_test(d, {.replicates = 20000}), WithinAbs(0.0234375, 0.0043));
  CHECK(stats::sign_flip_test(std::vector{0.0, 0.0}) == 1.0);
  CHECK(stats::sign_flip_test({}) == 1.0);
  CHECK(stats::sign_flip_test(std::vector{1.0}, {.replicates = 99}) == 1.0);
  CHECK_THROWS_AS(stats::sign_flip_test(std::vector{std::nan("")}), leadline::ValueError);
}

TEST_CASE("permutations agree with the full enumeration", "[stats][tests]") {
  const std::vector<double> a{1.2, 3.4, 2.2, 5.1, 4.4}, b{2.9, 4.8, 6.1, 5.5, 6.6, 7.0};
  // 24 of 462 splits, scipy.stats.permutation_test with every split
  CHECK_THAT(stats::permutation_test(a, b, {.replicates = 20000}), WithinAbs(24.0 / 462, 0.0063));
  CHECK_THAT(stats::permutation_test(b, a, {.replicates = 20000}), WithinAbs(24.0 / 462, 0.0063));
  CHECK_THROWS_AS(stats::permutation_test(a, {}), leadline::ValueError);
}

TEST_CASE("permutation tests hold their level", "[stats][tests][coverage]") {
  const int trials = 500;
  int flips = 0, splits = 0;
  std::vector<double> x(40);
  for (int t = 0; t < trials; ++t) {
    stats::Rng(1, "null", t).fill_normal(x);
    const stats::PermutationOptions options{.replicates = 99, .seed = 7};
    flips += stats::sign_flip_test(x, options) <= 0.05;
    splits +=
        stats::permutation_test(std::span(x).first(15), std::span(x).subspan(15), options) <= 0.05;
  }
  // 0.05 +- 4 standard errors
  CHECK_THAT(flips / double{trials}, WithinAbs(0.05, 0.039));
  CHECK_THAT(splits / double{trials}, WithinAbs(0.05, 0.039));
}

TEST_CASE("holm and benjamini-hochberg adjust as by hand", "[stats][tests]") {
  const std::vector<double> p{.01, .04, .03, .005, .5};
  const std::vector<double> by_holm{.04, .09, .09, .025, .5};
  const std::vector<double> by_bh{.025, .05, .05, .025, .5};  // scipy.stats.false_discovery_control
  const auto h = stats::holm(p), q = stats::benjamini_hochberg(p);
  for (std::size_t i = 0; i < p.size(); ++i) {
    CHECK_THAT(h[i], WithinAbs(by_holm[i], 1e-15));
    CHECK_THAT(q[i], WithinAbs(by_bh[i], 1e-15));
  }
  CHECK(stats::holm({}).empty());
  CHECK(stats::holm(std::vector{0.9, 0.8}) == std::vector<double>{1.0, 1.0});
  CHECK_THROWS_AS(stats::holm(std::vector{1.5}), leadline::ValueError);
}

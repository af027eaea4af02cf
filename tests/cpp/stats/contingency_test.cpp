#include "leadline/stats/contingency.hpp"

#include <cmath>
#include <vector>

#include "catch.hpp"
#include "leadline/core/error.hpp"
#include "leadline/stats/distributions.hpp"

namespace stats = leadline::stats;
using stats::Alternative;
using TableCounts = std::vector<std::int64_t>;

TEST_CASE("fisher's test matches scipy", "[stats][tests]") {
  struct Row {
    std::int64_t a, b, c, d;
    double two, less, greater;  // scipy 1.17.1, fisher_exact
  };
  for (const Row& r :
       {Row{8, 2, 1, 5, 0.034965034965034975, 0.9991258741258742, 0.024475524475524483},
        Row{100, 40, 70, 60, 0.0036494938476940297, 0.9991042419303127, 0.0020618911615676618},
        Row{3, 0, 2, 9, 0.02747252747252747, 1.0, 0.027472527472527472},
        Row{1500, 1600, 1400, 1700, 0.011734267827985421, 0.9949290806513621,
            0.005867133913992711}}) {
    CAPTURE(r.a, r.b);
    CHECK_THAT(stats::fisher_exact_test(r.a, r.b, r.c, r.d).p_value, WithinAbs(r.two, 1e-9));
    CHECK_THAT(stats::fisher_exact_test(r.a, r.b, r.c, r.d, Alternative::less).p_value,
               WithinAbs(r.less, 1e-9));
    CHECK_THAT(stats::fisher_exact_test(r.a, r.b, r.c, r.d, Alternative::greater).p_value,
               WithinAbs(r.greater, 1e-9));
    CHECK_THAT(stats::fisher_exact_test(r.a, r.c, r.b, r.d).p_value, WithinAbs(r.two, 1e-9));
  }
  CHECK(stats::fisher_exact_test(0, 0, 3, 4).why == "a row or column has no count");
  CHECK(stats::fisher_exact_test(0, 0, 3, 4).p_value == 1.0);
  CHECK_THROWS_AS(stats::fisher_exact_test(-1, 0, 3, 4), leadline::ValueError);
}

TEST_CASE("chi-square tests match scipy", "[stats][tests]") {
  // scipy 1.17.1, chi2_contingency and chisquare
  const auto yates = stats::chi_square_test(TableCounts{8, 2, 1, 5}, 2, 2);
  CHECK_THAT(yates.statistic, WithinAbs(3.8095238095238093, 1e-12));
  CHECK_THAT(yates.p_value, WithinAbs(0.050961936967763424, 1e-12));
  CHECK(yates.method == "yates");
  CHECK_THAT(yates.least_expected, WithinAbs(6 * 7 / 16.0, 1e-12));
  const auto plain = stats::chi_square_test(TableCounts{8, 2, 1, 5}, 2, 2, false);
  CHECK_THAT(plain.p_value, WithinAbs(0.013425424881491248, 1e-12));
  const auto wide = stats::chi_square_test(TableCounts{10, 20, 30, 6, 9, 17}, 2, 3);
  CHECK_THAT(wide.statistic, WithinAbs(0.27157465150403504, 1e-12));
  CHECK(wide.df == 2);
  CHECK_THAT(wide.p_value, WithinAbs(0.873028283380073, 1e-12));
  CHECK_THAT(stats::chi_square_goodness_test(TableCounts{16, 18, 16, 14, 12, 12}).p_value,
             WithinAbs(0.8491450360846096, 1e-12));
  const std::vector<double> shares{25, 25, 50};
  CHECK_THAT(stats::chi_square_goodness_test(TableCounts{20, 30, 50}, shares).p_value,
             WithinAbs(0.36787944117144245, 1e-12));
  CHECK_THAT(stats::chi_square_goodness_test(TableCounts{20, 30, 50}, shares, 1).p_value,
             WithinAbs(0.15729920705028105, 1e-12));
}

TEST_CASE("rows and columns without a count are left out", "[stats][tests]") {
  const auto full = stats::chi_square_test(TableCounts{8, 2, 1, 5, 3, 3}, 3, 2);
  const auto padded = stats::chi_square_test(TableCounts{8, 0, 2, 1, 0, 5, 0, 0, 0, 3, 0, 3}, 4, 3);
  CHECK(padded.statistic == full.statistic);
  CHECK(padded.df == full.df);
  CHECK(stats::chi_square_test(TableCounts{8, 2}, 1, 2).why ==
        "fewer than two rows or columns have a count");
  CHECK(stats::chi_square_goodness_test(TableCounts{0, 0}).why == "no sample");
  CHECK_THROWS_AS(stats::chi_square_test(TableCounts{1, 2, 3}, 2, 2), leadline::ShapeError);
  CHECK_THROWS_AS(stats::chi_square_goodness_test(TableCounts{3}), leadline::ValueError);
  CHECK_THROWS_WITH(stats::chi_square_goodness_test(TableCounts{3, 4}, std::vector{1.0, 0.0}),
                    "chi_square_goodness_test: expected shares > 0, got 0.000000 (leave out what "
                    "cannot happen, or join it to another)");
}

TEST_CASE("fisher and yates keep their level, by enumeration", "[stats][tests][coverage]") {
  for (const double rate : {0.05, 0.2, 0.5}) {
    double fisher = 0, yates = 0, power = 0;
    const int n = 25;
    for (int a = 0; a <= n; ++a)
      for (int b = 0; b <= n; ++b) {
        const double p = stats::binomial_pmf(a, n, rate) * stats::binomial_pmf(b, n, rate);
        const double q =
            stats::binomial_pmf(a, n, rate) * stats::binomial_pmf(b, n, std::min(1.0, rate + 0.45));
        if (p < 1e-9 && q < 1e-9) continue;
        const auto test = stats::fisher_exact_test(a, n - a, b, n - b);
        fisher += test.p_value <= 0.05 ? p : 0;
        power += test.p_value <= 0.05 ? q : 0;
        yates +=
            stats::chi_square_test(TableCounts{a, n - a, b, n - b}, 2, 2).p_value <= 0.05 ? p : 0;
      }
    CAPTURE(rate, fisher, yates);
    CHECK(fisher <= 0.05);
    CHECK(yates <= 0.05);
    CHECK(power >= 0.8);  // 45 points at 25 a group
  }
}

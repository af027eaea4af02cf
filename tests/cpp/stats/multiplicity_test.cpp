#include "leadline/stats/multiplicity.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "catch.hpp"
#include "leadline/core/error.hpp"
#include "leadline/stats/random.hpp"

namespace stats = leadline::stats;

TEST_CASE("benjamini-yekutieli matches statsmodels", "[stats][multiplicity]") {
  // statsmodels 0.15, multipletests(method="fdr_by")
  const auto got = stats::benjamini_yekutieli(std::vector{.01, .04, .03, .005, .5});
  const std::vector expected{0.05708333333333333, 0.11416666666666667, 0.11416666666666665,
                             0.05708333333333333, 1.0};
  for (std::size_t i = 0; i < got.size(); ++i) CHECK_THAT(got[i], WithinAbs(expected[i], 1e-12));
  CHECK(stats::benjamini_yekutieli({}).empty());
}

TEST_CASE("e-BH rejects the k largest when each is at least m / (k q)", "[stats][multiplicity]") {
  // m = 4, q = 0.1: e_(1) >= 40, or two >= 20, or three >= 13.3, or all >= 10
  const auto two = stats::e_benjamini_hochberg(std::vector{25.0, 0.0, 21.0, 3.0});
  CHECK_THAT(two[0], WithinAbs(4 / (2 * 21.0), 1e-12));
  CHECK(two[0] == two[2]);
  CHECK(two[0] <= 0.1);
  CHECK(two[3] > 0.1);
  CHECK(two[1] == 1.0);
  const auto one = stats::e_benjamini_hochberg(std::vector{39.0, 1.0, 1.0, 1.0});
  CHECK(one[0] > 0.1);
  CHECK_THROWS_WITH(stats::e_benjamini_hochberg(std::vector{-1.0}),
                    "e_benjamini_hochberg: expected e-values >= 0, got -1.000000 (leave out "
                    "undefined tests)");
}

TEST_CASE("adjusted values follow the order of the input", "[stats][multiplicity]") {
  const std::vector p{.2, .001, .04, .9, .03}, swapped{.9, .03, .2, .001, .04};
  for (const auto adjust :
       {&stats::holm, &stats::benjamini_hochberg, &stats::benjamini_yekutieli}) {
    const auto a = adjust(p), b = adjust(swapped);
    CHECK(a[0] == b[2]);
    CHECK(a[1] == b[3]);
    CHECK(a[3] == b[0]);
    for (std::size_t i = 0; i < p.size(); ++i) CHECK(a[i] >= p[i]);
  }
}

TEST_CASE("families of true and false hypotheses keep their rates",
          "[stats][multiplicity][coverage]") {
  // 5 of 20 hypotheses are false; e-values are likelihood ratios of N(3, 1) against N(0, 1).
  const int runs = 4000, m = 20, wrong = 5;
  const stats::Stream stream(7, "multiplicity");
  double any = 0, share_p = 0, share_e = 0, found_e = 0;
  for (int r = 0; r < runs; ++r) {
    auto rng = stream.at(r);
    std::vector<double> p(m), e(m);
    for (int i = 0; i < m; ++i) {
      const double z = rng.normal() + (i < wrong ? 3.0 : 0.0);
      p[i] = std::erfc(std::max(-8.0, z) / std::sqrt(2.0)) / 2;
      e[i] = std::exp(3.0 * z - 4.5);
    }
    const auto count = [&](const std::vector<double>& adjusted, double q) {
      int false_ones = 0, all = 0;
      for (int i = 0; i < m; ++i)
        if (adjusted[i] <= q) ++all, false_ones += i >= wrong;
      return std::pair(false_ones, all);
    };
    any += count(stats::holm(p), 0.05).first > 0;
    const auto [fp, np] = count(stats::benjamini_hochberg(p), 0.1);
    share_p += np ? double(fp) / np : 0;
    const auto [fe, ne] = count(stats::e_benjamini_hochberg(e), 0.1);
    share_e += ne ? double(fe) / ne : 0;
    found_e += ne - fe;
  }
  CHECK(any / runs <= 0.05 + 0.009);  // 2.6 standard errors
  CHECK(share_p / runs <= 0.1 + 0.006);
  CHECK(share_e / runs <= 0.1);
  CHECK(found_e / runs >= 2.0);  // of five
}

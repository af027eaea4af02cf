#include "leadline/stats/t_tests.hpp"

#include <cmath>
#include <vector>

#include "catch.hpp"
#include "leadline/core/error.hpp"
#include "leadline/stats/random.hpp"

namespace stats = leadline::stats;
using stats::Alternative;
using stats::Moments;
using stats::Variances;

namespace leadline::detail::t_tests_test {

Moments moments_of(const std::vector<double>& values) {
  Moments moments;
  moments.add(values);
  return moments;
}
const std::vector<double> first_sample{1.1, 2.3, 0.7, 3.9, 2.2, 5.1, 4.4, 2.8};
const std::vector<double> second_sample{2.0, 3.1, 1.9, 4.8, 2.1, 6.3, 5.2, 3.9, 4.1};

}  // namespace leadline::detail::t_tests_test

using namespace leadline::detail::t_tests_test;

TEST_CASE("t tests match scipy", "[stats][tests]") {
  // scipy 1.17.1: ttest_ind(equal_var=...), ttest_1samp, confidence_interval
  const auto welch = stats::t_test(moments_of(first_sample), moments_of(second_sample));
  CHECK_THAT(welch.statistic, WithinAbs(-1.1866903221909648, 1e-12));
  CHECK_THAT(welch.p_value, WithinAbs(0.25408285543339465, 1e-12));
  CHECK_THAT(welch.df, WithinAbs(14.773517048000139, 1e-10));
  const auto ci =
      stats::mean_difference_interval(moments_of(first_sample), moments_of(second_sample));
  REQUIRE(ci);
  CHECK_THAT(ci->lower, WithinAbs(-2.5147908344944985, 1e-10));
  CHECK_THAT(ci->upper, WithinAbs(0.7175686122722769, 1e-10));
  const auto pooled = stats::t_test(moments_of(first_sample), moments_of(second_sample),
                                    Variances::equal, Alternative::less);
  CHECK_THAT(pooled.p_value, WithinAbs(0.12693049877950152, 1e-12));
  CHECK_THAT(stats::t_test(moments_of(first_sample), moments_of(second_sample), Variances::equal,
                           Alternative::greater)
                 .p_value,
             WithinAbs(1 - 0.12693049877950152, 1e-12));
  CHECK_THAT(stats::t_test(moments_of(first_sample), 2.0).p_value,
             WithinAbs(0.18344878335516904, 1e-12));
}

TEST_CASE("t tests that the data cannot answer say why", "[stats][tests]") {
  CHECK(stats::t_test(Moments{}).why == "fewer than two values");
  CHECK(stats::t_test(moments_of({2, 2, 2})).why == "the values do not differ");
  CHECK(stats::t_test(moments_of({2, 2}), moments_of({3, 3})).why ==
        "the values of neither group differ");
  CHECK(stats::t_test(moments_of({2}), moments_of(second_sample)).why ==
        "fewer than two values in a group");
  CHECK(stats::t_test(moments_of({2}), moments_of(second_sample)).p_value == 1.0);
  CHECK_FALSE(stats::mean_difference_interval(moments_of({2}), moments_of(second_sample)));
  CHECK_THROWS_WITH(stats::t_test(moments_of({1, std::nan("")})),
                    "t_test: expected finite values, got nan as their mean (leave out what is "
                    "undefined)");
}

TEST_CASE("welch keeps its level where spreads and sizes differ", "[stats][tests][coverage]") {
  const stats::Stream stream(31, "welch");
  int rejected = 0, covered = 0;
  const int runs = 4000;
  for (int r = 0; r < runs; ++r) {
    auto rng = stream.at(r);
    Moments first, second;
    for (int i = 0; i < 10; ++i) first.add(3 * rng.normal());
    for (int i = 0; i < 40; ++i) second.add(rng.normal());
    rejected += stats::t_test(first, second).p_value <= 0.05;
    covered += stats::mean_difference_interval(first, second)->contains(0.0);
  }
  CHECK(rejected <= (0.05 + 0.009) * runs);  // 2.6 standard errors
  CHECK(rejected + covered == runs);         // one inverts the other
}

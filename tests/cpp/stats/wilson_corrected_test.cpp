#include "leadline/stats/wilson_corrected.hpp"

#include "catch.hpp"
#include "leadline/core/error.hpp"

namespace stats = leadline::stats;

TEST_CASE("wilson with continuity correction matches scipy", "[stats][intervals]") {
  // scipy 1.17.1, binomtest(k, n).proportion_ci(method="wilsoncc")
  const auto ci = stats::wilson_corrected_interval(7, 50);
  CHECK_THAT(ci.lower, WithinAbs(0.0627700895, 1e-10));
  CHECK_THAT(ci.upper, WithinAbs(0.2735637622, 1e-10));
  const auto none = stats::wilson_corrected_interval(0, 50),
             all = stats::wilson_corrected_interval(50, 50);
  CHECK(none.lower == 0.0);
  CHECK(all.upper == 1.0);
  CHECK_THAT(none.upper, WithinAbs(1 - all.lower, 1e-12));
  CHECK(none.upper > stats::proportion_interval(0, 50).upper);
  CHECK(stats::wilson_corrected_interval(0, 0) == stats::Interval{0, 1});
  CHECK_THROWS_AS(stats::wilson_corrected_interval(3, 2), leadline::ValueError);
}

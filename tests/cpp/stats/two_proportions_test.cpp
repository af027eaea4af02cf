#include "leadline/stats/two_proportions.hpp"

#include <cmath>

#include "catch.hpp"
#include "leadline/core/error.hpp"

namespace stats = leadline::stats;
using stats::DifferenceMethod;
using stats::PairedCounts;
using stats::RatioMethod;

TEST_CASE("the score interval of a difference matches Newcombe's table", "[stats][intervals]") {
  struct Row {
    double k1, n1, k2, n2, lower, upper;  // Newcombe 1998a, table II, method 6
  };
  for (const Row& r : {Row{56, 70, 48, 80, .0528, .3382}, Row{9, 10, 3, 10, .1700, .8406},
                       Row{5, 56, 0, 29, -.0326, .1933}, Row{10, 10, 0, 20, .7156, 1.0}}) {
    CAPTURE(r.k1, r.n1);
    const auto ci = stats::difference_interval(r.k1, r.n1, r.k2, r.n2, .95,
                                               DifferenceMethod::miettinen_nurminen);
    CHECK_THAT(ci.lower, WithinAbs(r.lower, 6e-5));
    CHECK_THAT(ci.upper, WithinAbs(r.upper, 6e-5));
    const auto mirrored = stats::difference_interval(r.k2, r.n2, r.k1, r.n1, .95,
                                                     DifferenceMethod::miettinen_nurminen);
    CHECK_THAT(mirrored.lower, WithinAbs(-ci.upper, 1e-9));
    CHECK_THAT(mirrored.upper, WithinAbs(-ci.lower, 1e-9));
  }
  CHECK(stats::difference_interval(0, 0, 1, 2) == stats::Interval{-1, 1});
}

TEST_CASE("ratio intervals match statsmodels", "[stats][intervals]") {
  struct Row {
    double k1, n1, k2, n2, katz_low, katz_up, koop_low, koop_up;
  };
  // statsmodels 0.15, confint_proportions_2indep(compare="ratio", method="log" / "score",
  // correction=False)
  for (const Row& r : {Row{56, 70, 48, 80, 1.0766264227631928, 1.6512485112663873,
                           1.0798215063618604, 1.6708055780191224},
                       Row{9, 10, 3, 10, 1.1383503574476699, 7.906177514784793, 1.3532371938667245,
                           8.46766868670978},
                       Row{90, 1000, 120, 1100, 0.6364098388709184, 1.0694759232627917,
                           0.6366292033581948, 1.0683366185703305}}) {
    CAPTURE(r.k1, r.n1);
    const auto katz = stats::ratio_interval(r.k1, r.n1, r.k2, r.n2);
    CHECK_THAT(katz.lower, WithinAbs(r.katz_low, 1e-9));
    CHECK_THAT(katz.upper, WithinAbs(r.katz_up, 1e-9));
    const auto koop = stats::ratio_interval(r.k1, r.n1, r.k2, r.n2, .95, RatioMethod::koopman);
    CHECK_THAT(koop.lower, WithinAbs(r.koop_low, 1e-8));
    CHECK_THAT(koop.upper, WithinAbs(r.koop_up, 1e-8));
    const auto inverse = stats::ratio_interval(r.k2, r.n2, r.k1, r.n1, .95, RatioMethod::koopman);
    CHECK_THAT(inverse.lower, WithinAbs(1 / koop.upper, 1e-9));
  }
}

TEST_CASE("ratios with zero cells say what is known", "[stats][intervals]") {
  const auto none_above = stats::ratio_interval(0, 50, 5, 50);
  CHECK(none_above.value == 0.0);
  CHECK(none_above.lower == 0.0);
  CHECK(none_above.method == RatioMethod::koopman);
  CHECK(none_above.upper > 0.5);
  CHECK(none_above.upper < 1.0);
  const auto none_below = stats::ratio_interval(5, 50, 0, 50);
  CHECK_FALSE(none_below.value.has_value());
  CHECK(std::isinf(none_below.upper));
  CHECK_THAT(none_below.lower, WithinAbs(1 / none_above.upper, 1e-9));
  const auto neither = stats::ratio_interval(0, 50, 0, 50);
  CHECK_FALSE(neither.value.has_value());
  CHECK(neither.lower == 0.0);
  CHECK(std::isinf(neither.upper));
  const auto all = stats::ratio_interval(50, 50, 40, 40);
  CHECK(all.value == 1.0);
  CHECK(all.lower < 1.0);
  CHECK(all.upper > 1.0);
  CHECK_THROWS_WITH(stats::ratio_interval(5, 3, 1, 2),
                    "ratio_interval: expected 0 <= successes <= n, got 5.000000 of 3.000000 (pass "
                    "counts of the same samples)");
}

TEST_CASE("tango's interval inverts the constrained score test", "[stats][intervals]") {
  struct Row {
    PairedCounts counts;
    double lower, upper;  // scipy: likelihood maximised under the constraint, roots by brentq
  };
  for (const Row& r : {Row{{36, 12, 2, 0}, 0.0611124069, 0.3447087480},
                       Row{{80, 7, 3, 10}, -0.0257940042, 0.1127698315},
                       Row{{900, 40, 20, 40}, 0.0049735074, 0.0360135572}}) {
    const auto ci = stats::tango_difference(r.counts);
    CHECK_THAT(ci.lower, WithinAbs(r.lower, 1e-7));
    CHECK_THAT(ci.upper, WithinAbs(r.upper, 1e-7));
  }
  const auto none = stats::tango_difference({18, 0, 0, 2});
  CHECK_THAT(none.upper, WithinAbs(-none.lower, 1e-12));
  CHECK_THAT(none.upper, WithinAbs(0.1611251581, 1e-9));
  CHECK(stats::tango_difference({}) == stats::Interval{-1, 1});
}

TEST_CASE("further pairs decide when the shares stay", "[stats][intervals]") {
  const PairedCounts seen{80, 7, 3, 10};
  const auto further = stats::n_to_decide(seen, 0.0);
  REQUIRE(further.has_value());
  const double times = double(*further + 100) / 100;
  const auto scaled = [&](int k) { return std::llround(times * k); };
  CHECK(stats::paired_difference({scaled(80), scaled(7), scaled(3), scaled(10)}).lower > -1e-3);
  CHECK(stats::n_to_decide(PairedCounts{80, 30, 2, 10}, 0.0) == 0);
  CHECK_FALSE(stats::n_to_decide(PairedCounts{80, 7, 7, 10}, 0.0).has_value());
  CHECK_FALSE(stats::n_to_decide(PairedCounts{}, 0.0).has_value());
  CHECK_THROWS_AS(stats::n_to_decide(seen, 1.5), leadline::ValueError);
}

#include "leadline/stats/effect_size.hpp"

#include <cmath>
#include <vector>

#include "catch.hpp"
#include "leadline/core/error.hpp"
#include "leadline/stats/random.hpp"

namespace stats = leadline::stats;
using stats::Moments;

namespace leadline::detail::effect_size_test {

Moments moments_from(const std::vector<double>& values) {
  Moments moments;
  moments.add(values);
  return moments;
}

}  // namespace leadline::detail::effect_size_test

using leadline::detail::effect_size_test::moments_from;

TEST_CASE("standardised differences match scipy's noncentral t", "[stats][effect]") {
  const auto a = moments_from({1.1, 2.3, 0.7, 3.9, 2.2, 5.1, 4.4, 2.8});
  const auto b = moments_from({2.0, 3.1, 1.9, 4.8, 2.1, 6.3, 5.2, 3.9, 4.1});
  // scipy 1.17.1: roots of nct.cdf(t, df, nc) at .975 and .025
  const auto d = stats::cohen_d(a, b);
  CHECK_THAT(*d.value, WithinAbs(-0.5765570673379994, 1e-12));
  CHECK_THAT(d.interval.lower, WithinAbs(-1.54153554394608, 1e-8));
  CHECK_THAT(d.interval.upper, WithinAbs(0.40663783135454407, 1e-8));
  const auto g = stats::hedges_g(a, b);
  CHECK_THAT(*g.value, WithinAbs(-0.5471570313245078, 1e-10));
  CHECK_THAT(g.interval.lower, WithinAbs(-1.54153554394608 * 0.9490075871427031, 1e-8));
  const auto z =
      stats::cohen_d(moments_from({0.5, -0.3, 0.8, 1.2, -0.1, 0.9, 0.4, -0.7, 1.5, 0.2}));
  CHECK_THAT(*z.value, WithinAbs(0.6407465014891567, 1e-12));
  CHECK_THAT(z.interval.lower, WithinAbs(-0.0585207798424162, 1e-8));
  CHECK_THAT(z.interval.upper, WithinAbs(1.3114309329037293, 1e-8));
  CHECK(stats::cohen_d(moments_from({1, 1}), moments_from({1, 1})).why ==
        "the values of neither group differ");
  CHECK(stats::cohen_d(moments_from({1}), a).why == "fewer than two values in a group");
  CHECK_THROWS_AS(stats::cohen_d(moments_from({1, INFINITY}), a), leadline::ValueError);
}

TEST_CASE("effects of counts match their closed forms", "[stats][effect]") {
  const auto odds = stats::odds_ratio(56, 70, 48, 80);
  CHECK_THAT(*odds.value, WithinAbs(56 * 32 / (14 * 48.0), 1e-12));
  CHECK_THAT(odds.interval.lower, WithinAbs(1.27621787, 1e-7));
  CHECK_THAT(odds.interval.upper, WithinAbs(5.5720197, 1e-7));
  const auto h = stats::cohen_h(56, 70, 48, 80);
  CHECK_THAT(*h.value, WithinAbs(0.4421431880029534, 1e-12));
  CHECK_THAT(h.interval.upper - *h.value,
             WithinAbs(1.959963984540054 * std::sqrt(1. / 70 + 1. / 80), 1e-12));
  // scipy 1.17.1: contingency.association, roots of ncx2.cdf
  const std::vector<std::int64_t> counts{10, 20, 30, 6, 19, 7};
  const auto v = stats::cramer_v(counts, 2, 3);
  CHECK_THAT(*v.value, WithinAbs(0.2854342282561758, 1e-12));
  CHECK_THAT(v.interval.lower, WithinAbs(0.018688344492346964, 1e-7));
  CHECK_THAT(v.interval.upper, WithinAbs(0.47495678409896147, 1e-7));
  CHECK_THAT(*stats::cliff_delta(std::vector{.9, .8, .3}, std::vector{.7, .4, .2, .1}).value,
             WithinAbs(2 * 0.8333333333 - 1, 1e-9));
}

TEST_CASE("odds with zero cells say what is known", "[stats][effect]") {
  const auto none = stats::odds_ratio(0, 20, 5, 20);
  CHECK(none.value == 0.0);
  CHECK(none.interval.lower == 0.0);
  CHECK(none.interval.upper < 2.0);
  CHECK(none.method == "woolf_haldane");
  const auto infinite = stats::odds_ratio(5, 20, 0, 20);
  CHECK_FALSE(infinite.value);
  CHECK(std::isinf(infinite.interval.upper));
  CHECK(infinite.interval.lower > 0.5);
  const auto nothing = stats::odds_ratio(0, 20, 0, 20);
  CHECK_FALSE(nothing.value);
  CHECK(nothing.interval.lower == 0.0);
  CHECK(stats::cohen_h(0, 0, 1, 2).why == "a group is empty");
  CHECK(stats::cramer_v(std::vector<std::int64_t>{3, 4}, 1, 2).why ==
        "fewer than two rows or columns have a count");
}

TEST_CASE("intervals of effects cover", "[stats][effect][coverage]") {
  const stats::Stream stream(41, "effects");
  int d = 0, odds = 0, h = 0;
  const int runs = 600;
  const double truth = 0.5, true_odds = (0.7 / 0.3) / (0.5 / 0.5);
  const double true_h = 2 * std::asin(std::sqrt(.7)) - 2 * std::asin(std::sqrt(.5));
  for (int r = 0; r < runs; ++r) {
    auto rng = stream.at(r);
    Moments a, b;
    for (int i = 0; i < 12; ++i) a.add(rng.normal() + truth), b.add(rng.normal());
    d += stats::cohen_d(a, b).interval.contains(truth);
    const auto k1 = double(rng.binomial(80, .7)), k2 = double(rng.binomial(60, .5));
    odds += stats::odds_ratio(k1, 80, k2, 60).interval.contains(true_odds);
    h += stats::cohen_h(k1, 80, k2, 60).interval.contains(true_h);
  }
  for (const int covered : {d, odds, h}) CHECK_THAT(double(covered) / runs, WithinAbs(0.95, 0.025));
}

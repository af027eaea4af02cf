#include "leadline/stats/e_process.hpp"

#include <cmath>

#include "catch.hpp"
#include "leadline/core/error.hpp"
#include "leadline/stats/distributions.hpp"
#include "leadline/stats/random.hpp"

namespace stats = leadline::stats;
using stats::Dependence;
using stats::PairedCounts;
using stats::SequentialGate;

namespace leadline::detail::e_process_test {

PairedCounts draw_night(stats::Rng& rng, std::int64_t n, double only_first, double only_second) {
  const auto b = rng.binomial(n, only_first);
  const auto c = rng.binomial(n - b, only_second / (1 - only_first));
  return {n - b - c, b, c, 0};
}

}  // namespace leadline::detail::e_process_test

using namespace leadline::detail::e_process_test;

TEST_CASE("the e-value has expectation one at the edge of the hypothesis", "[stats][e_process]") {
  // Enumerated: n = 12 samples, rates of d chosen so that E[d] = margin.
  for (const double margin : {0.0, 0.1, -0.2}) {
    const int n = 12;
    const double c = 0.25, b = c + margin;
    double mean = 0;
    for (int i = 0; i <= n; ++i)
      for (int j = 0; i + j <= n; ++j)
        mean += stats::binomial_pmf(i, n, b) * stats::binomial_pmf(j, n - i, c / (1 - b)) *
                stats::paired_e_value({n - i - j, i, j, 0}, margin);
    CHECK_THAT(mean, WithinAbs(1.0, 1e-10));
  }
}

TEST_CASE("the e-value grows with losses only", "[stats][e_process]") {
  CHECK(stats::paired_e_value({}) == 1.0);
  CHECK(stats::paired_e_value({100, 0, 0, 5}) == 1.0);  // no margin: agreement says nothing
  CHECK(stats::paired_e_value({100, 0, 0, 5}, 0.01) < 1.0);
  CHECK(stats::paired_e_value({50, 1, 0, 0}) > 1.0);
  CHECK(stats::paired_e_value({50, 0, 1, 0}) < 1.0);
  CHECK(stats::paired_e_value({0, 30, 5, 0}) > 100);
  CHECK(stats::paired_e_value({0, 30, 5, 0}, 0.9) < 1.0);
  CHECK(std::isfinite(stats::paired_e_value({0, 1000000000, 0, 0})));
  CHECK_THROWS_AS(stats::paired_e_value({-1, 0, 0, 0}), leadline::ValueError);
  CHECK_THROWS_AS(stats::paired_e_value({}, 1.0), leadline::ValueError);
}

TEST_CASE("200 honest nights raise no alarm more often than stated",
          "[stats][e_process][coverage]") {
  // 2000 samples a night, 4 % discordant either way; margin 0: the edge of the hypothesis.
  const int runs = 120, nights = 200;
  const stats::Stream stream(11, "gate");
  for (const auto dependence : {Dependence::sequential, Dependence::arbitrary})
    for (const std::int64_t horizon : {0, 200}) {
      int alarms = 0;
      for (int r = 0; r < runs; ++r) {
        auto rng = stream.at(r, horizon + 1);
        SequentialGate gate({.alpha = 0.1, .horizon = horizon, .dependence = dependence});
        for (int t = 0; t < nights && !gate.alarmed(); ++t)
          gate.update(draw_night(rng, 2000, .02, .02));
        alarms += gate.alarmed();
      }
      CAPTURE(int(dependence), horizon, alarms);
      CHECK(alarms <= 0.1 * runs + 2.6 * std::sqrt(runs * .1 * .9));
    }
}

TEST_CASE("a late regression is found soon, though the quiet nights were many",
          "[stats][e_process][coverage]") {
  // The candidate loses 1 point from night 150 on; 5000 samples, 3 % discordant.
  const stats::Stream stream(12, "gate");
  double delay = 0;
  int found = 0;
  const int runs = 60;
  for (int r = 0; r < runs; ++r) {
    auto rng = stream.at(r);
    SequentialGate gate({.alpha = 0.05, .horizon = 200});
    for (int t = 1; t <= 200 && !gate.alarmed(); ++t)
      gate.update(t < 150 ? draw_night(rng, 5000, .015, .015) : draw_night(rng, 5000, .02, .01));
    found += gate.alarm_at() >= 150;
    delay += gate.alarm_at() >= 150 ? double(gate.alarm_at() - 149) : 0;
  }
  CHECK(found >= 0.9 * runs);
  CHECK(delay / found <= 3.0);
}

TEST_CASE("the same samples every night need the arbitrary gate", "[stats][e_process][coverage]") {
  // One fixed set of discordant pairs, seen again 50 times: fair once, not fifty times.
  const stats::Stream stream(13, "gate");
  int sequential = 0, arbitrary = 0;
  const int runs = 400;
  for (int r = 0; r < runs; ++r) {
    auto rng = stream.at(r);
    const auto counts = draw_night(rng, 2000, .02, .02);
    SequentialGate a({.horizon = 50}), b({.horizon = 50, .dependence = Dependence::arbitrary});
    for (int t = 0; t < 50; ++t) a.update(counts), b.update(counts);
    sequential += a.alarmed();
    arbitrary += b.alarmed();
  }
  CHECK(arbitrary <= 0.05 * runs);
  CAPTURE(sequential);
  CHECK(sequential > 0.08 * runs);  // the documented misuse
}

TEST_CASE("a gate goes on from its saved state", "[stats][e_process]") {
  SequentialGate whole({.margin = .01}), half({.margin = .01}), other({.margin = .01});
  const PairedCounts nights[] = {{900, 30, 20, 50}, {900, 45, 5, 50}, {900, 60, 2, 38}};
  for (const auto& night : nights) whole.update(night);
  half.update(nights[0]);
  other.load(half.save());
  other.update(nights[1]);
  other.update(nights[2]);
  CHECK(other.evidence() == whole.evidence());
  CHECK(other.alarm_at() == whole.alarm_at());
  CHECK(whole.alarmed());
  CHECK(whole.p_value() <= 0.05);
  CHECK_THROWS_AS(other.load(std::vector{1.0, 2.0}), leadline::ValueError);
  CHECK_THROWS_AS(other.load(std::vector{1.0, 0.5, 1.0, 2.0, 3.0}), leadline::ValueError);
  CHECK_THROWS_WITH(SequentialGate({.margin = -.01}),
                    "SequentialGate: expected margin in [0, 1), got -0.010000 (a margin is the "
                    "loss that is still acceptable, a positive share)");
}

// Error rates and power of the comparison, by simulation.
#include <map>

#include "engine/compare_toys.hpp"
#include "leadline/engine/nightly_gate.hpp"

using namespace leadline;
using namespace compare_toys;

namespace {

/// Shares of verdicts over repeated comparisons.
std::map<Change, double> verdicts(int repeats, std::int64_t n, double noise, double loss,
                                  CompareOptions options, int n_groups = 20) {
  std::map<Change, double> shares;
  options.replicates = 100;
  for (int r = 0; r < repeats; ++r) {
    options.seed = static_cast<std::uint64_t>(r);
    const auto cases = drawn(n, 0.9, noise, loss, n_groups, 7000 + static_cast<std::uint64_t>(r));
    shares[compared(cases, options, group_names(n_groups)).verdict()] += 1.0 / repeats;
  }
  return shares;
}

/// Share of histories of honest nights with any alarm.
double alarms(int histories, int nights, std::int64_t n, bool same_data) {
  int alarmed = 0;
  for (int h = 0; h < histories; ++h) {
    NightlyGate gate({.margin = 0, .alpha = 0.05});
    for (int night = 0; night < nights; ++night) {
      stats::Rng rng(11, "nights", night, static_cast<std::uint64_t>(h));
      const auto discordant = rng.binomial(n, 0.04);
      const auto worse = rng.binomial(discordant, 0.5);
      const auto right = rng.binomial(n - discordant, 0.9);
      gate.add({right, worse, discordant - worse, n - discordant - right},
               same_data ? "test set" : "");
    }
    alarmed += gate.alarmed();
  }
  return static_cast<double>(alarmed) / histories;
}

}  // namespace

TEST_CASE("equal models are seldom called worse or better", "[engine][compare]") {
  const auto shares = verdicts(60, 400, 0.03, 0, {});
  // at most 0.05 worse (half by the whole, half by groups) and 0.025 better: 60 draws, 4 sd
  REQUIRE((shares.count(Change::worse) ? shares.at(Change::worse) : 0) <= 0.05 + 4 * 0.028);
  REQUIRE((shares.count(Change::better) ? shares.at(Change::better) : 0) <= 0.025 + 4 * 0.02);
}

TEST_CASE("two points lost in one group of a twentieth are found", "[engine][compare]") {
  // 2 points of the whole, all of them in the group: 40 points there
  const auto shares = verdicts(30, 1000, 0.005, 0.4, {.margin = 0.03});
  REQUIRE(shares.at(Change::worse) >= 0.8);
}

TEST_CASE("equal models: error rates at full count", "[.full]") {
  const auto shares = verdicts(2000, 1000, 0.03, 0, {});
  REQUIRE((shares.count(Change::worse) ? shares.at(Change::worse) : 0) <= 0.05 + 3 * 0.0049);
  REQUIRE((shares.count(Change::better) ? shares.at(Change::better) : 0) <= 0.025 + 3 * 0.0035);
}

TEST_CASE("a loss at the margin is seldom called equivalent", "[.full]") {
  // the second model loses exactly the margin: 2 points everywhere
  const auto shares = verdicts(2000, 1000, 0.01, 0.02, {.margin = 0.02, .slices = {"class"}}, 1);
  REQUIRE((shares.count(Change::equivalent) ? shares.at(Change::equivalent) : 0) <=
          0.025 + 3 * 0.0035);
}

TEST_CASE("two points lost within one group of a twentieth are found at n = 32000", "[.full]") {
  // 2 points of the group, a tenth of a point of the whole; 1 % noise each way; 22 slices
  const auto shares = verdicts(200, 32000, 0.01, 0.02, {});
  REQUIRE(shares.at(Change::worse) >= 0.8);
}

TEST_CASE("two hundred honest nights raise no more alarms than stated", "[engine][compare][gate]") {
  REQUIRE(alarms(40, 200, 500, false) <= 0.05 + 4 * 0.035);
  REQUIRE(alarms(40, 200, 500, true) <= 0.05 + 4 * 0.035);
}

TEST_CASE("honest nights at full count", "[.full]") {
  REQUIRE(alarms(1000, 200, 500, false) <= 0.05);
  REQUIRE(alarms(1000, 200, 500, true) <= 0.05);
}

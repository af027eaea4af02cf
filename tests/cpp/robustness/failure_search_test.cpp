#include "leadline/robustness/failure_search.hpp"

#include <atomic>
#include <set>

#include "catch.hpp"
#include "leadline/core/error.hpp"
#include "leadline/robustness/failure_rate.hpp"
#include "leadline/stats/distributions.hpp"
#include "leadline/testing/contracts.hpp"
#include "support/toys.hpp"

using namespace leadline;
using robustness::FailureSearchOptions;
using robustness::Parameter;
using robustness::Point;

namespace {

constexpr double planted_low = 0.6, planted_high = 0.8;  // in the first two parameters

bool in_planted(const Point& p) {
  return p[0] >= planted_low && p[0] <= planted_high && p[1] >= planted_low && p[1] <= planted_high;
}

/// Fails in a planted box with 0.9, elsewhere with 0.02; badness falls with the distance.
std::vector<double> planted_trial(std::span<const Point> points,
                                  std::span<const std::uint64_t> draws, std::uint64_t seed) {
  std::vector<double> bad;
  for (std::size_t i = 0; i < points.size(); ++i) {
    stats::Rng rng(seed, "trial", static_cast<std::int64_t>(draws[i]));
    const bool fails = rng.uniform() < (in_planted(points[i]) ? 0.9 : 0.02);
    const double far = std::hypot(points[i][0] - 0.7, points[i][1] - 0.7);
    bad.push_back(fails ? 1 / (1 + far) : -far);
  }
  return bad;
}

const std::vector<Parameter>& plane() {
  static const std::vector<Parameter> parameters{{.name = "u"}, {.name = "v"}, {.name = "w"}};
  return parameters;
}

/// The true failure rate of a box.
double true_rate(const robustness::Region& region) {
  double overlap = 1, volume = 1;
  for (std::size_t k = 0; k < region.range.size(); ++k) {
    const auto [low, high] = region.range[k];
    volume *= high - low;
    overlap *= k < 2 ? std::max(0.0, std::min(high, planted_high) - std::max(low, planted_low))
                     : high - low;
  }
  return 0.02 + 0.88 * overlap / volume;
}

}  // namespace

TEST_CASE("both searches find a planted region that random search mostly misses",
          "[robustness][failure_search]") {
  int covered = 0, n = 0;
  double halving = 0, entropy = 0, random = 0;
  for (std::uint64_t seed = 0; seed < 12; ++seed) {
    std::set<std::uint64_t> fresh_draws, search_draws;
    const auto found = robustness::search_failures(
        plane(),
        [&](auto points, auto draws, bool fresh) {
          (fresh ? fresh_draws : search_draws).insert(draws.begin(), draws.end());
          return planted_trial(points, draws, seed);
        },
        {.budget = 12000}, seed);
    REQUIRE(found.rows <= 12000);
    REQUIRE(found.found.size() == 3);
    CHECK(static_cast<std::int64_t>(fresh_draws.size() + search_draws.size()) == found.rows);
    for (const std::uint64_t draw : fresh_draws) CHECK(search_draws.count(draw) == 0);
    for (const auto& one : found.found) {
      const double truth = true_rate(one.region);
      covered += *one.failure_rate.lower <= truth && truth <= *one.failure_rate.upper;
      ++n;
      CHECK_THAT(one.region.volume, WithinAbs(0.02, 1e-6));
    }
    halving += true_rate(found.found[0].region) / 12;
    entropy += true_rate(found.found[1].region) / 12;
    random += true_rate(found.found[2].region) / 12;
  }
  CHECK(covered >= n - 2);  // at 1 - 0.05 / 3 each: P(more than 2 of 36 missed) = 0.02
  CAPTURE(halving, entropy, random);
  CHECK(entropy > 0.75);
  CHECK(halving > random);
  CHECK(entropy > random);
}

TEST_CASE("the interval on fresh draws covers, the rate seen by the search does not",
          "[robustness][failure_search][coverage]") {
  int covered = 0, biased = 0;
  const int n = 60;
  for (std::uint64_t seed = 0; seed < n; ++seed) {  // no region is worse than another: 5 % anywhere
    const auto found = robustness::search_failures(
        plane(),
        [&](auto points, auto draws, bool) {
          std::vector<double> bad;
          for (std::size_t i = 0; i < points.size(); ++i)
            bad.push_back(stats::Rng(seed, "flat", static_cast<std::int64_t>(draws[i])).uniform() <
                                  0.05
                              ? 1
                              : -1);
          return bad;
        },
        {.budget = 3000}, seed);
    const auto& halving = found.found[0];
    covered += *halving.failure_rate.lower <= 0.05 && 0.05 <= *halving.failure_rate.upper;
    biased += halving.searched_rate > 0.05;
  }
  CHECK(covered >= 55);  // P(X < 55 | 60, 0.983) = 0.0004
  CHECK(biased >= 40);   // chosen for being high: above the truth far more often than half
}

TEST_CASE("categories and log scales are searched", "[robustness][failure_search]") {
  const std::vector<Parameter> parameters{
      {.name = "weather", .categories = {"sun", "rain", "fog", "snow"}},
      {.name = "light", .low = 0.001, .high = 1000, .scale = robustness::Scale::log}};
  const auto found = robustness::search_failures(
      parameters,
      [](auto points, auto, bool) {
        std::vector<double> bad;
        for (const Point& p : points)
          bad.push_back(p[0] == 2 ? 1 - std::abs(std::log10(p[1]) + 2) : -5.0);
        return bad;
      },
      {.budget = 8000, .region_volume = 0.1}, 3);
  const auto& worst = found.found[found.worst];
  CHECK(worst.failure_rate.value() > 0.9);
  CHECK(worst.region.range[0] == std::pair(2.0, 2.0));
  CHECK(worst.region.contains({2, 0.01}));
  CHECK(worst.region.text(parameters).find("weather = fog") != std::string::npos);
}

TEST_CASE("a search refuses parameters that are no ranges", "[robustness][failure_search][error]") {
  const robustness::Trial trial = [](auto points, auto, bool) {
    return std::vector<double>(points.size(), 0.0);
  };
  const auto search = [&](std::vector<Parameter> parameters) {
    return robustness::search_failures(parameters, trial, {.budget = 400});
  };
  CHECK_THROWS_AS(search({}), ValueError);
  CHECK_THROWS_AS(search({{.name = "u", .low = 1, .high = 1}}), ValueError);
  CHECK_THROWS_AS(search({{.name = "u", .scale = robustness::Scale::log}}), ValueError);
  CHECK_THROWS_AS(search({{.name = "u"}, {.name = "u"}}), ValueError);
  CHECK_THROWS_AS(search({{.name = "u", .categories = {"one"}}}), ValueError);
  CHECK_THROWS_AS(robustness::search_failures(std::vector<Parameter>{{.name = "u"}},
                                              [](auto points, auto, bool) {
                                                return std::vector<double>(points.size(), NAN);
                                              },
                                              {.budget = 400}),
                  ValueError);
}

namespace {

/// Rows around (2, 0); the model reads the first value.
DatasetPtr gain_rows(std::int64_t n) {
  std::vector<float> x;
  for (std::int64_t i = 0; i < n; ++i) {
    stats::Rng rng(5, "gain", i);
    x.push_back(static_cast<float>(2 + 0.5 * rng.normal()));
    x.push_back(static_cast<float>(rng.normal()));
  }
  return std::make_shared<TensorDataset>(
      Tensor::own(x, {n, 2}),
      Tensor::own(std::vector<std::int64_t>(static_cast<std::size_t>(n), 1), {n}),
      TensorDataset::Options{});
}

std::shared_ptr<robustness::FailureSearch> gain_search(bool idle = false) {
  return std::make_shared<robustness::FailureSearch>(
      std::vector<Parameter>{{.name = "gain", .low = -1, .high = 1}},
      [idle](const Batch& batch, std::span<const Point> points) {
        const Tensor host = batch.inputs.primary.host();
        const auto x = host.matrix<float>();
        std::vector<float> out(x.data(), x.data() + x.size());
        for (std::size_t i = 0; i < points.size() && !idle; ++i)
          out[2 * i] *= static_cast<float>(points[i][0]);
        return Inputs(Tensor::own(std::move(out), host.shape()));
      },
      FailureSearchOptions{.budget = 3000});
}

std::shared_ptr<Subject> sign_of_first() {
  return toys::rowwise(2, [](const float* x, float* out) {
    out[0] = -x[0];
    out[1] = x[0];
  });
}

}  // namespace

TEST_CASE("the probe finds the gains that turn the sign", "[robustness][failure_search]") {
  const auto data = gain_rows(800);
  const Finding finding = toys::run(gain_search(), sign_of_first(), data);
  INFO(finding.why);
  REQUIRE(finding.status == Status::ok);
  CHECK(finding.at("worst_failure_rate").value() > 0.95);
  CHECK_THAT(finding.at("overall_failure_rate").value(), WithinAbs(0.5, 0.15));
  CHECK(finding.cost.forwards <= 3000);
  CHECK(finding.headline.find("gain in [-") != std::string::npos);
  for (const Check& check : finding.checks) CHECK(check.result == Check::pass);
  const Finding idle = toys::run(gain_search(true), sign_of_first(), data);
  CHECK(toys::check_of(idle, "simulation_changes_input").result == Check::fail);
  const Finding few = toys::run(gain_search(), sign_of_first(), gain_rows(80));
  CHECK(toys::check_of(few, "enough_fresh_samples").result == Check::fail);
}

TEST_CASE("failure search keeps the contract of probes", "[robustness][failure_search][contract]") {
  const auto contract = testing::check_probe(gain_search(), sign_of_first(), gain_rows(120));
  INFO(contract.text());
  CHECK(contract.ok());
}

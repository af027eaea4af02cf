// Measured times replaced by drawn ones: what the probe says of times whose law is known.
#include <algorithm>
#include <cmath>

#include "catch.hpp"
#include "leadline/core/state.hpp"
#include "leadline/cost/latency.hpp"
#include "leadline/stats/distributions.hpp"
#include "leadline/stats/random.hpp"
#include "support/toys.hpp"

using namespace leadline;

namespace {

struct Times {
  std::vector<double> single, yardstick;
  double waited = 0;
};

/// `latency` over times that were not measured but given.
class Replay : public Probe {
 public:
  explicit Replay(Times times) : times_(std::move(times)) {}
  ProbeInfo info() const override { return cost::Latency().info(); }
  std::shared_ptr<ProbeRun> start(Session& session) const override {
    State state("latency");
    state.set("done", 1).set("single", times_.single).set("yardstick", times_.yardstick);
    state.set("offline", std::vector<double>{0.01, 0.011, 0.012}).set("batch", 10);
    state.set("resolution", 2e-8).set("memory", 0.0);
    state.set("waited", times_.waited);
    state.set("size", std::vector<std::int64_t>{-1, -1, -1}).set("convention", "");
    state.set("uncounted", std::vector<std::string>{});
    auto run = cost::Latency().start(session);
    run->load(state.dump());
    return run;
  }

 private:
  Times times_;
};

Finding replay(Times times) {
  return toys::run(std::make_shared<Replay>(std::move(times)), toys::echo(),
                   toys::dataset(toys::calibrated(20, 3, 1, 1)));
}

/// Lognormal times of median 1 ms, each `factor(i / n)` times as long, and a yardstick of 10 us.
template <class Factor>
Times drawn(int n, std::uint64_t seed, double sigma, Factor factor, double machine = 1) {
  Times times;
  for (int i = 0; i < n; ++i) {
    stats::Rng rng(seed, "latency", i);
    const double at = static_cast<double>(i) / n;
    times.single.push_back(1e-3 * std::exp(sigma * rng.normal()) * factor(at));
    times.yardstick.push_back(1e-5 * (1 + 0.05 * rng.uniform()) * (at < 0.5 ? 1 : machine));
  }
  return times;
}
double same(double) { return 1; }

const Check& steady(const Finding& finding) { return toys::check_of(finding, "latency_is_steady"); }

bool said(const Finding& finding, std::string_view words) {
  return std::any_of(finding.warnings.begin(), finding.warnings.end(),
                     [&](const auto& warning) { return warning.find(words) != std::string::npos; });
}

/// Share of `runs` in which each percentile's interval, and the early-stopping bound, hold.
void check_coverage(int n, int runs) {
  const double sigma = 0.6;
  const std::vector<double> percents{50, 90, 99};
  std::vector<int> covered(3), bounded(3), given(3), stopped(3);
  for (int run = 0; run < runs; ++run) {
    const Finding finding = replay(drawn(n, 1000 + run, sigma, same));
    for (std::size_t k = 0; k < percents.size(); ++k) {
      const double truth = 1e-3 * std::exp(sigma * stats::normal_quantile(percents[k] / 100));
      const auto name = "latency{percentile=" + std::to_string(int(percents[k])) + "}";
      const Estimate& e = finding.at(name);
      if (!e.ok()) continue;
      ++given[k];
      covered[k] += *e.lower <= truth && truth <= *e.upper;
      const auto bound = e.facts.find("early_stopping");
      if (bound == e.facts.end()) continue;
      ++stopped[k];
      bounded[k] += truth <= bound->second;
    }
  }
  for (std::size_t k = 0; k < percents.size(); ++k) {
    if (given[k] == 0) continue;
    INFO("n " << n << " p" << percents[k] << ": " << covered[k] << " of " << given[k]
              << ", early stopping " << bounded[k] << " of " << stopped[k]);
    CHECK(stats::binomial_cdf(covered[k], given[k], 0.95) > 1e-4);
    if (stopped[k] > 0) CHECK(stats::binomial_cdf(bounded[k], stopped[k], 0.99) > 1e-4);
    WARN("latency coverage, n " << n << " p" << percents[k] << ": " << double(covered[k]) / given[k]
                                << ", early stopping "
                                << (stopped[k] ? double(bounded[k]) / stopped[k] : -1.0));
  }
  CHECK(given[0] == runs);
  CHECK((n < 662 || given[2] == runs));
}

}  // namespace

TEST_CASE("a model that slows down bit by bit is caught, an even one passes",
          "[cost][latency][check]") {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const auto slower = [](double at) { return 1 + 1.5 * at; };
    const Finding tired = replay(drawn(400, seed, 0.2, slower));
    INFO(seed << ": " << steady(tired).why);
    CHECK(steady(tired).result == Check::fail);
    CHECK_THAT(steady(tired).remedy, ContainsSubstring("slows down"));
    CHECK(tired.doubts("latency{percentile=99}").size() == 1);
    const auto cold = [](double at) { return at < 0.3 ? 4.0 : 1.0; };
    const Finding unready = replay(drawn(400, seed, 0.2, cold));
    INFO(steady(unready).why);
    CHECK(steady(unready).result == Check::fail);
    CHECK_THAT(steady(unready).remedy, ContainsSubstring("warm up longer"));
    CHECK(steady(replay(drawn(400, seed, 0.4, same))).result == Check::pass);
  }
}

TEST_CASE("other work on the machine is told apart from a model that slows down",
          "[cost][latency][check]") {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    // Interrupted: two answers in three of the second half take twice as long.
    const auto hit = [&](double at) {
      const auto i = static_cast<SampleId>(std::llround(at * 400));
      return at >= 0.5 && stats::Rng(seed, "hit", i).uniform() < 0.67 ? 2.0 : 1.0;
    };
    const Finding busy = replay(drawn(400, seed, 0.1, hit));
    INFO(seed << ": " << steady(busy).why);
    CHECK(steady(busy).result == Check::not_run);
    CHECK(said(busy, "the machine was not quiet"));
    CHECK(busy.doubts("latency{percentile=50}").empty());
    // A slower clock: everything takes 1.8 times as long, the yardstick too.
    const auto throttled = [](double at) { return at < 0.5 ? 1.0 : 1.8; };
    CHECK(steady(replay(drawn(400, seed, 0.1, throttled, 1.8))).result == Check::not_run);
    CHECK(steady(replay(drawn(400, seed, 0.1, throttled))).result == Check::fail);
    Times crowded = drawn(400, seed, 0.1, throttled);
    crowded.waited = 0.6;  // processors were short: cold caches explain that much
    const Finding shared = replay(std::move(crowded));
    CHECK(steady(shared).result == Check::not_run);
    CHECK(said(shared, "waited for a processor 60 % of the time"));
  }
}

TEST_CASE("percentiles cover those of a known law, and early stopping bounds them",
          "[cost][latency][coverage]") {
  check_coverage(100, 100);
  check_coverage(700, 100);
}

TEST_CASE("percentiles cover those of a known law, thousands of times", "[.full][full]") {
  for (const int n : {64, 200, 700, 1024, 3000}) check_coverage(n, 2000);
}

#include "leadline/stats/calibration.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <vector>

#include "catch.hpp"
#include "leadline/core/error.hpp"
#include "leadline/stats/random.hpp"

namespace leadline::detail::calibration_test {

using stats::CalibrationBin;

constexpr int n_bins = 15;

/// A population of equally likely (confidence, probability of being correct): its ECE is exact.
struct Population {
  const char* name;
  std::vector<double> confidence, correct;

  Population(const char* label, double shape, const std::function<double(double)>& truth)
      : name(label) {
    for (int i = 0; i < 3000; ++i) {
      const double c = 0.1 + 0.9 * std::pow((i + 0.5) / 3000.0, shape);  // shape < 1: confident
      confidence.push_back(c);
      correct.push_back(std::clamp(truth(c), 0.0, 1.0));
    }
  }

  static std::size_t bin_of(double c) {
    return static_cast<std::size_t>(std::min<int>(n_bins - 1, static_cast<int>(c * n_bins)));
  }
  double ece() const {
    std::vector<double> gap(n_bins);
    for (std::size_t i = 0; i < confidence.size(); ++i)
      gap[bin_of(confidence[i])] += confidence[i] - correct[i];
    double sum = 0;
    for (const double g : gap) sum += std::abs(g);
    return sum / static_cast<double>(confidence.size());
  }
  std::vector<CalibrationBin> sample(stats::Rng& rng, int n) const {
    std::vector<CalibrationBin> bins(n_bins);
    for (int i = 0; i < n; ++i) {
      const auto k = rng.below(confidence.size());
      auto& b = bins[bin_of(confidence[k])];
      b.n += 1;
      b.confidence += confidence[k];
      b.correct += rng.bernoulli(correct[k]);
    }
    return bins;
  }
};

std::vector<Population> populations() {
  const auto calibrated = [](double c) { return c; };
  const auto tempered = [](double c) {
    const double logit = std::log(c / (1.0 - std::min(c, 1 - 1e-9)));
    return 1.0 / (1.0 + std::exp(-0.6 * logit));
  };
  return {
      {"calibrated, confident", 0.1, calibrated},
      {"calibrated, spread", 1.0, calibrated},
      {"slightly overconfident", 0.1, [](double c) { return c - 0.01; }},
      {"overconfident", 0.8, [](double c) { return c - 0.05; }},
      {"grossly overconfident", 0.3, [](double c) { return c - 0.15; }},
      {"too sharp by temperature", 0.7, tempered},
      {"wrong in one bin", 0.8, [](double c) { return c > 0.6 && c < 10.0 / 15 ? c - 0.3 : c; }},
      {"wavy", 1.0, [](double c) { return c + 0.06 * std::sin(40 * c); }}};
}

void check_coverage(const std::vector<int>& sizes, int trials, double slack) {
  for (const auto& population : populations())
    for (const int n : sizes) {
      const double truth = population.ece();
      int hits = 0;
      double corrected = 0, plugin = 0;
      for (int t = 0; t < trials; ++t) {
        stats::Rng rng(1, population.name, t, static_cast<std::uint64_t>(n));
        const auto e = stats::calibration_error(population.sample(rng, n));
        hits += e.interval.contains(truth);
        corrected += e.corrected / trials;
        plugin += e.plugin / trials;
        REQUIRE((e.interval.contains(e.plugin) && e.interval.contains(e.corrected)));
        REQUIRE((e.interval.lower >= 0 && e.interval.upper <= 1));
      }
      CAPTURE(population.name, n, truth, plugin, corrected);
      CHECK(hits >= (0.925 - slack) * trials);
      CHECK(std::abs(corrected - truth) <= std::abs(plugin - truth) + 0.007);
    }
}

}  // namespace leadline::detail::calibration_test

using namespace leadline::detail::calibration_test;
namespace stats = leadline::stats;

TEST_CASE("the plugin ece is the weighted mean gap", "[stats][calibration]") {
  // (0.2 * 10 * |0.62 - 0.5| ...) by hand: (|6.2 - 5| + |2.7 - 3| + |0 - 0|) / 13
  const auto e =
      stats::calibration_error(std::vector<CalibrationBin>{{10, 6.2, 5}, {3, 2.7, 3}, {}});
  CHECK_THAT(e.plugin, WithinAbs(1.5 / 13, 1e-15));
  CHECK(e.corrected < e.plugin);
  CHECK(e.interval.lower == 0.0);
}

TEST_CASE("a large gap in many samples is found, and n narrows the interval",
          "[stats][calibration]") {
  double width = 1;
  for (const double n : {100.0, 1000.0, 10000.0, 1e6}) {
    const auto e = stats::calibration_error(std::vector<CalibrationBin>{{n, 0.9 * n, 0.7 * n}});
    CHECK(e.interval.contains(0.2));
    CHECK(e.interval.lower > 0.05);
    CHECK(e.interval.width() < width);
    width = e.interval.width();
  }
  CHECK(width < 0.002);
}

TEST_CASE("the interval does not depend on the order of bins or on empty ones",
          "[stats][calibration]") {
  const std::vector<CalibrationBin> bins{{40, 22, 18}, {60, 50, 41}, {100, 95, 96}};
  auto shuffled = bins;
  std::reverse(shuffled.begin(), shuffled.end());
  shuffled.insert(shuffled.begin() + 1, CalibrationBin{});
  const auto a = stats::calibration_error(bins), b = stats::calibration_error(shuffled);
  CHECK_THAT(a.interval.lower, WithinAbs(b.interval.lower, 1e-12));
  CHECK_THAT(a.interval.upper, WithinAbs(b.interval.upper, 1e-12));
  const auto wide = stats::calibration_error(bins, 0.99);
  CHECK(wide.interval.lower <= a.interval.lower);
  CHECK(wide.interval.upper >= a.interval.upper);
}

TEST_CASE("a perfect but finite model gets an interval, not a point", "[stats][calibration]") {
  const auto e = stats::calibration_error(std::vector<CalibrationBin>{{50, 50, 50}});
  CHECK(e.plugin == 0.0);
  CHECK(e.interval.lower == 0.0);
}

TEST_CASE("bins that cannot be are refused", "[stats][calibration]") {
  using Bins = std::vector<CalibrationBin>;
  CHECK_THROWS_AS(stats::calibration_error(Bins{}), leadline::ValueError);
  CHECK_THROWS_AS(stats::calibration_error(Bins{{0, 0, 0}}), leadline::ValueError);
  CHECK_THROWS_AS(stats::calibration_error(Bins{{5, 6, 2}}), leadline::ValueError);
  CHECK_THROWS_AS(stats::calibration_error(Bins{{5, 4, 6}}), leadline::ValueError);
  CHECK_THROWS_AS(stats::calibration_error(Bins{{5, std::nan(""), 2}}), leadline::ValueError);
  CHECK_THROWS_AS(stats::calibration_error(Bins{{5, 4, 2}}, 1.0), leadline::ValueError);
}

TEST_CASE("the interval of ece covers, calibrated or not", "[stats][calibration][coverage]") {
  check_coverage({200, 1000}, 120, 0.08);  // 4 standard errors of a 120-fold run
}

TEST_CASE("the interval of ece covers, thousands of times", "[.full][full]") {
  check_coverage({200, 500, 2000, 10000}, 2000, 0.0);
}

#include "leadline/stats/delong.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "catch.hpp"
#include "leadline/core/error.hpp"
#include "leadline/stats/random.hpp"
#include "leadline/stats/ranking.hpp"

using namespace leadline;

namespace {

struct Sample {
  std::vector<double> scores;
  std::vector<std::uint8_t> target;
};

/// Binormal scores, rounded to `steps` a unit (0: not at all).
Sample binormal(std::uint64_t seed, std::int64_t n, double mu, double steps = 0) {
  stats::Rng rng(seed, "binormal");
  Sample out;
  for (std::int64_t i = 0; i < n; ++i) {
    const bool positive = rng.bernoulli(0.4);
    const double x = rng.normal() + (positive ? mu : 0);
    out.scores.push_back(steps > 0 ? std::round(x * steps) / steps : x);
    out.target.push_back(positive ? 1 : 0);
  }
  return out;
}

double brute(const Sample& s, const std::vector<double>& w = {}) {
  double wins = 0, pairs = 0;
  for (std::size_t i = 0; i < s.scores.size(); ++i)
    for (std::size_t j = 0; j < s.scores.size(); ++j)
      if (s.target[i] && !s.target[j]) {
        const double weight = w.empty() ? 1 : w[i] * w[j];
        pairs += weight;
        wins += weight * (s.scores[i] > s.scores[j] ? 1 : s.scores[i] == s.scores[j] ? 0.5 : 0);
      }
  return wins / pairs;
}

}  // namespace

TEST_CASE("scores of every magnitude rank and come back", "[stats][ranked]") {
  const double inf = std::numeric_limits<double>::infinity();
  const std::vector<std::vector<double>> samples{
      {-inf, -3e38, -1, 0, 1e-38, 1, inf},                 // floats with infinities
      {-1e300, -1e-320, -0.0, 1e-310, 1e-20, 1e300, inf},  // too far apart to pack
      {1e-45, 2e-45, 1e-40, 0.1, 0.2},                     // subnormal floats and doubles
      {0.25, 0.5, 1, 2},
      {-inf, inf},
      {0, 1.5e-320, inf}};
  for (auto sample : samples) {
    std::vector<std::uint8_t> group(sample.size(), 1);
    group[0] = 0;
    const auto levels = stats::levels_of(stats::Ranked(sample, group));
    std::reverse(sample.begin(), sample.end());
    CHECK(levels.score == sample);
    CHECK(levels.negative.back() == 1);
  }
  const std::vector<double> zeros{-0.0, 0.0};
  CHECK(stats::levels_of(stats::Ranked(zeros, std::vector<std::uint8_t>{0, 1})).size() == 1);
}

TEST_CASE("sorting by radix is sorting, for floats and doubles of any spread", "[stats][ranked]") {
  stats::Rng rng(1, "radix");
  for (const int kind : {0, 1, 2, 3}) {
    std::vector<double> scores(5000);
    std::vector<std::uint8_t> group(scores.size());
    for (std::size_t i = 0; i < scores.size(); ++i) {
      scores[i] = kind == 0   ? rng.normal()
                  : kind == 1 ? static_cast<float>(rng.normal() * 1e-40)  // subnormal floats
                  : kind == 2 ? 1.0 + 1e-14 * rng.uniform()               // same upper bits
                              : static_cast<double>(rng.below(7)) - 3;
      group[i] = rng.bernoulli(0.3) ? 1 : 0;
    }
    const auto levels = stats::levels_of(stats::Ranked(scores, group));
    std::sort(scores.begin(), scores.end(), std::greater<>());
    scores.erase(std::unique(scores.begin(), scores.end()), scores.end());
    CHECK(levels.score == scores);
    CHECK(std::accumulate(levels.positive.begin(), levels.positive.end(), 0.0) ==
          std::count(group.begin(), group.end(), 1));
  }
}

TEST_CASE("auroc equals the brute force with ties, weights, floats and doubles",
          "[stats][ranking]") {
  for (const double steps : {0.0, 2.0}) {
    const Sample s = binormal(3, 300, 0.7, steps);
    stats::Rng rng(4, "weights");
    std::vector<double> w(s.scores.size());
    for (double& x : w) x = rng.uniform() < 0.2 ? 0 : 3 * rng.uniform();
    CHECK_THAT(stats::auroc(stats::Ranked(s.scores, s.target)).value, WithinAbs(brute(s), 1e-14));
    CHECK_THAT(stats::auroc(stats::Ranked(s.scores, s.target, w)).value,
               WithinAbs(brute(s, w), 1e-13));
  }
  const Sample s = binormal(5, 4000, 1);
  std::vector<float> floats(s.scores.begin(), s.scores.end());
  const stats::Ranked narrow(floats, s.target);
  CHECK(narrow.kind() == stats::Ranked::floats);
  const std::vector<double> same(floats.begin(), floats.end());
  CHECK(stats::Ranked(same, s.target).kind() == stats::Ranked::floats);  // all are floats
  CHECK(stats::auroc(narrow).value == stats::auroc(stats::Ranked(same, s.target)).value);
}

TEST_CASE("a weight of 2 is a sample seen twice, a weight of 0 is none", "[stats][ranking]") {
  const Sample s = binormal(6, 80, 0.5, 3);
  Sample twice = s;
  std::vector<double> w(s.scores.size(), 1.0);
  for (std::size_t i = 0; i < s.scores.size(); i += 3) {
    w[i] = i % 2 == 0 ? 2.0 : 0.0;
    if (w[i] == 2) {
      twice.scores.push_back(s.scores[i]);
      twice.target.push_back(s.target[i]);
    }
  }
  Sample kept;
  for (std::size_t i = 0; i < twice.scores.size(); ++i)
    if (i >= w.size() || w[i] > 0) {
      kept.scores.push_back(twice.scores[i]);
      kept.target.push_back(twice.target[i]);
    }
  CHECK_THAT(stats::auroc(stats::Ranked(s.scores, s.target, w)).value,
             WithinAbs(stats::auroc(stats::Ranked(kept.scores, kept.target)).value, 1e-14));
}

TEST_CASE("equal weights leave DeLong's variance as it is", "[stats][ranking]") {
  const Sample s = binormal(7, 200, 1, 4);
  const std::vector<double> w(s.scores.size(), 2.5);
  const auto plain = stats::auroc(stats::Ranked(s.scores, s.target));
  const auto weighted = stats::auroc(stats::Ranked(s.scores, s.target, w));
  CHECK_THAT(weighted.variance, WithinAbs(plain.variance, 1e-15));
  const std::vector<double> constant(40, 0.25);
  std::vector<std::uint8_t> half(40, 0);
  std::fill_n(half.begin(), 20, std::uint8_t{1});
  const auto flat = stats::auroc(stats::Ranked(constant, half));
  CHECK(flat.value == 0.5);
  CHECK(flat.variance == 0);
}

TEST_CASE("auroc of flipped labels or negated scores is its complement", "[stats][ranking]") {
  const Sample s = binormal(8, 500, 0.4, 5);
  Sample flipped = s, negated = s;
  for (auto& y : flipped.target) y = 1 - y;
  for (auto& x : negated.scores) x = -x;
  const double value = stats::auroc(stats::Ranked(s.scores, s.target)).value;
  const auto other = stats::auroc(stats::Ranked(flipped.scores, flipped.target));
  CHECK_THAT(other.value, WithinAbs(1 - value, 1e-14));
  CHECK_THAT(stats::auroc(stats::Ranked(negated.scores, negated.target)).value,
             WithinAbs(1 - value, 1e-14));
  const auto levels = stats::levels_of(stats::Ranked(s.scores, s.target));
  CHECK_THAT(stats::auroc(stats::flipped(levels)).value, WithinAbs(value, 1e-14));
}

TEST_CASE("infinite scores rank, NaN is refused", "[stats][ranked]") {
  const double inf = std::numeric_limits<double>::infinity();
  const std::vector<double> scores{inf, 1, 0, -inf};
  const std::vector<std::uint8_t> target{1, 1, 0, 0};
  CHECK(stats::auroc(stats::Ranked(scores, target)).value == 1);
  const std::vector<double> bad{0, std::nan("")};
  const std::vector<std::uint8_t> two{0, 1};
  CHECK_THROWS_AS(stats::Ranked(bad, two), ValueError);
  CHECK_THROWS_AS(stats::auroc(stats::Ranked(std::vector<double>{1, 2}, {two.data(), 1})),
                  ShapeError);
  CHECK_THROWS_AS(
      stats::auroc(stats::Ranked(std::vector<double>{1, 2}, std::vector<std::uint8_t>{1, 1})),
      ValueError);
}

TEST_CASE("paired DeLong agrees with the variance of one and with the textbook",
          "[stats][ranking]") {
  const Sample s = binormal(9, 400, 1);
  stats::Rng rng(10, "noise");
  std::vector<double> other;
  for (const double x : s.scores) other.push_back(x + 0.5 * rng.normal());
  const auto found = stats::delong_paired(s.scores, other, s.target);
  CHECK_THAT(found.standard_error * found.standard_error,
             WithinAbs(found.first.variance + found.second.variance - 2 * found.covariance, 1e-12));
  CHECK(found.covariance > 0);
  CHECK(found.interval.contains(found.difference));
  const auto same = stats::delong_paired(s.scores, s.scores, s.target);
  CHECK(same.difference == 0);
  CHECK(same.p_value == 1);
  CHECK_THAT(same.covariance, WithinAbs(same.first.variance, 1e-15));
  const std::vector<double> w(s.scores.size(), 3.0);
  CHECK_THAT(stats::delong_paired(s.scores, other, s.target, w).p_value,
             WithinAbs(found.p_value, 1e-12));
}

TEST_CASE("paired DeLong keeps its error rate", "[stats][ranking]") {
  int rejected = 0;
  constexpr int runs = 400;
  for (int r = 0; r < runs; ++r) {
    stats::Rng rng(static_cast<std::uint64_t>(r), "null");
    std::vector<double> a, b;
    std::vector<std::uint8_t> target;
    for (int i = 0; i < 120; ++i) {
      const bool positive = i % 3 == 0;
      const double shared = rng.normal() + (positive ? 1 : 0);
      a.push_back(shared + 0.7 * rng.normal());
      b.push_back(shared + 0.7 * rng.normal());
      target.push_back(positive ? 1 : 0);
    }
    rejected += stats::delong_paired(a, b, target).p_value < 0.05 ? 1 : 0;
  }
  // Binomial(400, 0.05): 3 standard deviations are 0.033.
  CHECK(rejected / static_cast<double>(runs) < 0.05 + 0.033);
  CHECK(rejected / static_cast<double>(runs) > 0.05 - 0.033);
}

// Areas, operating points, curves, bootstrap and histogram against the brute force and simulation.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>
#include <numeric>
#include <tuple>

#include "catch.hpp"
#include "leadline/core/error.hpp"
#include "leadline/stats/bootstrap.hpp"
#include "leadline/stats/distributions.hpp"
#include "leadline/stats/operating_point.hpp"
#include "leadline/stats/random.hpp"
#include "leadline/stats/rank_bootstrap.hpp"
#include "leadline/stats/rank_curves.hpp"
#include "leadline/stats/ranking.hpp"
#include "leadline/stats/score_histogram.hpp"

using namespace leadline;

namespace {

struct Drawn {
  std::vector<double> scores;
  std::vector<std::uint8_t> target;
  [[nodiscard]] stats::Ranked ranked() const { return stats::Ranked(scores, target); }
  [[nodiscard]] stats::Levels levels() const { return stats::levels_of(ranked()); }
};

/// P positives N(mu, 1) and N negatives N(0, 1).
Drawn draw(std::uint64_t seed, int positives, int negatives, double mu, double steps = 0) {
  stats::Rng rng(seed, "draw");
  Drawn out;
  for (int i = 0; i < positives + negatives; ++i) {
    const double x = rng.normal() + (i < positives ? mu : 0);
    out.scores.push_back(steps > 0 ? std::round(x * steps) / steps : x);
    out.target.push_back(i < positives ? 1 : 0);
  }
  return out;
}

double numeric_influence(const Drawn& s, std::size_t i, bool trapezoid) {
  const auto at = [&](double w) {
    std::vector<double> weights(s.scores.size(), 1.0);
    weights[i] = w;
    const auto levels = stats::levels_of(stats::Ranked(s.scores, s.target, weights));
    return (trapezoid ? stats::aupr_trapezoid(levels) : stats::average_precision(levels)).value;
  };
  return (at(1 + 1e-5) - at(1 - 1e-5)) / 2e-5;
}

}  // namespace

TEST_CASE("the variance of both areas is the sum of squared derivatives", "[stats][ranking]") {
  for (const bool trapezoid : {false, true})
    for (const double steps : {0.0, 2.0}) {
      const Drawn s = draw(3, 12, 20, 0.8, steps);
      double sum = 0;
      for (std::size_t i = 0; i < s.scores.size(); ++i) {
        const double d = numeric_influence(s, i, trapezoid);
        sum += d * d;
      }
      const auto found =
          trapezoid ? stats::aupr_trapezoid(s.levels()) : stats::average_precision(s.levels());
      CHECK_THAT(found.variance, WithinAbs(sum * 32 / 31, 1e-7));
    }
}

TEST_CASE("the bootstrap of the auroc has DeLong's spread and does not see the order",
          "[stats][ranking]") {
  const Drawn s = draw(4, 150, 250, 1, 4);
  const auto found = stats::auroc(s.ranked());
  const auto values = stats::auroc_bootstrap(s.ranked(), {.replicates = 2000});
  const double mean = std::accumulate(values.begin(), values.end(), 0.0) / 2000;
  double square = 0;
  for (const double x : values) square += (x - mean) * (x - mean);
  CHECK_THAT(mean, WithinAbs(found.value, 0.003));
  CHECK_THAT(std::sqrt(square / 1999), WithinAbs(std::sqrt(found.variance), 0.002));
  Drawn reversed = s;
  std::reverse(reversed.scores.begin(), reversed.scores.end());
  std::reverse(reversed.target.begin(), reversed.target.end());
  CHECK(stats::auroc_bootstrap(reversed.ranked(), {.replicates = 200}) ==
        std::vector<double>(values.begin(), values.begin() + 200));
}

TEST_CASE("bootstrap weights are Poisson(1): a lone pair draws nothing as often as it must",
          "[stats][ranking]") {
  const Drawn s = draw(5, 1, 1, 9);
  const auto values = stats::auroc_bootstrap(s.ranked(), {.replicates = 20000});
  const auto none = std::ranges::count_if(values, [](double x) { return std::isnan(x); });
  const double p = 1 - (1 - std::exp(-1)) * (1 - std::exp(-1));
  CHECK_THAT(static_cast<double>(none) / 20000, WithinAbs(p, 4 * std::sqrt(p * (1 - p) / 20000)));
}

TEST_CASE("curves drop no level, end in the corners and lie in their bands", "[stats][ranking]") {
  const Drawn s = draw(6, 60, 90, 1, 5);
  for (const auto band : {stats::CurveBand::pointwise, stats::CurveBand::simultaneous}) {
    const auto roc = stats::roc_curve(s.levels(), band);
    CHECK(roc.x.size() == s.levels().size() + 1);
    CHECK((roc.x.front() == 0 && roc.y.front() == 0 && roc.x.back() == 1 && roc.y.back() == 1));
    double area = 0;
    for (std::size_t k = 1; k < roc.x.size(); ++k)
      area += (roc.x[k] - roc.x[k - 1]) * (roc.y[k] + roc.y[k - 1]) / 2;
    CHECK_THAT(area, WithinAbs(stats::auroc(s.ranked()).value, 1e-12));
    const auto pr = stats::precision_recall_curve(s.levels(), band);
    double steps = 0;
    for (std::size_t k = 1; k < pr.x.size(); ++k) steps += (pr.x[k] - pr.x[k - 1]) * pr.y[k];
    CHECK_THAT(steps, WithinAbs(stats::average_precision(s.levels()).value, 1e-12));
    for (const auto& curve : {roc, pr})
      for (std::size_t k = 0; k < curve.x.size(); ++k)
        CHECK((curve.lower[k] <= curve.y[k] && curve.y[k] <= curve.upper[k]));
    const auto few = stats::thin(roc, 20);
    CHECK(few.x.size() <= 20);
    CHECK((few.x.front() == 0 && few.x.back() == 1));
  }
}

TEST_CASE("the simultaneous band holds the whole true curve", "[stats][ranking][coverage]") {
  int held = 0;
  constexpr int runs = 200;
  for (int r = 0; r < runs; ++r) {
    const auto curve =
        stats::roc_curve(draw(100 + r, 80, 80, 1).levels(), stats::CurveBand::simultaneous, 0.9);
    bool inside = true;
    for (std::size_t k = 1; k + 1 < curve.x.size(); ++k) {
      const double x = curve.x[k];
      if (x <= 0 || x >= 1) continue;
      const double truth = stats::normal_cdf(1 + stats::normal_quantile(x));
      inside = inside && curve.lower[k] <= truth + 1e-12 && truth <= curve.upper[k] + 1e-12;
    }
    held += inside ? 1 : 0;
  }
  CHECK(held / static_cast<double>(runs) >= 0.9 - 3 * std::sqrt(0.09 / runs));
}

TEST_CASE("the histogram gives calibration error and risk-coverage with bounds that hold",
          "[stats][bounded]") {
  stats::Rng rng(8, "ece");
  for (const int bits : {8, 12, 16}) {
    std::vector<double> confidence;
    std::vector<std::uint8_t> right;
    for (int i = 0; i < 3000; ++i) {
      confidence.push_back(1 - 0.5 * rng.uniform() * rng.uniform());
      right.push_back(rng.bernoulli(confidence.back() * confidence.back()) ? 1 : 0);
    }
    stats::ScoreHistogram h(bits, stats::ScoreScale::probability);
    h.add(std::span<const double>(confidence), right);
    std::vector<double> gap(15);
    for (std::size_t i = 0; i < right.size(); ++i)
      gap[std::min<std::size_t>(14, static_cast<std::size_t>(confidence[i] * 15))] +=
          right[i] - confidence[i];
    double exact = 0;
    for (const double g : gap) exact += std::abs(g) / 3000;
    const auto ece = h.expected_calibration_error(15);
    CHECK(std::abs(ece.value - exact) <= ece.error_bound);
    std::vector<std::size_t> order(right.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::sort(order.begin(), order.end(),
              [&](auto a, auto b) { return confidence[a] > confidence[b]; });
    double wrong = 0, area = 0;
    for (std::size_t k = 0; k < order.size(); ++k) {
      wrong += right[order[k]] != 0 ? 0 : 1;
      area += wrong / static_cast<double>(k + 1) / 3000;
    }
    const auto aurc = h.area_under_risk_coverage();
    CHECK(std::abs(aurc.value - area) <= aurc.error_bound);
    CHECK(aurc.error_bound < (bits == 16 ? 0.01 : 0.2));
  }
  CHECK_THROWS_AS(stats::ScoreHistogram().expected_calibration_error(), ValueError);
}

TEST_CASE("zero and minus zero share a bin", "[stats][bounded]") {
  const std::vector<double> zeros{0.0, -0.0, -0.0, 0.0};
  stats::ScoreHistogram raw;
  raw.add(std::span<const double>(zeros), std::vector<std::uint8_t>{1, 1, 0, 0});
  CHECK(raw.levels().size() == 1);
  CHECK(raw.auroc().value == 0.5);
}

TEST_CASE("histograms merge as integers and come back from their saved state", "[stats][bounded]") {
  const Drawn a = draw(10, 40, 50, 1), b = draw(11, 30, 20, 1);
  stats::ScoreHistogram first, second, both;
  first.add(std::span<const double>(a.scores), a.target);
  second.add(std::span<const double>(b.scores), b.target);
  both.add(std::span<const double>(b.scores), b.target);
  both.add(std::span<const double>(a.scores), a.target);
  first.merge(second);
  CHECK(first.save().bins == both.save().bins);
  CHECK(first.save().positive == both.save().positive);
  stats::ScoreHistogram loaded;
  loaded.load(first.save());
  CHECK(loaded.auroc().value == both.auroc().value);
  auto damaged = first.save();
  damaged.positive[0] = -1;
  CHECK_THROWS_AS(loaded.load(damaged), ValueError);
  CHECK_THROWS_AS(loaded.merge(stats::ScoreHistogram(12)), ValueError);
}

TEST_CASE("a batch that is checked as it is counted counts as one that was checked before",
          "[stats][bounded]") {
  const Drawn given = draw(12, 900, 1700, 1);  // two whole blocks and a part
  std::vector<float> narrow(given.scores.begin(), given.scores.end());
  std::vector<std::int64_t> labels(given.target.begin(), given.target.end());
  stats::ScoreHistogram plain, checked;
  plain.add(std::span<const float>(narrow), given.target);
  REQUIRE(checked.add_checked(std::span<const float>(narrow), labels));
  const auto same = [](const stats::ScoreHistogram& a, const stats::ScoreHistogram& b) {
    return a.n() == b.n() && a.save().bins == b.save().bins &&
           a.save().positive == b.save().positive && a.save().negative == b.save().negative;
  };
  CHECK(same(plain, checked));
  std::vector<std::uint8_t> turned;
  for (const auto one : given.target) turned.push_back(1 - one);
  plain.add(std::span<const double>(given.scores), turned);
  REQUIRE(checked.add_checked(std::span<const double>(given.scores), labels, 0));
  CHECK(same(plain, checked));
  const auto refused = [&](std::size_t place, float score, std::int64_t label) {
    auto scores = narrow;
    auto marks = labels;
    scores[place] = score;
    marks[place] = label;
    return !checked.add_checked(std::span<const float>(scores), marks);
  };
  const float nan = std::numeric_limits<float>::quiet_NaN();
  CHECK(refused(0, nan, 1));
  CHECK(refused(2599, nan, 1));
  CHECK(refused(1024, 0, 2));
  CHECK(refused(2599, 0, -1));
  CHECK(same(plain, checked));
  stats::ScoreHistogram shares(16, stats::ScoreScale::probability);
  CHECK_FALSE(shares.add_checked(std::span<const float>(narrow), labels));
  CHECK(shares.n() == 0);
}

namespace {

/// Share of runs in which each interval covers: auroc, ap, fpr95, tpr at fpr 0.1, eer.
std::vector<double> coverage(int positives, int negatives, double mu, int runs) {
  // The truth of average precision of a sample of this size, from a large one of the same rate.
  const int scale = 200000 / (positives + negatives);
  const double ap =
      stats::average_precision(draw(1, positives * scale, negatives * scale, mu).levels()).value;
  const double truth[] = {
      stats::normal_cdf(mu / std::sqrt(2.0)), ap, stats::normal_cdf(1.6448536269514722 - mu),
      stats::normal_cdf(mu + stats::normal_quantile(0.1)), stats::normal_cdf(-mu / 2)};
  std::vector<double> share(5);
  for (int r = 0; r < runs; ++r) {
    const auto levels =
        draw(1000 + static_cast<std::uint64_t>(r), positives, negatives, mu).levels();
    const stats::Interval found[] = {
        stats::auroc(levels).interval, stats::average_precision(levels).interval,
        stats::fpr_at_tpr(levels, 0.95).interval, stats::tpr_at_fpr(levels, 0.1).interval,
        stats::equal_error_rate(levels).interval};
    for (std::size_t k = 0; k < 5; ++k) share[k] += found[k].contains(truth[k]) ? 1.0 / runs : 0;
  }
  return share;
}

}  // namespace

TEST_CASE("the intervals of ranking cover about as often as they say",
          "[stats][ranking][coverage]") {
  const auto share = coverage(100, 150, 1, 80);
  for (const double s : share) CHECK(s > 0.95 - 0.08);  // 3 standard deviations: 0.073
}

TEST_CASE("the intervals of ranking cover, in full", "[stats][ranking][coverage][.full]") {
  for (const auto& [p, n, mu] :
       {std::tuple{20, 20, 1.0}, std::tuple{30, 300, 1.0}, std::tuple{100, 100, 1.0},
        std::tuple{1000, 1000, 1.0}, std::tuple{50, 50, 3.0}, std::tuple{300, 300, 3.0}}) {
    const auto share = coverage(p, n, mu, 1000);
    std::printf("%d + %d, mu %.0f: auroc %.3f, ap %.3f, fpr95 %.3f, tpr@fpr.1 %.3f, eer %.3f\n", p,
                n, mu, share[0], share[1], share[2], share[3], share[4]);
    for (const double s : share) CHECK(s > 0.87);
  }
}

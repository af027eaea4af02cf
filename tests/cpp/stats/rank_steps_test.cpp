// The fast ways to the numbers of ranking agree with the plain ones: integers along the curve,
// slots of the smaller group, sums by the block, histograms that grow.
#include "leadline/stats/rank_steps.hpp"

#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "catch.hpp"
#include "leadline/core/error.hpp"
#include "leadline/stats/moments.hpp"
#include "leadline/stats/one_vs_rest.hpp"
#include "leadline/stats/operating_point.hpp"
#include "leadline/stats/random.hpp"
#include "leadline/stats/score_histogram.hpp"

namespace {
using namespace leadline;

struct FastRanks {
  std::vector<float> scores;
  std::vector<std::uint8_t> positive;
};

/// Scores on a grid of `n_levels`, 0: continuous; `share` of them positive.
FastRanks fast_ranks(std::int64_t n, int n_levels, double share, std::uint64_t seed) {
  FastRanks out;
  for (std::int64_t i = 0; i < n; ++i) {
    stats::Rng rng(seed, "fast_ranks", i);
    const bool positive = rng.uniform() < share || i == 0;
    const double x = rng.normal() + (positive ? 1 : 0);
    out.scores.push_back(
        static_cast<float>(n_levels > 0 ? std::round(x * n_levels) / n_levels : x));
    out.positive.push_back(positive && i != 1 ? 1 : 0);
  }
  return out;
}

/// Share of the pairs that a positive wins, ties one half, pair by pair.
double won_pairs(const FastRanks& data) {
  double won = 0, pairs = 0;
  for (std::size_t i = 0; i < data.scores.size(); ++i)
    for (std::size_t j = 0; j < data.scores.size(); ++j)
      if (data.positive[i] != 0 && data.positive[j] == 0) {
        ++pairs;
        won += data.scores[i] > data.scores[j] ? 1 : data.scores[i] == data.scores[j] ? 0.5 : 0;
      }
  return won / pairs;
}

}  // namespace

TEST_CASE("steps give what levels give", "[stats][ranking]") {
  for (const int n_levels : {0, 1, 4, 100})
    for (const std::int64_t n : {2, 50, 3000, 20'000}) {
      const auto data = fast_ranks(n, n_levels, 0.3, static_cast<std::uint64_t>(n));
      const stats::Ranked ranked(data.scores, data.positive);
      const auto levels = stats::levels_of(ranked);
      const stats::RankSteps steps(ranked);
      INFO("n " << n << ", levels " << n_levels);
      REQUIRE(steps.steps().size() == levels.size() + 1);
      for (std::size_t k = 0; k < levels.size(); k += 1 + levels.size() / 7)
        REQUIRE(steps.threshold(k + 1) == levels.score[k]);
      const auto same = [](const stats::RankValue& a, const stats::RankValue& b) {
        REQUIRE(a.value == Approx(b.value).margin(1e-12));
        REQUIRE(a.variance == Approx(b.variance).margin(1e-12));
        REQUIRE(a.interval.lower == Approx(b.interval.lower).margin(1e-9));
        REQUIRE(a.interval.upper == Approx(b.interval.upper).margin(1e-9));
        REQUIRE(a.method == b.method);
        REQUIRE(a.threshold == b.threshold);
      };
      same(steps.aupr_of_positives(), stats::aupr_trapezoid(levels));
      same(steps.aupr_of_negatives(), stats::aupr_of_negatives(levels));
      same(steps.average_precision(), stats::average_precision(levels));
      for (const double tpr : {0.05, 0.5, 0.95, 1.0})
        same(steps.fpr_at_tpr(tpr), stats::fpr_at_tpr(levels, tpr));
      REQUIRE(steps.auroc().value == Approx(stats::auroc(ranked).value).margin(1e-14));
      REQUIRE(steps.auroc().variance == Approx(stats::auroc(ranked).variance).margin(1e-15));
    }
}

TEST_CASE("a curve that was thinned as it was made lies on the whole one", "[stats][ranking]") {
  for (const int n_levels : {0, 3}) {
    const auto data = fast_ranks(5000, n_levels, 0.4, 7);
    const stats::Ranked ranked(data.scores, data.positive);
    const auto whole = stats::roc_curve(stats::levels_of(ranked));
    const auto thin = stats::RankSteps(ranked).roc_curve(stats::CurveBand::simultaneous, 0.95, 65);
    REQUIRE(thin.x.size() <= 65);
    REQUIRE(thin.x.front() == 0);
    REQUIRE((thin.x.back() == 1 && thin.y.back() == 1));
    std::size_t at = 0;
    for (std::size_t k = 0; k < thin.x.size(); ++k) {
      while (at < whole.x.size() && whole.threshold[at] != thin.threshold[k]) ++at;
      REQUIRE(at < whole.x.size());
      REQUIRE(thin.x[k] == Approx(whole.x[at]).margin(1e-15));
      REQUIRE(thin.y[k] == Approx(whole.y[at]).margin(1e-15));
      REQUIRE(thin.lower[k] == Approx(whole.lower[at]).margin(1e-15));
      REQUIRE(thin.upper[k] == Approx(whole.upper[at]).margin(1e-15));
    }
  }
}

TEST_CASE("steps refuse what they cannot hold", "[stats][ranking]") {
  const std::vector<float> scores{1, 2};
  const std::vector<std::uint8_t> one{1, 1}, both{1, 0};
  const std::vector<double> weights{1, 2};
  REQUIRE_THROWS_AS(stats::RankSteps(stats::Ranked(scores, one)), ValueError);
  REQUIRE_THROWS_AS(stats::RankSteps(stats::Ranked(scores, both, weights)), ValueError);
}

TEST_CASE("each class against the rest is ranked without sorting the rest", "[stats][ranking]") {
  // few positives, few negatives, ties, infinities, -0 and a range that one bucket holds most of
  for (const double share : {0.02, 0.5, 0.97})
    for (const int n_levels : {0, 2}) {
      auto data = fast_ranks(400, n_levels, share, 11);
      data.scores[2] = std::numeric_limits<float>::infinity();
      data.scores[3] = -std::numeric_limits<float>::infinity();
      data.scores[4] = 1e-30F;
      data.scores[5] = -0.0F;
      data.scores[6] = 0.0F;
      std::vector<float> two;
      std::vector<std::uint8_t> groups;
      for (std::size_t i = 0; i < data.scores.size(); ++i) {
        two.insert(two.end(), {data.scores[i], -data.scores[i]});
        groups.insert(groups.end(), {data.positive[i], data.positive[i]});
      }
      const auto found = stats::label_auroc({two, {}, 2}, groups, {}, false);
      const double want = won_pairs(data);
      const auto plain = stats::auroc(stats::Ranked(data.scores, data.positive));
      REQUIRE(found.columns[0].auroc.value == Approx(want).margin(1e-12));
      REQUIRE(found.columns[1].auroc.value == Approx(1 - want).margin(1e-12));
      REQUIRE(found.columns[0].auroc.variance == Approx(plain.variance).epsilon(1e-9));
      const std::vector<double> wide(two.begin(), two.end());
      const auto doubles = stats::label_auroc({{}, wide, 2}, groups, {}, false);
      REQUIRE(doubles.columns[0].auroc.value == found.columns[0].auroc.value);
      const std::vector<double> ones(groups.size() / 2, 1.0);  // the way of weights
      const auto weighted = stats::label_auroc({two, {}, 2}, groups, ones, false);
      REQUIRE(weighted.value == Approx(found.value).margin(1e-12));
      REQUIRE(weighted.variance == Approx(found.variance).epsilon(1e-9).margin(1e-18));
    }
}

TEST_CASE("the columns of a classifier crowded into one bucket still rank right",
          "[stats][ranking]") {
  FastRanks data;
  for (int i = 0; i < 3000; ++i) {
    stats::Rng rng(3, "crowded", i);
    data.scores.push_back(i == 0 ? 1e30F : 1.0F + static_cast<float>(rng.uniform()) * 1e-4F);
    data.positive.push_back(rng.uniform() < 0.4 ? 1 : 0);
  }
  data.positive[0] = 1;
  const auto found = stats::label_auroc({data.scores, {}, 1}, data.positive, {}, false);
  const auto plain = stats::auroc(stats::Ranked(data.scores, data.positive));
  REQUIRE(found.columns[0].auroc.value == Approx(plain.value).margin(1e-12));
}

TEST_CASE("a column is summed by the block to the same bits as value by value",
          "[stats][moments]") {
  std::vector<double> column;
  for (int i = 0; i < 5000; ++i) {
    stats::Rng rng(5, "fixed", i);
    const double x = rng.normal() * std::exp2(-static_cast<double>(i % 64));
    column.push_back(i % 997 == 0 ? x * 1e6 : x);
  }
  stats::FixedSum one_by_one, at_once, in_parts;
  for (const double x : column) one_by_one.add(x);
  at_once.add(column);
  in_parts.add(std::span<const double>(column).first(1023));
  in_parts.add(std::span<const double>(column).subspan(1023));
  REQUIRE(at_once == one_by_one);
  REQUIRE(in_parts == one_by_one);
  column[4999] = std::numeric_limits<double>::quiet_NaN();
  REQUIRE_THROWS_AS(at_once.add(column), ValueError);
  REQUIRE(at_once == one_by_one);  // nothing of a refused column stays
}

TEST_CASE("a histogram grows to where scores are and merges with one elsewhere",
          "[stats][ranking]") {
  const std::vector<float> low{-3e4F, -1.5F}, high{0.25F, 7e8F};
  const std::vector<std::uint8_t> group{0, 1};
  stats::ScoreHistogram whole, a, b;
  whole.add(low, group);
  whole.add(high, group);
  a.add(low, group);
  b.add(high, group);
  b.merge(a);
  REQUIRE(b.levels().score == whole.levels().score);
  REQUIRE(b.levels().positive == whole.levels().positive);
  stats::ScoreHistogram loaded;
  loaded.load(b.save());
  REQUIRE(loaded.levels().negative == whole.levels().negative);
}

TEST_CASE("a classifier's columns are counted as each column by itself, few rows or many",
          "[stats][ranking]") {
  for (const bool probability : {false, true})
    for (const int bits : {12, 18})
      for (const std::size_t n : {7U, 5000U, 33000U})
        for (const std::size_t n_classes : {3U, 19U}) {
          const auto scale = probability ? stats::ScoreScale::probability : stats::ScoreScale::raw;
          std::mt19937_64 rng(n + n_classes);
          std::vector<float> scores(n * n_classes);
          std::vector<std::int32_t> labels(n);
          for (float& s : scores) {
            const auto u = static_cast<float>(static_cast<double>(rng() >> 11) * 0x1p-53);
            s = probability ? u * u * u : (u - 0.5F) * 1e3F * u * u;
          }
          for (auto& label : labels) label = static_cast<std::int32_t>(rng() % n_classes);
          std::vector<stats::ScoreHistogram> together(n_classes,
                                                      stats::ScoreHistogram(bits, scale));
          stats::add_classes(together, scores, labels);
          for (std::size_t c = 0; c < n_classes; ++c) {
            stats::ScoreHistogram alone(bits, scale);
            std::vector<float> column;
            std::vector<std::uint8_t> group;
            for (std::size_t i = 0; i < n; ++i) {
              column.push_back(scores[i * n_classes + c]);
              group.push_back(labels[i] == static_cast<std::int32_t>(c) ? 1 : 0);
            }
            alone.add(column, group);
            REQUIRE(together[c].n() == alone.n());
            REQUIRE(together[c].levels().score == alone.levels().score);
            REQUIRE(together[c].levels().positive == alone.levels().positive);
            REQUIRE(together[c].levels().negative == alone.levels().negative);
          }
        }
}

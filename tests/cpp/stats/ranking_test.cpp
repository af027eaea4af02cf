#include "leadline/stats/ranking.hpp"

#include <cmath>

#include "catch.hpp"
#include "leadline/core/error.hpp"
#include "leadline/stats/distributions.hpp"
#include "leadline/stats/random.hpp"

using namespace leadline;

namespace {

std::vector<double> normals(std::uint64_t seed, std::string_view stream, std::int64_t n,
                            double mean) {
  stats::Rng rng(seed, stream);
  std::vector<double> values;
  for (std::int64_t i = 0; i < n; ++i) values.push_back(mean + rng.normal());
  return values;
}

}  // namespace

TEST_CASE("auroc and its DeLong variance match a case worked by hand", "[stats][ranking]") {
  const std::vector<double> positives{0.9, 0.8, 0.3}, negatives{0.7, 0.4, 0.2, 0.1};
  const auto found = stats::auroc(positives, negatives);
  REQUIRE_THAT(found.value, WithinAbs(10.0 / 12, 1e-15));
  REQUIRE_THAT(found.variance, WithinAbs(1.0 / 27, 1e-15));
  REQUIRE(found.interval.contains(found.value));
}

TEST_CASE("auroc counts ties one half, like the brute force", "[stats][ranking]") {
  stats::Rng rng(3, "ties");
  std::vector<double> p, q;
  for (int i = 0; i < 40; ++i) p.push_back(static_cast<double>(rng.below(6)));
  for (int i = 0; i < 30; ++i) q.push_back(static_cast<double>(rng.below(5)));
  double wins = 0;
  for (const double a : p)
    for (const double b : q) wins += a > b ? 1 : a == b ? 0.5 : 0;
  REQUIRE_THAT(stats::auroc(p, q).value, WithinAbs(wins / (40 * 30), 1e-14));
  const std::vector<double> same(10, 1.0);
  REQUIRE(stats::auroc(same, same).value == 0.5);
}

TEST_CASE("auroc of two normals is the closed form and its interval covers", "[stats][ranking]") {
  const double truth = 0.7602499389065233;  // Phi(1 / sqrt 2)
  int covered = 0;
  constexpr int runs = 300;
  for (int r = 0; r < runs; ++r) {
    const auto p = normals(r, "p", 60, 1), q = normals(r, "q", 80, 0);
    covered += stats::auroc(p, q).interval.contains(truth) ? 1 : 0;
  }
  // Binomial(300, 0.95): 3.5 standard deviations are 0.044.
  REQUIRE(covered / static_cast<double>(runs) > 0.95 - 0.044);
  REQUIRE(covered / static_cast<double>(runs) < 0.95 + 0.044);
}

TEST_CASE("perfect separation still has an uncertain auroc", "[stats][ranking]") {
  const std::vector<double> high{3, 4, 5, 6}, low{0, 1, 2};
  const auto found = stats::auroc(high, low);
  REQUIRE(found.value == 1);
  REQUIRE(found.interval.upper == 1);
  REQUIRE_THAT(found.interval.lower, WithinAbs(std::pow(0.025, 1.0 / 3), 1e-9));
}

TEST_CASE("fpr at 95 % tpr keeps at least 95 % of the positives", "[stats][ranking]") {
  std::vector<double> positives;
  for (int i = 1; i <= 20; ++i) positives.push_back(i);
  REQUIRE(stats::threshold_at_tpr(positives, 0.95) == 2);  // 19 of 20 reach 2
  const std::vector<double> negatives{0, 1, 2, 3};
  REQUIRE(stats::fpr_at_tpr(positives, negatives, 0.95) == 0.5);
  const auto p = normals(1, "p", 40000, 2), q = normals(1, "q", 40000, 0);
  REQUIRE_THAT(stats::fpr_at_tpr(p, q, 0.95), WithinAbs(stats::normal_cdf(1.6448536 - 2), 0.012));
}

TEST_CASE("the roc curve drops no level and ends in the corners", "[stats][ranking]") {
  const std::vector<double> p{3, 2, 2}, q{2, 1};
  const auto curve = stats::roc_curve(p, q);
  REQUIRE(curve.size() == 4);
  REQUIRE(curve[1].tpr == 1.0 / 3);
  REQUIRE(curve[2].fpr == 0.5);
  REQUIRE(curve[2].tpr == 1);
  REQUIRE(curve[3].fpr == 1);
  const auto many = normals(1, "m", 5000, 0);
  REQUIRE(stats::roc_curve(many, many, 100).size() == 100);
  REQUIRE_THROWS_AS(stats::auroc({}, q), ValueError);
}

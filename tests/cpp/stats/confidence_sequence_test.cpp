#include "leadline/stats/confidence_sequence.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "catch.hpp"
#include "leadline/core/error.hpp"
#include "leadline/stats/random.hpp"

namespace stats = leadline::stats;
using stats::BernsteinSequence;
using stats::BettingSequence;
using stats::MixtureSequence;
using stats::NormalMixtureSequence;

namespace leadline::detail::confidence_sequence_test {

/// How many of `runs` sequences ever leave the mean out, looking after every value.
template <class Sequence, class Draw>
int ever_missed(int runs, int n, double mean, std::uint64_t seed, Draw draw) {
  const stats::Stream stream(seed, "sequence");
  int missed = 0;
  for (int r = 0; r < runs; ++r) {
    auto rng = stream.at(r);
    Sequence sequence({.level = 0.9, .grid = 200});
    bool out = false;
    for (int i = 0; i < n && !out; ++i) {
      sequence.add(draw(rng));
      out = !sequence.interval().contains(mean);
    }
    missed += out;
  }
  return missed;
}

const auto coin = [](stats::Rng& rng) { return rng.bernoulli(0.1) ? 1.0 : 0.0; };
const auto narrow = [](stats::Rng& rng) { return 0.7 + 0.1 * (rng.uniform() - 0.5); };

}  // namespace leadline::detail::confidence_sequence_test

using namespace leadline::detail::confidence_sequence_test;

TEST_CASE("confidence sequences hold at every sample size at once", "[stats][sequence][coverage]") {
  const int runs = 150, n = 300;
  const double most = 0.1 * runs + 2.6 * std::sqrt(runs * .1 * .9);
  CHECK(ever_missed<MixtureSequence>(runs, n, 0.1, 1, coin) <= most);
  CHECK(ever_missed<NormalMixtureSequence>(runs, n, 0.1, 2, coin) <= most);
  CHECK(ever_missed<BernsteinSequence>(runs, n, 0.1, 3, coin) <= most);
  CHECK(ever_missed<BettingSequence>(runs, n, 0.1, 4, coin) <= most);
  CHECK(ever_missed<MixtureSequence>(runs, n, 0.7, 5, narrow) <= most);
  CHECK(ever_missed<BernsteinSequence>(runs, n, 0.7, 6, narrow) <= most);
  CHECK(ever_missed<BettingSequence>(runs, n, 0.7, 7, narrow) <= most);
}

TEST_CASE("confidence sequences hold at every sample size, thousandfold",
          "[.full][full][stats][sequence][coverage]") {
  const int runs = 1000, n = 2000;
  const double most = 0.1 * runs + 2.6 * std::sqrt(runs * .1 * .9);
  CHECK(ever_missed<MixtureSequence>(runs, n, 0.1, 1, coin) <= most);
  CHECK(ever_missed<NormalMixtureSequence>(runs, n, 0.1, 2, coin) <= most);
  CHECK(ever_missed<BernsteinSequence>(runs, n, 0.1, 3, coin) <= most);
  CHECK(ever_missed<BettingSequence>(runs, n, 0.1, 4, coin) <= most);
  CHECK(ever_missed<BettingSequence>(runs, n, 0.7, 7, narrow) <= most);
}

TEST_CASE("sequences that see little spread are narrow", "[stats][sequence]") {
  stats::Rng rng(9);
  std::vector<double> x(2000);
  for (auto& v : x) v = narrow(rng);
  MixtureSequence mixture;
  NormalMixtureSequence normal;
  BernsteinSequence bernstein;
  BettingSequence betting;
  mixture.add(x), normal.add(x), bernstein.add(x), betting.add(x);
  CHECK(betting.interval().width() < 0.5 * mixture.interval().width());
  CHECK(bernstein.interval().width() < 0.5 * normal.interval().width());
  CHECK(betting.interval().width() <= bernstein.interval().width() + 2e-3);
  for (const auto& ci :
       {mixture.interval(), normal.interval(), bernstein.interval(), betting.interval()})
    CHECK(ci.contains(0.7));
}

TEST_CASE("the mixture of 0/1 values is the closed form", "[stats][sequence]") {
  // no success in n: p is in while (1 - p)^n > alpha B(1/2, n + 1/2) / pi
  MixtureSequence sequence;
  for (int i = 0; i < 10; ++i) sequence.add(0.0);
  const double beta = std::exp(std::lgamma(.5) + std::lgamma(10.5) - std::lgamma(11.0));
  CHECK(sequence.interval().lower == 0.0);
  CHECK_THAT(sequence.interval().upper,
             WithinAbs(1 - std::pow(0.05 * beta / 3.14159265358979, 0.1), 1e-9));
}

TEST_CASE("the normal mixture is eq. 14 of Howard et al.", "[stats][sequence]") {
  NormalMixtureSequence sequence({.tuned_to = 100});
  for (int i = 0; i < 100; ++i) sequence.add(i % 2);
  const double a = 2 * std::log(20.0), rho = 25 / (a + std::log(1 + a)), v = 25;
  const double half = std::sqrt((v + rho) * std::log((v + rho) / (rho * .05 * .05))) / 100;
  CHECK_THAT(sequence.interval().upper, WithinAbs(0.5 + half, 1e-12));
  const auto width_at = [](std::int64_t tuned, int n) {
    NormalMixtureSequence s({.tuned_to = tuned});
    for (int i = 0; i < n; ++i) s.add(i % 2);
    return s.interval().width();
  };
  CHECK(width_at(400, 400) < width_at(40, 400));
  CHECK(width_at(400, 400) < width_at(4000, 400));
}

TEST_CASE("sums merge in any order; bets do not", "[stats][sequence]") {
  std::vector<double> x(300);
  stats::Rng rng(3);
  for (auto& v : x) v = -2 + 5 * rng.uniform();
  const stats::SequenceOptions options{.low = -2, .high = 3};
  MixtureSequence whole(options), left(options), right(options);
  whole.add(x);
  left.add(std::span(x).subspan(0, 100));
  right.add(std::span(x).subspan(100));
  right.merge(left);
  CHECK(right.interval() == whole.interval());
  CHECK(right.n() == 300);
  CHECK_THAT(whole.mean(), WithinAbs(0.5, 0.3));
  NormalMixtureSequence a(options), b(options), c(options);
  a.add(x), b.add(std::span(x).subspan(0, 7)), c.add(std::span(x).subspan(7));
  b.merge(c);
  CHECK(b.interval() == a.interval());
  CHECK_THROWS_AS(whole.merge(MixtureSequence({.level = .9, .low = -2, .high = 3})),
                  leadline::ValueError);
  BettingSequence forward(options), backward(options);
  forward.add(x);
  std::sort(x.begin(), x.end());
  backward.add(x);
  CHECK(forward.interval().width() != backward.interval().width());
}

TEST_CASE("sequences refuse values beyond their bounds", "[stats][sequence]") {
  MixtureSequence sequence;
  CHECK(sequence.interval() == stats::Interval{0, 1});
  CHECK_THROWS_WITH(sequence.add(1.5),
                    "MixtureSequence.add: expected values in [0.000000, 1.000000], got 1.500000 "
                    "(pass the true bounds of the column as low and high)");
  CHECK_THROWS_AS(BettingSequence().add(std::nan("")), leadline::ValueError);
  CHECK_THROWS_AS(BernsteinSequence({.low = 1, .high = 0}), leadline::ValueError);
  CHECK_THROWS_AS(BettingSequence({.grid = 2}), leadline::ValueError);
  CHECK_THROWS_AS(NormalMixtureSequence({.level = 95}), leadline::ValueError);
  CHECK(BettingSequence().interval() == stats::Interval{0, 1});
}

#include "leadline/stats/moments.hpp"

#include <cmath>
#include <limits>
#include <vector>

#include "catch.hpp"
#include "leadline/core/error.hpp"
#include "leadline/stats/random.hpp"

namespace stats = leadline::stats;
using stats::FixedSum;
using stats::Moments;

namespace leadline::detail::moments_test {

std::vector<double> uniforms(std::size_t n, double low, double high) {
  std::vector<double> x(n);
  stats::Rng(1, "column").fill_uniform(x);
  for (double& v : x) v = low + (high - low) * v;
  return x;
}

}  // namespace leadline::detail::moments_test

using namespace leadline::detail::moments_test;

TEST_CASE("neumaier keeps what plain addition loses", "[stats][moments]") {
  stats::NeumaierSum sum;
  for (const double x : {1.0, 1e100, 1.0, -1e100}) sum.add(x);
  CHECK(sum.value() == 2.0);
  stats::NeumaierSum left, right;
  left.add(1e100);
  left.add(1.0);
  right.add(-1e100);
  left.merge(right);
  CHECK(left.value() == 1.0);
  sum.add(std::numeric_limits<double>::infinity());
  CHECK(std::isinf(sum.value()));
}

TEST_CASE("a fixed sum has the same bits in any order and any sharding", "[stats][moments]") {
  const auto x = uniforms(10000, -3.0, 3.0);
  FixedSum forward, backward, even, odd;
  forward.add(x);
  for (std::size_t i = x.size(); i-- > 0;) backward.add(x[i]);
  for (std::size_t i = 0; i < x.size(); ++i) (i % 2 == 0 ? even : odd).add(x[i]);
  FixedSum merged = odd;
  merged.merge(even);
  even.merge(odd);
  CHECK(forward == backward);
  CHECK(forward == merged);
  CHECK(forward == even);
  long double exact = 0;
  for (const double v : x) exact += v;
  CHECK_THAT(forward.value(), WithinAbs(static_cast<double>(exact), 1e-13));
}

TEST_CASE("a fixed sum rounds each value to the nearest 2^-60 and is exact above 2^-8",
          "[stats][moments]") {
  for (const double x : {0.1, -0.7, 3.9999999, 4.0, -5.5, 123456.789, 1e12 + 0.125, 7e19, -7e19}) {
    FixedSum sum;
    sum.add(x);
    CHECK(sum.value() == x);
    sum.add(-x);
    CHECK(sum == FixedSum());
  }
  FixedSum tiny;
  tiny.add(0x1p-61 * 1.01);
  CHECK(tiny.value() == 0x1p-60);
  tiny = FixedSum();
  tiny.add(0x1p-62);
  CHECK(tiny.value() == 0.0);
}

TEST_CASE("a fixed sum survives saving, negative or not", "[stats][moments]") {
  for (const double x : {0.3, -0.3, -1e15, 1e15}) {
    FixedSum sum;
    sum.add(x);
    CHECK(FixedSum::load(sum.save()) == sum);
    CHECK(FixedSum::load(sum.save()).value() == x);
  }
}

TEST_CASE("a fixed sum refuses what it cannot hold", "[stats][moments]") {
  FixedSum sum;
  CHECK_THROWS_AS(sum.add(std::nan("")), leadline::ValueError);
  CHECK_THROWS_AS(sum.add(std::numeric_limits<double>::infinity()), leadline::ValueError);
  CHECK_THROWS_AS(sum.add(1e20), leadline::ValueError);
  CHECK(sum == FixedSum());
  sum.add(7e19);
  CHECK_THROWS_AS(sum.add(7e19), leadline::ValueError);
  FixedSum other = sum;
  CHECK_THROWS_AS(other.merge(sum), leadline::ValueError);
  CHECK(other == sum);
}

TEST_CASE("moments match numpy on a small column", "[stats][moments]") {
  // numpy: x.mean(), x.var(ddof=1), scipy.stats.sem(x)
  Moments m;
  m.add(std::vector{2.1, 3.4, 1.9, 5.5, 4.0, 2.2, 3.3});
  CHECK(m.n == 7);
  CHECK_THAT(m.mean, WithinAbs(3.2, 1e-14));
  CHECK_THAT(m.variance(), WithinAbs(1.6466666666666667, 1e-14));
  CHECK_THAT(m.standard_deviation(), WithinAbs(std::sqrt(1.6466666666666667), 1e-14));
  CHECK_THAT(m.standard_error(), WithinAbs(std::sqrt(1.6466666666666667 / 7), 1e-14));
  CHECK(m.min == 1.9);
  CHECK(m.max == 5.5);
}

TEST_CASE("moments merge as if seen at once, and nothing is the neutral element",
          "[stats][moments]") {
  const auto x = uniforms(1001, 1e6, 1e6 + 1);  // badly scaled on purpose
  Moments whole, a, b, c;
  whole.add(x);
  a.add(std::span(x).first(10));
  b.add(std::span(x).subspan(10, 400));
  c.add(std::span(x).subspan(410));
  Moments left = a;
  left.merge(b);
  left.merge(c);
  Moments right = c;
  right.merge(a);
  right.merge(b);
  right.merge(Moments());
  Moments empty;
  empty.merge(whole);
  CHECK(empty.mean == whole.mean);
  for (const Moments& m : {left, right}) {
    CHECK(m.n == whole.n);
    CHECK_THAT(m.mean, WithinRel(whole.mean, 1e-15));
    CHECK_THAT(m.variance(), WithinRel(whole.variance(), 1e-9));
    CHECK(m.min == whole.min);
    CHECK(m.max == whole.max);
  }
  CHECK(Moments().variance() == 0.0);
}

TEST_CASE("equal weights are no weights, and the scale of weights does not matter",
          "[stats][moments]") {
  const auto x = uniforms(100, 0, 1);
  Moments plain;
  stats::WeightedMoments equal, scaled, shard, rest;
  plain.add(x);
  for (std::size_t i = 0; i < x.size(); ++i) {
    equal.add(x[i], 1.0);
    scaled.add(x[i], 7.5);
    (i < 30 ? shard : rest).add(x[i], 7.5);
  }
  shard.merge(rest);
  for (const auto& m : {equal, scaled, shard}) {
    CHECK_THAT(m.mean, WithinRel(plain.mean, 1e-13));
    CHECK_THAT(m.variance(), WithinRel(plain.variance(), 1e-12));
    CHECK_THAT(m.n_effective(), WithinRel(100.0, 1e-12));
  }
  stats::WeightedMoments uneven;
  uneven.add(1.0, 3.0);
  uneven.add(0.0, 1.0);
  uneven.add(5.0, 0.0);
  CHECK_THAT(uneven.mean, WithinAbs(0.75, 1e-15));
  CHECK_THAT(uneven.n_effective(), WithinAbs(1.6, 1e-15));
  CHECK(uneven.n == 3);
}

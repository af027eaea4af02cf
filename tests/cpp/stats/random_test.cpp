#include "leadline/stats/random.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <map>
#include <numbers>
#include <numeric>
#include <set>
#include <vector>

#include "catch.hpp"
#include "leadline/core/error.hpp"

namespace stats = leadline::stats;
using stats::Permutation;
using stats::Rng;

namespace leadline::detail::random_test {

/// A hash of the bits of a fill: any change of any bit shows.
template <class T>
std::uint64_t digest(const std::vector<T>& values) {
  return stats::hash64(
      {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)});  // NOLINT
}

double mean_of_draws(const std::vector<double>& x) {
  return std::accumulate(x.begin(), x.end(), 0.0) / static_cast<double>(x.size());
}

double central_moment(const std::vector<double>& x, int power) {
  const double mean = mean_of_draws(x);
  double sum = 0;
  for (const double v : x) sum += std::pow(v - mean, power);
  return sum / static_cast<double>(x.size());
}

/// Largest distance between the empirical and the given distribution function.
template <class F>
double kolmogorov_distance(std::vector<double> x, F cdf) {
  std::sort(x.begin(), x.end());
  double worst = 0;
  const auto n = static_cast<double>(x.size());
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double p = cdf(x[i]);
    worst = std::max({worst, p - static_cast<double>(i) / n, static_cast<double>(i + 1) / n - p});
  }
  return worst;
}

double gaussian_cdf(double x) { return 0.5 * std::erfc(-x / std::numbers::sqrt2); }

}  // namespace leadline::detail::random_test

using namespace leadline::detail::random_test;

TEST_CASE("philox gives the known answers of Random123", "[stats][random]") {
  using C = stats::PhiloxCounter;
  CHECK(stats::philox4x32({0, 0, 0, 0}, {0, 0}) ==
        C{0x6627e8d5U, 0xe169c58dU, 0xbc57ac4cU, 0x9b00dbd8U});
  CHECK(stats::philox4x32({0xffffffffU, 0xffffffffU, 0xffffffffU, 0xffffffffU},
                          {0xffffffffU, 0xffffffffU}) ==
        C{0x408f276dU, 0x41c83b0eU, 0xa20bc7c6U, 0x6d5451fdU});
  CHECK(stats::philox4x32({0x243f6a88U, 0x85a308d3U, 0x13198a2eU, 0x03707344U},
                          {0xa4093822U, 0x299f31d0U}) ==
        C{0xd16cfe09U, 0x94fdccebU, 0x5001e420U, 0x24126ea1U});
}

TEST_CASE("hash64 is FNV-1a", "[stats][random]") {
  CHECK(stats::hash64("") == 0xcbf29ce484222325ULL);
  CHECK(stats::hash64("a") == 0xaf63dc4c8601ec8cULL);
  CHECK(stats::hash64("foobar") == 0x85944171f73967e8ULL);
}

TEST_CASE("an rng depends on seed, stream, id and extra, and on nothing else", "[stats][random]") {
  const auto first = [](Rng rng) { return rng.next_u64(); };
  CHECK(first(Rng(1, "pgd", 7, 2)) == first(Rng(1, "pgd", 7, 2)));
  CHECK(first(Rng(1, "pgd", 7, 2)) == first(stats::Stream(1, "pgd").at(7, 2)));
  const std::set<std::uint64_t> all{first(Rng(1, "pgd", 7, 2)), first(Rng(2, "pgd", 7, 2)),
                                    first(Rng(1, "pgc", 7, 2)), first(Rng(1, "pgd", 8, 2)),
                                    first(Rng(1, "pgd", 7, 3)), first(Rng(1, "pgd", -7, 2))};
  CHECK(all.size() == 6);
}

TEST_CASE("what is drawn is frozen for ever", "[stats][random]") {
  // A change here changes every seeded result of every user.
  Rng rng(42, "frozen", 3, 1);
  const std::uint64_t word = rng.next_u64();
  const double uniform = rng.uniform();
  const double normal = rng.normal();
  std::vector<double> doubles(1001);
  rng.fill_normal(doubles);
  const std::uint64_t normals = digest(doubles);
  rng.fill_uniform(doubles);
  const std::uint64_t uniforms = digest(doubles);
  std::vector<float> floats(1003);
  rng.fill_normal(floats);
  const std::uint64_t float_normals = digest(floats);
  rng.fill_uniform(floats);
  const std::uint64_t float_uniforms = digest(floats);
  CHECK(word == 0x96e52f7a511511b9ULL);
  CHECK(std::bit_cast<std::uint64_t>(uniform) == 0x3fcc5c119a921410ULL);
  CHECK(std::bit_cast<std::uint64_t>(normal) == 0x3fa2d0274f724204ULL);
  CHECK(normals == 0x6404b492037f4240ULL);
  CHECK(uniforms == 0x2ec3ae9d4fa08ea4ULL);
  CHECK(float_normals == 0x23f6a12ebae88b23ULL);
  CHECK(float_uniforms == 0x8d56adb2683b5d6eULL);
  CHECK(Rng(42, "binomial").binomial(1000, 0.3) == 300);
  CHECK(Permutation(1000, 42, "frozen").forward(17) == 140);
}

TEST_CASE("a fill of doubles equals single draws", "[stats][random]") {
  Rng a(5), b(5), c(6), d(6);
  std::vector<double> x(1001), y(1001);
  a.fill_normal(x);
  CHECK(std::all_of(x.begin(), x.end(), [&](double v) { return v == b.normal(); }));
  c.fill_uniform(y);
  CHECK(std::all_of(y.begin(), y.end(), [&](double v) { return v == d.uniform(); }));
}

TEST_CASE("element i of a fill does not depend on the length of the fill", "[stats][random]") {
  for (const std::size_t n : {1U, 3U, 63U, 64U, 65U, 127U, 130U, 257U}) {
    std::vector<float> a(n), b(300);
    Rng(1, "x").fill_normal(a);
    Rng(1, "x").fill_normal(b);
    CHECK(std::equal(a.begin(), a.end(), b.begin()));
  }
  std::vector<double> parts(200), whole(200);
  Rng in_parts(1, "y"), at_once(1, "y");
  in_parts.fill_uniform(std::span(parts).first(64));
  in_parts.fill_uniform(std::span(parts).subspan(64));
  at_once.fill_uniform(whole);
  CHECK(parts == whole);
}

TEST_CASE("normals are Box-Muller of the same uniforms to the last bits", "[stats][random]") {
  Rng rng(7), same(7);
  double worst = 0;
  for (int i = 0; i < 20000; ++i) {
    const double u1 = same.uniform(), u2 = same.uniform();
    const double radius = std::sqrt(-2.0 * std::log1p(-u1));
    const double angle = 2.0 * std::numbers::pi * u2;
    worst = std::max({worst, std::abs(rng.normal() - radius * std::cos(angle)),
                      std::abs(rng.normal() - radius * std::sin(angle))});
  }
  CHECK(worst < 1e-14);
}

TEST_CASE("uniforms and normals have their distribution", "[stats][random]") {
  const std::size_t n = 100000;
  const double ks_bound = 2.2 / std::sqrt(static_cast<double>(n));  // p about 1e-4
  std::vector<double> x(n);
  std::vector<float> f(n);
  Rng(11, "u").fill_uniform(x);
  CHECK(kolmogorov_distance(x, [](double v) { return v; }) < ks_bound);
  CHECK(*std::min_element(x.begin(), x.end()) >= 0.0);
  CHECK(*std::max_element(x.begin(), x.end()) < 1.0);
  Rng(11, "n").fill_normal(x);
  CHECK(kolmogorov_distance(x, gaussian_cdf) < ks_bound);
  CHECK_THAT(central_moment(x, 4), WithinAbs(3.0, 0.12));
  Rng(11, "f").fill_normal(f);
  x.assign(f.begin(), f.end());
  CHECK(kolmogorov_distance(x, gaussian_cdf) < ks_bound);
  CHECK_THAT(central_moment(x, 2), WithinAbs(1.0, 0.02));
  double lag = 0;
  for (std::size_t i = 1; i < n; ++i) lag += x[i] * x[i - 1];
  CHECK(std::abs(lag / static_cast<double>(n)) < 4.0 / std::sqrt(static_cast<double>(n)));
  Rng(11, "v").fill_uniform(f);
  x.assign(f.begin(), f.end());
  CHECK(kolmogorov_distance(x, [](double v) { return v; }) < ks_bound);
}

TEST_CASE("the same position of neighbouring ids is independent", "[stats][random]") {
  const stats::Stream stream(3, "ids");
  const int n = 20000;
  std::vector<double> x;
  for (int id = 0; id < n; ++id) x.push_back(stream.at(id).normal());
  CHECK(kolmogorov_distance(x, gaussian_cdf) < 2.2 / std::sqrt(double{n}));
  double lag = 0;
  for (std::size_t i = 1; i < x.size(); ++i) lag += x[i] * x[i - 1];
  CHECK(std::abs(lag / n) < 4.0 / std::sqrt(double{n}));
}

TEST_CASE("below is uniform and refuses an empty range", "[stats][random]") {
  Rng rng(1, "below");
  std::vector<int> counts(7);
  for (int i = 0; i < 70000; ++i) ++counts[rng.below(7)];
  double chi2 = 0;
  for (const int c : counts) chi2 += (c - 10000.0) * (c - 10000.0) / 10000.0;
  CHECK(chi2 < 27.9);  // chi-square, 6 degrees of freedom, p = 1e-4
  CHECK(rng.below(1) == 0);
  CHECK_THROWS_AS(rng.below(0), leadline::ValueError);
}

TEST_CASE("uniform(a, b) stays below b even where a + (b - a) u rounds up", "[stats][random]") {
  Rng rng(1);
  for (int i = 0; i < 1000; ++i) {
    const double x = rng.uniform(1.0, std::nextafter(1.0, 2.0));
    CHECK(x == 1.0);
  }
  CHECK(rng.uniform(2.0, 2.0) == 2.0);
}

TEST_CASE("poisson weights have the Poisson(1) law", "[stats][random]") {
  // 2^32 P(X <= k) from the definition
  double below = 0, term = std::exp(-1.0);
  for (std::uint32_t k = 0; k < 8; ++k) {
    below += term;
    const double bound = below * 4294967296.0;
    CHECK(stats::poisson1_from_bits(static_cast<std::uint32_t>(bound - 2)) == k);
    CHECK(stats::poisson1_from_bits(static_cast<std::uint32_t>(bound + 2)) == k + 1);
    term /= k + 1;
  }
  CHECK(stats::poisson1_from_bits(0) == 0);
  CHECK(stats::poisson1_from_bits(0xffffffffU) == 12);
  std::vector<std::uint8_t> w(200000);
  stats::poisson1_weights(stats::Stream(1, "boot"), 0, 0, w);
  std::vector<double> x(w.begin(), w.end());
  CHECK_THAT(mean_of_draws(x), WithinAbs(1.0, 0.01));
  CHECK_THAT(central_moment(x, 2), WithinAbs(1.0, 0.02));
}

TEST_CASE("a poisson weight depends on id and replicate, not on the range asked for",
          "[stats][random]") {
  const stats::Stream stream(9, "boot");
  std::vector<std::uint8_t> all(1000), part(101);
  stats::poisson1_weights(stream, 5, 0, all);
  stats::poisson1_weights(stream, 5, 400, part);
  CHECK(std::equal(part.begin(), part.end(), all.begin() + 400));
  Rng rng = stream.at(5);
  CHECK(std::all_of(all.begin(), all.end(), [&](auto w) { return w == rng.poisson1(); }));
  CHECK_THROWS_AS(stats::poisson1_weights(stream, 5, 2, part), leadline::ValueError);
}

TEST_CASE("binomial draws have mean n p and variance n p q", "[stats][random]") {
  struct Case {
    std::int64_t n;
    double p;
  };
  for (const auto& [n, p] : {Case{20, 0.1}, Case{100, 0.3}, Case{1000, 0.98}, Case{1000000, 2e-6},
                             Case{1000000000, 0.5}}) {
    Rng rng(4, "binomial", n);
    std::vector<double> x(20000);
    for (double& v : x) v = static_cast<double>(rng.binomial(n, p));
    const double mean = static_cast<double>(n) * p, variance = mean * (1.0 - p);
    CAPTURE(n, p);
    CHECK_THAT(mean_of_draws(x), WithinAbs(mean, 4.0 * std::sqrt(variance / 20000.0)));
    CHECK_THAT(central_moment(x, 2) / variance, WithinAbs(1.0, 0.06));
    CHECK(*std::min_element(x.begin(), x.end()) >= 0);
    CHECK(*std::max_element(x.begin(), x.end()) <= static_cast<double>(n));
  }
  Rng rng(4);
  CHECK(rng.binomial(10, 0.0) == 0);
  CHECK(rng.binomial(10, 1.0) == 10);
  CHECK_THROWS_AS(rng.binomial(10, 1.5), leadline::ValueError);
}

TEST_CASE("binomial draws by rejection follow the exact law", "[stats][random]") {
  const int n = 40, draws = 100000;
  const double p = 0.4;
  Rng rng(8, "law");
  std::vector<double> counts(n + 1);
  for (int i = 0; i < draws; ++i) counts[static_cast<std::size_t>(rng.binomial(n, p))] += 1;
  double chi2 = 0, mass = std::pow(1 - p, n);
  int cells = 0;
  for (int k = 0; k <= n; ++k) {
    const double expected = mass * draws;
    if (expected > 5) {
      const double d = counts[static_cast<std::size_t>(k)] - expected;
      chi2 += d * d / expected;
      ++cells;
    }
    mass *= p / (1 - p) * (n - k) / (k + 1.0);
  }
  CHECK(cells > 20);
  CHECK(chi2 < cells + 4.0 * std::sqrt(2.0 * cells));
}

TEST_CASE("a permutation is a bijection with its inverse", "[stats][random][permutation]") {
  for (const std::int64_t n : {1, 2, 3, 4, 5, 7, 8, 9, 100, 1000, 1024, 1025}) {
    const Permutation permute(n, 1, "p");
    std::vector<bool> seen(static_cast<std::size_t>(n));
    for (std::int64_t i = 0; i < n; ++i) {
      const auto j = permute(i);
      REQUIRE((j >= 0 && j < n));
      REQUIRE(!seen[static_cast<std::size_t>(j)]);
      seen[static_cast<std::size_t>(j)] = true;
      REQUIRE(permute.inverse(j) == i);
    }
  }
  const Permutation huge(std::int64_t{1} << 61, 1);
  CHECK(huge.inverse(huge(12345678901234567)) == 12345678901234567);
  CHECK(Permutation(0, 1).size() == 0);
  CHECK_THROWS_AS(Permutation(10, 1).forward(10), leadline::ValueError);
  CHECK_THROWS_AS(Permutation(10, 1).inverse(-1), leadline::ValueError);
  CHECK_THROWS_AS(Permutation(-1, 1), leadline::ValueError);
}

TEST_CASE("every permutation of a few rows is equally likely", "[stats][random][permutation]") {
  for (const std::int64_t n : {2, 3, 4, 5}) {
    std::map<std::vector<std::int64_t>, double> counts;
    double orders = 1;
    for (std::int64_t i = 2; i <= n; ++i) orders *= static_cast<double>(i);
    const int draws = static_cast<int>(orders) * 100;
    for (int seed = 0; seed < draws; ++seed) {
      const Permutation permute(n, static_cast<std::uint64_t>(seed));
      std::vector<std::int64_t> order;
      for (std::int64_t i = 0; i < n; ++i) order.push_back(permute(i));
      counts[order] += 1;
    }
    double chi2 = 0;
    for (const auto& [order, c] : counts) chi2 += (c - 100) * (c - 100) / 100;
    chi2 += 100 * (orders - static_cast<double>(counts.size()));
    CAPTURE(n);
    CHECK(chi2 < orders - 1 + 4.0 * std::sqrt(2.0 * orders) + 6.0);
  }
}

TEST_CASE("a permutation leaves no trace of the order", "[stats][random][permutation]") {
  const std::int64_t n = 20000;
  const Permutation permute(n, 3, "trace");
  double rank = 0, neighbour = 0;
  const double centre = static_cast<double>(n - 1) / 2;
  double previous = static_cast<double>(permute(n - 1)) - centre;
  for (std::int64_t i = 0; i < n; ++i) {
    const double x = static_cast<double>(permute(i)) - centre;
    rank += x * (static_cast<double>(i) - centre);
    neighbour += x * previous;
    previous = x;
  }
  const double variance = (static_cast<double>(n) * static_cast<double>(n) - 1) / 12;
  CHECK(std::abs(rank / (static_cast<double>(n) * variance)) < 4 / std::sqrt(double{n}));
  CHECK(std::abs(neighbour / (static_cast<double>(n) * variance)) < 4 / std::sqrt(double{n}));
}

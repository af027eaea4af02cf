/// Counter-based random numbers: what is drawn depends on nothing but (seed, stream, id, extra).
///
/// There is no global state and no order: two threads, two processes or two languages that ask for
/// the same (seed, stream name, sample id) get the same bits, on every platform.
///
///     const stats::Stream noise(seed, "gaussian_noise");
///     stats::Rng rng = noise.at(sample_id);         // any order, any thread
///     rng.fill_normal(pixels);                      // pixels: span<float>
#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <span>
#include <string_view>

#include "leadline/config.hpp"

namespace leadline::stats {

/// Hashes `text` to 64 bits: FNV-1a, the same on every platform and in every version.
/// Not cryptographic. hash64("") = 0xcbf29ce484222325, hash64("foobar") = 0x85944171f73967e8.
[[nodiscard]] constexpr std::uint64_t hash64(std::string_view text) noexcept {
  std::uint64_t hash = 0xcbf29ce484222325ULL;
  for (const char c : text) {
    hash ^= static_cast<unsigned char>(c);
    hash *= 0x100000001b3ULL;
  }
  return hash;
}

/// Mixes 64 bits; a bijection with full avalanche (SplitMix64 finaliser, Steele et al. 2014).
[[nodiscard]] constexpr std::uint64_t mix64(std::uint64_t x) noexcept {
  x += 0x9e3779b97f4a7c15ULL;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
  return x ^ (x >> 31);
}

/// Combines two 64-bit words into one; not symmetric.
[[nodiscard]] constexpr std::uint64_t mix64(std::uint64_t a, std::uint64_t b) noexcept {
  return mix64(mix64(a) ^ b);
}

using PhiloxCounter = std::array<std::uint32_t, 4>;
using PhiloxKey = std::array<std::uint32_t, 2>;

/// Philox4x32-10: a keyed bijection of 128 bits (Salmon et al. 2011, "Parallel random numbers: as
/// easy as 1, 2, 3"). Passes the known answers of Random123; equal to cuRAND's and NumPy's rounds.
[[nodiscard]] constexpr PhiloxCounter philox4x32(PhiloxCounter counter, PhiloxKey key) noexcept {
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t p0 = std::uint64_t{0xD2511F53U} * counter[0];
    const std::uint64_t p1 = std::uint64_t{0xCD9E8D57U} * counter[2];
    counter = {
        static_cast<std::uint32_t>(p1 >> 32) ^ counter[1] ^ key[0], static_cast<std::uint32_t>(p1),
        static_cast<std::uint32_t>(p0 >> 32) ^ counter[3] ^ key[1], static_cast<std::uint32_t>(p0)};
    key[0] += 0x9E3779B9U;
    key[1] += 0xBB67AE85U;
  }
  return counter;
}

/// 2^32 * P(X <= k) to the nearest, k = 0 .. 11, X ~ Poisson(1).
inline constexpr std::array<std::uint32_t, 12> poisson1_bounds{
    1580030169U, 3160060337U, 3950075422U, 4213413783U, 4279248374U, 4292415292U,
    4294609778U, 4294923276U, 4294962463U, 4294966817U, 4294967253U, 4294967292U};

/// Turns 32 uniform bits into a Poisson(1) count by inversion (total variation error < 1e-9; at
/// most 12). The weight of one sample in one replicate of a streaming bootstrap.
[[nodiscard]] constexpr std::uint32_t poisson1_from_bits(std::uint32_t bits) noexcept {
  std::uint32_t count = 0;
  for (const std::uint32_t bound : poisson1_bounds) count += bits >= bound ? 1U : 0U;
  return count;
}

/// One sequence of random numbers, named by (seed, stream, id, extra).
///
/// The key of Philox is a 64-bit hash of (seed, stream, extra); its counter holds `id` and the
/// number of the 128-bit block, so that two ids can never share a word. Cheap to make (no heap, no
/// warm-up); copy it to fork it. 2^64 blocks long.
/// Meets std::uniform_random_bit_generator; prefer the members below: those of <random> differ
/// between standard libraries.
class LEADLINE_API Rng {
 public:
  using result_type = std::uint64_t;

  explicit Rng(std::uint64_t seed, std::string_view stream = {}, std::int64_t id = 0,
               std::uint64_t extra = 0) noexcept
      : Rng(FromKey{mix64(mix64(seed, hash64(stream)), extra)}, id) {}

  /// The next 32 or 64 uniform bits.
  std::uint32_t next_u32() noexcept {
    if (used_ == 4) refill();
    return words_[used_++];
  }
  std::uint64_t next_u64() noexcept {
    const std::uint64_t high = next_u32();
    return high << 32 | next_u32();
  }
  result_type operator()() noexcept { return next_u64(); }
  static constexpr result_type min() noexcept { return 0; }
  static constexpr result_type max() noexcept { return std::numeric_limits<result_type>::max(); }

  /// Uniform in [0, 1): a multiple of 2^-53.
  double uniform() noexcept { return static_cast<double>(next_u64() >> 11) * 0x1p-53; }
  /// Uniform in [low, high).
  double uniform(double low, double high) noexcept;

  /// Standard normal by Box-Muller from two 53-bit uniforms: |z| <= 8.58. Logarithm, sine and
  /// cosine are our own (1 ulp), so that the bits do not depend on the C library.
  double normal() noexcept;

  /// Uniform integer in [0, n), without bias (Lemire 2019). Throws ValueError if n is 0.
  std::uint64_t below(std::uint64_t n);

  /// True with probability `p`.
  bool bernoulli(double p) noexcept { return uniform() < p; }

  /// Poisson(1), see `poisson1_from_bits`.
  std::uint32_t poisson1() noexcept { return poisson1_from_bits(next_u32()); }

  /// Binomial(n, p): inversion for small n p, else transformed rejection (Hoermann 1993, BTRS).
  /// Throws ValueError unless n >= 0 and p in [0, 1].
  std::int64_t binomial(std::int64_t n, double p);

  /// Fills `out` with uniforms in [0, 1) (float: multiples of 2^-24) or standard normals (float:
  /// |z| <= 6.7). About 3 ns (float) or 7 ns (double) a number. A fill starts at a fresh block of
  /// four words: element i depends on the block and on i alone, words left over from single draws
  /// are dropped. A fill of doubles from a fresh Rng equals as many calls of uniform() or normal().
  void fill_uniform(std::span<float> out) noexcept;
  void fill_uniform(std::span<double> out) noexcept;
  void fill_normal(std::span<float> out) noexcept;
  void fill_normal(std::span<double> out) noexcept;

 private:
  friend class Stream;
  struct FromKey {
    std::uint64_t key;
  };
  Rng(FromKey from, std::int64_t id) noexcept
      : key_{static_cast<std::uint32_t>(from.key), static_cast<std::uint32_t>(from.key >> 32)},
        id_(static_cast<std::uint64_t>(id)) {}
  void refill() noexcept {
    words_ =
        philox4x32({static_cast<std::uint32_t>(block_), static_cast<std::uint32_t>(block_ >> 32),
                    static_cast<std::uint32_t>(id_), static_cast<std::uint32_t>(id_ >> 32)},
                   key_);
    ++block_;
    used_ = 0;
  }

  PhiloxKey key_{};
  std::uint64_t id_ = 0;
  std::uint64_t block_ = 0;
  std::array<std::uint32_t, 4> words_{};
  int used_ = 4;
  bool has_spare_ = false;
  double spare_ = 0.0;  // second half of a Box-Muller pair
};

/// A (seed, stream name) pair hashed once; gives the Rng of each sample.
class Stream {
 public:
  explicit Stream(std::uint64_t seed, std::string_view name = {}) noexcept
      : key_(mix64(seed, hash64(name))) {}

  /// The same as Rng(seed, name, id, extra); `extra` tells repeats, restarts or columns apart.
  [[nodiscard]] Rng at(std::int64_t id, std::uint64_t extra = 0) const noexcept {
    return Rng(Rng::FromKey{mix64(key_, extra)}, id);
  }
  [[nodiscard]] std::uint64_t key() const noexcept { return key_; }

 private:
  std::uint64_t key_;
};

/// Writes the Poisson(1) weights of sample `id` in the replicates `first`, `first + 1`, ... into
/// `out`. A weight depends on (stream, id, replicate) alone. About 4 ns a weight.
/// Throws ValueError unless `first` is a multiple of 4 (one Philox block serves four replicates).
LEADLINE_API void poisson1_weights(const Stream& stream, std::int64_t id, std::uint64_t first,
                                   std::span<std::uint8_t> out);

/// A keyed permutation of [0, n) in constant memory: a Feistel network on the next power of two,
/// walked until it falls inside (Black and Rogaway 2002). About 50 ns a call (200 below 1024 rows,
/// where mixing takes more rounds), on every platform the same. `inverse(forward(i)) == i`. For
/// shuffling and visiting orders, not for cryptography.
class LEADLINE_API Permutation {
 public:
  /// Throws ValueError unless 0 <= n < 2^62.
  Permutation(std::int64_t n, std::uint64_t seed, std::string_view stream = {},
              std::uint64_t extra = 0);

  [[nodiscard]] std::int64_t size() const noexcept { return n_; }
  /// Where `i` goes. Throws ValueError unless 0 <= i < n.
  [[nodiscard]] std::int64_t forward(std::int64_t i) const;
  [[nodiscard]] std::int64_t operator()(std::int64_t i) const { return forward(i); }
  /// What comes to `i`. Throws ValueError unless 0 <= i < n.
  [[nodiscard]] std::int64_t inverse(std::int64_t i) const;

 private:
  [[nodiscard]] std::uint64_t round(std::uint64_t half, int number) const noexcept;
  [[nodiscard]] std::uint64_t encrypt(std::uint64_t x) const noexcept;
  [[nodiscard]] std::uint64_t decrypt(std::uint64_t x) const noexcept;

  std::int64_t n_;
  std::uint64_t key_;
  int rounds_ = 12, right_bits_ = 1;
  std::uint64_t left_mask_ = 1, right_mask_ = 1;
};

}  // namespace leadline::stats

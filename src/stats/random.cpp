#include "leadline/stats/random.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include "leadline/core/error.hpp"
#include "leadline/stats/clones.hpp"
#include "stats/portable_math.hpp"

namespace leadline::stats {
namespace detail::random {

constexpr std::size_t lanes = 32;  // blocks made at once

struct Blocks {
  alignas(64) std::uint32_t w[4][lanes];
};

/// Blocks `first`, `first + 1`, ... of one (key, id), words transposed: w[word][block].
[[gnu::always_inline]] inline void make_blocks(Blocks& out, PhiloxKey key, std::uint64_t id,
                                               std::uint64_t first) {
  std::uint32_t* __restrict w0 = out.w[0];
  std::uint32_t* __restrict w1 = out.w[1];
  std::uint32_t* __restrict w2 = out.w[2];
  std::uint32_t* __restrict w3 = out.w[3];
  for (std::size_t i = 0; i < lanes; ++i) {
    w0[i] = static_cast<std::uint32_t>(first + i);
    w1[i] = static_cast<std::uint32_t>((first + i) >> 32);
    w2[i] = static_cast<std::uint32_t>(id);
    w3[i] = static_cast<std::uint32_t>(id >> 32);
  }
  for (int round = 0; round < 10; ++round) {
    for (std::size_t i = 0; i < lanes; ++i) {
      const std::uint64_t p0 = std::uint64_t{0xD2511F53U} * w0[i];
      const std::uint64_t p1 = std::uint64_t{0xCD9E8D57U} * w2[i];
      w0[i] = static_cast<std::uint32_t>(p1 >> 32) ^ w1[i] ^ key[0];
      w2[i] = static_cast<std::uint32_t>(p0 >> 32) ^ w3[i] ^ key[1];
      w1[i] = static_cast<std::uint32_t>(p1);
      w3[i] = static_cast<std::uint32_t>(p0);
    }
    key[0] += 0x9E3779B9U;
    key[1] += 0xBB67AE85U;
  }
}

/// 53 bits of two words as a double in [0, 1): the same number as Rng::uniform().
[[gnu::always_inline]] inline double unit(std::uint32_t high, std::uint32_t low) {
  // high: 32 bits, low: its upper 21; both through exact conversions that vectorise
  const double h = static_cast<double>(static_cast<std::int32_t>(high >> 1)) * 2.0 +
                   static_cast<double>(static_cast<std::int32_t>(high & 1U));
  return (h * 0x1p21 + static_cast<double>(static_cast<std::int32_t>(low >> 11))) * 0x1p-53;
}

struct UniformDouble {
  using value_type = double;
  static constexpr std::size_t per_block = 2;
  [[gnu::always_inline]] static void convert(const Blocks& b, double* __restrict out) {
    for (std::size_t i = 0; i < lanes; ++i) {
      out[2 * i] = unit(b.w[0][i], b.w[1][i]);
      out[2 * i + 1] = unit(b.w[2][i], b.w[3][i]);
    }
  }
};

struct NormalDouble {
  using value_type = double;
  static constexpr std::size_t per_block = 2;
  [[gnu::always_inline]] static void convert(const Blocks& b, double* __restrict out) {
    for (std::size_t i = 0; i < lanes; ++i) {
      const SinCos z = normal_pair(unit(b.w[0][i], b.w[1][i]), unit(b.w[2][i], b.w[3][i]));
      out[2 * i] = z.cos;
      out[2 * i + 1] = z.sin;
    }
  }
};

struct UniformFloat {
  using value_type = float;
  static constexpr std::size_t per_block = 4;
  [[gnu::always_inline]] static void convert(const Blocks& b, float* __restrict out) {
    for (std::size_t i = 0; i < lanes; ++i)
      for (std::size_t word = 0; word < 4; ++word)
        out[4 * i + word] =
            static_cast<float>(static_cast<std::int32_t>(b.w[word][i] >> 8)) * 0x1p-24F;
  }
};

struct NormalFloat {
  using value_type = float;
  static constexpr std::size_t per_block = 4;
  [[gnu::always_inline]] static void convert(const Blocks& b, float* __restrict out) {
    alignas(64) float z[4][lanes];
    for (std::size_t i = 0; i < lanes; ++i) {
      const SinCosFloat first = normal_pair_float(b.w[0][i], b.w[1][i]);
      const SinCosFloat second = normal_pair_float(b.w[2][i], b.w[3][i]);
      z[0][i] = first.cos;
      z[1][i] = first.sin;
      z[2][i] = second.cos;
      z[3][i] = second.sin;
    }
    for (std::size_t i = 0; i < lanes; ++i)
      for (std::size_t word = 0; word < 4; ++word) out[4 * i + word] = z[word][i];
  }
};

/// Fills `out` from block `first` on; returns the number of blocks used.
template <class Kind>
[[gnu::always_inline]] inline std::uint64_t fill(typename Kind::value_type* out, std::size_t size,
                                                 PhiloxKey key, std::uint64_t id,
                                                 std::uint64_t first) {
  constexpr std::size_t chunk = lanes * Kind::per_block;
  Blocks blocks;
  std::size_t done = 0;
  for (; done + chunk <= size; done += chunk) {
    make_blocks(blocks, key, id, first + done / Kind::per_block);
    Kind::convert(blocks, out + done);
  }
  if (done < size) {
    alignas(64) typename Kind::value_type tail[chunk];
    make_blocks(blocks, key, id, first + done / Kind::per_block);
    Kind::convert(blocks, tail);
    std::copy_n(tail, size - done, out + done);
  }
  return (size + Kind::per_block - 1) / Kind::per_block;
}

LEADLINE_CLONES std::uint64_t fill_uniform(float* out, std::size_t n, PhiloxKey key,
                                           std::uint64_t id, std::uint64_t first) {
  return fill<UniformFloat>(out, n, key, id, first);
}
LEADLINE_CLONES std::uint64_t fill_uniform_double(double* out, std::size_t n, PhiloxKey key,
                                                  std::uint64_t id, std::uint64_t first) {
  return fill<UniformDouble>(out, n, key, id, first);
}
LEADLINE_CLONES std::uint64_t fill_normal(float* out, std::size_t n, PhiloxKey key,
                                          std::uint64_t id, std::uint64_t first) {
  return fill<NormalFloat>(out, n, key, id, first);
}
LEADLINE_CLONES std::uint64_t fill_normal_double(double* out, std::size_t n, PhiloxKey key,
                                                 std::uint64_t id, std::uint64_t first) {
  return fill<NormalDouble>(out, n, key, id, first);
}

LEADLINE_CLONES void fill_poisson1(std::uint8_t* out, std::size_t n, PhiloxKey key,
                                   std::uint64_t id, std::uint64_t first) {
  Blocks blocks;
  alignas(64) std::uint32_t counts[4][lanes];
  alignas(64) std::uint8_t packed[4 * lanes];
  for (std::size_t done = 0; done < n; done += 4 * lanes) {
    make_blocks(blocks, key, id, first + done / 4);
    for (std::size_t word = 0; word < 4; ++word)
      for (std::size_t i = 0; i < lanes; ++i) counts[word][i] = 0;
    for (const std::uint32_t bound : poisson1_bounds)
      for (std::size_t word = 0; word < 4; ++word)
        for (std::size_t i = 0; i < lanes; ++i)
          counts[word][i] += blocks.w[word][i] >= bound ? 1U : 0U;
    for (std::size_t i = 0; i < lanes; ++i)
      for (std::size_t word = 0; word < 4; ++word)
        packed[4 * i + word] = static_cast<std::uint8_t>(counts[word][i]);
    std::copy_n(packed, std::min(n - done, 4 * lanes), out + done);
  }
}

}  // namespace detail::random

double Rng::uniform(double low, double high) noexcept {
  const double x = low + (high - low) * uniform();
  return x < high || low == high ? x : std::nextafter(high, low);
}

double Rng::normal() noexcept {
  if (has_spare_) {
    has_spare_ = false;
    return spare_;
  }
  const double u1 = uniform();
  const double u2 = uniform();
  const auto z = detail::random::normal_pair(u1, u2);
  has_spare_ = true;
  spare_ = z.sin;
  return z.cos;
}

std::uint64_t Rng::below(std::uint64_t n) {
  if (n == 0) throw ValueError("Rng.below", "n >= 1", "0", "there is no integer in [0, 0)");
  __extension__ using Wide = unsigned __int128;
  Wide product = static_cast<Wide>(next_u64()) * n;
  auto low = static_cast<std::uint64_t>(product);
  if (low < n) {
    const std::uint64_t threshold = (0 - n) % n;
    while (low < threshold) {
      product = static_cast<Wide>(next_u64()) * n;
      low = static_cast<std::uint64_t>(product);
    }
  }
  return static_cast<std::uint64_t>(product >> 64);
}

void Rng::fill_uniform(std::span<float> out) noexcept {
  block_ += detail::random::fill_uniform(out.data(), out.size(), key_, id_, block_);
  used_ = 4;
  has_spare_ = false;
}
void Rng::fill_uniform(std::span<double> out) noexcept {
  block_ += detail::random::fill_uniform_double(out.data(), out.size(), key_, id_, block_);
  used_ = 4;
  has_spare_ = false;
}
void Rng::fill_normal(std::span<float> out) noexcept {
  block_ += detail::random::fill_normal(out.data(), out.size(), key_, id_, block_);
  used_ = 4;
  has_spare_ = false;
}
void Rng::fill_normal(std::span<double> out) noexcept {
  block_ += detail::random::fill_normal_double(out.data(), out.size(), key_, id_, block_);
  used_ = 4;
  has_spare_ = false;
}

void poisson1_weights(const Stream& stream, std::int64_t id, std::uint64_t first,
                      std::span<std::uint8_t> out) {
  if (first % 4 != 0)
    throw ValueError("poisson1_weights", "first replicate to be a multiple of 4",
                     std::to_string(first), "start at a multiple of 4 and skip");
  const std::uint64_t key = mix64(stream.key(), 0);
  detail::random::fill_poisson1(
      out.data(), out.size(),
      {static_cast<std::uint32_t>(key), static_cast<std::uint32_t>(key >> 32)},
      static_cast<std::uint64_t>(id), first / 4);
}

}  // namespace leadline::stats

#include "leadline/stats/random.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <string>

#include "leadline/core/error.hpp"
#include "leadline/stats/clones.hpp"

// The bits must not depend on the machine: only + - * / and sqrt, and no contraction into fused
// multiply-adds (the build passes -ffp-contract=off; the test "frozen" fails without it).
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

/// Natural logarithm of a positive normal x, < 1 ulp (the polynomial of fdlibm e_log.c).
[[gnu::always_inline]] inline double log_positive(double x) {
  constexpr std::uint64_t sqrt_half = 0x3fe6a09e667f3bcdULL;
  const std::uint64_t shifted =
      std::bit_cast<std::uint64_t>(x) + (0x3ff0000000000000ULL - sqrt_half);
  const double k =
      std::bit_cast<double>((shifted >> 52) | 0x4330000000000000ULL) - (0x1p52 + 1023.0);
  const double m = std::bit_cast<double>((shifted & 0x000fffffffffffffULL) + sqrt_half);
  const double f = m - 1.0;
  const double s = f / (2.0 + f);
  const double z = s * s;
  const double w = z * z;
  const double even = w * (3.999999999940941908e-01 +
                           w * (2.222219843214978396e-01 + w * 1.531383769920937332e-01));
  const double odd = z * (6.666666666666735130e-01 +
                          w * (2.857142874366239149e-01 +
                               w * (1.818357216161805012e-01 + w * 1.479819860511658591e-01)));
  const double half_square = 0.5 * f * f;
  return k * 6.93147180369123816490e-01 -
         ((half_square - (s * (half_square + odd + even) + k * 1.90821492927058770002e-10)) - f);
}

struct SinCos {
  double sin, cos;
};

/// Sine and cosine of 2 pi u, u in [0, 1), 1 ulp (the polynomials of fdlibm k_sin.c, k_cos.c).
[[gnu::always_inline]] inline SinCos sincos_turn(double u) {
  constexpr double round_magic = 6755399441055744.0;  // 1.5 * 2^52
  const double shifted = 4.0 * u + round_magic;
  const std::uint64_t quadrant = std::bit_cast<std::uint64_t>(shifted);
  const double x = (4.0 * u - (shifted - round_magic)) * 1.57079632679489661923;
  const double z = x * x;
  const double sine =
      x + x * z *
              (-1.66666666666666324348e-01 +
               z * (8.33333333332248946124e-03 +
                    z * (-1.98412698298579493134e-04 +
                         z * (2.75573137070700676789e-06 + z * (-2.50507602534068634195e-08 +
                                                                z * 1.58969099521155010221e-10)))));
  const double cosine =
      1.0 - 0.5 * z +
      z * z *
          (4.16666666666666019037e-02 +
           z * (-1.38888888888741095749e-03 +
                z * (2.48015872894767294178e-05 +
                     z * (-2.75573143513906633035e-07 +
                          z * (2.08757232129817482790e-09 + z * -1.13596475577881948265e-11)))));
  const std::uint64_t swap = 0 - (quadrant & 1);  // all ones in odd quadrants
  const std::uint64_t s = std::bit_cast<std::uint64_t>(sine);
  const std::uint64_t c = std::bit_cast<std::uint64_t>(cosine);
  const std::uint64_t sign_s = (quadrant & 2) << 62;
  const std::uint64_t sign_c = ((quadrant + 1) & 2) << 62;
  return {std::bit_cast<double>(((s & ~swap) | (c & swap)) ^ sign_s),
          std::bit_cast<double>(((c & ~swap) | (s & swap)) ^ sign_c)};
}

/// Box-Muller: two words pairs to two independent standard normals.
[[gnu::always_inline]] inline SinCos normal_pair(double u1, double u2) {
  const double radius = std::sqrt(-2.0 * log_positive(1.0 - u1));
  const SinCos turn = sincos_turn(u2);
  return {radius * turn.sin, radius * turn.cos};
}

/// The same in float, from two 32-bit words; 1 - u1 is a multiple of 2^-32.
[[gnu::always_inline]] inline float log_positive_float(float x) {
  constexpr std::uint32_t sqrt_half = 0x3f3504f3U;
  const std::uint32_t shifted = std::bit_cast<std::uint32_t>(x) + (0x3f800000U - sqrt_half);
  const float k = static_cast<float>(static_cast<std::int32_t>(shifted >> 23) - 127);
  const float m = std::bit_cast<float>((shifted & 0x007fffffU) + sqrt_half);
  const float f = m - 1.0F;
  const float s = f / (2.0F + f);
  const float z = s * s;
  const float w = z * z;
  const float even = w * (0.40000972152F + w * 0.24279078841F);
  const float odd = z * (0.66666662693F + w * 0.28498786688F);
  const float half_square = 0.5F * f * f;
  return k * 6.9313812256e-01F -
         ((half_square - (s * (half_square + odd + even) + k * 9.0580006145e-06F)) - f);
}

struct SinCosFloat {
  float sin, cos;
};

[[gnu::always_inline]] inline SinCosFloat normal_pair_float(std::uint32_t a, std::uint32_t b) {
  // 1 - u1 in (0, 1]: the 31 upper bits of a, plus one half, so that log never sees 0
  const float u1 = (static_cast<float>(static_cast<std::int32_t>(a >> 1)) + 0.5F) * 0x1p-31F;
  const float radius = std::sqrt(-2.0F * log_positive_float(u1));
  // quadrant from the two upper bits, angle within it from the next 24
  const float x =
      (static_cast<float>(static_cast<std::int32_t>((b & 0x3fffffffU) >> 6)) * 0x1p-24F - 0.5F) *
      1.5707963267F;
  const float z = x * x;
  const float sine =
      x + x * z *
              (-0.16666667163F +
               z * (0.0083333337680F + z * (-0.00019841270114F + z * 2.7557314297e-06F)));
  const float cosine =
      1.0F - 0.5F * z +
      z * z *
          (0.041666667908F +
           z * (-0.0013888889225F + z * (2.4801587642e-05F + z * -2.7557314297e-07F)));
  const std::uint32_t swap = 0U - ((b >> 30) & 1U);
  const std::uint32_t s = std::bit_cast<std::uint32_t>(sine);
  const std::uint32_t c = std::bit_cast<std::uint32_t>(cosine);
  const std::uint32_t sign_s = b & 0x80000000U;
  const std::uint32_t sign_c = (b ^ (b << 1)) & 0x80000000U;
  return {radius * std::bit_cast<float>(((s & ~swap) | (c & swap)) ^ sign_s),
          radius * std::bit_cast<float>(((c & ~swap) | (s & swap)) ^ sign_c)};
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
  alignas(64) std::uint8_t counts[4 * lanes];
  for (std::size_t done = 0; done < n; done += 4 * lanes) {
    make_blocks(blocks, key, id, first + done / 4);
    for (std::size_t word = 0; word < 4; ++word)
      for (std::size_t i = 0; i < lanes; ++i)
        blocks.w[word][i] = poisson1_from_bits(blocks.w[word][i]);
    for (std::size_t i = 0; i < lanes; ++i)
      for (std::size_t word = 0; word < 4; ++word)
        counts[4 * i + word] = static_cast<std::uint8_t>(blocks.w[word][i]);
    std::copy_n(counts, std::min(n - done, 4 * lanes), out + done);
  }
}

/// The part of log(k!) that Stirling's formula leaves: table and series of Hoermann (1993).
double stirling_rest(double k) {
  constexpr std::array<double, 10> table{
      0.08106146679532726,  0.04134069595540929, 0.02767792568499834, 0.02079067210376509,
      0.01664469118982119,  0.01387612882307075, 0.01189670994589177, 0.01041126526197209,
      0.009255462182712733, 0.008330563433362871};
  if (k < 10) return table[static_cast<std::size_t>(k)];
  const double inverse = 1.0 / (k + 1.0);
  const double square = inverse * inverse;
  return (1.0 / 12.0 - (1.0 / 360.0 - square / 1260.0) * square) * inverse;
}

/// Counts successes by jumping from one to the next; n p < 10.
std::int64_t binomial_by_gaps(Rng& rng, std::int64_t n, double p) {
  const double log_q = p < 1e-8 ? -p * (1.0 + 0.5 * p) : log_positive(1.0 - p);
  std::int64_t successes = -1;
  double position = 0.0;
  do {
    position += std::floor(log_positive(1.0 - rng.uniform()) / log_q) + 1.0;
    ++successes;
  } while (position <= static_cast<double>(n));
  return successes;
}

/// Transformed rejection with squeeze, algorithm BTRS of Hoermann (1993); p <= 1/2, n p >= 10.
std::int64_t binomial_by_rejection(Rng& rng, double n, double p) {
  const double spread = std::sqrt(n * p * (1.0 - p));
  const double b = 1.15 + 2.53 * spread;
  const double a = -0.0873 + 0.0248 * b + 0.01 * p;
  const double centre = n * p + 0.5;
  const double squeeze = 0.92 - 4.2 / b;
  const double odds = p / (1.0 - p);
  const double alpha = (2.83 + 5.1 / b) * spread;
  const double mode = std::floor((n + 1.0) * p);
  for (;;) {
    const double u = rng.uniform() - 0.5;
    const double v = 1.0 - rng.uniform();
    const double us = 0.5 - std::abs(u);
    if (us <= 0.0) continue;
    const double k = std::floor((2.0 * a / us + b) * u + centre);
    if (us >= 0.07 && v <= squeeze) return static_cast<std::int64_t>(k);
    if (k < 0.0 || k > n) continue;
    const double height = log_positive(v * alpha / (a / (us * us) + b));
    const double bound = (mode + 0.5) * log_positive((mode + 1.0) / (odds * (n - mode + 1.0))) +
                         (n + 1.0) * log_positive((n - mode + 1.0) / (n - k + 1.0)) +
                         (k + 0.5) * log_positive(odds * (n - k + 1.0) / (k + 1.0)) +
                         stirling_rest(mode) + stirling_rest(n - mode) - stirling_rest(k) -
                         stirling_rest(n - k);
    if (height <= bound) return static_cast<std::int64_t>(k);
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

std::int64_t Rng::binomial(std::int64_t n, double p) {
  if (n < 0 || !(p >= 0.0 && p <= 1.0))
    throw ValueError("Rng.binomial", "n >= 0 and p in [0, 1]",
                     "n " + std::to_string(n) + ", p " + std::to_string(p),
                     "pass a count and a probability");
  if (n == 0 || p == 0.0) return 0;
  if (p > 0.5) return n - binomial(n, 1.0 - p);
  const auto trials = static_cast<double>(n);
  if (trials * p < 10.0) return detail::random::binomial_by_gaps(*this, n, p);
  return detail::random::binomial_by_rejection(*this, trials, p);
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

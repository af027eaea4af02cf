/// Logarithm, sine, cosine and Box-Muller whose bits do not depend on the machine: only + - * / and
/// sqrt, no contraction into fused multiply-adds (the build passes -ffp-contract=off; the test
/// "what is drawn is frozen for ever" fails without it). Inlined, so that loops over them
/// vectorise.
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>

namespace leadline::stats::detail::random {

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

}  // namespace leadline::stats::detail::random

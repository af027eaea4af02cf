/// Where a score falls among the ordered bits that `ScoreHistogram` bins by.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace leadline::stats::detail::score_histogram {

// Floats of magnitude [2^-32, 2^32) or probabilities [2^-64, 1/2]: 64 octaves, 2^29 float bits.
inline constexpr std::uint32_t octaves = 64;
inline constexpr std::uint32_t span_bits = 29;  // 6 of the octave, 23 of the mantissa
inline constexpr std::uint32_t middle = std::uint32_t{1} << span_bits;
inline constexpr std::uint32_t raw_base = (127 - 32) << 23;
inline constexpr std::uint32_t probability_base = (127 - 65) << 23;

/// A number in [0, 2^30) that orders as the score does. Rounding a double to a float keeps the
/// order (two may fall together), and 1 - p is exact for p in [1/2, 1].
[[gnu::always_inline]] inline std::uint32_t place_raw(float x) {
  const std::uint32_t bits = std::bit_cast<std::uint32_t>(x);
  const std::uint32_t size = bits & 0x7FFFFFFFU;
  std::uint32_t up = size > raw_base ? size - raw_base : 0;
  up = up < middle ? up : middle - 1;
  const std::uint32_t flip = bits > 0x80000000U ? 2 * middle - 1 : 0;  // -0 is 0
  return (middle + up) ^ flip;  // middle - 1 - up where it is negative
}
template <class T>
[[gnu::always_inline]] inline std::uint32_t place_probability(T p) {
  const T rest = T(1) - p;
  const float least = static_cast<float>(rest < p ? rest : p);
  const std::uint32_t bits = std::bit_cast<std::uint32_t>(least) & 0x7FFFFFFFU;  // -0 is 0
  std::uint32_t up = bits > probability_base ? bits - probability_base : 0;
  up = up < middle ? up : middle - 1;
  const std::uint32_t flip = rest < p ? 2 * middle - 1 : 0;  // of 2^30 - 1: all ones
  return up ^ flip;
}

/// The place of a score of either scale, `shift` bits of it dropped.
template <bool Probability, class T>
[[gnu::always_inline]] inline std::uint32_t place_of(T score, int shift) {
  if constexpr (Probability)
    return place_probability(score) >> shift;
  else
    return place_raw(static_cast<float>(score)) >> shift;
}

/// The bits that are dropped where `bits` are kept.
constexpr int shift_of(int bits) { return static_cast<int>(span_bits) + 1 - bits; }

/// The score at a place, all of its bits.
inline double score_at(std::uint64_t place, bool probability) {
  if (probability) {
    const auto of = [](std::uint64_t up) {
      return up == 0 ? 0.0
                     : static_cast<double>(
                           std::bit_cast<float>(static_cast<std::uint32_t>(up) + probability_base));
    };
    return place >= middle ? 1 - of(2 * std::uint64_t{middle} - 1 -
                                    std::min<std::uint64_t>(place, 2 * std::uint64_t{middle} - 1))
                           : of(place);
  }
  const auto of = [](std::uint64_t up) {
    return up == 0 ? 0.0
                   : static_cast<double>(
                         std::bit_cast<float>(static_cast<std::uint32_t>(up) + raw_base));
  };
  return place >= middle ? of(place - middle) : -of(middle - 1 - place);
}

}  // namespace leadline::stats::detail::score_histogram

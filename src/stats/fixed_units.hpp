/// `FixedSum` by the block: the same integers, added as doubles, which vectors can do.
#pragma once

#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>

#include "leadline/stats/moments.hpp"

namespace leadline::stats::detail::moments {

/// The most rows of which doubles hold the sum of such halves exactly: 2^52 / 2^32.
inline constexpr std::size_t most_units = std::size_t{1} << 20;

/// x in units of 2^-60, to the nearest (ties to even), is high 2^30 + low, two whole numbers; for
/// |x| <= 4. What is added and taken away again leaves the nearest whole number.
[[gnu::always_inline]] inline void split_units(double x, double& high, double& low) {
  constexpr double whole = 0x1.8p52;
  const double scaled = x * 0x1p60;
  high = (scaled * 0x1p-30 + whole) - whole;
  low = ((scaled - high * 0x1p30) + whole) - whole;
}

/// The same as integers, of the bits of what is added before it is taken away.
[[gnu::always_inline]] inline void split_units(double x, std::int64_t& high, std::int64_t& low) {
  constexpr double whole = 0x1.8p52;
  constexpr auto bits = std::bit_cast<std::int64_t>(whole);
  const double scaled = x * 0x1p60;
  const double of_high = scaled * 0x1p-30 + whole;
  const double of_low = (scaled - (of_high - whole) * 0x1p30) + whole;
  high = std::bit_cast<std::int64_t>(of_high) - bits;
  low = std::bit_cast<std::int64_t>(of_low) - bits;
}

/// Of at most `most_units` halves.
inline FixedSum sum_of_units(double high, double low) {
  __extension__ using Wide = __int128;
  const Wide sum = static_cast<Wide>(static_cast<std::int64_t>(high)) * (Wide{1} << 30) +
                   static_cast<std::int64_t>(low);
  return FixedSum::load({static_cast<std::int64_t>(sum >> 64),
                         static_cast<std::int64_t>(static_cast<std::uint64_t>(sum))});
}

}  // namespace leadline::stats::detail::moments

/// DeLong's variance of counts: sums of integers.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>

namespace leadline::stats::detail::delong {

__extension__ using U128 = unsigned __int128;

/// sum x^2 / n - (sum x / n)^2 of integers, without cancellation; `scale` divides each x.
inline double spread(U128 sum, U128 square, std::uint64_t n, double scale) {
  if (n < 2) return 0;
  const auto count = static_cast<double>(n);
  // n * square may leave 128 bits: from 2^40 on doubles do.
  double centred = 0;
  if (static_cast<double>(square) * count < 0x1p126) {
    centred = static_cast<double>(square * n - sum * sum);
  } else {
    centred =
        static_cast<double>(square) * count - static_cast<double>(sum) * static_cast<double>(sum);
  }
  return std::max(0.0, centred) / count / (count - 1) / (scale * scale);
}

struct Found {
  double value = 0, variance = 0;
};

/// Sums of twice the placements, which are integers, and of their squares.
template <class Wide>
struct Wins {
  Wide positive = 0, positive_square = 0, negative = 0, negative_square = 0;
  std::uint64_t above_positive = 0, above_negative = 0;

  template <class Reached>
  void add(std::span<const Reached> levels) {
    for (const Reached& level : levels) {
      const std::uint64_t positives = level.positives, negatives = level.samples() - positives;
      const std::uint64_t p = positives - above_positive, q = negatives - above_negative;
      const std::uint64_t lost = above_negative + negatives;  // twice what beats a positive
      const std::uint64_t won = above_positive + positives;   // twice what beats a negative
      positive += Wide{lost} * p;
      positive_square += Wide{lost} * lost * p;
      negative += Wide{won} * q;
      negative_square += Wide{won} * won * q;
      above_positive = positives;
      above_negative = negatives;
    }
  }
};

template <class Wide, class Levels>
Found counted_in(Levels&& levels, std::uint64_t n_positive, std::uint64_t n_negative) {
  Wins<Wide> wins;
  levels([&](auto block) { wins.add(block); });
  const auto p = static_cast<double>(n_positive), q = static_cast<double>(n_negative);
  Found out;
  out.value = static_cast<double>(wins.negative) / (2 * p * q);
  out.variance = spread(wins.positive, wins.positive_square, n_positive, 2 * q) / p +
                 spread(wins.negative, wins.negative_square, n_negative, 2 * p) / q;
  return out;
}

/// Counts only. `levels(visit)` hands over the levels from the greatest down, in spans of what has
/// `positives` and `samples()` down to and with a level. The greatest sum is below n^3: up
/// to 2^21 samples 64 bits hold it.
template <class Levels>
Found counted(Levels&& levels, std::uint64_t n_positive, std::uint64_t n_negative) {
  return n_positive + n_negative <= std::uint64_t{1} << 21
             ? counted_in<std::uint64_t>(levels, n_positive, n_negative)
             : counted_in<U128>(levels, n_positive, n_negative);
}

}  // namespace leadline::stats::detail::delong

// Squares of a picture, the places a patch can have.
#pragma once

#include <cstdint>
#include <span>

#include "leadline/robustness/attack_row.hpp"

namespace leadline::detail::patch_square {

using robustness::AttackSpace;
using robustness::Row;

struct Square {
  std::int64_t top = 0, left = 0, side = 0;
};

/// The side of the largest square over at most `share` of the picture; 0: less than a pixel.
[[nodiscard]] LEADLINE_API std::int64_t side_of(const AttackSpace& space, double share);

/// The share of the picture that the smallest square around all changes covers; 0 where there is
/// none.
[[nodiscard]] LEADLINE_API double covered(const AttackSpace& space, std::span<const double> a,
                                          std::span<const double> b);

/// A square over at most `share` of the picture, anywhere in it.
[[nodiscard]] Square draw(const AttackSpace& space, double share, stats::Rng& rng);

/// Calls visit(position) for every value of the square, in all channels.
template <class Visit>
void each_value(const AttackSpace& space, const Square& square, Visit&& visit) {
  const std::int64_t height = space.shape[1], width = space.shape[2];
  for (std::int64_t c = 0; c < space.shape[0]; ++c)
    for (std::int64_t h = square.top; h < square.top + square.side; ++h)
      for (std::int64_t w = square.left; w < square.left + square.side; ++w)
        visit(static_cast<std::size_t>((c * height + h) * width + w));
}

/// The values of the square drawn anew within the bounds.
void fill(const Row& row, const Square& square, stats::Rng& rng, std::span<double> x);

}  // namespace leadline::detail::patch_square

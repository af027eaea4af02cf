// A picture turned and shifted: the coordinates of the norm spatial made visible.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "leadline/config.hpp"

namespace leadline::detail::motion {

/// `picture` [channels, height, width] turned by `degrees` (positive: counterclockwise as seen,
/// with rows counted downwards) about its centre, then shifted by (`down`, `right`) pixels. Values
/// between pixels are bilinear; what lies outside is the nearest pixel of the edge. No motion gives
/// the picture to the bit.
[[nodiscard]] LEADLINE_API std::vector<double> moved(std::span<const double> picture,
                                                     std::span<const std::int64_t> shape,
                                                     double degrees, double down, double right);

/// The slope of a function of the moved picture by degrees, down and right, from its gradient
/// [channels, height, width] there. Where a pixel lies exactly between two pieces of the bilinear
/// surface, that of the piece below and to the right.
[[nodiscard]] LEADLINE_API std::array<double, 3> slope(std::span<const double> picture,
                                                       std::span<const std::int64_t> shape,
                                                       double degrees, double down, double right,
                                                       std::span<const double> gradient);

}  // namespace leadline::detail::motion

#include "patch_square.hpp"

#include <algorithm>
#include <cmath>

namespace leadline::detail::patch_square {

std::int64_t side_of(const AttackSpace& space, double share) {
  const std::int64_t height = space.shape[1], width = space.shape[2];
  const double area = share * static_cast<double>(height * width);
  const auto side = static_cast<std::int64_t>(std::sqrt(area) * (1 + 1e-9));
  return std::min({side, height, width});
}

double covered(const AttackSpace& space, std::span<const double> a, std::span<const double> b) {
  const std::int64_t height = space.shape[1], width = space.shape[2];
  std::int64_t top = height, bottom = -1, left = width, right = -1;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (a[i] == b[i]) continue;
    const auto at = static_cast<std::int64_t>(i) % (height * width);
    top = std::min(top, at / width);
    bottom = std::max(bottom, at / width);
    left = std::min(left, at % width);
    right = std::max(right, at % width);
  }
  if (bottom < 0) return 0;
  const auto side = static_cast<double>(std::max(bottom - top, right - left) + 1);
  return side * side / static_cast<double>(height * width);
}

Square draw(const AttackSpace& space, double share, stats::Rng& rng) {
  Square square{.side = side_of(space, share)};
  const auto place = [&](std::int64_t whole) {
    return static_cast<std::int64_t>(
        rng.below(static_cast<std::uint64_t>(whole - square.side + 1)));
  };
  square.top = place(space.shape[1]);
  square.left = place(space.shape[2]);
  return square;
}

void fill(const Row& row, const Square& square, stats::Rng& rng, std::span<double> x) {
  each_value(row.space(), square,
             [&](std::size_t i) { x[i] = rng.uniform(row.lower()[i], row.upper()[i]); });
}

}  // namespace leadline::detail::patch_square

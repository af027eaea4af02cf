// Where a patch of a picture lies, and which values it covers.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <utility>

#include "leadline/robustness/attack_row.hpp"

namespace leadline::detail::patch_place {

using robustness::AttackSpace;
using robustness::PatchForm;
using robustness::Row;

/// The box of a patch, in pixels.
struct Place {
  std::int64_t top = 0, left = 0, height = 0, width = 0;
  [[nodiscard]] bool empty() const { return height == 0 || width == 0; }
};

/// The largest patch over at most `share` of the picture, in the corner; empty: less than a pixel.
[[nodiscard]] LEADLINE_API Place size_of(const AttackSpace& space, double share);

/// The share of the picture that the smallest patch of the form around all changes covers; 0 where
/// there is none, infinite where no patch in the picture covers them.
[[nodiscard]] LEADLINE_API double covered(const AttackSpace& space, std::span<const double> a,
                                          std::span<const double> b);

/// A patch over at most `share` of the picture, anywhere in it.
[[nodiscard]] Place draw(const AttackSpace& space, double share, stats::Rng& rng);

/// The columns [first, last) that the patch covers in its row `h`, counted from its corner: all, or
/// those whose centres lie in the ellipse that its box holds.
[[nodiscard]] LEADLINE_API std::pair<std::int64_t, std::int64_t> columns(const PatchForm& form,
                                                                         const Place& place,
                                                                         std::int64_t h);

/// Calls visit(position) for every value of the patch inside the box `part`, in all channels.
template <class Visit>
void each_value(const AttackSpace& space, const Place& place, const Place& part, Visit&& visit) {
  const std::int64_t height = space.shape[1], width = space.shape[2];
  for (std::int64_t c = 0; c < space.shape[0]; ++c)
    for (std::int64_t h = part.top; h < part.top + part.height; ++h) {
      const auto [first, last] = columns(space.patch, place, h - place.top);
      const std::int64_t end = std::min(place.left + last, part.left + part.width);
      for (std::int64_t w = std::max(place.left + first, part.left); w < end; ++w)
        visit(static_cast<std::size_t>((c * height + h) * width + w));
    }
}
template <class Visit>
void each_value(const AttackSpace& space, const Place& place, Visit&& visit) {
  each_value(space, place, place, visit);
}

/// The values of the patch inside the box `part` drawn anew within the bounds.
void fill(const Row& row, const Place& place, const Place& part, stats::Rng& rng,
          std::span<double> x);

}  // namespace leadline::detail::patch_place

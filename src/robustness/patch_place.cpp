#include "patch_place.hpp"

#include <cmath>
#include <limits>
#include <numbers>
#include <set>

namespace leadline::detail::patch_place {

using robustness::PatchShape;

namespace {

/// Of its box.
double area_of(const PatchForm& form) {
  return form.shape == PatchShape::ellipse ? std::numbers::pi / 4 : 1.0;
}

/// The box around all changes; empty: none.
Place box_of(const AttackSpace& space, std::span<const double> a, std::span<const double> b) {
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
  if (bottom < 0) return {};
  return {top, left, bottom - top + 1, right - left + 1};
}

bool holds(const AttackSpace& space, const Place& place, std::span<const double> a,
           std::span<const double> b) {
  const std::int64_t height = space.shape[1], width = space.shape[2];
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (a[i] == b[i]) continue;
    const auto at = static_cast<std::int64_t>(i) % (height * width);
    const std::int64_t h = at / width - place.top, w = at % width - place.left;
    if (h < 0 || h >= place.height) return false;
    const auto [first, last] = columns(space.patch, place, h);
    if (w < first || w >= last) return false;
  }
  return true;
}

/// Whether a patch of this size covers all changes somewhere in the picture.
bool fits(const AttackSpace& space, Place place, const Place& box, std::span<const double> a,
          std::span<const double> b) {
  if (place.height < box.height || place.width < box.width) return false;
  const auto first = [](std::int64_t from, std::int64_t size, std::int64_t whole) {
    return std::max<std::int64_t>(from + size - whole, 0);
  };
  for (place.top = first(box.top, box.height, place.height);
       place.top <= std::min(box.top, space.shape[1] - place.height); ++place.top)
    for (place.left = first(box.left, box.width, place.width);
         place.left <= std::min(box.left, space.shape[2] - place.width); ++place.left)
      if (space.patch.shape == PatchShape::rectangle || holds(space, place, a, b)) return true;
  return false;
}

}  // namespace

Place size_of(const AttackSpace& space, double share) {
  const std::int64_t height = space.shape[1], width = space.shape[2];
  const double area = share * static_cast<double>(height * width) / area_of(space.patch);
  const auto side = [](double square, std::int64_t most) {
    return std::min(static_cast<std::int64_t>(std::sqrt(square) * (1 + 1e-9)), most);
  };
  const Place place{0, 0, side(area / space.patch.aspect, height),
                    side(area * space.patch.aspect, width)};
  return place.empty() ? Place{} : place;
}

std::pair<std::int64_t, std::int64_t> columns(const PatchForm& form, const Place& place,
                                              std::int64_t h) {
  if (form.shape == PatchShape::rectangle) return {0, place.width};
  const auto height = static_cast<double>(place.height), width = static_cast<double>(place.width);
  const double up = 2 * (static_cast<double>(h) + 0.5) / height - 1;
  const double half = width / 2 * std::sqrt(std::max(1 - up * up, 0.0)) + 1e-9;
  return {static_cast<std::int64_t>(std::ceil(width / 2 - half - 0.5)),
          static_cast<std::int64_t>(std::floor(width / 2 + half - 0.5)) + 1};
}

double covered(const AttackSpace& space, std::span<const double> a, std::span<const double> b) {
  const Place box = box_of(space, a, b);
  if (box.empty()) return 0;
  const std::int64_t height = space.shape[1], width = space.shape[2];
  std::set<double> shares;  // at which a side grows
  const double unit = area_of(space.patch) / static_cast<double>(height * width);
  const double aspect = space.patch.aspect;
  for (std::int64_t k = box.height; k <= height; ++k)
    shares.insert(unit * static_cast<double>(k * k) * aspect);
  for (std::int64_t k = box.width; k <= width; ++k)
    shares.insert(unit * static_cast<double>(k * k) / aspect);
  for (const double share : shares)
    if (fits(space, size_of(space, share), box, a, b)) return share;
  return std::numeric_limits<double>::infinity();
}

Place draw(const AttackSpace& space, double share, stats::Rng& rng) {
  Place place = size_of(space, share);
  const auto anywhere = [&](std::int64_t whole, std::int64_t size) {
    return static_cast<std::int64_t>(rng.below(static_cast<std::uint64_t>(whole - size + 1)));
  };
  place.top = anywhere(space.shape[1], place.height);
  place.left = anywhere(space.shape[2], place.width);
  return place;
}

void fill(const Row& row, const Place& place, const Place& part, stats::Rng& rng,
          std::span<double> x) {
  each_value(row.space(), place, part,
             [&](std::size_t i) { x[i] = rng.uniform(row.lower()[i], row.upper()[i]); });
}

}  // namespace leadline::detail::patch_place

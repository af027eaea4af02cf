#include <cmath>

#include "leadline/stats/clones.hpp"
#include "picture.hpp"

namespace leadline::detail::corruption {
namespace {

/// A disk of radius `radius`, softened by a Gaussian of 3 or 5 pixels, as the references make it.
std::vector<Tap> disk_taps(double radius, double alias_sigma) {
  const bool small = radius <= 8;
  const int reach = small ? 8 : static_cast<int>(std::ceil(radius)), side = 2 * reach + 1;
  std::vector<float> disk(static_cast<std::size_t>(side * side));
  for (int y = -reach; y <= reach; ++y)
    for (int x = -reach; x <= reach; ++x)
      disk[static_cast<std::size_t>((y + reach) * side + x + reach)] =
          x * x + y * y <= radius * radius ? 1.0F : 0.0F;
  const double soft = small ? 1 : 2;
  blur(disk.data(), side, side, alias_sigma, Border::reflect101, soft / alias_sigma);
  double total = 0;
  for (const float weight : disk) total += weight;
  std::vector<Tap> taps;
  for (int y = -reach; y <= reach; ++y)
    for (int x = -reach; x <= reach; ++x) {
      const float weight = disk[static_cast<std::size_t>((y + reach) * side + x + reach)];
      if (weight > 1e-9F) taps.push_back({y, x, static_cast<float>(weight / total)});
    }
  return taps;
}

void cut_to_bytes(Picture& picture) {
  for (float& value : picture.values) value = std::floor(value * 255 + 1e-3F) / 255;
}

void blur_all(Picture& picture, double sigma) {
  for (int c = 0; c < picture.channels; ++c)
    blur(picture.plane(c), picture.height, picture.width, sigma);
}

LEADLINE_CLONES
void scale_sum(float* x, const float* sum, float scale, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) x[i] = (x[i] + sum[i]) * scale;
}

}  // namespace

void gaussian_blur(Picture& picture, const Parameters& c, stats::Rng&) { blur_all(picture, c[0]); }

void defocus_blur(Picture& picture, const Parameters& c, stats::Rng&) {
  const auto taps = disk_taps(c[0], c[1]);
  for (int k = 0; k < picture.channels; ++k)
    correlate(picture.plane(k), picture.height, picture.width, taps, Border::reflect101);
}

void motion_blur(Picture& picture, const Parameters& c, stats::Rng& rng) {
  const auto taps = motion_taps(c[0], c[1], rng.uniform(-45, 45));
  for (int k = 0; k < picture.channels; ++k)
    correlate(picture.plane(k), picture.height, picture.width, taps, Border::nearest);
}

void zoom_blur(Picture& picture, const Parameters& c, stats::Rng&) {
  const int n_zooms = std::max(1, static_cast<int>(std::ceil((c[0] - 1) / c[1])));
  std::vector<float> sum(picture.values.size());
  for (int i = 0; i < n_zooms; ++i)
    for (int k = 0; k < picture.channels; ++k)
      add_zoomed(picture.plane(k), picture.height, picture.width, 1 + i * c[1],
                 sum.data() + static_cast<std::size_t>(k) * picture.area());
  scale_sum(picture.values.data(), sum.data(), 1 / static_cast<float>(n_zooms + 1), sum.size());
}

/// The references mean to swap two pixels and copy one: NumPy rows are views. The copy is kept.
void glass_blur(Picture& picture, const Parameters& c, stats::Rng& rng) {
  blur_all(picture, c[0]);
  if (picture.bytes) cut_to_bytes(picture);
  const int reach = static_cast<int>(std::lround(c[1])), width = picture.width;
  for (int round = 0; round < static_cast<int>(std::lround(c[2])); ++round)
    for (int y = picture.height - reach; y > reach; --y)
      for (int x = width - reach; x > reach; --x) {
        const int dx = pick(rng, 2 * reach) - reach, dy = pick(rng, 2 * reach) - reach;
        for (int k = 0; k < picture.channels; ++k)
          picture.plane(k)[y * width + x] = picture.plane(k)[(y + dy) * width + x + dx];
      }
  blur_all(picture, c[0]);
}

}  // namespace leadline::detail::corruption

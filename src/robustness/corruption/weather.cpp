#include <cmath>

#include "picture.hpp"

namespace leadline::detail::corruption {
namespace {

/// Grey of one pixel: weighted colours, or the plane itself.
float grey_of(Picture& picture, int plane, std::size_t i) {
  if (picture.colours() == 0 || plane >= 3) return picture.plane(plane)[i];
  return luma[0] * picture.plane(0)[i] + luma[1] * picture.plane(1)[i] +
         luma[2] * picture.plane(2)[i];
}

/// Flakes: magnified noise above a threshold, drawn along a steep line.
std::vector<float> flakes(int height, int width, const Parameters& c, double degrees,
                          stats::Rng& rng) {
  const auto area = static_cast<std::size_t>(height) * static_cast<std::size_t>(width);
  std::vector<float> noise(area), layer(area, 0.0F);
  rng.fill_normal(std::span<float>(noise));
  for (float& value : noise) value = static_cast<float>(c[0]) + static_cast<float>(c[1]) * value;
  add_zoomed(noise.data(), height, width, c[2], layer.data());
  for (float& value : layer)
    value = value < static_cast<float>(c[3]) ? 0.0F : std::clamp(value, 0.0F, 1.0F);
  correlate(layer.data(), height, width, motion_taps(c[4], c[5], degrees), Border::nearest);
  for (float& value : layer) value = std::round(value * 255) / 255;
  return layer;
}

}  // namespace

void snow(Picture& picture, const Parameters& c, stats::Rng& rng) {
  const double degrees = rng.uniform(-135, -45);
  snow_at(picture, c, degrees, rng);
}

/// Whitens the scene, then adds the flakes and the flakes turned upside down.
void snow_at(Picture& picture, const Parameters& c, double degrees, stats::Rng& rng) {
  const auto layer = flakes(picture.height, picture.width, c, degrees, rng);
  const auto keep = static_cast<float>(c[6]);
  const std::size_t area = picture.area();
  std::array<float, 4> grey{};
  for (std::size_t i = 0; i < area; ++i) {
    const float flake = layer[i] + layer[area - 1 - i];
    for (int first = 0; first < picture.channels; first += 4) {
      const int n = std::min(4, picture.channels - first);
      for (int k = 0; k < n; ++k)
        grey[static_cast<std::size_t>(k)] = grey_of(picture, first + k, i);
      for (int k = 0; k < n; ++k) {
        float& value = picture.plane(first + k)[i];
        const float white = grey[static_cast<std::size_t>(k)] * 1.5F + 0.5F;
        value = keep * value + (1 - keep) * std::max(value, white) + flake;
      }
    }
  }
}

void fog(Picture& picture, const Parameters& c, stats::Rng& rng) {
  const int size = power_of_two(std::max(picture.height, picture.width));
  const auto heights = plasma(size, c[1], rng);
  const auto strength = static_cast<float>(c[0]);
  const float brightest = *std::max_element(picture.values.begin(), picture.values.end());
  const float scale = brightest / (brightest + strength);
  for (int k = 0; k < picture.channels; ++k)
    for (int y = 0; y < picture.height; ++y)
      for (int x = 0; x < picture.width; ++x) {
        float& value = picture.plane(k)[y * picture.width + x];
        value = (value + strength * heights[static_cast<std::size_t>(y * size + x)]) * scale;
      }
}

/// Crystals: the ridges of a fractal over the haze of a second one, bluish. The references overlay
/// photographs; brightness (0.64, spread 0.155), contrast (0.075) and tint are those of their
/// crops.
void frost(Picture& picture, const Parameters& c, stats::Rng& rng) {
  const int size = power_of_two(std::max(picture.height, picture.width));
  const auto crystals = plasma(size, 1.6, rng), haze = plasma(size, 2.5, rng);
  const double level = std::clamp(0.64 + 0.155 * rng.normal(), 0.25, 0.95);
  static constexpr std::array<float, 3> tint{-0.07F, 0.012F, 0.058F};
  std::vector<float> ice(picture.area());
  double sum = 0, squares = 0;
  for (int y = 0; y < picture.height; ++y)
    for (int x = 0; x < picture.width; ++x) {
      const auto at = static_cast<std::size_t>(y * size + x);
      const double height = static_cast<double>(1 - std::abs(2 * crystals[at] - 1) + haze[at]);
      ice[static_cast<std::size_t>(y * picture.width + x)] = static_cast<float>(height);
      sum += height;
      squares += height * height;
    }
  const double mean = sum / static_cast<double>(ice.size());
  const double spread =
      std::sqrt(std::max(1e-12, squares / static_cast<double>(ice.size()) - mean * mean));
  for (float& value : ice)
    value = static_cast<float>(level + 0.075 * (static_cast<double>(value) - mean) / spread);
  for (int k = 0; k < picture.channels; ++k) {
    const float shade = k < picture.colours() ? tint[static_cast<std::size_t>(k)] : 0.0F;
    float* plane = picture.plane(k);
    for (std::size_t i = 0; i < ice.size(); ++i)
      plane[i] = static_cast<float>(c[0]) * plane[i] +
                 static_cast<float>(c[1]) * std::clamp(ice[i] + shade, 0.0F, 1.0F);
  }
}

}  // namespace leadline::detail::corruption

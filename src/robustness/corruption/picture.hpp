// One image in the making, and the small routines that the corruptions share.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <vector>

#include "leadline/stats/random.hpp"

namespace leadline::detail::corruption {

/// Planes of floats in [0, 1], row-major [channels, height, width].
struct Picture {
  int channels = 1, height = 0, width = 0;
  bool bytes = false;  // came as 8 bits: steps that the references do in 8 bits are done in 8 bits
  std::vector<float> values{};

  [[nodiscard]] std::size_t area() const {
    return static_cast<std::size_t>(height) * static_cast<std::size_t>(width);
  }
  [[nodiscard]] float* plane(int c) { return values.data() + static_cast<std::size_t>(c) * area(); }
  /// 3 when the first three planes are red, green and blue, else 0.
  [[nodiscard]] int colours() const { return channels == 3 || channels == 4 ? 3 : 0; }
};

/// Up to seven numbers, as the published scripts list them.
using Parameters = std::array<double, 7>;

/// Makes an image worse; the values may leave [0, 1], the caller clips.
using Kernel = void (*)(Picture&, const Parameters&, stats::Rng&);

// ---- noise.cpp
void gaussian_noise(Picture&, const Parameters&, stats::Rng&);
void shot_noise(Picture&, const Parameters&, stats::Rng&);
void impulse_noise(Picture&, const Parameters&, stats::Rng&);
void speckle_noise(Picture&, const Parameters&, stats::Rng&);
// ---- blur.cpp
void defocus_blur(Picture&, const Parameters&, stats::Rng&);
void glass_blur(Picture&, const Parameters&, stats::Rng&);
void motion_blur(Picture&, const Parameters&, stats::Rng&);
void zoom_blur(Picture&, const Parameters&, stats::Rng&);
void gaussian_blur(Picture&, const Parameters&, stats::Rng&);
// ---- weather.cpp
void snow(Picture&, const Parameters&, stats::Rng&);
void snow_at(Picture&, const Parameters&, double degrees, stats::Rng&);
void frost(Picture&, const Parameters&, stats::Rng&);
void fog(Picture&, const Parameters&, stats::Rng&);
// ---- spatter.cpp
void spatter(Picture&, const Parameters&, stats::Rng&);
// ---- colour.cpp
void brightness(Picture&, const Parameters&, stats::Rng&);
void contrast(Picture&, const Parameters&, stats::Rng&);
void saturate(Picture&, const Parameters&, stats::Rng&);
// ---- digital.cpp, jpeg.cpp
void elastic_transform(Picture&, const Parameters&, stats::Rng&);
void pixelate(Picture&, const Parameters&, stats::Rng&);
void jpeg_compression(Picture&, const Parameters&, stats::Rng&);

// ---- filters.cpp

/// What lies beyond the edge of a b c d:
enum class Border {
  nearest,    // a a a | a b c d | d d d
  reflect,    // c b a | a b c d | d c b
  reflect101  // d c b | a b c d | c b a
};
/// The index in [0, n) that stands for `i`.
[[nodiscard]] int beyond(Border border, int i, int n);

/// One weighted neighbour: out(y, x) += weight * in(y + dy, x + dx).
struct Tap {
  int dy = 0, dx = 0;
  float weight = 0;
};
/// Correlates a plane [height, width] with few taps, in place.
void correlate(float* plane, int height, int width, const std::vector<Tap>& taps, Border border);

/// exp(-x^2 / 2 sigma^2) on [-r, r], r = int(truncate * sigma + 0.5), summing to one.
[[nodiscard]] std::vector<float> gaussian_kernel(double sigma, double truncate = 4);
/// Gaussian filter in both directions, in place. A sigma of 0 changes nothing.
void blur(float* plane, int height, int width, double sigma, Border border = Border::nearest,
          double truncate = 4);

/// A half Gaussian along a line, from the pixel outwards: what a moving camera sees.
[[nodiscard]] std::vector<Tap> motion_taps(double radius, double sigma, double degrees);

/// Adds the plane, magnified about its centre by `factor` >= 1 (bilinear, corners on corners), to
/// `out`.
void add_zoomed(const float* plane, int height, int width, double factor, float* out);

/// Diamond-square heights in [0, 1] on a torus of side `size` (a power of two); the steps shrink by
/// `decay` a level. Flat maps are 0.
[[nodiscard]] std::vector<float> plasma(int size, double decay, stats::Rng& rng);
/// The least power of two that is at least `n`.
[[nodiscard]] int power_of_two(int n);

/// Bilinear value at (y, x).
[[nodiscard]] float sample(const float* plane, int height, int width, float y, float x,
                           Border border);

/// Uniform in {0, .., n - 1}.
[[nodiscard]] inline int pick(stats::Rng& rng, int n) {
  return static_cast<int>(rng.next_u32() * static_cast<std::uint64_t>(n) >> 32);
}

/// 0.299 r + 0.587 g + 0.114 b, as the references weigh colours.
inline constexpr std::array<float, 3> luma{0.299F, 0.587F, 0.114F};

}  // namespace leadline::detail::corruption

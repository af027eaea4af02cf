#include <cmath>
#include <numbers>

#include "leadline/stats/clones.hpp"
#include "picture.hpp"

namespace leadline::detail::corruption {
namespace {

using Tile = std::array<float, 64>;

/// Annex K of ITU-T T.81, row by row.
constexpr std::array<int, 64> luminance{
    16, 11, 10, 16, 24,  40,  51,  61,  12, 12, 14, 19, 26,  58,  60,  55,
    14, 13, 16, 24, 40,  57,  69,  56,  14, 17, 22, 29, 51,  87,  80,  62,
    18, 22, 37, 56, 68,  109, 103, 77,  24, 35, 55, 64, 81,  104, 113, 92,
    49, 64, 78, 87, 103, 121, 120, 101, 72, 92, 95, 98, 112, 100, 103, 99};
constexpr std::array<int, 64> chrominance{
    17, 18, 24, 47, 99, 99, 99, 99, 18, 21, 26, 66, 99, 99, 99, 99, 24, 26, 56, 99, 99, 99,
    99, 99, 47, 66, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99,
    99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99};

/// The table at a quality in [1, 100], as the Independent JPEG Group scales it.
Tile steps_of(const std::array<int, 64>& table, int quality) {
  const int scale = quality < 50 ? 5000 / quality : 200 - 2 * quality;
  Tile steps{};
  for (std::size_t i = 0; i < 64; ++i)
    steps[i] = static_cast<float>(std::clamp((table[i] * scale + 50) / 100, 1, 255));
  return steps;
}

/// The orthonormal cosine basis: [frequency][place].
const Tile& cosines() {
  static const Tile basis = [] {
    Tile out{};
    for (int u = 0; u < 8; ++u)
      for (int x = 0; x < 8; ++x)
        out[static_cast<std::size_t>(8 * u + x)] = static_cast<float>(
            (u == 0 ? std::sqrt(0.125) : 0.5) * std::cos((2 * x + 1) * u * std::numbers::pi / 16));
    return out;
  }();
  return basis;
}

/// Transforms a block, rounds its coefficients to multiples of `steps`, transforms it back.
LEADLINE_CLONES
void quantise(float* block, const float* steps, const float* basis) {
  float half[64], full[64];
  for (int u = 0; u < 8; ++u) {  // columns: half = basis * block
    float sum[8] = {};
    for (int y = 0; y < 8; ++y)
      for (int x = 0; x < 8; ++x) sum[x] += basis[8 * u + y] * block[8 * y + x];
    for (int x = 0; x < 8; ++x) half[8 * x + u] = sum[x];  // transposed
  }
  for (int v = 0; v < 8; ++v) {
    float sum[8] = {};
    for (int x = 0; x < 8; ++x)
      for (int u = 0; u < 8; ++u) sum[u] += basis[8 * v + x] * half[8 * x + u];
    for (int u = 0; u < 8; ++u) full[8 * u + v] = sum[u];
  }
  for (int i = 0; i < 64; ++i) {
    const float level = full[i] / steps[i];
    full[i] = static_cast<float>(static_cast<int>(level + (level < 0 ? -0.5F : 0.5F))) * steps[i];
  }
  for (int y = 0; y < 8; ++y) {
    float sum[8] = {};
    for (int u = 0; u < 8; ++u)
      for (int v = 0; v < 8; ++v) sum[v] += basis[8 * u + y] * full[8 * u + v];
    for (int v = 0; v < 8; ++v) half[8 * v + y] = sum[v];
  }
  for (int x = 0; x < 8; ++x) {
    float sum[8] = {};
    for (int v = 0; v < 8; ++v)
      for (int y = 0; y < 8; ++y) sum[y] += basis[8 * v + x] * half[8 * v + y];
    for (int y = 0; y < 8; ++y) block[8 * y + x] = sum[y];
  }
}

/// A component in 0 .. 255, through the codec in place; blocks beyond the edge repeat it.
void code(std::vector<float>& plane, int height, int width, const Tile& steps) {
  Tile block{};
  for (int top = 0; top < height; top += 8)
    for (int left = 0; left < width; left += 8) {
      for (int i = 0; i < 64; ++i)
        block[static_cast<std::size_t>(i)] =
            plane[static_cast<std::size_t>(std::min(height - 1, top + i / 8) * width +
                                           std::min(width - 1, left + i % 8))] -
            128;
      quantise(block.data(), steps.data(), cosines().data());
      for (int i = 0; i < 64; ++i)
        if (top + i / 8 < height && left + i % 8 < width)
          plane[static_cast<std::size_t>((top + i / 8) * width + left + i % 8)] =
              std::clamp(std::nearbyint(block[static_cast<std::size_t>(i)] + 128), 0.0F, 255.0F);
    }
}

/// Means of 2 x 2; the rounding leans down and up in turn.
std::vector<float> halved(const std::vector<float>& in, int height, int width) {
  const int low_h = (height + 1) / 2, low_w = (width + 1) / 2;
  std::vector<float> out;
  for (int y = 0; y < low_h; ++y)
    for (int x = 0; x < low_w; ++x) {
      const int y1 = std::min(height - 1, 2 * y + 1), x1 = std::min(width - 1, 2 * x + 1);
      const auto at = [&](int row, int column) {
        return in[static_cast<std::size_t>(row * width + column)];
      };
      const float sum = at(2 * y, 2 * x) + at(2 * y, x1) + at(y1, 2 * x) + at(y1, x1);
      out.push_back(std::floor((sum + static_cast<float>(1 + x % 2)) / 4));
    }
  return out;
}

/// Twice the size by a triangle filter of weights 9, 3, 3, 1; the rounding leans in turn.
std::vector<float> doubled(const std::vector<float>& in, int height, int width) {
  const int low_h = (height + 1) / 2, low_w = (width + 1) / 2;
  std::vector<float> out(static_cast<std::size_t>(height * width));
  for (int y = 0; y < height; ++y) {
    const float* near = in.data() + y / 2 * low_w;
    const float* next = in.data() + std::clamp(y / 2 + (y % 2 == 0 ? -1 : 1), 0, low_h - 1) * low_w;
    for (int x = 0; x < width; ++x) {
      const int beside = std::clamp(x / 2 + (x % 2 == 0 ? -1 : 1), 0, low_w - 1);
      const float here = 3 * near[x / 2] + next[x / 2], there = 3 * near[beside] + next[beside];
      out[static_cast<std::size_t>(y * width + x)] =
          std::floor((3 * here + there + (x % 2 == 0 ? 8.0F : 7.0F)) / 16);
    }
  }
  return out;
}

std::vector<float> bytes_of(const float* plane, std::size_t n) {
  std::vector<float> out(n);
  for (std::size_t i = 0; i < n; ++i) out[i] = std::nearbyint(255 * plane[i]);
  return out;
}

void code_colours(Picture& picture, int quality) {
  const std::size_t n = picture.area();
  const auto r = bytes_of(picture.plane(0), n), g = bytes_of(picture.plane(1), n),
             b = bytes_of(picture.plane(2), n);
  std::vector<float> luma_plane(n), blue(n), red(n);
  for (std::size_t i = 0; i < n; ++i) {
    luma_plane[i] = std::floor(0.299F * r[i] + 0.587F * g[i] + 0.114F * b[i] + 0.5F);
    blue[i] = std::floor(-0.168735892F * r[i] - 0.331264108F * g[i] + 0.5F * b[i] + 128.5F);
    red[i] = std::floor(0.5F * r[i] - 0.418687589F * g[i] - 0.081312411F * b[i] + 128.5F);
    blue[i] = std::min(255.0F, blue[i]);
    red[i] = std::min(255.0F, red[i]);
  }
  const int height = picture.height, width = picture.width;
  code(luma_plane, height, width, steps_of(luminance, quality));
  const Tile steps = steps_of(chrominance, quality);
  for (auto* colour : {&blue, &red}) {
    auto low = halved(*colour, height, width);
    code(low, (height + 1) / 2, (width + 1) / 2, steps);
    *colour = doubled(low, height, width);
  }
  for (std::size_t i = 0; i < n; ++i) {
    const float y = luma_plane[i], cb = blue[i] - 128, cr = red[i] - 128;
    const auto put = [&](int plane, float value) {
      picture.plane(plane)[i] = std::clamp(value, 0.0F, 255.0F) / 255;
    };
    put(0, y + std::floor(1.402F * cr + 0.5F));
    put(1, y + std::floor(-0.344136286F * cb - 0.714136286F * cr + 0.5F));
    put(2, y + std::floor(1.772F * cb + 0.5F));
  }
}

}  // namespace

/// What a baseline JPEG with halved colours (4:2:0) keeps: everything but the lossless coding.
void jpeg_compression(Picture& picture, const Parameters& c, stats::Rng&) {
  const int quality = static_cast<int>(std::clamp(std::lround(c[0]), 1L, 100L));
  if (picture.colours() == 3) code_colours(picture, quality);
  for (int k = picture.colours(); k < picture.channels; ++k) {
    auto grey = bytes_of(picture.plane(k), picture.area());
    code(grey, picture.height, picture.width, steps_of(luminance, quality));
    for (std::size_t i = 0; i < grey.size(); ++i) picture.plane(k)[i] = grey[i] / 255;
  }
}

}  // namespace leadline::detail::corruption

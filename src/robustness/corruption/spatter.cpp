#include <cmath>
#include <cstdint>

#include "picture.hpp"

namespace leadline::detail::corruption {
namespace {

/// Bytes of one plane with the neighbourhood rules that the drops need.
struct Bytes {
  int height = 0, width = 0;
  std::vector<int> values{};

  [[nodiscard]] int at(int y, int x, Border border) const {
    return values[static_cast<std::size_t>(beyond(border, y, height) * width +
                                           beyond(border, x, width))];
  }
  int& operator()(int y, int x) { return values[static_cast<std::size_t>(y * width + x)]; }
};

/// out = sum of the 3 x 3 neighbours times `weights`.
Bytes correlated(const Bytes& in, const std::array<int, 9>& weights, Border border) {
  Bytes out{in.height, in.width, std::vector<int>(in.values.size())};
  for (int y = 0; y < in.height; ++y)
    for (int x = 0; x < in.width; ++x) {
      int sum = 0;
      for (int k = 0; k < 9; ++k)
        sum += weights[static_cast<std::size_t>(k)] * in.at(y + k / 3 - 1, x + k % 3 - 1, border);
      out(y, x) = sum;
    }
  return out;
}

/// Whether a gradient is the largest across its edge: the neighbours at 0, 45, 90 or 135 degrees.
bool is_ridge(const std::vector<int>& size, std::ptrdiff_t at, std::ptrdiff_t stride, int gx,
              int gy) {
  constexpr double tan_22 = 0.41421356237309503;
  const double x = std::abs(gx), y = std::abs(gy);
  const auto value = [&](std::ptrdiff_t i) { return size[static_cast<std::size_t>(i)]; };
  const int here = value(at);
  if (y < x * tan_22) return here > value(at - 1) && here >= value(at + 1);
  if (y > x * (tan_22 + 2)) return here > value(at - stride) && here >= value(at + stride);
  const std::ptrdiff_t side = (gx ^ gy) < 0 ? -1 : 1;
  return here > value(at - stride - side) && here > value(at + stride + side);
}

/// Edges (Canny 1986) between the thresholds `low` and `high` on |gx| + |gy|.
std::vector<std::uint8_t> edges_of(const Bytes& in, int low, int high) {
  const Bytes gx = correlated(in, {-1, 0, 1, -2, 0, 2, -1, 0, 1}, Border::nearest);
  const Bytes gy = correlated(in, {-1, -2, -1, 0, 0, 0, 1, 2, 1}, Border::nearest);
  const std::ptrdiff_t stride = in.width + 2;
  std::vector<int> size(static_cast<std::size_t>((in.height + 2) * stride), 0);
  for (int y = 0; y < in.height; ++y)
    for (int x = 0; x < in.width; ++x) {
      const auto i = static_cast<std::size_t>(y * in.width + x);
      size[static_cast<std::size_t>((y + 1) * stride + x + 1)] =
          std::abs(gx.values[i]) + std::abs(gy.values[i]);
    }
  std::vector<std::uint8_t> weak(size.size(), 0), edge(size.size(), 0);
  std::vector<std::ptrdiff_t> open;
  for (int y = 0; y < in.height; ++y)
    for (int x = 0; x < in.width; ++x) {
      const auto i = static_cast<std::size_t>(y * in.width + x);
      const std::ptrdiff_t at = (y + 1) * stride + x + 1;
      const int here = size[static_cast<std::size_t>(at)];
      if (here <= low || !is_ridge(size, at, stride, gx.values[i], gy.values[i])) continue;
      weak[static_cast<std::size_t>(at)] = 1;
      if (here > high) open.push_back(at);
    }
  while (!open.empty()) {
    const std::ptrdiff_t at = open.back();
    open.pop_back();
    if (edge[static_cast<std::size_t>(at)]) continue;
    edge[static_cast<std::size_t>(at)] = 1;
    for (std::ptrdiff_t dy = -stride; dy <= stride; dy += stride)
      for (std::ptrdiff_t dx = -1; dx <= 1; ++dx)
        if (weak[static_cast<std::size_t>(at + dy + dx)]) open.push_back(at + dy + dx);
  }
  return edge;
}

/// Chamfer distance (1, 1.4, 2.1969) to the nearest edge, at most 20, [height, width].
std::vector<float> distances(const std::vector<std::uint8_t>& edge, int height, int width) {
  struct Step {
    int dy, dx;
    float cost;
  };
  static constexpr std::array<Step, 8> before{{{0, -1, 1.0F},
                                               {-1, 0, 1.0F},
                                               {-1, -1, 1.4F},
                                               {-1, 1, 1.4F},
                                               {-1, -2, 2.1969F},
                                               {-1, 2, 2.1969F},
                                               {-2, -1, 2.1969F},
                                               {-2, 1, 2.1969F}}};
  const int stride = width + 4;
  std::vector<float> far(static_cast<std::size_t>((height + 4) * stride), 1e6F);
  const auto at = [&](int y, int x) -> float& {
    return far[static_cast<std::size_t>((y + 2) * stride + x + 2)];
  };
  const auto sweep = [&](int y, int x, int sign) {
    for (const Step& step : before)
      at(y, x) = std::min(at(y, x), at(y + sign * step.dy, x + sign * step.dx) + step.cost);
  };
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x) {
      if (edge[static_cast<std::size_t>((y + 1) * (width + 2) + x + 1)]) at(y, x) = 0;
      sweep(y, x, 1);
    }
  std::vector<float> out(static_cast<std::size_t>(height * width));
  for (int y = height - 1; y >= 0; --y)
    for (int x = width - 1; x >= 0; --x) {
      sweep(y, x, -1);
      out[static_cast<std::size_t>(y * width + x)] = std::min(20.0F, at(y, x));
    }
  return out;
}

/// Spreads the values over 0 .. 255 by their ranks.
void equalize(Bytes& image) {
  std::array<int, 256> count{}, level{};
  for (const int value : image.values) ++count[static_cast<std::size_t>(value)];
  std::size_t least = 0;
  while (count[least] == 0) ++least;
  const int others = static_cast<int>(image.values.size()) - count[least];
  if (others == 0) return;
  int below = 0;
  for (std::size_t v = least + 1; v < 256; ++v)
    level[v] = static_cast<int>(std::nearbyint(static_cast<float>(below += count[v]) *
                                               (255.0F / static_cast<float>(others))));
  for (int& value : image.values) value = level[static_cast<std::size_t>(value)];
}

/// How bright each pixel of a liquid shines: strongest just inside the edges of the drops.
std::vector<float> shine(const std::vector<float>& liquid, int height, int width) {
  Bytes layer{height, width, {}};
  for (const float value : liquid)
    layer.values.push_back(std::clamp(static_cast<int>(value * 255), 0, 255));
  auto far = distances(edges_of(layer, 50, 150), height, width);
  std::vector<Tap> box;
  for (int k = 0; k < 9; ++k) box.push_back({k / 3 - 1, k % 3 - 1, 1.0F / 9});
  correlate(far.data(), height, width, box, Border::reflect101);
  Bytes depth{height, width, {}};
  for (const float value : far) depth.values.push_back(static_cast<int>(value + 1e-4F));
  equalize(depth);
  depth = correlated(depth, {-2, -1, 0, -1, 1, 1, 0, 1, 2}, Border::reflect101);
  for (int& value : depth.values) value = std::clamp(value, 0, 255);
  depth = correlated(depth, {1, 1, 1, 1, 1, 1, 1, 1, 1}, Border::reflect101);
  std::vector<float> out;
  for (std::size_t i = 0; i < liquid.size(); ++i)
    out.push_back(static_cast<float>(layer.values[i]) *
                  std::nearbyint(static_cast<float>(depth.values[i]) / 9));
  return out;
}

}  // namespace

/// Drops of water (pale turquoise, added) or splashes of mud (brown, covering).
void spatter(Picture& picture, const Parameters& c, stats::Rng& rng) {
  static constexpr std::array<float, 3> water{175 / 255.0F, 238 / 255.0F, 238 / 255.0F};
  static constexpr std::array<float, 3> mud{63 / 255.0F, 42 / 255.0F, 20 / 255.0F};
  const int height = picture.height, width = picture.width;
  const bool muddy = c[5] >= 0.5;
  std::vector<float> layer(picture.area());
  rng.fill_normal(std::span<float>(layer));
  for (float& value : layer) value = static_cast<float>(c[0]) + static_cast<float>(c[1]) * value;
  blur(layer.data(), height, width, c[2]);
  const auto threshold = static_cast<float>(c[3]);
  for (float& value : layer)
    value = muddy ? (value > threshold ? 1.0F : 0.0F) : (value < threshold ? 0.0F : value);
  if (muddy) {
    blur(layer.data(), height, width, c[4]);
    for (float& value : layer) value = value < 0.8F ? 0.0F : value;
  } else {
    layer = shine(layer, height, width);
    const float most = *std::max_element(layer.begin(), layer.end());
    for (float& value : layer) value = most > 0 ? value / most * static_cast<float>(c[4]) : 0.0F;
  }
  const auto& colour = muddy ? mud : water;
  const float grey = luma[0] * colour[0] + luma[1] * colour[1] + luma[2] * colour[2];
  for (int k = 0; k < picture.channels; ++k) {
    const float shade = k < picture.colours() ? colour[static_cast<std::size_t>(k)] : grey;
    float* plane = picture.plane(k);
    for (std::size_t i = 0; i < layer.size(); ++i)
      plane[i] = plane[i] * (muddy ? 1 - layer[i] : 1) + layer[i] * shade;
  }
}

}  // namespace leadline::detail::corruption

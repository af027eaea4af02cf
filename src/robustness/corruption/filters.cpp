#include <cmath>
#include <numbers>

#include "leadline/stats/clones.hpp"
#include "picture.hpp"

namespace leadline::detail::corruption {

int beyond(Border border, int i, int n) {
  if (i >= 0 && i < n) return i;
  if (border == Border::nearest) return std::clamp(i, 0, n - 1);
  const int period = border == Border::reflect ? 2 * n : std::max(1, 2 * (n - 1));
  i = ((i % period) + period) % period;
  return i < n ? i : border == Border::reflect ? period - 1 - i : period - i;
}

namespace {

/// A plane with a margin filled by the border rule.
struct Padded {
  std::vector<float> values;
  std::ptrdiff_t stride = 0;
};

Padded padded(const float* plane, int height, int width, int top, int bottom, int left, int right,
              Border border) {
  const int tall = height + top + bottom, wide = width + left + right;
  Padded out{std::vector<float>(static_cast<std::size_t>(tall) * static_cast<std::size_t>(wide)),
             wide};
  for (int y = 0; y < tall; ++y) {
    const float* from =
        plane + static_cast<std::ptrdiff_t>(beyond(border, y - top, height)) * width;
    float* to = out.values.data() + y * out.stride;
    std::copy_n(from, width, to + left);
    for (int x = 0; x < left; ++x) to[x] = from[beyond(border, x - left, width)];
    for (int x = 0; x < right; ++x) to[left + width + x] = from[beyond(border, width + x, width)];
  }
  return out;
}

/// out[y, x] = sum_t weight[t] * in[y * stride + offset[t] + x].
LEADLINE_CLONES
void sum_of_taps(const float* in, std::ptrdiff_t stride, const std::ptrdiff_t* offsets,
                 const float* weights, std::size_t n_taps, float* out, int height, int width) {
  for (int y = 0; y < height; ++y) {
    const float* row = in + y * stride;
    float* to = out + static_cast<std::ptrdiff_t>(y) * width;
    int x = 0;
    for (; x + 16 <= width; x += 16) {
      float sum[16] = {};
      for (std::size_t t = 0; t < n_taps; ++t) {
        const float* from = row + offsets[t] + x;
        for (int k = 0; k < 16; ++k) sum[k] += weights[t] * from[k];
      }
      for (int k = 0; k < 16; ++k) to[x + k] = sum[k];
    }
    for (; x < width; ++x) {
      float sum = 0;
      for (std::size_t t = 0; t < n_taps; ++t) sum += weights[t] * row[offsets[t] + x];
      to[x] = sum;
    }
  }
}

}  // namespace

void correlate(float* plane, int height, int width, const std::vector<Tap>& taps, Border border) {
  int top = 0, bottom = 0, left = 0, right = 0;
  for (const Tap& tap : taps) {
    top = std::max(top, -tap.dy);
    bottom = std::max(bottom, tap.dy);
    left = std::max(left, -tap.dx);
    right = std::max(right, tap.dx);
  }
  const Padded in = padded(plane, height, width, top, bottom, left, right, border);
  std::vector<std::ptrdiff_t> offsets;
  std::vector<float> weights;
  for (const Tap& tap : taps) {
    offsets.push_back((top + tap.dy) * in.stride + left + tap.dx);
    weights.push_back(tap.weight);
  }
  sum_of_taps(in.values.data(), in.stride, offsets.data(), weights.data(), weights.size(), plane,
              height, width);
}

std::vector<float> gaussian_kernel(double sigma, double truncate) {
  const int radius = static_cast<int>(truncate * sigma + 0.5);
  std::vector<double> exact;
  double total = 0;
  for (int i = -radius; i <= radius; ++i) {
    exact.push_back(sigma > 0 ? std::exp(-0.5 * i * i / (sigma * sigma)) : 1);
    total += exact.back();
  }
  std::vector<float> kernel;
  for (const double weight : exact) kernel.push_back(static_cast<float>(weight / total));
  return kernel;
}

void blur(float* plane, int height, int width, double sigma, Border border, double truncate) {
  const auto kernel = gaussian_kernel(sigma, truncate);
  const int radius = static_cast<int>(kernel.size()) / 2;
  if (radius == 0) return;
  std::vector<Tap> along_y, along_x;
  for (int i = -radius; i <= radius; ++i) {
    const float weight = kernel[static_cast<std::size_t>(i + radius)];
    along_y.push_back({i, 0, weight});
    along_x.push_back({0, i, weight});
  }
  correlate(plane, height, width, along_y, border);
  correlate(plane, height, width, along_x, border);
}

std::vector<Tap> motion_taps(double radius, double sigma, double degrees) {
  const double angle = degrees * std::numbers::pi / 180;
  const int length = 2 * static_cast<int>(std::lround(radius)) + 1;
  double total = 0;
  for (int i = 0; i < length; ++i) total += std::exp(-0.5 * i * i / (sigma * sigma));
  std::vector<Tap> taps;
  for (int i = 0; i < length; ++i)
    taps.push_back({static_cast<int>(std::ceil(i * std::sin(angle) - 0.5)),
                    static_cast<int>(std::ceil(i * std::cos(angle) - 0.5)),
                    static_cast<float>(std::exp(-0.5 * i * i / (sigma * sigma)) / total)});
  return taps;
}

namespace {

/// Where the pixels of one axis come from when `n` pixels are cut to ceil(n / factor) about the
/// middle and stretched back, first on first and last on last; what sticks out is trimmed.
struct ZoomAxis {
  std::vector<int> low;
  std::vector<float> weight;  // of the pixel after `low`

  ZoomAxis(int n, double factor) {
    const int cut = static_cast<int>(std::ceil(n / factor)), first = (n - cut) / 2;
    const int stretched = static_cast<int>(std::nearbyint(cut * factor));
    const double step = stretched > 1 ? (cut - 1.0) / (stretched - 1.0) : 0.0;
    const int trim = (stretched - n) / 2;
    for (int i = 0; i < n; ++i) {
      const double at = std::clamp((i + trim) * step, 0.0, cut - 1.0);
      const int whole = std::min(static_cast<int>(at), std::max(0, cut - 2));
      low.push_back(first + whole);
      weight.push_back(static_cast<float>(at - whole));
    }
  }
};

LEADLINE_CLONES
void add_stretched(const float* plane, int height, int width, const int* low_y,
                   const float* weight_y, const int* low_x, const float* weight_x, float* row,
                   float* out) {
  for (int y = 0; y < height; ++y) {
    const float* upper = plane + static_cast<std::ptrdiff_t>(low_y[y]) * width;
    const float* lower = low_y[y] + 1 < height ? upper + width : upper;
    const float w = weight_y[y];
    for (int x = 0; x < width; ++x) row[x] = upper[x] + w * (lower[x] - upper[x]);
    row[width] = row[width - 1];
    float* to = out + static_cast<std::ptrdiff_t>(y) * width;
    for (int x = 0; x < width; ++x) {
      const float left = row[low_x[x]];
      to[x] += left + weight_x[x] * (row[low_x[x] + 1] - left);
    }
  }
}

}  // namespace

void add_zoomed(const float* plane, int height, int width, double factor, float* out) {
  const ZoomAxis along_y(height, factor), along_x(width, factor);
  std::vector<float> row(static_cast<std::size_t>(width) + 1);
  add_stretched(plane, height, width, along_y.low.data(), along_y.weight.data(), along_x.low.data(),
                along_x.weight.data(), row.data(), out);
}

int power_of_two(int n) {
  int size = 1;
  while (size < n) size *= 2;
  return size;
}

std::vector<float> plasma(int size, double decay, stats::Rng& rng) {
  const auto side = static_cast<std::size_t>(size);
  std::vector<double> map(side * side, 0.0), uniform;
  const auto at = [&](std::size_t y, std::size_t x) -> double& {
    return map[(y & (side - 1)) * side + (x & (side - 1))];
  };
  double wibble = 100;
  for (std::size_t step = side; step >= 2; step /= 2, wibble /= decay) {
    const std::size_t half = step / 2, across = side / step;
    uniform.resize(3 * across * across);
    rng.fill_uniform(std::span<double>(uniform));
    std::size_t next = 0;
    // The references scale the uniform by the step and the sum by it again.
    const auto move = [&] { return wibble * wibble * (2 * uniform[next++] - 1); };
    for (std::size_t y = 0; y < side; y += step)
      for (std::size_t x = 0; x < side; x += step)
        at(y + half, x + half) =
            (at(y, x) + at(y + step, x) + at(y, x + step) + at(y + step, x + step)) / 4 + move();
    for (std::size_t y = 0; y < side; y += step)
      for (std::size_t x = 0; x < side; x += step) {
        const double middle = at(y + half, x + half), corner = at(y, x);
        at(y, x + half) =
            (middle + at(y + side - half, x + half) + corner + at(y, x + step)) / 4 + move();
        at(y + half, x) =
            (middle + at(y + half, x + side - half) + corner + at(y + step, x)) / 4 + move();
      }
  }
  const auto [low, high] = std::minmax_element(map.begin(), map.end());
  const double least = *low, range = *high - *low;
  std::vector<float> heights;
  for (const double value : map)
    heights.push_back(range > 0 ? static_cast<float>((value - least) / range) : 0.0F);
  return heights;
}

float sample(const float* plane, int height, int width, float y, float x, Border border) {
  const float whole_y = std::floor(y), whole_x = std::floor(x);
  const int top = static_cast<int>(whole_y), left = static_cast<int>(whole_x);
  const float wy = y - whole_y, wx = x - whole_x;
  const float* upper = plane + static_cast<std::ptrdiff_t>(beyond(border, top, height)) * width;
  const float* lower = plane + static_cast<std::ptrdiff_t>(beyond(border, top + 1, height)) * width;
  const int a = beyond(border, left, width), b = beyond(border, left + 1, width);
  const float up = upper[a] + wx * (upper[b] - upper[a]);
  const float down = lower[a] + wx * (lower[b] - lower[a]);
  return up + wy * (down - up);
}

}  // namespace leadline::detail::corruption

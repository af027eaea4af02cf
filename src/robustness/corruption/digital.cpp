#include <cmath>

#include "picture.hpp"

namespace leadline::detail::corruption {
namespace {

/// x' = a x + b y + c, y' = d x + e y + f.
struct Affine {
  double a = 1, b = 0, c = 0, d = 0, e = 1, f = 0;
};

using Points = std::array<std::array<double, 2>, 3>;

/// The map that takes `from` to `to`; the identity when `from` lie on a line.
Affine affine_of(const Points& from, const Points& to) {
  const double x1 = from[1][0] - from[0][0], y1 = from[1][1] - from[0][1];
  const double x2 = from[2][0] - from[0][0], y2 = from[2][1] - from[0][1];
  const double area = x1 * y2 - x2 * y1;
  if (std::abs(area) < 1e-6) return {};
  const auto row = [&](std::size_t k) {
    const double u1 = to[1][k] - to[0][k], u2 = to[2][k] - to[0][k];
    const double gx = (u1 * y2 - u2 * y1) / area, gy = (u2 * x1 - u1 * x2) / area;
    return std::array<double, 3>{gx, gy, to[0][k] - gx * from[0][0] - gy * from[0][1]};
  };
  const auto x = row(0), y = row(1);
  return {x[0], x[1], x[2], y[0], y[1], y[2]};
}

/// Moves three points of a square about the centre by up to `reach`, and the image with them.
void shake(Picture& picture, double reach, stats::Rng& rng) {
  const double cx = picture.width / 2, cy = picture.height / 2;
  const double square = std::min(picture.height, picture.width) / 3;
  const Points before{
      {{cx + square, cy + square}, {cx + square, cy - square}, {cx - square, cy - square}}};
  Points after = before;
  for (auto& point : after)
    for (double& at : point) at += rng.uniform(-reach, reach);
  const Affine back = affine_of(after, before);
  std::vector<float> moved(picture.area());
  for (int k = 0; k < picture.channels; ++k) {
    for (int y = 0; y < picture.height; ++y)
      for (int x = 0; x < picture.width; ++x)
        moved[static_cast<std::size_t>(y * picture.width + x)] =
            sample(picture.plane(k), picture.height, picture.width,
                   static_cast<float>(back.d * x + back.e * y + back.f),
                   static_cast<float>(back.a * x + back.b * y + back.c), Border::reflect101);
    std::copy(moved.begin(), moved.end(), picture.plane(k));
  }
}

/// A smooth field of displacements.
std::vector<float> field(const Picture& picture, double strength, double sigma, stats::Rng& rng) {
  std::vector<float> out(picture.area());
  rng.fill_uniform(std::span<float>(out));
  for (float& value : out) value = 2 * value - 1;
  blur(out.data(), picture.height, picture.width, sigma, Border::reflect, 3);
  for (float& value : out) value *= static_cast<float>(strength);
  return out;
}

/// Which of n_in values belong to each of n_out equal stretches: those whose middles do.
struct Stretches {
  std::vector<int> first, last;  // [first, last)

  Stretches(int n_in, int n_out) {
    const double scale = static_cast<double>(n_in) / n_out;
    for (int i = 0; i < n_out; ++i) {
      const double middle = (i + 0.5) * scale;
      int low = std::max(0, static_cast<int>(middle - 0.5 * scale + 0.5));
      int high = std::min(n_in, static_cast<int>(middle + 0.5 * scale + 0.5));
      while (low < high && (low + 0.5 - middle) / scale <= -0.5) ++low;
      while (low < high && (high - 0.5 - middle) / scale > 0.5) --high;
      first.push_back(low);
      last.push_back(high);
    }
  }
};

/// The mean as a picture of bytes would hold it.
float rounded(float mean, bool bytes) { return bytes ? std::floor(mean * 255 + 0.5F) / 255 : mean; }

}  // namespace

/// c: strength, smoothness and affine reach, in shares of the shorter side.
void elastic_transform(Picture& picture, const Parameters& c, stats::Rng& rng) {
  const double side = std::min(picture.height, picture.width);
  if (c[2] > 0) shake(picture, c[2] * side, rng);
  if (c[0] <= 0) return;
  const auto dx = field(picture, c[0] * side, c[1] * side, rng);
  const auto dy = field(picture, c[0] * side, c[1] * side, rng);
  std::vector<float> moved(picture.area());
  for (int k = 0; k < picture.channels; ++k) {
    for (int y = 0; y < picture.height; ++y)
      for (int x = 0; x < picture.width; ++x) {
        const auto i = static_cast<std::size_t>(y * picture.width + x);
        moved[i] =
            sample(picture.plane(k), picture.height, picture.width, static_cast<float>(y) + dy[i],
                   static_cast<float>(x) + dx[i], Border::reflect);
      }
    std::copy(moved.begin(), moved.end(), picture.plane(k));
  }
}

/// Means over boxes, along rows and then along columns, shown as blocks.
void pixelate(Picture& picture, const Parameters& c, stats::Rng&) {
  const int height = picture.height, width = picture.width;
  const int low_h = std::max(1, static_cast<int>(height * c[0]));
  const int low_w = std::max(1, static_cast<int>(width * c[0]));
  const Stretches rows(height, low_h), columns(width, low_w);
  std::vector<float> narrow(static_cast<std::size_t>(height * low_w));
  std::vector<float> small(static_cast<std::size_t>(low_w));
  std::vector<int> box_of(static_cast<std::size_t>(width));
  for (int x = 0; x < width; ++x)
    box_of[static_cast<std::size_t>(x)] = static_cast<int>((x + 0.5) * low_w / width);
  for (int k = 0; k < picture.channels; ++k) {
    float* plane = picture.plane(k);
    for (int y = 0; y < height; ++y)
      for (int x = 0; x < low_w; ++x) {
        const auto i = static_cast<std::size_t>(x);
        float sum = 0;
        for (int from = columns.first[i]; from < columns.last[i]; ++from)
          sum += plane[y * width + from];
        narrow[static_cast<std::size_t>(y * low_w + x)] =
            rounded(sum / static_cast<float>(columns.last[i] - columns.first[i]), picture.bytes);
      }
    int shown = -1;
    for (int y = 0; y < height; ++y) {
      const int box = static_cast<int>((y + 0.5) * low_h / height);
      const auto i = static_cast<std::size_t>(box);
      if (box != shown) {
        std::fill(small.begin(), small.end(), 0.0F);
        for (int from = rows.first[i]; from < rows.last[i]; ++from)
          for (int x = 0; x < low_w; ++x)
            small[static_cast<std::size_t>(x)] +=
                narrow[static_cast<std::size_t>(from * low_w + x)];
        for (float& value : small)
          value = rounded(value / static_cast<float>(rows.last[i] - rows.first[i]), picture.bytes);
        shown = box;
      }
      for (int x = 0; x < width; ++x)
        plane[y * width + x] = small[static_cast<std::size_t>(box_of[static_cast<std::size_t>(x)])];
    }
  }
}

}  // namespace leadline::detail::corruption

#include "motion.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace leadline::detail::motion {
namespace {

/// Where a value between two pixels lies: the lower one, the upper one, the weight of the upper.
struct Between {
  std::int64_t low, high;
  double weight;
  Between(double at, std::int64_t size) {
    at = std::clamp(at, 0.0, static_cast<double>(size - 1));
    low = static_cast<std::int64_t>(at);
    high = std::min(low + 1, size - 1);
    weight = at - static_cast<double>(low);
  }
  [[nodiscard]] double mix(double a, double b) const {
    return weight == 0 ? a : a + weight * (b - a);
  }
};

}  // namespace

std::vector<double> moved(std::span<const double> picture, std::span<const std::int64_t> shape,
                          double degrees, double down, double right) {
  const std::int64_t height = shape[1], width = shape[2], plane = height * width;
  const double cosine = std::cos(degrees * std::numbers::pi / 180);
  const double sine = std::sin(degrees * std::numbers::pi / 180);
  const double middle_y = static_cast<double>(height - 1) / 2;
  const double middle_x = static_cast<double>(width - 1) / 2;
  std::vector<double> out(picture.size());
  for (std::int64_t y = 0; y < height; ++y)
    for (std::int64_t x = 0; x < width; ++x) {
      const double dy = static_cast<double>(y) - middle_y - down;
      const double dx = static_cast<double>(x) - middle_x - right;
      const Between row(middle_y + cosine * dy + sine * dx, height);
      const Between column(middle_x - sine * dy + cosine * dx, width);
      for (std::int64_t c = 0; c < shape[0]; ++c) {
        const auto at = [&](std::int64_t h, std::int64_t w) {
          return picture[static_cast<std::size_t>(c * plane + h * width + w)];
        };
        out[static_cast<std::size_t>(c * plane + y * width + x)] =
            row.mix(column.mix(at(row.low, column.low), at(row.low, column.high)),
                    column.mix(at(row.high, column.low), at(row.high, column.high)));
      }
    }
  return out;
}

}  // namespace leadline::detail::motion

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
  bool moves;  // the value changes with the place: not so beyond the edge
  Between(double at, std::int64_t size) : moves(at >= 0 && at < static_cast<double>(size - 1)) {
    at = std::clamp(at, 0.0, static_cast<double>(size - 1));
    low = static_cast<std::int64_t>(at);
    high = std::min(low + 1, size - 1);
    weight = at - static_cast<double>(low);
  }
  [[nodiscard]] double mix(double a, double b) const {
    return weight == 0 ? a : a + weight * (b - a);
  }
};

/// A turn about the middle of a picture, then a shift.
struct Motion {
  std::int64_t height, width;
  double cosine, sine, down, right;

  Motion(std::span<const std::int64_t> shape, double degrees, double by_down, double by_right)
      : height(shape[1]),
        width(shape[2]),
        cosine(std::cos(degrees * per_degree)),
        sine(std::sin(degrees * per_degree)),
        down(by_down),
        right(by_right) {}

  static constexpr double per_degree = std::numbers::pi / 180;
  [[nodiscard]] double middle_y() const { return static_cast<double>(height - 1) / 2; }
  [[nodiscard]] double middle_x() const { return static_cast<double>(width - 1) / 2; }
  [[nodiscard]] std::int64_t plane() const { return height * width; }

  /// Calls visit(position in a plane, dy, dx, row, column): how far from the turned middle a pixel
  /// lies, and where it came from.
  template <class Visit>
  void each_pixel(Visit&& visit) const {
    for (std::int64_t y = 0; y < height; ++y)
      for (std::int64_t x = 0; x < width; ++x) {
        const double dy = static_cast<double>(y) - middle_y() - down;
        const double dx = static_cast<double>(x) - middle_x() - right;
        visit(y * width + x, dy, dx, Between(middle_y() + cosine * dy + sine * dx, height),
              Between(middle_x() - sine * dy + cosine * dx, width));
      }
  }
};

/// The four pixels around a place of one channel.
struct Corners {
  double low_low, low_high, high_low, high_high;
  Corners(std::span<const double> plane, std::int64_t width, const Between& row,
          const Between& column) {
    const auto at = [&](std::int64_t h, std::int64_t w) {
      return plane[static_cast<std::size_t>(h * width + w)];
    };
    low_low = at(row.low, column.low);
    low_high = at(row.low, column.high);
    high_low = at(row.high, column.low);
    high_high = at(row.high, column.high);
  }
};

std::span<const double> channel(std::span<const double> picture, std::int64_t c,
                                std::int64_t plane) {
  return picture.subspan(static_cast<std::size_t>(c * plane), static_cast<std::size_t>(plane));
}

}  // namespace

std::vector<double> moved(std::span<const double> picture, std::span<const std::int64_t> shape,
                          double degrees, double down, double right) {
  const Motion motion(shape, degrees, down, right);
  std::vector<double> out(picture.size());
  motion.each_pixel(
      [&](std::int64_t at, double, double, const Between& row, const Between& column) {
        for (std::int64_t c = 0; c < shape[0]; ++c) {
          const Corners v(channel(picture, c, motion.plane()), motion.width, row, column);
          out[static_cast<std::size_t>(c * motion.plane() + at)] =
              row.mix(column.mix(v.low_low, v.low_high), column.mix(v.high_low, v.high_high));
        }
      });
  return out;
}

std::array<double, 3> slope(std::span<const double> picture, std::span<const std::int64_t> shape,
                            double degrees, double down, double right,
                            std::span<const double> gradient) {
  const Motion motion(shape, degrees, down, right);
  std::array<double, 3> sum{};
  motion.each_pixel(
      [&](std::int64_t at, double dy, double dx, const Between& row, const Between& column) {
        double by_y = 0, by_x = 0;  // of the function, by where the pixel came from
        for (std::int64_t c = 0; c < shape[0]; ++c) {
          const Corners v(channel(picture, c, motion.plane()), motion.width, row, column);
          const double g = gradient[static_cast<std::size_t>(c * motion.plane() + at)];
          if (row.moves)
            by_y += g * (column.mix(v.high_low, v.high_high) - column.mix(v.low_low, v.low_high));
          if (column.moves)
            by_x += g * (row.mix(v.low_high, v.high_high) - row.mix(v.low_low, v.high_low));
        }
        sum[0] += Motion::per_degree * (by_y * (motion.cosine * dx - motion.sine * dy) -
                                        by_x * (motion.cosine * dy + motion.sine * dx));
        sum[1] += by_x * motion.sine - by_y * motion.cosine;
        sum[2] -= by_x * motion.cosine + by_y * motion.sine;
      });
  return sum;
}

}  // namespace leadline::detail::motion

#include "square_window.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "attack_geometry.hpp"

namespace leadline::detail::square_window {

using attack_basis::Planes;
using robustness::Norm;
using robustness::Row;

namespace {

constexpr double tiny = 1e-12;  // keeps a window without change from dividing by zero

double sign(stats::Rng& rng) { return (rng.next_u32() & 1U) != 0 ? 1.0 : -1.0; }
std::int64_t draw(stats::Rng& rng, std::int64_t n) {
  return static_cast<std::int64_t>(rng.below(static_cast<std::uint64_t>(n)));
}

/// Sides of a window over about `share` of a plane: a square of an odd side (of any side for
/// linf) where one fits, else a rectangle.
struct Sides {
  std::int64_t height, width;
  Sides(const Planes& planes, double share, bool odd) {
    const double area = share * static_cast<double>(planes.plane());
    std::int64_t side = std::max<std::int64_t>(std::llround(std::sqrt(area)), odd ? 3 : 1);
    if (odd && side % 2 == 0) ++side;
    height = std::min(side, planes.height);
    width = std::min(side, planes.width);
    const auto fill = [&](std::int64_t other, std::int64_t limit) {
      return std::clamp<std::int64_t>(std::llround(area / static_cast<double>(other)), side, limit);
    };
    if (height < side && width == side) width = fill(height, planes.width);
    if (width < side && height == side) height = fill(width, planes.height);
  }
};

/// Where in a plane a window lies: the offsets of its values from the first of the plane.
std::vector<std::size_t> place(const Planes& planes, const Sides& sides, stats::Rng& rng) {
  const std::int64_t top = draw(rng, planes.height - sides.height + 1);
  const std::int64_t left = draw(rng, planes.width - sides.width + 1);
  std::vector<std::size_t> at;
  for (std::int64_t h = top; h < top + sides.height; ++h)
    for (std::int64_t w = left; w < left + sides.width; ++w) at.push_back(planes.at(0, h, w));
  return at;
}

/// The same for values without neighbours.
std::vector<std::size_t> scatter(const Planes& planes, double share, stats::Rng& rng) {
  const auto n = static_cast<std::size_t>(planes.width);
  const auto k = std::clamp<std::size_t>(
      static_cast<std::size_t>(std::llround(share * static_cast<double>(n))), 1, n);
  std::vector<std::size_t> order(n);
  std::iota(order.begin(), order.end(), std::size_t{0});
  for (std::size_t i = 0; i < k; ++i) std::swap(order[i], order[i + rng.below(n - i)]);
  order.resize(k);
  return order;
}

/// The size of a change in the norm, from a sum over its values.
struct Size {
  Norm norm;
  [[nodiscard]] double part(double v) const { return norm == Norm::l2 ? v * v : std::abs(v); }
  [[nodiscard]] double size(double sum) const { return norm == Norm::l2 ? std::sqrt(sum) : sum; }
  [[nodiscard]] double of(std::span<const double> values) const {
    double sum = 0;
    for (const double v : values) sum += part(v);
    return size(sum);
  }
};

void scale(std::span<double> values, double factor) {
  for (double& v : values) v *= factor;
}

/// x <- clean + the change scaled to size eps, within the bounds.
void put_change(const Row& row, double eps, std::span<double> change, std::span<double> x) {
  scale(change, eps / (Size{row.norm()}.of(change) + tiny));
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = row.clean()[i] + change[i];
  attack_geometry::project(row, eps, x);
}

void pyramid(std::int64_t height, std::int64_t width, double sign, std::int64_t stride,
             double* out) {
  const std::int64_t layers = std::max(height, width) / 2 + 1;
  for (std::int64_t k = 0; k < layers; ++k) {
    const std::int64_t top = height / 2 - k, left = width / 2 - k, side = 2 * k + 1;
    const double step = sign / static_cast<double>((k + 1) * (k + 1));
    for (std::int64_t h = std::max<std::int64_t>(top, 0); h < std::min(top + side, height); ++h)
      for (std::int64_t w = std::max<std::int64_t>(left, 0); w < std::min(left + side, width); ++w)
        out[h * stride + w] += step;
  }
}

void push_window(const Row& row, const Planes& planes, double share, double eps, stats::Rng& rng,
                 std::span<double> x) {
  if (planes.is_line()) {
    for (const std::size_t i : scatter(planes, share, rng)) x[i] += 2 * eps * sign(rng);
  } else {
    const auto window = place(planes, Sides(planes, share, false), rng);
    for (std::int64_t c = 0; c < planes.channels; ++c) {
      const double v = 2 * eps * sign(rng);
      for (const std::size_t i : window) x[planes.at(c, 0, 0) + i] += v;
    }
  }
  attack_geometry::project(row, eps, x);
}

/// What a proposal puts into its window.
std::vector<double> profile(const Planes& planes, const Sides& sides, std::size_t n,
                            stats::Rng& rng) {
  std::vector<double> out(n);
  if (!planes.is_line()) {
    bump(sides.height, sides.width, rng, out);
    return out;
  }
  for (double& v : out) v = sign(rng) / std::sqrt(static_cast<double>(n));
  return out;
}

void move_budget(const Row& row, const Planes& planes, double share, double eps, stats::Rng& rng,
                 std::span<double> x) {
  const Size size{row.norm()};
  const Sides sides(planes, share, true);
  const bool line = planes.is_line();
  const auto to = line ? scatter(planes, share, rng) : place(planes, sides, rng);
  const auto from = line ? scatter(planes, share, rng) : place(planes, sides, rng);
  const auto shape = profile(planes, sides, to.size(), rng);
  std::vector<double> change(x.size()), fresh(to.size());
  for (std::size_t i = 0; i < x.size(); ++i) change[i] = x[i] - row.clean()[i];
  const double used = size.of(change);
  // What the ball still holds, shared among the channels: of squares for l2, of sizes for l1.
  const double room =
      std::max(size.part(eps) - size.part(used), 0.0) / static_cast<double>(planes.channels);
  for (std::int64_t c = 0; c < planes.channels; ++c) {
    const std::span<double> plane =
        std::span(change).subspan(planes.at(c, 0, 0), static_cast<std::size_t>(planes.plane()));
    const double sign_of_channel = sign(rng);
    double in_window = 0, in_both = 0;
    for (const std::size_t i : to) in_window += size.part(plane[i]);
    for (std::size_t k = 0; k < to.size(); ++k)
      fresh[k] = sign_of_channel * shape[k] + plane[to[k]] / (tiny + size.size(in_window));
    in_both = in_window;
    for (const std::size_t i : to) plane[i] = 0;
    for (const std::size_t i : from) in_both += size.part(plane[i]);
    for (const std::size_t i : from) plane[i] = 0;
    scale(fresh, size.size(room + in_both) / (tiny + size.of(fresh)));
    for (std::size_t k = 0; k < to.size(); ++k) plane[to[k]] = fresh[k];
  }
  put_change(row, eps, change, x);
}

/// A bump in each tile of a fifth of the shorter side.
void tile(const Row& row, const Planes& planes, double eps, stats::Rng& rng, std::span<double> x) {
  std::vector<double> change(x.size(), 0.0);
  if (planes.is_line()) {
    for (double& v : change) v = sign(rng);
    put_change(row, eps, change, x);
    return;
  }
  const std::int64_t side = std::max<std::int64_t>(std::min(planes.height, planes.width) / 5, 1);
  std::vector<double> shape(static_cast<std::size_t>(side * side));
  const std::int64_t top = planes.height % side / 2, left = planes.width % side / 2;
  for (std::int64_t h = top; h + side <= planes.height; h += side)
    for (std::int64_t w = left; w + side <= planes.width; w += side) {
      bump(side, side, rng, shape);
      for (std::int64_t c = 0; c < planes.channels; ++c) {
        const double v = sign(rng);
        for (std::int64_t i = 0; i < side; ++i)
          for (std::int64_t j = 0; j < side; ++j)
            change[planes.at(c, h + i, w + j)] = v * shape[static_cast<std::size_t>(i * side + j)];
      }
    }
  put_change(row, eps, change, x);
}

}  // namespace

void bump(std::int64_t height, std::int64_t width, stats::Rng& rng, std::span<double> out) {
  std::fill(out.begin(), out.end(), 0.0);
  bool across = rng.bernoulli(0.5);
  if (height < 2 || width < 2) across = width >= height;
  if (height == 1 && width == 1) {
    out[0] = 1;
    return;
  }
  const std::int64_t first = across ? width / 2 : height / 2;
  if (across) {
    pyramid(height, first, 1, width, out.data());
    pyramid(height, width - first, -1, width, out.data() + first);
  } else {
    pyramid(first, width, 1, width, out.data());
    pyramid(height - first, width, -1, width, out.data() + first * width);
  }
  scale(out, 1 / Size{Norm::l2}.of(out));
}

void start(const Row& row, const Planes& planes, double eps, stats::Rng& rng, std::span<double> x) {
  if (row.norm() != Norm::linf) {
    tile(row, planes, eps, rng, x);
    return;
  }
  for (std::int64_t c = 0; c < planes.channels; ++c)
    for (std::int64_t w = 0; w < planes.width; ++w) {
      const double v = eps * sign(rng);
      for (std::int64_t h = 0; h < planes.height; ++h) x[planes.at(c, h, w)] += v;
    }
  attack_geometry::project(row, eps, x);
}

void propose(const Row& row, const Planes& planes, double share, double eps, stats::Rng& rng,
             std::span<double> x) {
  if (row.norm() == Norm::linf)
    push_window(row, planes, share, eps, rng, x);
  else
    move_budget(row, planes, share, eps, rng, x);
}

}  // namespace leadline::detail::square_window

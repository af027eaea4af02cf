// Square attack: random search over windows of the input, guided by the scores alone.
#include <algorithm>
#include <array>
#include <cmath>

#include "attack_geometry.hpp"
#include "attack_methods.hpp"

namespace leadline::detail::attack_methods {

using namespace robustness;

namespace {

/// Share of the input that a proposal changes: p halves after each of these queries.
double window_share(int query, double p) {
  constexpr std::array<int, 9> halvings{10, 50, 200, 500, 1000, 2000, 4000, 6000, 8000};
  for (const int at : halvings)
    if (query > at) p /= 2;
  return p;
}

/// A sample as channels of pixels; what is no picture is one row of its values.
struct Shape {
  std::int64_t channels = 1, height = 1, width = 1;
  explicit Shape(const Row& row) : width(static_cast<std::int64_t>(row.size())) {
    if (!row.space().is_image()) return;
    channels = row.space().shape[0];
    height = row.space().shape[1];
    width = row.space().shape[2];
  }
};

double sign(stats::Rng& rng) { return (rng.next_u32() & 1U) != 0 ? 1.0 : -1.0; }

/// Vertical stripes of +-eps.
void stripes(const Row& row, const Shape& s, double eps, stats::Rng& rng, std::span<double> x) {
  for (std::int64_t c = 0; c < s.channels; ++c)
    for (std::int64_t w = 0; w < s.width; ++w) {
      const double v = eps * sign(rng);
      for (std::int64_t h = 0; h < s.height; ++h) {
        const auto i = static_cast<std::size_t>((c * s.height + h) * s.width + w);
        x[i] = row.clean()[i] + v;
      }
    }
  attack_geometry::clip(row, x);
}

/// Pushes a window to the other side of the ball, each channel its own way.
void push_window(const Shape& s, double share, double eps, stats::Rng& rng, std::span<double> x) {
  const auto draw = [&](std::int64_t n) {
    return static_cast<std::int64_t>(rng.below(static_cast<std::uint64_t>(n)));
  };
  if (s.height == 1 && s.channels == 1) {  // no neighbours: values here and there
    const auto k = std::max<std::int64_t>(1, std::llround(share * static_cast<double>(s.width)));
    for (std::int64_t i = 0; i < k; ++i)
      x[static_cast<std::size_t>(draw(s.width))] += 2 * eps * sign(rng);
    return;
  }
  const double area = share * static_cast<double>(s.height * s.width);
  const std::int64_t side =
      std::clamp<std::int64_t>(std::llround(std::sqrt(area)), 1, std::min(s.height, s.width));
  const std::int64_t top = draw(s.height - side + 1), left = draw(s.width - side + 1);
  for (std::int64_t c = 0; c < s.channels; ++c) {
    const double v = 2 * eps * sign(rng);
    for (std::int64_t h = top; h < top + side; ++h)
      for (std::int64_t w = left; w < left + side; ++w)
        x[static_cast<std::size_t>((c * s.height + h) * s.width + w)] += v;
  }
}

Task<> square_task(Row& row, double eps, int queries) {
  constexpr double first_share = 0.8;
  const Shape shape(row);
  stats::Rng rng = row.rng("square");
  std::vector<double> best = row.clean_point();
  stripes(row, shape, eps, rng, best);
  const Answer& start = co_await row.look(best);
  double margin = row.margin(start);
  std::vector<double> x;
  for (int query = 1; query < queries; ++query) {
    x = best;
    push_window(shape, window_share(query, first_share), eps, rng, x);
    attack_geometry::project(row, eps, x);
    const Answer& answer = co_await row.look(x);
    const double now = row.margin(answer);
    if (now <= margin) continue;
    margin = now;
    best.swap(x);
  }
}

}  // namespace

AttackMethod square(int queries) {
  return each_budget([queries](Row& row, double eps) { return square_task(row, eps, queries); });
}

}  // namespace leadline::detail::attack_methods

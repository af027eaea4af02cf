// Ascent along gradients estimated from scores.
#include <algorithm>
#include <cmath>
#include <vector>

#include "attack_geometry.hpp"
#include "attack_methods.hpp"

namespace leadline::detail::attack_methods {

using namespace robustness;

namespace {

/// x + sigma u and x - sigma u for each pair, clipped; fills `noise` with the u.
void draw_pairs(const Row& row, std::span<const double> x, double sigma, stats::Rng& rng,
                std::vector<double>& noise, std::vector<double>& points) {
  rng.fill_normal(noise);
  const std::size_t d = x.size(), pairs = noise.size() / d;
  for (std::size_t p = 0; p < pairs; ++p) {
    const std::span<double> up = std::span(points).subspan(2 * p * d, d);
    const std::span<double> down = std::span(points).subspan((2 * p + 1) * d, d);
    for (std::size_t i = 0; i < d; ++i) {
      up[i] = x[i] + sigma * noise[p * d + i];
      down[i] = x[i] - sigma * noise[p * d + i];
    }
    attack_geometry::clip(row, up);
    attack_geometry::clip(row, down);
  }
}

Task<> nes_task(Row& row, double eps, NesPlan plan) {
  const std::size_t d = row.size();
  const auto pairs = static_cast<std::size_t>(plan.pairs);
  const double sigma = row.norm() == Norm::linf
                           ? plan.sigma_share * eps
                           : plan.sigma_share * eps / std::sqrt(static_cast<double>(d));
  std::vector<double> x = row.clean_point(), noise(pairs * d), points(2 * pairs * d), gradient(d);
  for (int step = 0; step < plan.steps; ++step) {
    stats::Rng rng = row.rng("nes", static_cast<std::uint64_t>(step));
    draw_pairs(row, x, sigma, rng, noise, points);
    const std::span<const Answer> answers = co_await row.look_all(points);
    std::fill(gradient.begin(), gradient.end(), 0.0);
    for (std::size_t p = 0; p < pairs; ++p) {
      const double gap = row.margin(answers[2 * p]) - row.margin(answers[2 * p + 1]);
      if (!std::isfinite(gap)) continue;
      for (std::size_t i = 0; i < d; ++i) gradient[i] += gap * noise[p * d + i];
    }
    attack_geometry::ascend(row, gradient, 2.5 * eps / plan.steps, eps, x);
    co_await row.look(x);
  }
}

}  // namespace

AttackMethod nes(const NesPlan& plan) {
  return each_budget([plan](Row& row, double eps) { return nes_task(row, eps, plan); });
}

}  // namespace leadline::detail::attack_methods

#include "decision.hpp"

#include <algorithm>
#include <cmath>

#include "attack_geometry.hpp"

namespace leadline::detail::decision {

using robustness::Answer;
using robustness::Norm;

Task<bool> fools(Row& row, Purse& purse, std::span<double> x) {
  if (purse.left <= 0) co_return false;
  --purse.left;
  const Answer& answer = co_await row.look(x);
  co_return row.reached(answer);
}

void draw_start(const Row& row, std::uint64_t number, std::vector<double>& x) {
  x.resize(row.size());
  stats::Rng rng = row.rng("start", number);
  rng.fill_uniform(x);
  for (std::size_t j = 0; j < x.size(); ++j) {
    const double share = number % 2 == 0 ? x[j] : std::round(x[j]);
    x[j] = row.lower()[j] + share * (row.upper()[j] - row.lower()[j]);
  }
}

Task<bool> find_start(Row& row, Purse& purse, int tries, std::vector<double>& x,
                      std::uint64_t first) {
  for (int i = 0; i < tries && purse.left > 0; ++i) {
    draw_start(row, first + static_cast<std::uint64_t>(i), x);
    Task<bool> ask = fools(row, purse, x);
    const bool there = co_await ask;
    if (there) co_return true;
  }
  co_return false;
}

Task<> bisect(Row& row, Purse& purse, double tolerance, std::vector<double>& x) {
  const std::vector<double> far = x;
  std::vector<double> middle(x.size());
  const double size = row.distance(far);
  double low = 0, high = 1;
  while (high - low > tolerance * high && purse.left > 0) {
    const double share = (low + high) / 2;
    for (std::size_t i = 0; i < x.size(); ++i) {
      const double change = far[i] - row.clean()[i];
      const double limit = share * size;
      middle[i] = row.clean()[i] +
                  (row.norm() == Norm::linf ? std::clamp(change, -limit, limit) : share * change);
    }
    Task<bool> ask = fools(row, purse, middle);
    const bool there = co_await ask;
    (there ? high : low) = share;
    if (there) x = middle;
    if (share < 1e-12) co_return;  // the clean point itself reaches the goal
  }
}

double length(std::span<const double> a, std::span<const double> b) {
  return attack_geometry::distance(Norm::l2, a, b);
}

void normalise(std::span<double> v) {
  double square = 0;
  for (const double e : v) square += e * e;
  if (square > 0)
    for (double& e : v) e /= std::sqrt(square);
}

}  // namespace leadline::detail::decision

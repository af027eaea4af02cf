#include "leadline/robustness/patch_attack.hpp"

#include <algorithm>
#include <cmath>

#include "attack_methods.hpp"
#include "patch_square.hpp"

namespace leadline::detail::patch_attack {

using namespace robustness;
using patch_square::Square;

namespace {

/// Sums of a plane over its squares, from sums over what lies above and to the left.
class SquareSums {
 public:
  SquareSums(std::span<const double> plane, std::int64_t height, std::int64_t width)
      : width_(width + 1), sums_(static_cast<std::size_t>((height + 1) * (width + 1)), 0.0) {
    for (std::int64_t h = 0; h < height; ++h)
      for (std::int64_t w = 0; w < width; ++w)
        sums_[at(h + 1, w + 1)] = plane[static_cast<std::size_t>(h * width + w)] +
                                  sums_[at(h, w + 1)] + sums_[at(h + 1, w)] - sums_[at(h, w)];
  }
  [[nodiscard]] double over(const Square& s) const {
    return sums_[at(s.top + s.side, s.left + s.side)] - sums_[at(s.top, s.left + s.side)] -
           sums_[at(s.top + s.side, s.left)] + sums_[at(s.top, s.left)];
  }

 private:
  [[nodiscard]] std::size_t at(std::int64_t h, std::int64_t w) const {
    return static_cast<std::size_t>(h * width_ + w);
  }
  std::int64_t width_;
  std::vector<double> sums_;
};

/// What each pixel can gain to first order, over all channels.
std::vector<double> gains(const Row& row, std::span<const double> gradient) {
  const std::int64_t plane = row.space().shape[1] * row.space().shape[2];
  std::vector<double> out(static_cast<std::size_t>(plane), 0.0);
  for (std::size_t i = 0; i < gradient.size(); ++i) {
    const double room =
        gradient[i] > 0 ? row.upper()[i] - row.clean()[i] : row.lower()[i] - row.clean()[i];
    out[i % static_cast<std::size_t>(plane)] += std::max(gradient[i] * room, 0.0);
  }
  return out;
}

bool mostly_covers(const Square& a, const Square& b) {
  const auto shared = [&](std::int64_t x, std::int64_t y) {
    return std::max<std::int64_t>(a.side - std::abs(x - y), 0);
  };
  return 2 * shared(a.top, b.top) * shared(a.left, b.left) > a.side * a.side;
}

/// Up to n places, the most promising first; what follows covers less than half of each before.
std::vector<Square> best_places(const Row& row, std::span<const double> gradient, std::int64_t side,
                                int n) {
  const std::int64_t height = row.space().shape[1], width = row.space().shape[2];
  const SquareSums sums(gains(row, gradient), height, width);
  std::vector<Square> chosen;
  while (std::ssize(chosen) < n) {
    Square best;
    double most = -1;
    for (std::int64_t top = 0; top + side <= height; ++top)
      for (std::int64_t left = 0; left + side <= width; ++left) {
        const Square square{top, left, side};
        const double sum = sums.over(square);
        if (sum <= most) continue;
        if (std::any_of(chosen.begin(), chosen.end(),
                        [&](const Square& s) { return mostly_covers(s, square); }))
          continue;
        best = square;
        most = sum;
      }
    if (most < 0) break;
    chosen.push_back(best);
  }
  return chosen;
}

/// One step of each value of the square along the sign of its slope.
void step(const Row& row, const Square& square, std::span<const double> gradient, double share,
          std::span<double> x) {
  patch_square::each_value(row.space(), square, [&](std::size_t i) {
    const double low = row.lower()[i], high = row.upper()[i];
    const double way = static_cast<double>((gradient[i] > 0) - (gradient[i] < 0));
    x[i] = std::clamp(x[i] + share * (high - low) * way, low, high);
  });
}

Task<> patch_task(Row& row, double eps, PatchAttackOptions options) {
  const Objective objective = objective_of(row, options.loss);
  const std::int64_t side = patch_square::side_of(row.space(), eps);
  if (side == 0) co_return;  // less than a pixel
  std::vector<double> x = row.clean_point();
  std::vector<Square> places;
  if (options.location == PatchLocation::gradient) {
    const Slope& slope = co_await row.climb(x, objective);
    places = best_places(row, slope.gradient(), side, options.restarts);
  }
  for (int restart = 0; restart < options.restarts; ++restart) {
    stats::Rng rng = row.rng("patch", static_cast<std::uint64_t>(restart));
    Square square = patch_square::draw(row.space(), eps, rng);
    if (static_cast<std::size_t>(restart) < places.size())
      square = places[static_cast<std::size_t>(restart)];
    x = row.clean_point();
    patch_square::fill(row, square, rng, x);
    for (int i = 0; i < options.steps; ++i) {
      const Slope& slope = co_await row.climb(x, objective);
      step(row, square, slope.gradient(), options.step_size, x);
    }
    co_await row.look(x);
  }
}

/// Random search without gradients: part of the square drawn anew, every fifth time moved, kept
/// where the margin does not fall (after Croce et al. 2022, arXiv:2006.12834).
Task<> search_task(Row& row, double eps, int queries) {
  stats::Rng rng = row.rng("patch");
  Square square = patch_square::draw(row.space(), eps, rng);
  if (square.side == 0) co_return;
  std::vector<double> best = row.clean_point(), x;
  patch_square::fill(row, square, rng, best);
  const Answer& first = co_await row.look(best);
  double value = row.margin(first);
  for (int i = 1; i < queries; ++i) {
    Square next = square;
    if (i % 5 == 0) {
      next = patch_square::draw(row.space(), eps, rng);
      x = row.clean_point();
      patch_square::fill(row, next, rng, x);
    } else {
      Square part{.side = std::max<std::int64_t>(square.side * (queries - i) / (2 * queries), 1)};
      const auto within = [&](std::int64_t from) {
        return from + static_cast<std::int64_t>(
                          rng.below(static_cast<std::uint64_t>(square.side - part.side + 1)));
      };
      part.top = within(square.top);
      part.left = within(square.left);
      x = best;
      patch_square::fill(row, part, rng, x);
    }
    const Answer& answer = co_await row.look(x);
    const double now = row.margin(answer);
    if (now < value) continue;
    value = now;
    square = next;
    best.swap(x);
  }
}

AttackMethod method_of(const PatchAttackOptions& options) {
  return each_budget([options](Row& row, double eps) { return patch_task(row, eps, options); });
}

}  // namespace

Attack::Recipe recipe_of(PatchAttackOptions options) {
  Attack::Recipe recipe = recipe_from("PatchAttack", "patch_attack", options);
  recipe.own_norm = Norm::patch;
  recipe.stages.push_back({"patch_attack", method_of(options)});
  recipe.relative_cost =
      1.0 + 5.0 * options.steps * options.restarts * static_cast<double>(options.threat.eps.size());
  options.steps *= 2;
  recipe.longer = {"patch_attack, twice the steps", method_of(options)};
  return recipe;
}

}  // namespace leadline::detail::patch_attack

namespace leadline::detail::attack_methods {

robustness::AttackMethod patch_search(int queries) {
  return robustness::each_budget([queries](robustness::Row& row, double eps) {
    return leadline::detail::patch_attack::search_task(row, eps, queries);
  });
}

}  // namespace leadline::detail::attack_methods

namespace leadline::robustness {

PatchAttack::PatchAttack(const Options& options)
    : Attack(leadline::detail::patch_attack::recipe_of(options)) {}

}  // namespace leadline::robustness

#include "leadline/robustness/patch_attack.hpp"

#include <algorithm>
#include <cmath>

#include "attack_methods.hpp"
#include "patch_place.hpp"

namespace leadline::detail::patch_attack {

using namespace robustness;
using patch_place::Place;

namespace {

/// Sums of a plane over places, row by row from sums over what lies to the left.
class PlaceSums {
 public:
  PlaceSums(std::span<const double> plane, const robustness::AttackSpace& space)
      : form_(space.patch), width_(space.shape[2] + 1) {
    for (std::size_t i = 0; i < plane.size(); ++i) {
      if (i % static_cast<std::size_t>(space.shape[2]) == 0) sums_.push_back(0);
      sums_.push_back(sums_.back() + plane[i]);
    }
  }
  [[nodiscard]] double over(const Place& place) const {
    double sum = 0;
    for (std::int64_t h = 0; h < place.height; ++h) {
      const auto [first, last] = patch_place::columns(form_, place, h);
      const double* row = sums_.data() + (place.top + h) * width_ + place.left;
      sum += row[last] - row[first];
    }
    return sum;
  }

 private:
  robustness::PatchForm form_;
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

/// Of their boxes.
bool mostly_covers(const Place& a, const Place& b) {
  const auto shared = [](std::int64_t size, std::int64_t x, std::int64_t y) {
    return std::max<std::int64_t>(size - std::abs(x - y), 0);
  };
  return 2 * shared(a.height, a.top, b.top) * shared(a.width, a.left, b.left) > a.height * a.width;
}

/// Up to n places, the most promising first; what follows covers less than half of each before.
std::vector<Place> best_places(const Row& row, std::span<const double> gradient, const Place& size,
                               int n) {
  const PlaceSums sums(gains(row, gradient), row.space());
  std::vector<Place> chosen;
  while (std::ssize(chosen) < n) {
    Place best;
    double most = -1;
    for (std::int64_t top = 0; top + size.height <= row.space().shape[1]; ++top)
      for (std::int64_t left = 0; left + size.width <= row.space().shape[2]; ++left) {
        const Place place{top, left, size.height, size.width};
        const double sum = sums.over(place);
        if (sum <= most) continue;
        if (std::any_of(chosen.begin(), chosen.end(),
                        [&](const Place& p) { return mostly_covers(p, place); }))
          continue;
        best = place;
        most = sum;
      }
    if (most < 0) break;
    chosen.push_back(best);
  }
  return chosen;
}

/// One step of each value of the patch along the sign of its slope.
void step(const Row& row, const Place& place, std::span<const double> gradient, double share,
          std::span<double> x) {
  patch_place::each_value(row.space(), place, [&](std::size_t i) {
    const double low = row.lower()[i], high = row.upper()[i];
    const double way = static_cast<double>((gradient[i] > 0) - (gradient[i] < 0));
    x[i] = std::clamp(x[i] + share * (high - low) * way, low, high);
  });
}

Task<> patch_task(Row& row, double eps, PatchAttackOptions options) {
  const Objective objective = objective_of(row, options.loss);
  const Place size = patch_place::size_of(row.space(), eps);
  if (size.empty()) co_return;  // less than a pixel
  std::vector<double> x = row.clean_point();
  std::vector<Place> places;
  if (options.location == PatchLocation::gradient) {
    const Slope& slope = co_await row.climb(x, objective);
    places = best_places(row, slope.gradient(), size, options.restarts);
  }
  for (int restart = 0; restart < options.restarts; ++restart) {
    stats::Rng rng = row.rng("patch", static_cast<std::uint64_t>(restart));
    Place place = patch_place::draw(row.space(), eps, rng);
    if (static_cast<std::size_t>(restart) < places.size())
      place = places[static_cast<std::size_t>(restart)];
    x = row.clean_point();
    patch_place::fill(row, place, place, rng, x);
    for (int i = 0; i < options.steps; ++i) {
      const Slope& slope = co_await row.climb(x, objective);
      step(row, place, slope.gradient(), options.step_size, x);
    }
    co_await row.look(x);
  }
}

/// A part of the patch, smaller as the search goes on.
Place part_of(const Place& place, int i, int queries, stats::Rng& rng) {
  const auto less = [&](std::int64_t size) {
    return std::max<std::int64_t>(size * (queries - i) / (2 * queries), 1);
  };
  Place part{.height = less(place.height), .width = less(place.width)};
  const auto within = [&](std::int64_t from, std::int64_t whole, std::int64_t size) {
    return from +
           static_cast<std::int64_t>(rng.below(static_cast<std::uint64_t>(whole - size + 1)));
  };
  part.top = within(place.top, place.height, part.height);
  part.left = within(place.left, place.width, part.width);
  return part;
}

/// Random search without gradients: part of the patch drawn anew, every fifth time moved, kept
/// where the margin does not fall (after Croce et al. 2022, arXiv:2006.12834).
Task<> search_task(Row& row, double eps, int queries) {
  stats::Rng rng = row.rng("patch");
  Place place = patch_place::draw(row.space(), eps, rng);
  if (place.empty()) co_return;
  std::vector<double> best = row.clean_point(), x;
  patch_place::fill(row, place, place, rng, best);
  const Answer& first = co_await row.look(best);
  double value = row.margin(first);
  for (int i = 1; i < queries; ++i) {
    Place next = place, part;
    if (i % 5 == 0) {
      part = next = patch_place::draw(row.space(), eps, rng);
      x = row.clean_point();
    } else {
      part = part_of(place, i, queries, rng);
      x = best;
    }
    patch_place::fill(row, next, part, rng, x);
    const Answer& answer = co_await row.look(x);
    const double now = row.margin(answer);
    if (now < value) continue;
    value = now;
    place = next;
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

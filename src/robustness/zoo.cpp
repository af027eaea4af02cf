#include "leadline/robustness/zoo.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "adam.hpp"
#include "attack_basis.hpp"
#include "attack_geometry.hpp"
#include "black_box_recipe.hpp"

namespace leadline::detail::zoo {

using namespace robustness;

namespace {

/// The values of the input in random order, over and over.
class Cycle {
 public:
  Cycle(std::size_t n, const stats::Rng& rng) : order_(n), rng_(rng), next_(n) {
    std::iota(order_.begin(), order_.end(), 0);
  }
  std::size_t next() {
    if (next_ == order_.size()) {
      attack_basis::shuffle(rng_, order_);
      next_ = 0;
    }
    return static_cast<std::size_t>(order_[next_++]);
  }

 private:
  std::vector<std::int64_t> order_;
  stats::Rng rng_;
  std::size_t next_;
};

/// One search at constant `c` with at most `queries`; whether it found an adversarial.
Task<bool> search(Row& row, ZooOptions options, double c, std::int64_t queries,
                  std::uint64_t number) {
  const std::size_t d = row.size();
  std::vector<double> x = row.clean_point(), points;
  std::vector<std::size_t> moved;
  Adam adam(d);
  Cycle cycle(d, row.rng("zoo", number));
  bool found = false;
  while (queries >= 3) {
    const auto n = static_cast<std::size_t>(std::min(
        {static_cast<std::int64_t>(d), std::int64_t{options.coordinates}, (queries - 1) / 2}));
    queries -= 2 * static_cast<std::int64_t>(n) + 1;
    moved.clear();
    points.clear();
    for (std::size_t k = 0; k < n; ++k) {
      moved.push_back(cycle.next());
      for (const double side : {1.0, -1.0}) {
        points.insert(points.end(), x.begin(), x.end());
        double& v = points[points.size() - d + moved.back()];
        v = std::clamp(v + side * options.difference, row.lower()[moved.back()],
                       row.upper()[moved.back()]);
      }
    }
    const std::span<const Answer> answers = co_await row.look_all(points);
    for (std::size_t k = 0; k < n; ++k) {
      const std::size_t i = moved[k];
      // Points were rounded, and clipped: what they differ by is what was asked.
      const double gap = points[2 * k * d + i] - points[(2 * k + 1) * d + i];
      const double up = std::min(row.margin(answers[2 * k]), options.confidence);
      const double down = std::min(row.margin(answers[2 * k + 1]), options.confidence);
      const double rise = gap > 0 && std::isfinite(up - down) ? (up - down) / gap : 0.0;
      const double slope = c * rise - 2 * (x[i] - row.clean()[i]);
      x[i] += options.step_size * adam.direction(i, slope);
    }
    attack_geometry::clip(row, x);
    const Answer& answer = co_await row.look(x);
    found = found || row.reached(answer);
  }
  co_return found;
}

Task<> zoo_task(Row& row, std::span<const double> budgets, ZooOptions options) {
  row.aim(budgets.front());
  double low = 0, high = std::numeric_limits<double>::infinity(), c = options.initial_constant;
  const std::int64_t each = options.queries / options.searches;
  for (int k = 0; k < options.searches; ++k) {
    Task<bool> one = search(row, options, c, each, static_cast<std::uint64_t>(k));
    const bool found = co_await one;
    (found ? high : low) = c;
    c = std::isfinite(high) ? (low + high) / 2 : 10 * c;
  }
}

AttackMethod zoo_of(const ZooOptions& options) {
  return [options](Row& row, std::span<const double> budgets) {
    return zoo_task(row, budgets, options);
  };
}

}  // namespace

Attack::Recipe recipe_of(const ZooOptions& options) {
  black_box::check_norm("Zoo", options.threat, {Norm::l2}, "use Square for other norms");
  return black_box::recipe_of("Zoo", "zoo", options, zoo_of, Knowledge::scores, true);
}

}  // namespace leadline::detail::zoo

namespace leadline::robustness {

Zoo::Zoo(const Options& options) : Attack(leadline::detail::zoo::recipe_of(options)) {}

}  // namespace leadline::robustness

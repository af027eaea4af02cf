#include "leadline/robustness/simba.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

#include "attack_basis.hpp"
#include "attack_geometry.hpp"
#include "black_box_recipe.hpp"

namespace leadline::detail::simba {

using namespace robustness;

namespace {

/// The directions of a basis, in a random order.
class Directions {
 public:
  Directions(const Row& row, const SimBaOptions& options)
      : planes_(row), cosines_(planes_, options.low_frequencies), basis_(options.basis) {}

  [[nodiscard]] std::vector<std::int64_t> order(stats::Rng& rng, std::size_t n) const {
    if (basis_ == SimBaBasis::dct) return cosines_.order(rng);
    std::vector<std::int64_t> order(n);
    std::iota(order.begin(), order.end(), 0);
    attack_basis::shuffle(rng, order);
    return order;
  }
  void write(std::int64_t number, std::span<double> out) const {
    if (basis_ == SimBaBasis::dct) {
      const std::int64_t inside = number % planes_.plane();
      cosines_.direction(number / planes_.plane(), inside / planes_.width, inside % planes_.width,
                         out);
      return;
    }
    std::fill(out.begin(), out.end(), 0.0);
    out[static_cast<std::size_t>(number)] = 1;
  }
  [[nodiscard]] double step(const Row& row, double eps) const {
    if (row.norm() == Norm::l0) {
      double range = 0;
      for (std::size_t i = 0; i < row.size(); ++i)
        range = std::max(range, row.upper()[i] - row.lower()[i]);
      return range;
    }
    if (row.norm() != Norm::linf) return eps / 5;
    // A pixel goes from one face of the cube to the other.
    return basis_ == SimBaBasis::pixel ? 2 * eps
                                       : eps * std::sqrt(static_cast<double>(planes_.plane())) / 2;
  }

 private:
  attack_basis::Planes planes_;
  attack_basis::Cosines cosines_;
  SimBaBasis basis_;
};

/// The log odds of the goal: they rise as the probability of the label falls (targeted: as that of
/// the target rises), and do not saturate.
double log_odds(const Row& row, const Answer& answer) {
  if (answer.logits.empty() || answer.label < 0) return row.margin(answer);
  constexpr double none = -std::numeric_limits<double>::infinity();
  const auto log_sum = [&](bool wanted) {
    double most = none, sum = 0;
    for (std::int64_t c = 0; c < std::ssize(answer.logits); ++c)
      if (row.reached({c, {}}) == wanted)
        most = std::max(most, answer.logits[static_cast<std::size_t>(c)]);
    for (std::int64_t c = 0; c < std::ssize(answer.logits); ++c)
      if (row.reached({c, {}}) == wanted)
        sum += std::exp(answer.logits[static_cast<std::size_t>(c)] - most);
    return most + std::log(sum);
  };
  return log_sum(true) - log_sum(false);
}

/// Back into the ball. Of l0: too many values changed, one other than `last` is put back, at
/// random.
void keep_within(const Row& row, double eps, std::int64_t last, stats::Rng& rng,
                 std::span<double> x) {
  if (row.norm() != Norm::l0) {
    attack_geometry::project(row, eps, x);
    return;
  }
  attack_geometry::clip(row, x);
  std::vector<std::size_t> others;
  for (std::size_t i = 0; i < x.size(); ++i)
    if (x[i] != row.clean()[i] && std::cmp_not_equal(i, last)) others.push_back(i);
  if (static_cast<double>(others.size()) < eps) return;
  const std::size_t back = others[rng.below(others.size())];
  x[back] = row.clean()[back];
}

Task<> simba_task(Row& row, double eps, SimBaOptions options) {
  const Directions directions(row, options);
  const double step = options.step_size.value_or(directions.step(row, eps));
  std::vector<double> best = row.clean_point(), x, direction(row.size());
  const Answer& clean = co_await row.look(best);
  double margin = log_odds(row, clean);
  std::int64_t left = options.queries - 1;
  for (std::uint64_t round = 0; left > 0; ++round) {
    stats::Rng rng = row.rng("simba", round);
    const auto order = directions.order(rng, row.size());
    const std::int64_t before = left;
    for (std::size_t k = 0; k < order.size() && left > 0; ++k) {
      directions.write(order[k], direction);
      for (int turn = 0; turn < 2 && left > 0; ++turn) {
        const double side = turn == 0 ? 1 : -1;
        x = best;
        for (std::size_t i = 0; i < x.size(); ++i) x[i] += side * step * direction[i];
        keep_within(row, eps, order[k], rng, x);
        if (x == best) continue;  // at the bounds already: nothing to ask
        --left;
        const Answer& answer = co_await row.look(x);
        const double now = log_odds(row, answer);
        if (now <= margin) continue;
        margin = now;
        best.swap(x);
        break;
      }
    }
    if (left == before) co_return;  // nothing can move
  }
}

AttackMethod simba_of(const SimBaOptions& options) {
  return each_budget([options](Row& row, double eps) { return simba_task(row, eps, options); });
}

}  // namespace

Attack::Recipe recipe_of(const SimBaOptions& options) {
  if (options.basis == SimBaBasis::dct && options.threat.norm == Norm::l0)
    throw ValueError("SimBa", "basis='pixel' for the norm l0", "'dct', which changes every value",
                     "pass basis='pixel'");
  return black_box::recipe_of("SimBa", "simba", options, simba_of, Knowledge::scores, false);
}

}  // namespace leadline::detail::simba

namespace leadline::robustness {

SimBa::SimBa(const Options& options) : Attack(leadline::detail::simba::recipe_of(options)) {}

}  // namespace leadline::robustness

// Square attack: random search over windows of the input, guided by the scores alone.
#include "leadline/robustness/square.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "attack_basis.hpp"
#include "attack_methods.hpp"
#include "black_box_recipe.hpp"
#include "square_window.hpp"

namespace leadline::detail::attack_methods {

using namespace robustness;
using attack_basis::Planes;

namespace {

/// Share of the input that proposal number `at` (from 0) changes.
double window_share(std::int64_t at, const SquareOptions& options) {
  constexpr std::array<std::int64_t, 9> halvings{10, 50, 200, 500, 1000, 2000, 4000, 6000, 8000};
  if (options.rescale_schedule)
    at = static_cast<std::int64_t>(static_cast<double>(at) / static_cast<double>(options.queries) *
                                   10000);
  double share = options.first_share;
  for (const std::int64_t halving : halvings)
    if (at > halving) share /= 2;
  return share;
}

/// The score that is climbed; +-inf where there is none: every proposal is then taken, a walk at
/// random.
double value_of(const Row& row, const Objective& objective, const Answer& answer,
                std::vector<double>& scratch) {
  if (answer.logits.empty() || answer.label < 0) return row.margin(answer);
  scratch.resize(answer.logits.size());
  return objective(answer.logits, scratch);
}

Task<> square_task(Row& row, double eps, SquareOptions options) {
  const Objective objective = objective_of(row, options.loss);
  const Planes planes(row);
  std::vector<double> best, x, scratch;
  for (int restart = 0; restart < options.restarts; ++restart) {
    stats::Rng rng = row.rng("square", static_cast<std::uint64_t>(restart));
    best = row.clean_point();
    square_window::start(row, planes, eps, rng, best);
    const Answer& start = co_await row.look(best);
    double value = value_of(row, objective, start, scratch);
    for (std::int64_t proposal = 0; proposal + 1 < options.queries; ++proposal) {
      x = best;
      square_window::propose(row, planes, window_share(proposal, options), eps, rng, x);
      const Answer& answer = co_await row.look(x);
      const double now = value_of(row, objective, answer, scratch);
      if (now <= value && std::isfinite(value)) continue;
      value = now;
      best.swap(x);
    }
  }
}

AttackMethod square_of(const SquareOptions& options) {
  return each_budget([options](Row& row, double eps) { return square_task(row, eps, options); });
}

}  // namespace

AttackMethod square(int queries) { return square_of({.queries = queries}); }

Attack::Recipe recipe_of(const SquareOptions& options) {
  black_box::check_norm("Square", options.threat, {Norm::linf, Norm::l2, Norm::l1},
                        "use SimBa for the norm l0");
  auto recipe =
      black_box::recipe_of("Square", "square", options, square_of, Knowledge::labels, false);
  recipe.relative_cost *= options.restarts;
  recipe.climbs_dlr = options.loss == AttackLoss::dlr;
  recipe.stages.front().learn_samples = 1;
  recipe.stages.front().learn = [options](Model&, const Tensor&, OutputKind output, std::uint64_t) {
    LearnedMethod learned{.method = square_of(options)};
    if (output == OutputKind::labels)
      learned.note =
          "the model gives labels only: windows were drawn without a score to follow; an attack on "
          "decisions such as HopSkipJump finds more";
    return learned;
  };
  return recipe;
}

}  // namespace leadline::detail::attack_methods

namespace leadline::robustness {

Square::Square(const Options& options)
    : Attack(leadline::detail::attack_methods::recipe_of(options)) {}

}  // namespace leadline::robustness

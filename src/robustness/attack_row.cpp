#include "leadline/robustness/attack_row.hpp"

#include <algorithm>
#include <cmath>

#include "attack_geometry.hpp"

namespace leadline::robustness {

bool reaches(Goal goal, std::span<const std::int64_t> classes, const AttackRow& row,
             std::int64_t label) {
  switch (goal) {
    case Goal::untargeted:
      return label != row.label;
    case Goal::targeted:
      return label == row.target;
    case Goal::any_of:
      return label != row.label &&
             std::find(classes.begin(), classes.end(), label) != classes.end();
  }
  return false;
}

bool Row::reached(const Answer& answer) const {
  return reaches(goal_, classes_, what_, answer.label);
}

double Row::margin(const Answer& answer) const {
  constexpr double inf = std::numeric_limits<double>::infinity();
  if (answer.logits.empty() || answer.label < 0) return reached(answer) ? inf : -inf;
  double good = -inf, bad = -inf;  // best score that reaches the goal, best that does not
  for (std::int64_t c = 0; c < std::ssize(answer.logits); ++c) {
    double& side = reached({c, {}}) ? good : bad;
    side = std::max(side, answer.logits[static_cast<std::size_t>(c)]);
  }
  return good - bad;
}

double Row::distance(std::span<const double> x) const {
  return detail::attack_geometry::distance(*space_, norm_, x0_, x);
}

}  // namespace leadline::robustness

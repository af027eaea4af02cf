/// What an attack climbs.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <type_traits>

#include "leadline/robustness/attack_row.hpp"

namespace leadline::robustness {

enum class AttackLoss : std::uint8_t {
  cross_entropy,  // log loss of the label (of the target, negated, when targeted)
  margin,         // best other score minus the label's
  dlr             // margin over the spread of the scores (Croce and Hein 2020, arXiv:2003.01690)
};
constexpr std::array<std::string_view, 3> names_of(std::type_identity<AttackLoss>) {
  return {"cross_entropy", "margin", "dlr"};
}

/// The objective of a row: higher is nearer to its goal.
///
/// cross_entropy: the gradient is that of the log loss times a positive factor of the row,
///   1 / (1 - p(label)), so it does not vanish where float32 rounds the loss of a confident row to
///   zero. Neither a sign step nor a normalised step sees the factor.
/// dlr: (z_o - z_y) / (z_(1) - z_(3)), z_(k) the k-th largest, o the best other class; targeted
///   (z_t - z_y) / (z_(1) - (z_(3) + z_(4)) / 2). With fewer classes than it needs (3; 4 when
///   targeted) the margin is climbed instead: `uses_fallback` says so.
/// Goal any_of: log of the summed probability of the classes (cross_entropy), else their margin.
[[nodiscard]] LEADLINE_API Objective objective_of(const Row& row, AttackLoss loss);
[[nodiscard]] constexpr bool uses_fallback(AttackLoss loss, Goal goal, std::int64_t n_classes) {
  return loss == AttackLoss::dlr &&
         (goal == Goal::any_of || n_classes < (goal == Goal::targeted ? 4 : 3));
}
/// DLR of a row towards a class of its own choice, whatever the goal (Croce and Hein 2020).
[[nodiscard]] LEADLINE_API Objective targeted_dlr(std::int64_t label, std::int64_t target);
/// z_a - z_b.
[[nodiscard]] LEADLINE_API Objective score_difference(std::int64_t a, std::int64_t b);

}  // namespace leadline::robustness

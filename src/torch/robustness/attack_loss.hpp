/// What an attack climbs, one row at a time on the host.
#pragma once

#include <cstdint>

#include "leadline/torch/robustness/attack_loop.hpp"

namespace leadline::detail::attack_loss {

struct Judged {
  std::int64_t label = -1;  // argmax, first of ties; -1: some score is not finite
  double confidence = 0;    // probability of `label`
  double objective = 0;     // higher is nearer to success
  bool saturated = false;   // 1 - p(label of the row) is below half a float32 step
};

/// Scores z [k] of one row -> decision, and the direction dz [k] of steepest ascent of the
/// objective: its gradient times a positive factor of the row, which neither a sign step nor a
/// normalised step sees. k = 1 is a binary model: class 1 where the logit is above 0 (the
/// probability above 0.5).
[[nodiscard]] Judged judge(const double* z, std::int64_t k, const robustness::AttackRow& row,
                           const robustness::AttackPlan& plan, double* dz);

}  // namespace leadline::detail::attack_loss

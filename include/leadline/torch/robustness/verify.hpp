/// Checks adversarial examples from their stored copies, apart from the attack that made them.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "leadline/torch/robustness/attack_loop.hpp"

namespace leadline::robustness {

struct Verified {
  std::int64_t n = 0;
  std::int64_t too_far = 0;        // norm above eps * (1 + 1e-6)
  std::int64_t out_of_bounds = 0;  // by more than 1e-6 of the range
  std::int64_t not_fooled = 0;     // the model, run again on the copies, is right
  double worst_norm = 0;           // largest norm / eps
  [[nodiscard]] std::int64_t failed() const { return too_far + out_of_bounds + not_fooled; }
};

/// Recomputes in float64 the distance of `adversarial` [n, ...] to `original`, row by row against
/// `eps` [n], and runs the model again on the copies. A decision within 1e-5 (relative) of a tie
/// counts as fooled: another batch size may move it. Throws ShapeError on unequal shapes.
[[nodiscard]] LEADLINE_API Verified verify_examples(
    models::TorchModel& model, const AttackPlan& plan, std::span<const AttackRow> rows,
    std::span<const double> eps, const AttackInputs& original, const at::Tensor& adversarial);

}  // namespace leadline::robustness

/// Checks adversarial examples from their stored copies, apart from the attack that made them.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "leadline/robustness/attack_engine.hpp"

namespace leadline::robustness {

struct Verified {
  std::int64_t n = 0;
  std::int64_t too_far = 0;         // norm above eps * (1 + 1e-6)
  std::int64_t out_of_bounds = 0;   // by more than 1e-6 of the range
  std::int64_t not_fooled = 0;      // at least half of all runs on the copy do not reach the goal
  std::int64_t repeats = 0;         // further runs of each copy
  std::int64_t rounded_n = 0;       // copies that 8 bits can hold: [0, 1] or whole numbers to 255
  std::int64_t rounded_fooled = 0;  // that still fool when stored as bytes
  double worst_norm = 0;            // largest norm / eps
  std::vector<std::int64_t> repeats_fooled{};  // of `repeats`, that fooled it again [n]
  [[nodiscard]] std::int64_t failed() const { return too_far + out_of_bounds + not_fooled; }
};

/// Recomputes in float64 the distance of `adversarial` [n, ...] to `original`, row by row against
/// `eps` [n], and runs the model again on the copies: once, `repeats` further times (a model that
/// draws random numbers is not fooled for good by one success), and rounded to bytes where the
/// bounds are [0, 1]. A decision within 1e-5 (relative) of a tie counts as fooled: another batch
/// size may move it. In the norm spatial, whose size a picture does not show, each copy must be,
/// bit for bit, its original moved as `points` say. Throws ShapeError on unequal shapes.
[[nodiscard]] LEADLINE_API Verified
verify_examples(Model& model, const AttackPlan& plan, std::span<const AttackRow> rows,
                std::span<const double> eps, const Inputs& original, const Tensor& adversarial,
                int repeats = 0, std::span<const std::vector<double>> points = {});

}  // namespace leadline::robustness

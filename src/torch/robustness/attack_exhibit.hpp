/// One adversarial example for a person to look at.
#pragma once

#include "leadline/core/dataset.hpp"
#include "leadline/core/finding.hpp"
#include "leadline/torch/robustness/attack_loop.hpp"

namespace leadline::detail::attack_exhibit {

/// Pictures: original, changed, difference (middle grey: no change; scaled to its largest).
/// Other rows: the 24 fields changed most, "before -> after".
[[nodiscard]] Exhibit make(const Dataset& data, const robustness::AttackResult& result,
                           const at::Tensor& adversarial, double severity);

/// "%.*g".
[[nodiscard]] std::string digits(double value, int n = 3);

}  // namespace leadline::detail::attack_exhibit

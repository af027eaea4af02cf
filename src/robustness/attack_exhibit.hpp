// An adversarial example as a person sees it.
#pragma once

#include <string>
#include <utility>

#include "leadline/core/dataset.hpp"
#include "leadline/core/finding.hpp"
#include "leadline/robustness/attack_engine.hpp"

namespace leadline::detail::attack_exhibit {

/// `adversarial` [1, ...] beside its original: pictures with their difference, else the fields that
/// changed most.
[[nodiscard]] Exhibit make(const Dataset& data, const robustness::AttackResult& result,
                           const Tensor& adversarial, double severity);

/// A change of a value in pictures: "8 of 255 brightness steps".
[[nodiscard]] std::string brightness(double change, std::pair<double, double> bounds);

/// `value` with `n` significant digits.
[[nodiscard]] std::string digits(double value, int n = 3);

}  // namespace leadline::detail::attack_exhibit

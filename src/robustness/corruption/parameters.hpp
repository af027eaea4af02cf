// The published parameters of the corruptions.
#pragma once

#include "leadline/robustness/corruption.hpp"
#include "picture.hpp"

namespace leadline::detail::corruption {

/// At a severity in [1, 5], interpolated linearly between whole ones.
[[nodiscard]] Parameters parameters_at(robustness::Corruption kind, double severity,
                                       robustness::CorruptionTable compat);

}  // namespace leadline::detail::corruption

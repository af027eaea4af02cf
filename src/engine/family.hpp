/// Ten independent 5 % checks would call 40 % of good reports untrusted; this keeps it at 5 %.
#pragma once

#include <vector>

#include "leadline/core/finding.hpp"

namespace leadline::detail::engine {

inline constexpr double family_level = 0.05;

/// Holm over all checks that carry a p-value: a failed one whose adjusted p is above the level
/// passes, and says so. Checks without a p-value stay. Returns the number of checks with one.
std::size_t control_family(std::vector<Finding>& findings);

}  // namespace leadline::detail::engine

// What estimates and words of an attack's finding have in common.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "attack_run.hpp"

namespace leadline::detail::attack_run {

/// Counted samples for which `holds(record)`.
std::int64_t count_if(const Outcome& outcome, auto&& holds) {
  return std::count_if(outcome.counted.begin(), outcome.counted.end(),
                       [&](const Record* r) { return holds(*r); });
}
/// "images" or "samples".
[[nodiscard]] std::string thing(const Outcome& outcome);
/// "0.0314 at each value" or "0.5 in Euclidean length".
[[nodiscard]] std::string budget_words(const Outcome& outcome, double eps);
[[nodiscard]] std::vector<double> budgets_of(const Outcome& outcome);

/// attack_estimates.cpp
void add_estimates(const Outcome& outcome, Finding& finding);

}  // namespace leadline::detail::attack_run

/// From explained samples to a finding.
#pragma once

#include <map>

#include "attribution_run.hpp"
#include "leadline/core/exhibits.hpp"

namespace leadline::detail::attribution_run {

/// What is kept of one explained sample.
struct Record {
  double residual = 0, change = 0;  // of a complete method: sum of attributions - change; change
  double deletion_drop = 0, random_drop = 0;
  bool flat = false;  // attributions all zero, or not finite
};

[[nodiscard]] Finding write_finding(const Recipe& recipe, const std::map<SampleId, Record>& records,
                                    const Exhibits& exhibits, double level);

}  // namespace leadline::detail::attribution_run

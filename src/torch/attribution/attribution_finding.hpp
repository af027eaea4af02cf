/// From explained samples to a finding.
#pragma once

#include <map>

#include "attribution_run.hpp"
#include "leadline/core/exhibits.hpp"

namespace leadline::detail::attribution_run {

/// What is kept of one explained sample.
struct Record {
  double residual = 0, change = 0;  // of a complete method: sum of attributions - change; change
  double deletion_drop = 0, random_drop = 0;  // sizes, one part alone, where there is no sign
  bool flat = false;                          // attributions all zero, or not finite
};

/// How many of `width` input values the deletion test removes.
[[nodiscard]] std::int64_t parts_removed(const Recipe& recipe, std::int64_t width);

/// `width`: input values of a sample; 0 where none was explained.
[[nodiscard]] Finding write_finding(const Recipe& recipe, const std::map<SampleId, Record>& records,
                                    std::int64_t width, const Exhibits& exhibits, double level);

}  // namespace leadline::detail::attribution_run

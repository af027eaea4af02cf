// Decisions at thresholds: what choosing, judging and the curves share.
#pragma once

#include <string_view>
#include <vector>

#include "leadline/decisions/thresholds.hpp"

namespace leadline::detail::thresholds {

using decisions::OperatingPointOptions;
using decisions::Rule;
using decisions::Scored;

void check(std::string_view who, const Scored& samples, const OperatingPointOptions& options);

/// Decisions at one threshold.
struct Counts {
  std::int64_t hits = 0, misses = 0, false_alarms = 0, rejections = 0;
  [[nodiscard]] std::int64_t n() const { return hits + misses + false_alarms + rejections; }
  [[nodiscard]] double sensitivity() const {
    return static_cast<double>(hits) / static_cast<double>(hits + misses);
  }
  [[nodiscard]] double specificity() const {
    return static_cast<double>(rejections) / static_cast<double>(false_alarms + rejections);
  }
  [[nodiscard]] double cost(const OperatingPointOptions& options) const {
    return (options.false_alarm_cost * static_cast<double>(false_alarms) +
            options.miss_cost * static_cast<double>(misses)) /
           static_cast<double>(n());
  }
};
[[nodiscard]] Counts counts_at(const Scored& samples, double threshold);

struct Point {
  double threshold = 0;
  Counts counts;
};
/// Every distinct decision: act on nobody (+inf), then from each score on, descending.
[[nodiscard]] std::vector<Point> points_of(const Scored& samples);
/// The point that the rule names; ties go to the highest threshold.
[[nodiscard]] Point chosen(const std::vector<Point>& points, const OperatingPointOptions& options);
/// Mean cost of the decisions with its interval.
[[nodiscard]] Estimate cost_of(const Counts& counts, const OperatingPointOptions& options);

}  // namespace leadline::detail::thresholds

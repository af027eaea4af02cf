/// The paired bootstrap of a comparison: in each replicate both models are weighed alike, and the
/// weight of a sample depends on (seed, its id, the replicate) alone.
#pragma once

#include <functional>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include "engine/compare_pairs.hpp"

namespace leadline::detail::compare {

inline constexpr double undefined = std::numeric_limits<double>::quiet_NaN();

/// What a metric room would say, with a name and its values under weights.
struct Described {
  std::string name, label, unit;
  Better better = Better::higher;
};

/// Computes several metrics of one side under sample weights; empty weights: all 1. NaN where one
/// is undefined.
struct Kernel {
  std::vector<Described> metrics;
  std::function<std::vector<double>(const Side&, std::span<const double> weights)> compute;
};

/// Balanced accuracy and macro F1.
[[nodiscard]] Kernel class_kernel(const Pairs& pairs);
/// Expected calibration error over equal-width bins of confidence.
[[nodiscard]] Kernel calibration_kernel(const Pairs& pairs, std::int64_t bins);
/// Any metric, fed with the columns that are there. Throws CapabilityError naming a missing one.
[[nodiscard]] Kernel metric_kernel(const Pairs& pairs, std::shared_ptr<const Metric> metric);

/// One metric of both models, with replicates.
struct Drawn {
  Described about;
  double a = undefined, b = undefined;
  std::vector<double> draws_a, draws_b;  // [replicates]
};
[[nodiscard]] std::vector<Drawn> draw(const Pairs& pairs, const std::vector<Kernel>& kernels,
                                      const CompareOptions& options);

/// Row of the table: estimates and the p-value, from percentiles of the replicates.
struct Row {
  Described about;
  Estimate a, b, difference;
  std::optional<double> p_value;
  std::string test;
};
[[nodiscard]] Row row_of(const Drawn& drawn, std::int64_t n, double level);

/// Estimate whose interval is made to hold its value.
[[nodiscard]] Estimate estimate_around(double value, stats::Interval interval, std::int64_t n,
                                       std::string method, double level);

}  // namespace leadline::detail::compare

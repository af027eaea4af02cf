// What the ratio of one class and the average over classes are made of.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "leadline/metrics/class_ratio.hpp"
#include "leadline/metrics/label_tables.hpp"

namespace leadline::detail::class_ratio {
using metrics::Average;
using metrics::BinaryCells4;
using metrics::ClassRatio;
using metrics::ClassRatioRule;

inline constexpr double pseudo_errors = 0.5;  // a row, as in stats/delta.cpp

[[nodiscard]] bool occurs(const BinaryCells4& cells);
/// The least value of a ratio; the greatest is 1.
[[nodiscard]] double lowest(ClassRatio ratio);
[[nodiscard]] std::string_view why_undefined(ClassRatio ratio);

/// The cells [n_classes, n_classes] times `scale`, which makes weights an effective number of
/// samples.
[[nodiscard]] std::vector<double> scaled(const metrics::Confusion& confusion, double& scale);
/// Of k classes, each against the others.
[[nodiscard]] std::vector<BinaryCells4> against_rest(const std::vector<double>& cells,
                                                     std::size_t k);

/// What stands where there is no average to compute: no samples, no weight, one value a class asked
/// for, or the one of the class `positive`; nullopt: an average.
[[nodiscard]] std::optional<Estimate> without_average(
    const metrics::Confusion& confusion, Average average, std::int64_t positive,
    const std::function<std::vector<Estimate>()>& per_class);

/// `value` with the score interval of one whose variance is that of `soft_value`, where pseudo
/// errors keep it from 0; in [low, 1].
[[nodiscard]] Estimate interval_of(double value, double low, double soft_value,
                                   double soft_variance, double total, std::int64_t n, double level,
                                   std::string method);

}  // namespace leadline::detail::class_ratio

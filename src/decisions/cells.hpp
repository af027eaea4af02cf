// Means over the cells of a confusion matrix.
#pragma once

#include <span>
#include <string>

#include "leadline/metrics/confusion.hpp"
#include "leadline/metrics/mean_loss.hpp"

namespace leadline::detail::decisions_cells {

/// Mean of values[t, p] over the samples, between their least and largest.
[[nodiscard]] Estimate mean_over_cells(const metrics::Confusion& confusion,
                                       std::span<const double> values, std::int64_t n_classes,
                                       metrics::MeanInterval interval, double level);

/// Interval of a bounded mean from counts of its values: t, or Bernstein where there is no spread.
[[nodiscard]] Estimate bounded_mean(double mean, double m2, double n_effective, std::int64_t n,
                                    double low, double high, metrics::MeanInterval interval,
                                    double level);

}  // namespace leadline::detail::decisions_cells

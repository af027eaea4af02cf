/// Quantiles of a column with guarantees: exact, with intervals, and MLPerf's early stopping.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "leadline/config.hpp"
#include "leadline/stats/intervals.hpp"

namespace leadline::stats {

/// The quantile p in [0, 1] of `values`, interpolated as NumPy's default (Hyndman and Fan, type 7).
/// O(n), the input stays as it is. Throws ValueError when empty, on NaN or a p outside [0, 1].
[[nodiscard]] LEADLINE_API double quantile(std::span<const double> values, double p);

/// The quantile p of values with weights >= 0: where the share of the weight up to and with a value
/// first exceeds p; between two values where it is p at one of them, their mean (Hyndman and Fan,
/// type 2; scikit-learn's `averaged_inverted_cdf`). Throws ValueError on NaN, another length, or no
/// weight at all.
[[nodiscard]] LEADLINE_API double weighted_quantile(std::span<const double> values,
                                                    std::span<const double> weights, double p);

/// Several quantiles at once, in the order of `p`; one sort.
[[nodiscard]] LEADLINE_API std::vector<double> quantiles(std::span<const double> values,
                                                         std::span<const double> p);

/// Two order statistics, counted from 0, with exact coverage.
struct OrderRange {
  std::int64_t lower = 0;
  std::int64_t upper = 0;
  double coverage = 0.0;  // at least the level asked for
};

/// Which order statistics of n enclose the p-quantile with probability >= level whatever the
/// distribution (binomial, equal tails; David and Nagaraja 2003, 7.1). nullopt when n is too small:
/// the p = 0.99 quantile needs 368 values at level 0.95.
[[nodiscard]] LEADLINE_API std::optional<OrderRange> quantile_order_range(std::int64_t n, double p,
                                                                          double level = 0.95);

/// The interval of the p-quantile from those order statistics; nullopt when n is too small.
/// Throws as `quantile`, except that no value at all gives nullopt.
[[nodiscard]] LEADLINE_API std::optional<Interval> quantile_interval(std::span<const double> values,
                                                                     double p, double level = 0.95);

/// Fewest queries under the bound, among which `over` are beyond it, that show the p-percentile to
/// be under the bound with the given confidence: smallest h with I_p(h, over + 1) <= 1 - confidence
/// (MLPerf inference rules, appendix early stopping).
[[nodiscard]] LEADLINE_API std::int64_t early_stopping_needed(std::int64_t over, double p,
                                                              double confidence = 0.99);

/// A percentile that is not exceeded by the true one with the given confidence.
struct EarlyStopping {
  double value = 0.0;        // an upper confidence bound of the percentile, itself an observation
  std::int64_t dropped = 0;  // how many slower queries were set aside
};

/// MLPerf's early-stopping estimate: with t the largest number of over-latency queries that n
/// queries allow, the t-th slowest. nullopt when n is too small: p90 needs 64 queries, p99 662.
/// Throws ValueError on NaN, or p or confidence outside (0, 1).
[[nodiscard]] LEADLINE_API std::optional<EarlyStopping> early_stopping_percentile(
    std::span<const double> latencies, double p, double confidence = 0.99);

}  // namespace leadline::stats

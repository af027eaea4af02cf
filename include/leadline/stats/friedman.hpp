/// Many models on the same blocks (samples, or data sets): is any different, and which ones?
#pragma once

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "leadline/config.hpp"

namespace leadline::stats {

struct Friedman {
  std::vector<double> mean_ranks;  // [models]; 1 is best, ties share
  double statistic = 0;            // chi-square with models - 1 degrees of freedom
  double p_value = 1;
};

/// Friedman's test with the correction for ties (Friedman 1937; for zeros and ones it is Cochran's
/// Q). `values` row-major [blocks, models]; `higher_is_better` ranks the largest 1. p_value 1 when
/// every block is one tie. Throws ValueError on NaN or fewer than two models or one block,
/// ShapeError when values are not [blocks, models].
[[nodiscard]] LEADLINE_API Friedman friedman_test(std::span<const double> values,
                                                  std::int64_t models,
                                                  bool higher_is_better = true);

/// P(range of k independent standard normals <= q): the studentized range with infinite degrees of
/// freedom. Throws ValueError unless k >= 2 and q >= 0.
[[nodiscard]] LEADLINE_API double normal_range_cdf(double q, int k);
/// Its quantile; p in (0, 1).
[[nodiscard]] LEADLINE_API double normal_range_quantile(double p, int k);

/// Nemenyi's critical difference of mean ranks, q sqrt(k (k + 1) / (6 N)) with q from the range
/// (Demsar 2006, JMLR 7, sec. 3.2.2): two models differ when their mean ranks do by more. With ties
/// it is too large, that is, careful. 2.343, 2.728, 3.164 for 3, 5, 10 models at alpha 0.05.
[[nodiscard]] LEADLINE_API double nemenyi_critical_difference(std::int64_t models,
                                                              std::int64_t blocks,
                                                              double alpha = 0.05);

/// The p-value of two mean ranks under Nemenyi's test.
[[nodiscard]] LEADLINE_API double nemenyi_p_value(double rank1, double rank2, std::int64_t models,
                                                  std::int64_t blocks);

/// Runs of models, by ascending mean rank, that no difference above `critical` separates; only
/// those that no other contains. First and last place in the order, both included.
[[nodiscard]] LEADLINE_API std::vector<std::pair<std::int64_t, std::int64_t>> rank_cliques(
    std::span<const double> sorted_mean_ranks, double critical);

/// Kendall's tau-b of two columns, ties corrected, O(n^2): for rankings of models. NaN when a
/// column is constant. Throws ShapeError on other lengths, ValueError on NaN.
[[nodiscard]] LEADLINE_API double kendall_tau_b(std::span<const double> x,
                                                std::span<const double> y);

}  // namespace leadline::stats

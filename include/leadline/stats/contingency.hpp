/// Tests of counts: Fisher's exact test and chi-square.
#pragma once

#include <cstdint>
#include <span>

#include "leadline/config.hpp"
#include "leadline/stats/test_result.hpp"

namespace leadline::stats {

/// Fisher's exact test of a two-by-two table [[a, b], [c, d]] given its margins. Two-sided: the
/// summed probability of every table no more likely (as R and scipy.stats.fisher_exact); greater:
/// the first cell is larger than independence has it. Statistic: the first cell. Undefined when a
/// margin is 0: only one table is possible. Throws ValueError on a negative count.
[[nodiscard]] LEADLINE_API TestResult
fisher_exact_test(std::int64_t a, std::int64_t b, std::int64_t c, std::int64_t d,
                  Alternative alternative = Alternative::two_sided);

/// A chi-square test with what its validity hangs on.
struct ChiSquareResult : TestResult {
  double least_expected = 0.0;  // smallest expected count; below 5 the p-value is rough (Cochran)
};

/// Pearson's test that rows and columns of a table of counts, row-major [rows * columns], are
/// independent. Rows and columns without a count are left out. `continuity`: Yates' correction of
/// two-by-two tables. Undefined when fewer than two rows or columns are left.
/// Throws ValueError on a negative count, ShapeError unless there are rows * columns counts.
[[nodiscard]] LEADLINE_API ChiSquareResult chi_square_test(std::span<const std::int64_t> counts,
                                                           std::int64_t rows, std::int64_t columns,
                                                           bool continuity = true);

/// Pearson's test that counts follow the given shares (scaled to sum to 1); none given: all equal.
/// `estimated`: how many parameters of the shares were fitted to the same counts. Undefined without
/// a count. Throws ValueError on a negative count, a share that is not positive, or no degree of
/// freedom.
[[nodiscard]] LEADLINE_API ChiSquareResult
chi_square_goodness_test(std::span<const std::int64_t> counts, std::span<const double> shares = {},
                         std::int64_t estimated = 0);

}  // namespace leadline::stats

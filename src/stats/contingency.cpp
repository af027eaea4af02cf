#include "leadline/stats/contingency.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "leadline/stats/distributions.hpp"
#include "stats/arguments.hpp"

namespace leadline::stats {
namespace detail::contingency {

void check_counts(const char* where, std::span<const std::int64_t> counts) {
  for (const auto n : counts)
    if (n < 0) throw ValueError(where, "counts >= 0", std::to_string(n), "pass counts");
}

/// Probabilities of the first cell given the margins, up to a factor: 1 at the mode, from there by
/// the ratio of neighbours until they vanish. No special function, no cancellation.
struct FirstCell {
  std::int64_t first = 0;
  std::vector<double> weights;

  FirstCell(std::int64_t row, std::int64_t column, std::int64_t n) {
    const std::int64_t low = std::max<std::int64_t>(0, row + column - n);
    const std::int64_t high = std::min(row, column);
    const auto centre = std::clamp(static_cast<std::int64_t>((static_cast<double>(row) + 1.0) *
                                                             (static_cast<double>(column) + 1.0) /
                                                             (static_cast<double>(n) + 2.0)),
                                   low, high);
    // P(x + 1) / P(x)
    const auto ratio = [&](std::int64_t x) {
      return static_cast<double>(row - x) * static_cast<double>(column - x) /
             (static_cast<double>(x + 1) * static_cast<double>(n - row - column + x + 1));
    };
    std::vector<double> below;
    double weight = 1.0;
    for (auto x = centre; x > low && weight > 0.0; --x) below.push_back(weight /= ratio(x - 1));
    first = centre - static_cast<std::int64_t>(below.size());
    weights.assign(below.rbegin(), below.rend());
    weights.push_back(weight = 1.0);
    for (auto x = centre; x < high && weight > 0.0; ++x) weights.push_back(weight *= ratio(x));
  }
};

ChiSquareResult finish(ChiSquareResult result) {
  result.p_value = chi_square_sf(result.statistic, result.df);
  return result;
}

}  // namespace detail::contingency

TestResult fisher_exact_test(std::int64_t a, std::int64_t b, std::int64_t c, std::int64_t d,
                             Alternative alternative) {
  namespace k = detail::contingency;
  k::check_counts("fisher_exact_test", std::array{a, b, c, d});
  TestResult result;
  result.n = a + b + c + d;
  result.statistic = static_cast<double>(a);
  result.method = "exact";
  if (result.n > std::numeric_limits<std::int32_t>::max())
    throw ValueError("fisher_exact_test", "at most 2^31 - 1 samples", std::to_string(result.n),
                     "use chi_square_test");
  if (a + b == 0 || c + d == 0 || a + c == 0 || b + d == 0) {
    result.why = "a row or column has no count";
    return result;
  }
  const k::FirstCell law(a + b, a + c, result.n);
  const auto at = [&](std::int64_t x) {
    const auto i = x - law.first;
    return i < 0 || i >= static_cast<std::int64_t>(law.weights.size())
               ? 0.0
               : law.weights[static_cast<std::size_t>(i)];
  };
  const double limit = at(a) * (1.0 + 1e-7);  // equal up to rounding
  double total = 0.0, extreme = 0.0;
  for (std::size_t i = 0; i < law.weights.size(); ++i) {
    const auto x = law.first + static_cast<std::int64_t>(i);
    const double weight = law.weights[i];
    total += weight;
    const bool counts = alternative == Alternative::less      ? x <= a
                        : alternative == Alternative::greater ? x >= a
                                                              : weight <= limit;
    if (counts) extreme += weight;
  }
  result.p_value = std::min(1.0, extreme / total);
  return result;
}

ChiSquareResult chi_square_test(std::span<const std::int64_t> counts, std::int64_t rows,
                                std::int64_t columns, bool continuity) {
  namespace k = detail::contingency;
  if (rows < 1 || columns < 1 || static_cast<std::int64_t>(counts.size()) != rows * columns)
    throw ShapeError("chi_square_test", "rows * columns counts",
                     std::to_string(counts.size()) + " for " + std::to_string(rows) + " x " +
                         std::to_string(columns),
                     "pass the table row by row");
  k::check_counts("chi_square_test", counts);
  std::vector<double> row_sums(static_cast<std::size_t>(rows));
  std::vector<double> column_sums(static_cast<std::size_t>(columns));
  ChiSquareResult result;
  result.method = "pearson";
  for (std::size_t i = 0; i < counts.size(); ++i) {
    row_sums[i / column_sums.size()] += static_cast<double>(counts[i]);
    column_sums[i % column_sums.size()] += static_cast<double>(counts[i]);
    result.n += counts[i];
  }
  const auto used = [](const std::vector<double>& sums) {
    return std::count_if(sums.begin(), sums.end(), [](double s) { return s > 0.0; });
  };
  const auto r = used(row_sums), c = used(column_sums);
  if (r < 2 || c < 2) {
    result.why = "fewer than two rows or columns have a count";
    return result;
  }
  const bool yates = continuity && r == 2 && c == 2;
  if (yates) result.method = "yates";
  result.df = static_cast<double>((r - 1) * (c - 1));
  result.least_expected = std::numeric_limits<double>::infinity();
  for (std::size_t i = 0; i < counts.size(); ++i) {
    const double expected = row_sums[i / column_sums.size()] * column_sums[i % column_sums.size()] /
                            static_cast<double>(result.n);
    if (expected == 0.0) continue;
    result.least_expected = std::min(result.least_expected, expected);
    double gap = std::abs(static_cast<double>(counts[i]) - expected);
    if (yates) gap -= std::min(0.5, gap);
    result.statistic += gap * gap / expected;
  }
  return k::finish(result);
}

ChiSquareResult chi_square_goodness_test(std::span<const std::int64_t> counts,
                                         std::span<const double> shares, std::int64_t estimated) {
  namespace k = detail::contingency;
  k::check_counts("chi_square_goodness_test", counts);
  if (!shares.empty() && shares.size() != counts.size())
    throw ShapeError("chi_square_goodness_test", std::to_string(counts.size()) + " shares",
                     std::to_string(shares.size()), "pass one a count, or none");
  double whole = 0.0;
  for (const double s : shares) {
    if (!(s > 0.0 && std::isfinite(s)))
      throw ValueError("chi_square_goodness_test", "shares > 0", std::to_string(s),
                       "leave out what cannot happen, or join it to another");
    whole += s;
  }
  ChiSquareResult result;
  result.method = "pearson";
  result.df = static_cast<double>(counts.size()) - 1.0 - static_cast<double>(estimated);
  if (estimated < 0 || result.df < 1.0)
    throw ValueError(
        "chi_square_goodness_test", "at least one degree of freedom",
        std::to_string(counts.size()) + " counts and " + std::to_string(estimated) + " estimated",
        "use more categories");
  for (const auto n : counts) result.n += n;
  if (result.n == 0) {
    result.why = "no sample";
    return result;
  }
  result.least_expected = std::numeric_limits<double>::infinity();
  for (std::size_t i = 0; i < counts.size(); ++i) {
    const double share =
        shares.empty() ? 1.0 / static_cast<double>(counts.size()) : shares[i] / whole;
    const double expected = share * static_cast<double>(result.n);
    const double gap = static_cast<double>(counts[i]) - expected;
    result.least_expected = std::min(result.least_expected, expected);
    result.statistic += gap * gap / expected;
  }
  return k::finish(result);
}

}  // namespace leadline::stats

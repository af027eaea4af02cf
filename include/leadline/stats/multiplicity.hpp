/// Many tests at once: adjusted p-values and e-values. Each function returns, in the order given,
/// numbers to compare with the error rate: reject where the adjusted value is at most it.
#pragma once

#include <span>
#include <vector>

#include "leadline/config.hpp"

namespace leadline::stats {

/// Holm's adjusted p-values: rejecting those <= a keeps the chance of any false rejection below a,
/// however the tests depend on each other (Holm 1979). Throws ValueError on a p outside [0, 1].
[[nodiscard]] LEADLINE_API std::vector<double> holm(std::span<const double> p);

/// Benjamini and Hochberg's adjusted p-values: rejecting those <= q keeps the expected share of
/// false rejections below q (independent or positively dependent tests; 1995).
[[nodiscard]] LEADLINE_API std::vector<double> benjamini_hochberg(std::span<const double> p);

/// Benjamini and Yekutieli's: the same under any dependence, at the price of sum 1/i (2001).
[[nodiscard]] LEADLINE_API std::vector<double> benjamini_yekutieli(std::span<const double> p);

/// e-BH (Wang and Ramdas 2022): the expected share of false rejections below q from e-values, under
/// any dependence. The adjusted value of an e-value is min over ranks j at or below it of
/// m / (j e_(j)), at most 1. Throws ValueError on an e-value that is negative or NaN.
[[nodiscard]] LEADLINE_API std::vector<double> e_benjamini_hochberg(std::span<const double> e);

}  // namespace leadline::stats

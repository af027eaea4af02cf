/// Student's t: one mean, paired differences, two means, from mergeable moments.
#pragma once

#include <cstdint>
#include <optional>

#include "leadline/config.hpp"
#include "leadline/stats/intervals.hpp"
#include "leadline/stats/moments.hpp"
#include "leadline/stats/test_result.hpp"

namespace leadline::stats {

/// Test that the mean of a column is `mean`; of the differences of two paired columns: the paired
/// t test. Undefined with fewer than two values or no spread.
/// Throws ValueError when the moments or `mean` are not finite.
[[nodiscard]] LEADLINE_API TestResult t_test(const Moments& sample, double mean = 0.0,
                                             Alternative alternative = Alternative::two_sided);

enum class Variances : std::uint8_t {
  unequal,  // Welch 1947, Satterthwaite's degrees of freedom: the default
  equal,    // Student 1908, pooled
};
[[nodiscard]] constexpr auto names_of(std::type_identity<Variances>) {
  return std::array<std::string_view, 2>{"unequal", "equal"};
}

/// Test that two independent columns have the same mean; `greater`: that of the first is larger.
/// Undefined with fewer than two values on a side or no spread on either.
[[nodiscard]] LEADLINE_API TestResult t_test(const Moments& first, const Moments& second,
                                             Variances variances = Variances::unequal,
                                             Alternative alternative = Alternative::two_sided);

/// Welch's interval of mean(first) - mean(second); nullopt where the test is undefined.
[[nodiscard]] LEADLINE_API std::optional<Interval> mean_difference_interval(const Moments& first,
                                                                            const Moments& second,
                                                                            double level = 0.95);

}  // namespace leadline::stats

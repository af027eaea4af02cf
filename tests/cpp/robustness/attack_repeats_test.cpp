// The accuracy to expect of a model that draws random numbers, from stored examples run again.
#include "src/robustness/attack_repeats.hpp"

#include <cmath>

#include "catch.hpp"

namespace repeats_test {
using leadline::detail::attack_repeats::expected_accuracy;
using leadline::detail::attack_repeats::repeated_success;
using leadline::detail::attack_repeats::Repeats;
}  // namespace repeats_test

TEST_CASE("the expected accuracy is the mean over samples and runs", "[robustness][repeats]") {
  // Ten samples: one misread, five left standing, four misled, which mislead again in 9, 6, 3 and 0
  // of nine runs. Correct shares: 0, five times 1, 0, 1/3, 2/3, 1.
  const repeats_test::Repeats repeats{4, 9, 18, 81 + 36 + 9};
  CHECK_FALSE(repeats.all());
  const auto expected = repeats_test::expected_accuracy(repeats, 10, 9, 4, 0.95);
  CHECK_THAT(expected.value(), WithinAbs(0.7, 1e-12));
  // Student's t, 9 degrees of freedom: 0.7 +- 2.262157 * sd / sqrt(10), sd^2 = (59 / 9 - 4.9) / 9.
  const double half = 2.2621571627982055 * std::sqrt((59.0 / 9 - 4.9) / 9 / 10);
  CHECK_THAT(*expected.lower, WithinAbs(0.7 - half, 1e-9));
  CHECK(0.7 + half > 1);
  CHECK(*expected.upper == 1.0);  // cut
  CHECK_THAT(repeats_test::repeated_success(repeats, 0.95).value(), WithinAbs(0.5, 1e-12));
}

TEST_CASE("fewer examples run again than misled widen the interval and keep the mean",
          "[robustness][repeats]") {
  const repeats_test::Repeats all{40, 9, 180, 40 * 36}, few{4, 9, 18, 4 * 36};
  const auto known = repeats_test::expected_accuracy(all, 100, 90, 40, 0.95);
  const auto guessed = repeats_test::expected_accuracy(few, 100, 90, 40, 0.95);
  CHECK_THAT(guessed.value(), WithinAbs(known.value(), 1e-12));
  CHECK(*guessed.upper - *guessed.lower > 1.2 * (*known.upper - *known.lower));
}

#include <array>
#include <cmath>
#include <string>

#include "leadline/core/error.hpp"
#include "leadline/stats/random.hpp"
#include "stats/portable_math.hpp"

namespace leadline::stats {
namespace detail::binomial {

using random::log_positive;

/// The part of log(k!) that Stirling's formula leaves: table and series of Hoermann (1993).
double stirling_rest(double k) {
  constexpr std::array<double, 10> table{
      0.08106146679532726,  0.04134069595540929, 0.02767792568499834, 0.02079067210376509,
      0.01664469118982119,  0.01387612882307075, 0.01189670994589177, 0.01041126526197209,
      0.009255462182712733, 0.008330563433362871};
  if (k < 10) return table[static_cast<std::size_t>(k)];
  const double inverse = 1.0 / (k + 1.0);
  const double square = inverse * inverse;
  return (1.0 / 12.0 - (1.0 / 360.0 - square / 1260.0) * square) * inverse;
}

/// Counts successes by jumping from one to the next; n p < 10.
std::int64_t binomial_by_gaps(Rng& rng, std::int64_t n, double p) {
  const double log_q = p < 1e-8 ? -p * (1.0 + 0.5 * p) : log_positive(1.0 - p);
  std::int64_t successes = -1;
  double position = 0.0;
  do {
    position += std::floor(log_positive(1.0 - rng.uniform()) / log_q) + 1.0;
    ++successes;
  } while (position <= static_cast<double>(n));
  return successes;
}

/// Transformed rejection with squeeze, algorithm BTRS of Hoermann (1993); p <= 1/2, n p >= 10.
std::int64_t binomial_by_rejection(Rng& rng, double n, double p) {
  const double spread = std::sqrt(n * p * (1.0 - p));
  const double b = 1.15 + 2.53 * spread;
  const double a = -0.0873 + 0.0248 * b + 0.01 * p;
  const double centre = n * p + 0.5;
  const double squeeze = 0.92 - 4.2 / b;
  const double odds = p / (1.0 - p);
  const double alpha = (2.83 + 5.1 / b) * spread;
  const double mode = std::floor((n + 1.0) * p);
  for (;;) {
    const double u = rng.uniform() - 0.5;
    const double v = 1.0 - rng.uniform();
    const double us = 0.5 - std::abs(u);
    if (us <= 0.0) continue;
    const double k = std::floor((2.0 * a / us + b) * u + centre);
    if (us >= 0.07 && v <= squeeze) return static_cast<std::int64_t>(k);
    if (k < 0.0 || k > n) continue;
    const double height = log_positive(v * alpha / (a / (us * us) + b));
    const double bound = (mode + 0.5) * log_positive((mode + 1.0) / (odds * (n - mode + 1.0))) +
                         (n + 1.0) * log_positive((n - mode + 1.0) / (n - k + 1.0)) +
                         (k + 0.5) * log_positive(odds * (n - k + 1.0) / (k + 1.0)) +
                         stirling_rest(mode) + stirling_rest(n - mode) - stirling_rest(k) -
                         stirling_rest(n - k);
    if (height <= bound) return static_cast<std::int64_t>(k);
  }
}

}  // namespace detail::binomial

std::int64_t Rng::binomial(std::int64_t n, double p) {
  if (n < 0 || !(p >= 0.0 && p <= 1.0))
    throw ValueError("Rng.binomial", "n >= 0 and p in [0, 1]",
                     "n " + std::to_string(n) + ", p " + std::to_string(p),
                     "pass a count and a probability");
  if (n == 0 || p == 0.0) return 0;
  if (p > 0.5) return n - binomial(n, 1.0 - p);
  const auto trials = static_cast<double>(n);
  if (trials * p < 10.0) return detail::binomial::binomial_by_gaps(*this, n, p);
  return detail::binomial::binomial_by_rejection(*this, trials, p);
}

}  // namespace leadline::stats

#include "attack_repeats.hpp"

#include <algorithm>

#include "leadline/stats/intervals.hpp"

namespace leadline::detail::attack_repeats {

double Repeats::share() const {
  return static_cast<double>(fooled) / static_cast<double>(runs * n);
}
double Repeats::mean_square() const {
  return static_cast<double>(square) / static_cast<double>(runs * runs * n);
}

Estimate repeated_success(const Repeats& repeats, double level) {
  const auto n = static_cast<double>(repeats.n);
  const auto range = stats::proportion_interval(repeats.share() * n, n, level);
  return Estimate::with(repeats.share(), range.lower, range.upper, repeats.n,
                        "wilson (each example counts once)", level);
}

Estimate expected_accuracy(const Repeats& repeats, std::int64_t samples, std::int64_t right,
                           std::int64_t fooled, double level) {
  const double share = repeats.share(), square = repeats.mean_square();
  const auto size = static_cast<double>(samples), misled = static_cast<double>(fooled);
  const auto seen = static_cast<double>(repeats.n);
  stats::Moments accuracy;  // of the share of runs that read a sample correctly
  accuracy.n = samples;
  accuracy.mean = (static_cast<double>(right) - misled * share) / size;
  accuracy.m2 = static_cast<double>(right) - misled * (2 * share - square) -
                size * accuracy.mean * accuracy.mean;
  // The share is known from the examples run again only.
  const double unseen =
      misled * misled * (square - share * share) / seen * (1 - std::min(1.0, seen / misled));
  accuracy.m2 += unseen * (size - 1) / size;
  const auto interval = stats::mean_interval_t(accuracy, level);
  return interval ? Estimate::with(accuracy.mean, std::max(0.0, interval->lower),
                                   std::min(1.0, interval->upper), samples, "t", level)
                  : Estimate::of(accuracy.mean, samples, "one sample");
}

}  // namespace leadline::detail::attack_repeats

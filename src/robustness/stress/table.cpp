#include <cmath>

#include "kinds.hpp"

namespace leadline::detail::stress {
namespace {

void unit_error(double severity, const Sample& row, stats::Rng& rng) {
  if (!rng.bernoulli(0.1 * severity)) return;
  static constexpr std::array<double, 6> factors{1e-3, 1e-2, 0.1, 10, 100, 1000};
  double& value = row.values[rng.below(row.columns)];
  value *= factors[rng.below(factors.size())];
}

void swap_columns(double severity, const Sample& row, stats::Rng& rng) {
  if (row.columns < 2 || !rng.bernoulli(0.1 * severity)) return;
  const std::size_t a = rng.below(row.columns);
  std::size_t b = rng.below(row.columns - 1);
  b += b >= a;
  std::swap(row.values[a], row.values[b]);
}

/// Holds the last value before a stretch; a stretch at the start holds the first value.
void drop_out(double severity, const Sample& series, stats::Rng& rng) {
  const auto length =
      static_cast<std::size_t>(std::lround(0.05 * severity * static_cast<double>(series.steps)));
  if (length == 0 || length >= series.steps) return;
  const std::size_t first = rng.below(series.steps - length + 1);
  for (std::size_t t = first; t < first + length; ++t)
    for (std::size_t c = 0; c < series.columns; ++c)
      series.at(t, c) = series.at(first == 0 ? 0 : first - 1, c);
}

void drift(double severity, const Sample& series) {
  const std::vector<double> before(series.values.begin(), series.values.end());
  const double rate = 1 + 0.02 * severity;
  for (std::size_t t = 0; t < series.steps; ++t) {
    const double time =
        std::min(static_cast<double>(t) * rate, static_cast<double>(series.steps - 1));
    const auto low = static_cast<std::size_t>(time);
    const std::size_t high = std::min(low + 1, series.steps - 1);
    const double weight = time - static_cast<double>(low);
    for (std::size_t c = 0; c < series.columns; ++c) {
      const double start = before[low * series.columns + c];
      series.at(t, c) = start + weight * (before[high * series.columns + c] - start);
    }
  }
}

}  // namespace

void change_sample(robustness::StressKind kind, double severity, const Sample& sample,
                   stats::Rng& rng, std::uint64_t common) {
  using robustness::StressKind;
  const auto each = [&](auto&& change) {
    for (std::size_t i = 0; i < sample.values.size(); ++i)
      change(sample.values[i], i % sample.columns);
  };
  switch (kind) {
    case StressKind::missing_values:
      return each([&](double& value, std::size_t c) {
        if (rng.bernoulli(0.05 * severity)) value = sample.means[c];
      });
    case StressKind::unit_errors:
      return unit_error(severity, sample, rng);
    case StressKind::shift:
      return each([&](double& value, std::size_t c) {
        const bool up = stats::mix64(common, c) & 1U;
        value += (up ? 0.1 : -0.1) * severity * sample.spreads[c];
      });
    case StressKind::outliers:
      return each([&](double& value, std::size_t c) {
        if (rng.bernoulli(0.01 * severity))
          value = sample.means[c] + (rng.bernoulli(0.5) ? 6 : -6) * sample.spreads[c];
      });
    case StressKind::swapped_columns:
      return swap_columns(severity, sample, rng);
    case StressKind::dropouts:
      return drop_out(severity, sample, rng);
    case StressKind::noise:
      return each([&](double& value, std::size_t c) {
        value += 0.1 * severity * sample.spreads[c] * rng.normal();
      });
    case StressKind::clock_drift:
      return drift(severity, sample);
    default:
      return;
  }
}

}  // namespace leadline::detail::stress

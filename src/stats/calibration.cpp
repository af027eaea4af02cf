#include "leadline/stats/calibration.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <string>
#include <vector>

#include "leadline/core/error.hpp"
#include "leadline/stats/distributions.hpp"

namespace leadline::stats {
namespace detail::calibration {

// Pulls the variance of a bin towards that of a calibrated one: bins of few samples show none.
constexpr double pseudo_samples = 4.0;

struct Cell {
  double share;  // of the samples
  double gap;    // |confidence - correct| / n
  double error;  // standard error of the gap
};

std::vector<Cell> cells_of(std::span<const CalibrationBin> bins) {
  double n = 0.0;
  for (const auto& b : bins) {
    const bool fine = std::isfinite(b.n) && b.n >= 0.0 && b.confidence >= 0.0 &&
                      b.confidence <= b.n * (1.0 + 1e-9) && b.correct >= 0.0 &&
                      b.correct <= b.n * (1.0 + 1e-9);
    if (!fine)
      throw ValueError("calibration_error", "bins with 0 <= confidence, correct <= n",
                       "n " + std::to_string(b.n) + ", confidence " + std::to_string(b.confidence) +
                           ", correct " + std::to_string(b.correct),
                       "pass sums of probabilities and of hits");
    n += b.n;
  }
  if (n <= 0.0)
    throw ValueError("calibration_error", "at least one sample", "none",
                     "check that anything was measured");
  std::vector<Cell> cells;
  for (const auto& b : bins) {
    if (b.n <= 0.0) continue;
    const double rate = std::clamp(
        (b.correct + pseudo_samples * b.confidence / b.n) / (b.n + pseudo_samples), 0.0, 1.0);
    const double error = std::sqrt(b.n * rate * (1.0 - rate)) / n;
    cells.push_back({b.n / n, std::abs(b.confidence - b.correct) / n, std::max(error, 1e-15)});
  }
  return cells;
}

/// The z-quantile of the plugin value when the true gaps are ece * weight.
double plugin_quantile(const std::vector<Cell>& cells, const std::vector<double>& weight,
                       double ece, double z, double n) {
  double mean = 0.0, variance = 0.0, third = 0.0, between = 0.0;
  for (std::size_t b = 0; b < cells.size(); ++b) {
    const double d = ece * weight[b], s = cells[b].error, a = d / s;
    const double density = s * std::sqrt(2.0 / std::numbers::pi) * std::exp(-0.5 * a * a);
    const double sign = std::erf(a / std::numbers::sqrt2);
    const double m = density + d * sign;  // moments of |N(d, s^2)|
    const double square = d * d + s * s;
    const double cube = (d * d + 2.0 * s * s) * density + d * (d * d + 3.0 * s * s) * sign;
    mean += m;
    variance += square - m * m;
    third += cube - 3.0 * m * square + 2.0 * m * m * m;
    between += d * d / cells[b].share;
  }
  variance += std::max(0.0, between - ece * ece) / n;  // the bins' sizes vary too
  const double deviation = std::sqrt(std::max(variance, 1e-300));
  const double skewness = third / (deviation * deviation * deviation);
  return mean + deviation * (z + (z * z - 1.0) * skewness / 6.0);
}

/// The ECE at which `plugin` is the z-quantile; 0 when it is below that already at ECE 0.
double invert(const std::vector<Cell>& cells, std::vector<double> weight, double plugin, double z,
              double n) {
  double total = 0.0;
  for (const double w : weight) total += w;
  if (total <= 0.0) return 0.0;
  for (double& w : weight) w /= total;
  if (plugin_quantile(cells, weight, 0.0, z, n) >= plugin) return 0.0;
  double low = 0.0, high = 1.0;
  for (int step = 0; step < 50; ++step) {
    const double middle = 0.5 * (low + high);
    (plugin_quantile(cells, weight, middle, z, n) < plugin ? low : high) = middle;
  }
  return 0.5 * (low + high);
}

}  // namespace detail::calibration

CalibrationError calibration_error(std::span<const CalibrationBin> bins, double level) {
  namespace d = detail::calibration;
  const double z = normal_two_sided(level);
  const auto cells = d::cells_of(bins);
  double n = 0.0;
  for (const auto& b : bins) n += b.n;
  CalibrationError result;
  std::vector<double> seen, flat, clear;
  for (const auto& cell : cells) {
    result.plugin += cell.gap;
    seen.push_back(cell.gap);
    flat.push_back(cell.share);
    clear.push_back(cell.gap > 2.0 * cell.error ? cell.gap : 0.0);
  }
  const double t = result.plugin;
  const bool any_clear = std::any_of(clear.begin(), clear.end(), [](double g) { return g > 0.0; });
  result.corrected = d::invert(cells, seen, t, 0.0, n);
  result.interval.lower =
      std::min(d::invert(cells, seen, t, z, n), d::invert(cells, flat, t, z, n));
  if (any_clear)
    result.interval.lower = std::min(result.interval.lower, d::invert(cells, clear, t, z, n));
  result.interval.upper = std::max(
      {d::invert(cells, seen, t, -z, n), d::invert(cells, flat, t, -z, n), t, result.corrected});
  return result;
}

}  // namespace leadline::stats

/// Sums and moments that merge: of one column, in constant memory, in any order.
#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <span>

#include "leadline/config.hpp"

namespace leadline::stats {

/// Compensated sum (Neumaier 1974): error about 1 ulp of the sum of |x|, whatever n.
/// Merging agrees with adding in any order to about 1e-15 relative, not bit for bit: for bounded
/// columns use `FixedSum`. Infinities and NaN pass through to value().
class NeumaierSum {
 public:
  void add(double x) noexcept {
    const double next = sum_ + x;
    const bool sum_is_larger = (sum_ < 0 ? -sum_ : sum_) >= (x < 0 ? -x : x);
    rest_ += sum_is_larger ? (sum_ - next) + x : (x - next) + sum_;
    sum_ = next;
  }
  void merge(const NeumaierSum& other) noexcept {
    add(other.sum_);
    rest_ += other.rest_;
  }
  [[nodiscard]] double value() const noexcept {
    const double total = sum_ + rest_;
    return total == total ? total : sum_;  // an infinite sum leaves a NaN rest
  }

 private:
  double sum_ = 0.0, rest_ = 0.0;
};

/// Exact sum of a bounded column: 128-bit fixed point in units of 2^-60.
///
/// Each x is rounded once to the nearest 2^-60 (so |error| <= n * 2^-61); from there on integers
/// add, so that any order, any sharding and any merge give the same bits, in 16 bytes.
/// Range: |x| and the sum below 2^66 (7.4e19).
class LEADLINE_API FixedSum {
 public:
  FixedSum() = default;

  /// Throws ValueError when x is not finite or beyond the range, or the sum leaves it.
  void add(double x);
  /// Adds a whole column; about 3 ns a value.
  void add(std::span<const double> column);
  /// Throws ValueError when the sum leaves its range.
  void merge(const FixedSum& other);

  /// The sum rounded once to double.
  [[nodiscard]] double value() const noexcept;

  /// {high, low} words of the two's complement; `load(save())` is the same sum.
  [[nodiscard]] std::array<std::int64_t, 2> save() const noexcept;
  static FixedSum load(const std::array<std::int64_t, 2>& words) noexcept;

  friend bool operator==(const FixedSum&, const FixedSum&) = default;

 private:
  std::int64_t high_ = 0;
  std::uint64_t low_ = 0;
};

/// Count, mean, spread and range of one column (Welford 1962; merge: Chan et al. 1979).
///
/// Order changes the result in the last bits only (1e-15 relative for well-scaled columns).
/// NaN poisons mean and m2; the caller checks its column at the border.
struct Moments {
  std::int64_t n = 0;
  double mean = 0.0;
  double m2 = 0.0;  // sum of squared distances from the mean
  double min = std::numeric_limits<double>::infinity();
  double max = -std::numeric_limits<double>::infinity();

  void add(double x) noexcept {
    ++n;
    const double delta = x - mean;
    mean += delta / static_cast<double>(n);
    m2 += delta * (x - mean);
    if (x < min) min = x;
    if (x > max) max = x;
  }
  void add(std::span<const double> column) noexcept {
    for (const double x : column) add(x);
  }
  void merge(const Moments& other) noexcept {
    if (other.n == 0) return;
    if (n == 0) {
      *this = other;
      return;
    }
    const auto a = static_cast<double>(n), b = static_cast<double>(other.n);
    const double delta = other.mean - mean;
    mean += delta * (b / (a + b));
    m2 += other.m2 + delta * delta * (a * b / (a + b));
    n += other.n;
    if (other.min < min) min = other.min;
    if (other.max > max) max = other.max;
  }

  /// Unbiased variance (divisor n - 1); 0 when n < 2.
  [[nodiscard]] double variance() const noexcept {
    return n > 1 ? m2 / static_cast<double>(n - 1) : 0.0;
  }
  /// Square root of variance().
  [[nodiscard]] LEADLINE_API double standard_deviation() const noexcept;
  /// standard_deviation() / sqrt(n): of the mean; 0 when n < 2.
  [[nodiscard]] LEADLINE_API double standard_error() const noexcept;
};

/// Third and fourth central sums of the column of a `Moments` (merge: Pebay 2008). `merge` comes
/// before the moments themselves are merged.
struct ShapeMoments {
  double m3 = 0.0, m4 = 0.0;

  LEADLINE_API void merge(const Moments& own, const ShapeMoments& other,
                          const Moments& others) noexcept;
  /// 0 for a column without spread.
  [[nodiscard]] LEADLINE_API double skewness(const Moments& own) const noexcept;
  /// Above that of a normal column, 0.
  [[nodiscard]] LEADLINE_API double excess_kurtosis(const Moments& own) const noexcept;
};

/// Moments of a column with non-negative weights (West 1979).
///
/// Weights are reliabilities or importances: their scale does not matter. `n_effective` is Kish's
/// (sum w)^2 / sum w^2, and takes the place of n in intervals.
struct WeightedMoments {
  std::int64_t n = 0;
  double weight = 0.0;         // sum of w
  double square_weight = 0.0;  // sum of w^2
  double mean = 0.0;
  double m2 = 0.0;  // sum of w * (x - mean)^2

  void add(double x, double w) noexcept {
    ++n;
    if (w <= 0.0) return;
    weight += w;
    square_weight += w * w;
    const double delta = x - mean;
    mean += delta * (w / weight);
    m2 += w * delta * (x - mean);
  }
  void merge(const WeightedMoments& other) noexcept {
    n += other.n;
    if (other.weight <= 0.0) return;
    const double total = weight + other.weight;
    const double delta = other.mean - mean;
    m2 += other.m2 + delta * delta * (weight * (other.weight / total));
    mean += delta * (other.weight / total);
    weight = total;
    square_weight += other.square_weight;
  }

  [[nodiscard]] double n_effective() const noexcept {
    return square_weight > 0.0 ? weight * weight / square_weight : 0.0;
  }
  /// Variance of x, unbiased for reliability weights; 0 when n_effective <= 1.
  [[nodiscard]] double variance() const noexcept {
    const double free_weight = weight > 0.0 ? weight - square_weight / weight : 0.0;
    return free_weight > 0.0 ? m2 / free_weight : 0.0;
  }
};

}  // namespace leadline::stats

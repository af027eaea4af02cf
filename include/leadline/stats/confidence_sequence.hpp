/// Confidence sequences: intervals for the mean of a bounded column that hold at every sample size
/// at once, so that you may look after each sample and stop when you like.
///
///     P(the mean is inside at every n) >= level, whatever the distribution inside [low, high]
///
/// Values are taken one by one; each has the same mean given those before it. Two kinds:
///   `MixtureSequence`, `NormalMixtureSequence`: of (n, sum) alone; shards merge in any order, as
///     long as which samples are in does not depend on their values.
///   `BettingSequence`, `BernsteinSequence`: narrower where the values vary little, but each bet
///     depends on the values before it. The order is part of the result: they do not merge.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "leadline/config.hpp"
#include "leadline/stats/intervals.hpp"
#include "leadline/stats/moments.hpp"

namespace leadline::stats {

struct SequenceOptions {
  double level = 0.95;  // in (0, 1)
  double low = 0.0;     // every value is in [low, high]
  double high = 1.0;
  std::int64_t tuned_to = 1000;  // NormalMixtureSequence: the n at which it is narrowest, >= 1
  std::int64_t grid = 1000;      // BettingSequence: means kept, >= 10; 16 bytes each
};

/// Mixture of likelihood ratios over a Beta(1/2, 1/2) prior: for 0/1 columns the exact mixture
/// martingale (Ville 1939, Robbins 1970), for others in [0, 1] a supermartingale, since the ratio
/// is convex in the value. Never wider than a sub-Gaussian one for long. Merges.
class LEADLINE_API MixtureSequence {
 public:
  /// Throws ValueError when the options are out of range.
  explicit MixtureSequence(const SequenceOptions& options = {});

  /// Throws ValueError when x is outside [low, high].
  void add(double x);
  void add(std::span<const double> column);
  /// Adds the state of disjoint samples. Throws ValueError when level, low or high differ.
  void merge(const MixtureSequence& other);

  /// [low, high] before the first value.
  [[nodiscard]] Interval interval() const;
  /// Mean so far; 0 when n is 0.
  [[nodiscard]] double mean() const noexcept;
  [[nodiscard]] std::int64_t n() const noexcept { return n_; }
  [[nodiscard]] double level() const noexcept { return options_.level; }

 private:
  SequenceOptions options_;
  std::int64_t n_ = 0;
  FixedSum sum_;  // of the values scaled to [0, 1]
};

/// Two-sided normal mixture for sub-Gaussian means (Howard, Ramdas, McAuliffe, Sekhon 2021, eq. 14,
/// arXiv:1810.08240) with the variance (high - low)^2 / 4 that bounds every such column:
///     |S_n - n mean| <= sqrt((v + r) log((v + r) / (r a^2))), v = n (high - low)^2 / 4, a = 1 -
///     level
/// r is set so that it is narrowest at `tuned_to`. In closed form; merges.
class LEADLINE_API NormalMixtureSequence {
 public:
  explicit NormalMixtureSequence(const SequenceOptions& options = {});
  void add(double x);
  void add(std::span<const double> column);
  void merge(const NormalMixtureSequence& other);
  [[nodiscard]] Interval interval() const;
  [[nodiscard]] double mean() const noexcept;
  [[nodiscard]] std::int64_t n() const noexcept { return n_; }
  [[nodiscard]] double level() const noexcept { return options_.level; }

 private:
  SequenceOptions options_;
  double rho_ = 0.0;
  std::int64_t n_ = 0;
  FixedSum sum_;
};

/// Predictable plug-in empirical Bernstein (Waudby-Smith and Ramdas 2024, theorem 2,
/// arXiv:2010.09686): centre and width adapt to the spread seen so far. The intersection of all
/// intervals so far. Constant memory; the order matters.
class LEADLINE_API BernsteinSequence {
 public:
  explicit BernsteinSequence(const SequenceOptions& options = {});
  void add(double x);
  void add(std::span<const double> column);
  [[nodiscard]] Interval interval() const;
  [[nodiscard]] double mean() const noexcept;
  [[nodiscard]] std::int64_t n() const noexcept { return n_; }
  [[nodiscard]] double level() const noexcept { return options_.level; }

 private:
  SequenceOptions options_;
  std::int64_t n_ = 0;
  double sum_ = 0.0, squares_ = 0.25;  // of x, of (x - running mean), scaled to [0, 1]
  double weight_ = 0.0, weighted_ = 0.0, penalty_ = 0.0;
  double lower_ = 0.0, upper_ = 1.0;
};

/// Hedged capital (Waudby-Smith and Ramdas 2024, theorem 3, eq. 26): for each candidate mean of a
/// grid, two gamblers bet that it is too low and too high, and it is out when either has made 1 / a
/// of 1/2. The narrowest here. The ends are grid points beyond the exact ends, so the interval is
/// wider by at most one step, (high - low) / grid, on either side. The intersection over time. The
/// order matters. About 1 ns a value and grid point.
class LEADLINE_API BettingSequence {
 public:
  explicit BettingSequence(const SequenceOptions& options = {});
  void add(double x);
  void add(std::span<const double> column);
  [[nodiscard]] Interval interval() const;
  [[nodiscard]] double mean() const noexcept;
  [[nodiscard]] std::int64_t n() const noexcept { return n_; }
  [[nodiscard]] double level() const noexcept { return options_.level; }

 private:
  SequenceOptions options_;
  std::int64_t n_ = 0;
  double sum_ = 0.0, squares_ = 0.25;
  std::vector<double> up_, down_;     // capital at the mean i / grid
  std::size_t first_ = 0, last_ = 0;  // grid points out at either end: [0, first_), (last_, grid]
};

}  // namespace leadline::stats

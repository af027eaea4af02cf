/// The bootstrap: streaming and mergeable for columns, multinomial for tables.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "leadline/config.hpp"
#include "leadline/stats/intervals.hpp"
#include "leadline/stats/random.hpp"

namespace leadline::stats {

struct BootstrapOptions {
  std::int64_t replicates = 1000;
  std::uint64_t seed = 0;
  std::string_view stream = "bootstrap";
};

/// Replicates of the sums of bounded columns, in one pass: Poisson(1) bootstrap (Chamandy et al.
/// 2012).
///
/// The weight of a sample in a replicate is a function of (seed, stream, sample id, replicate)
/// alone and sums are integers, so any order, batch size and sharding gives the same bits. Two
/// states with the same seed use the same weights: their differences are paired. Memory: 8 *
/// replicates * (columns + 1) bytes. Cost: about 4 ns a sample and replicate.
/// Values are rounded to bound * 2^-30; at most 2^32 samples.
///
///     PoissonBootstrap boot({.seed = seed}, 2, 1.0);
///     for (...) boot.add(id, std::array{hit, predicted});
///     auto values = boot.replicate([](auto sums, double) { return sums[0] / sums[1]; });
///     auto interval = percentile_interval(values);
class LEADLINE_API PoissonBootstrap {
 public:
  /// `bound`: largest size of any value. Throws ValueError unless replicates, columns >= 1 and
  /// bound is finite and > 0.
  explicit PoissonBootstrap(const BootstrapOptions& options = {}, std::size_t columns = 1,
                            double bound = 1.0);

  /// One sample: its id and one value a column. Throws ValueError when a value is beyond the bound
  /// or not a number, ShapeError on another number of values.
  void add(std::int64_t id, std::span<const double> values);

  /// Adds the state of disjoint samples. Throws ValueError when seed, stream, sizes or bound
  /// differ.
  void merge(const PoissonBootstrap& other);

  /// Computes `statistic(sums, weight)` of each replicate: `sums` [columns], `weight` the number of
  /// samples drawn. NaN marks a replicate in which it is undefined.
  [[nodiscard]] std::vector<double> replicate(
      const std::function<double(std::span<const double> sums, double weight)>& statistic) const;

  [[nodiscard]] std::int64_t n() const noexcept { return n_; }
  [[nodiscard]] std::int64_t replicates() const noexcept { return replicates_; }

  /// The whole state as integers: n, then weights [replicates], then sums [replicates * columns].
  [[nodiscard]] std::vector<std::int64_t> save() const;
  /// Restores into an object made with the same options. Throws ValueError on another length.
  void load(std::span<const std::int64_t> state);

 private:
  Stream stream_;
  std::int64_t replicates_;
  std::size_t columns_;
  double bound_;
  std::int64_t n_ = 0;
  std::vector<std::int64_t> weights_, sums_;  // [replicates], [columns * replicates]
  std::vector<std::uint8_t> draw_;
};

/// Values of `statistic(counts)` for tables drawn from the multinomial of `counts`, same total: the
/// ordinary bootstrap of anything computed from a table, without the samples. NaN marks undefined.
/// Throws ValueError on a negative count or replicates < 1.
[[nodiscard]] LEADLINE_API std::vector<double> multinomial_bootstrap(
    std::span<const std::int64_t> counts,
    const std::function<double(std::span<const std::int64_t>)>& statistic,
    const BootstrapOptions& options = {});

/// Percentile interval: the tail quantiles of the replicates (Efron 1979). Undefined replicates
/// (NaN) are left out; nullopt when they are more than a tenth, or fewer than 20 are left.
[[nodiscard]] LEADLINE_API std::optional<Interval> percentile_interval(
    std::span<const double> replicates, double level = 0.95);

/// Basic interval: the same tails mirrored at the estimate (Davison and Hinkley 1997, 5.2). May
/// leave the range of the statistic.
[[nodiscard]] LEADLINE_API std::optional<Interval> basic_interval(
    std::span<const double> replicates, double estimate, double level = 0.95);

/// Bias-corrected percentile interval (Efron 1987, BC): shifts the tails by how far the estimate is
/// from the median of the replicates. nullopt also when all replicates are on one side of it.
[[nodiscard]] LEADLINE_API std::optional<Interval> bias_corrected_interval(
    std::span<const double> replicates, double estimate, double level = 0.95);

}  // namespace leadline::stats

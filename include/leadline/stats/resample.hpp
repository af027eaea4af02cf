/// The bootstrap of data in memory: by samples, by clusters, within strata, paired; and the BCa
/// interval with an acceleration that needs no jackknife. `PoissonBootstrap` (bootstrap.hpp) is the
/// one for streams; there a cluster id in place of a sample id resamples clusters.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "leadline/config.hpp"
#include "leadline/stats/bootstrap.hpp"
#include "leadline/stats/intervals.hpp"

namespace leadline::stats {

/// What is drawn together and what is drawn apart; empty where there is nothing.
struct Design {
  std::span<const std::int64_t> clusters{};  // [n]: samples of one cluster (patient, video, prompt)
                                             // are drawn together
  std::span<const std::int64_t> strata{};    // [n]: each stratum keeps its number of units
};

/// Values of `statistic(counts)`, `counts` [n] saying how often each sample was drawn: as many
/// units (samples, or clusters) as there are, with replacement, within each stratum. Everything
/// computed from one `counts` is paired. NaN marks undefined. Replicate r depends on (seed, stream,
/// r) and the order of the samples alone. Throws ValueError when n is 0, replicates < 1, or a
/// cluster lies in two strata; ShapeError when clusters or strata are not [n].
[[nodiscard]] LEADLINE_API std::vector<double> resample(
    std::int64_t n, const std::function<double(std::span<const std::uint32_t> counts)>& statistic,
    const BootstrapOptions& options = {}, const Design& design = {});

/// Replicates of the mean of `values`. Clusters may differ in size: sum over sum of sizes.
/// With the differences of two paired columns this is the paired bootstrap. Throws as `resample`,
/// and ValueError on a value that is not finite.
[[nodiscard]] LEADLINE_API std::vector<double> bootstrap_mean(std::span<const double> values,
                                                              const BootstrapOptions& options = {},
                                                              const Design& design = {});

/// Replicates of a rate: `successes` of n drawn with replacement is one binomial draw (no look at
/// the samples; the law of the ordinary bootstrap). Throws ValueError unless 0 <= successes <= n,
/// n >= 1 and replicates >= 1.
[[nodiscard]] LEADLINE_API std::vector<double> bootstrap_rate(std::int64_t successes,
                                                              std::int64_t n,
                                                              const BootstrapOptions& options = {});

/// Replicates of (rate of the first) - (rate of the second) on the same samples: a multinomial draw
/// of the discordant pairs. Throws ValueError on a negative count or no sample.
[[nodiscard]] LEADLINE_API std::vector<double> bootstrap_paired_difference(
    const PairedCounts& counts, const BootstrapOptions& options = {});

/// Acceleration of BCa from the influence values of the statistic, one a unit (sample or cluster):
/// sum l^3 / (6 (sum l^2)^(3/2)), O(n) (Efron 1987, eq. 6.6); 0 where all are 0. For a mean the
/// influence of x is x - mean. Throws ValueError on a value that is not finite.
[[nodiscard]] LEADLINE_API double acceleration(std::span<const double> influence);

/// Influence values of the mean: x - mean of each value, summed over each cluster if there are any
/// (in rising order of their ids). Throws ShapeError when clusters are neither [n] nor empty.
[[nodiscard]] LEADLINE_API std::vector<double> mean_influence(
    std::span<const double> values, std::span<const std::int64_t> clusters = {});

/// Acceleration of a rate in closed form: (1 - 2 p) / (6 sqrt(n p (1 - p))); 0 at p = 0 and 1.
[[nodiscard]] LEADLINE_API double acceleration_of_rate(double successes, double n);

/// BCa interval (Efron 1987): tails of the replicates shifted for bias and for a spread that
/// changes with the value; second-order accurate. `bias_corrected_interval` is the case of
/// acceleration 0. nullopt as there, and where the acceleration is so large that a tail leaves (0,
/// 1).
[[nodiscard]] LEADLINE_API std::optional<Interval> bca_interval(std::span<const double> replicates,
                                                                double estimate,
                                                                double acceleration,
                                                                double level = 0.95);

}  // namespace leadline::stats

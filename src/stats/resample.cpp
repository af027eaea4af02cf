#include "leadline/stats/resample.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <string>

#include "leadline/stats/distributions.hpp"
#include "leadline/stats/quantiles.hpp"
#include "stats/arguments.hpp"

namespace leadline::stats {
namespace detail::resample {

/// Units to draw: members[start[u] .. start[u + 1]) are the samples of unit u, and units
/// [stratum[s], stratum[s + 1]) are one stratum.
struct Units {
  std::vector<std::int64_t> members, start, stratum;
};

void check_column(std::span<const std::int64_t> column, std::int64_t n, const char* name) {
  if (!column.empty() && static_cast<std::int64_t>(column.size()) != n)
    throw ShapeError("resample", std::string(name) + " of shape [" + std::to_string(n) + "]",
                     "[" + std::to_string(column.size()) + "]", "pass one a sample, or none");
}

Units units_of(std::int64_t n, const Design& design) {
  check_column(design.clusters, n, "clusters");
  check_column(design.strata, n, "strata");
  const auto stratum = [&](std::int64_t i) {
    return design.strata.empty() ? 0 : design.strata[static_cast<std::size_t>(i)];
  };
  const auto cluster = [&](std::int64_t i) {
    return design.clusters.empty() ? i : design.clusters[static_cast<std::size_t>(i)];
  };
  Units units;
  units.members.resize(static_cast<std::size_t>(n));
  std::iota(units.members.begin(), units.members.end(), std::int64_t{0});
  std::stable_sort(units.members.begin(), units.members.end(), [&](auto a, auto b) {
    return std::pair(stratum(a), cluster(a)) < std::pair(stratum(b), cluster(b));
  });
  std::map<std::int64_t, std::int64_t> home;  // of a cluster
  for (std::size_t i = 0; i < units.members.size(); ++i) {
    const auto now = units.members[i];
    const bool first = i == 0;
    const auto before = first ? now : units.members[i - 1];
    const bool new_stratum = first || stratum(now) != stratum(before);
    if (!new_stratum && cluster(now) == cluster(before)) continue;
    if (new_stratum) units.stratum.push_back(static_cast<std::int64_t>(units.start.size()));
    units.start.push_back(static_cast<std::int64_t>(i));
    if (!design.clusters.empty() && !home.emplace(cluster(now), stratum(now)).second)
      throw ValueError("resample", "each cluster inside one stratum",
                       "cluster " + std::to_string(cluster(now)) + " in two",
                       "name clusters apart, or leave the strata out");
  }
  units.stratum.push_back(static_cast<std::int64_t>(units.start.size()));
  units.start.push_back(n);
  return units;
}

void check(std::int64_t n, const BootstrapOptions& options) {
  if (n < 1)
    throw ValueError("resample", "at least one sample", std::to_string(n),
                     "leave the statistic out: it is undefined");
  if (options.replicates < 1)
    throw ValueError("resample", "replicates >= 1", std::to_string(options.replicates),
                     "1000 is usual");
}

/// Calls `draw(unit)` for each drawn unit of a replicate.
template <class F>
void draw_units(const Units& units, Rng rng, F draw) {
  for (std::size_t s = 0; s + 1 < units.stratum.size(); ++s) {
    const auto first = units.stratum[s], size = units.stratum[s + 1] - first;
    for (std::int64_t k = 0; k < size; ++k)
      draw(static_cast<std::size_t>(
          first + static_cast<std::int64_t>(rng.below(static_cast<std::uint64_t>(size)))));
  }
}

}  // namespace detail::resample

std::vector<double> resample(std::int64_t n,
                             const std::function<double(std::span<const std::uint32_t>)>& statistic,
                             const BootstrapOptions& options, const Design& design) {
  namespace d = detail::resample;
  d::check(n, options);
  const auto units = d::units_of(n, design);
  const Stream stream(options.seed, options.stream);
  std::vector<std::uint32_t> counts(static_cast<std::size_t>(n));
  std::vector<double> values;
  values.reserve(static_cast<std::size_t>(options.replicates));
  for (std::int64_t r = 0; r < options.replicates; ++r) {
    std::fill(counts.begin(), counts.end(), 0U);
    d::draw_units(units, stream.at(r), [&](std::size_t u) {
      for (auto i = units.start[u]; i < units.start[u + 1]; ++i)
        ++counts[static_cast<std::size_t>(units.members[static_cast<std::size_t>(i)])];
    });
    values.push_back(statistic(counts));
  }
  return values;
}

std::vector<double> bootstrap_mean(std::span<const double> values, const BootstrapOptions& options,
                                   const Design& design) {
  namespace d = detail::resample;
  detail::arguments::check_finite("bootstrap_mean", values);
  d::check(static_cast<std::int64_t>(values.size()), options);
  const auto units = d::units_of(static_cast<std::int64_t>(values.size()), design);
  const std::size_t n_units = units.start.size() - 1;
  std::vector<double> sums(n_units);  // of a unit
  for (std::size_t u = 0; u < n_units; ++u)
    for (auto i = units.start[u]; i < units.start[u + 1]; ++i)
      sums[u] += values[static_cast<std::size_t>(units.members[static_cast<std::size_t>(i)])];
  const Stream stream(options.seed, options.stream);
  std::vector<double> means;
  means.reserve(static_cast<std::size_t>(options.replicates));
  for (std::int64_t r = 0; r < options.replicates; ++r) {
    double sum = 0.0;
    std::int64_t size = 0;
    d::draw_units(units, stream.at(r), [&](std::size_t u) {
      sum += sums[u];
      size += units.start[u + 1] - units.start[u];
    });
    means.push_back(sum / static_cast<double>(size));
  }
  return means;
}

std::vector<double> bootstrap_rate(std::int64_t successes, std::int64_t n,
                                   const BootstrapOptions& options) {
  detail::arguments::check_counts("bootstrap_rate", static_cast<double>(successes),
                                  static_cast<double>(n));
  detail::resample::check(n, options);
  const double rate = static_cast<double>(successes) / static_cast<double>(n);
  const Stream stream(options.seed, options.stream);
  std::vector<double> values;
  values.reserve(static_cast<std::size_t>(options.replicates));
  for (std::int64_t r = 0; r < options.replicates; ++r)
    values.push_back(static_cast<double>(stream.at(r).binomial(n, rate)) / static_cast<double>(n));
  return values;
}

std::vector<double> bootstrap_paired_difference(const PairedCounts& counts,
                                                const BootstrapOptions& options) {
  detail::resample::check(counts.n(), options);
  const std::int64_t cells[] = {counts.only_first, counts.only_second,
                                counts.both + counts.neither};
  const auto n = static_cast<double>(counts.n());
  return multinomial_bootstrap(
      cells,
      [n](std::span<const std::int64_t> drawn) {
        return static_cast<double>(drawn[0] - drawn[1]) / n;
      },
      options);
}

double acceleration(std::span<const double> influence) {
  detail::arguments::check_finite("acceleration", influence);
  double scale = 0.0;  // so that squares and cubes neither overflow nor vanish
  for (const double l : influence) scale = std::max(scale, std::abs(l));
  if (scale == 0.0) return 0.0;
  double squares = 0.0, cubes = 0.0;
  for (const double l : influence) {
    const double x = l / scale;
    squares += x * x;
    cubes += x * x * x;
  }
  return cubes / (6.0 * std::pow(squares, 1.5));
}

std::vector<double> mean_influence(std::span<const double> values,
                                   std::span<const std::int64_t> clusters) {
  detail::arguments::check_finite("mean_influence", values);
  detail::resample::check_column(clusters, static_cast<std::int64_t>(values.size()), "clusters");
  Moments moments;
  moments.add(values);
  std::vector<double> influence;
  if (clusters.empty()) {
    for (const double x : values) influence.push_back(x - moments.mean);
    return influence;
  }
  std::map<std::int64_t, double> sums;
  for (std::size_t i = 0; i < values.size(); ++i) sums[clusters[i]] += values[i] - moments.mean;
  for (const auto& [id, sum] : sums) influence.push_back(sum);
  return influence;
}

double acceleration_of_rate(double successes, double n) {
  detail::arguments::check_counts("acceleration_of_rate", successes, n);
  if (n == 0.0 || successes == 0.0 || successes == n) return 0.0;
  const double p = successes / n;
  return (1.0 - 2.0 * p) / (6.0 * std::sqrt(n * p * (1.0 - p)));
}

std::optional<Interval> bca_interval(std::span<const double> replicates, double estimate,
                                     double acceleration, double level) {
  detail::arguments::check_level("bca_interval", level);
  if (!std::isfinite(acceleration))
    throw ValueError("bca_interval", "a finite acceleration", std::to_string(acceleration),
                     "use acceleration() of the influence values, or 0");
  std::vector<double> kept;
  double below = 0.0;  // ties count half
  for (const double x : replicates) {
    if (std::isnan(x)) continue;
    kept.push_back(x);
    below += x < estimate ? 1.0 : x == estimate ? 0.5 : 0.0;
  }
  if (kept.size() < 20 || kept.size() * 10 < replicates.size() * 9) return std::nullopt;
  const double share = below / static_cast<double>(kept.size());
  if (share <= 0.0 || share >= 1.0) return std::nullopt;
  const double bias = normal_quantile(share), z = normal_two_sided(level);
  double tails[2];
  for (int side = 0; side < 2; ++side) {
    const double w = bias + (side == 0 ? -z : z);
    const double slope = 1.0 - acceleration * w;
    if (slope <= 0.0) return std::nullopt;
    tails[side] = normal_cdf(bias + w / slope);
  }
  const auto ends = quantiles(kept, tails);
  return Interval{ends[0], ends[1]};
}

}  // namespace leadline::stats

#include "leadline/stats/bootstrap.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include "leadline/core/error.hpp"
#include "leadline/stats/clones.hpp"
#include "leadline/stats/distributions.hpp"
#include "leadline/stats/quantiles.hpp"

namespace leadline::stats {
namespace detail::bootstrap {

constexpr double steps = 0x1p30;  // of the bound

constexpr std::size_t block = 64;  // a fixed length is what compilers vectorise at -O2

LEADLINE_CLONES void add_weights(std::int64_t* __restrict sums, const std::uint8_t* __restrict draw,
                                 std::size_t n) {
  std::size_t r = 0;
  for (; r + block <= n; r += block)
    for (std::size_t k = 0; k < block; ++k) sums[r + k] += draw[r + k];
  for (; r < n; ++r) sums[r] += draw[r];
}

LEADLINE_CLONES void add_weighted(std::int64_t* __restrict sums,
                                  const std::uint8_t* __restrict draw, std::size_t n,
                                  std::int32_t value) {
  std::size_t r = 0;
  for (; r + block <= n; r += block)
    for (std::size_t k = 0; k < block; ++k)
      sums[r + k] += static_cast<std::int64_t>(static_cast<std::int32_t>(draw[r + k])) * value;
  for (; r < n; ++r)
    sums[r] += static_cast<std::int64_t>(static_cast<std::int32_t>(draw[r])) * value;
}

std::optional<std::vector<double>> defined_only(std::span<const double> replicates) {
  std::vector<double> kept;
  for (const double x : replicates)
    if (!std::isnan(x)) kept.push_back(x);
  const bool enough = kept.size() >= 20 && kept.size() * 10 >= replicates.size() * 9;
  return enough ? std::optional(std::move(kept)) : std::nullopt;
}

void check_replicates(const char* where, std::int64_t replicates) {
  if (replicates < 1)
    throw ValueError(where, "replicates >= 1", std::to_string(replicates), "1000 is usual");
}

}  // namespace detail::bootstrap

PoissonBootstrap::PoissonBootstrap(const BootstrapOptions& options, std::size_t columns,
                                   double bound)
    : stream_(options.seed, options.stream),
      replicates_(options.replicates),
      columns_(columns),
      bound_(bound) {
  detail::bootstrap::check_replicates("PoissonBootstrap", options.replicates);
  if (columns < 1) throw ValueError("PoissonBootstrap", "columns >= 1", "0", "name what to sum");
  if (!(bound > 0.0 && std::isfinite(bound)))
    throw ValueError("PoissonBootstrap", "a finite bound > 0", std::to_string(bound),
                     "pass the largest size of any value");
  weights_.resize(static_cast<std::size_t>(replicates_));
  sums_.resize(weights_.size() * columns_);
  draw_.resize(weights_.size());
}

void PoissonBootstrap::add(std::int64_t id, std::span<const double> values) {
  if (values.size() != columns_)
    throw ShapeError("PoissonBootstrap.add", std::to_string(columns_) + " values",
                     std::to_string(values.size()), "pass one value a column");
  for (const double x : values)
    if (!(std::abs(x) <= bound_))
      throw ValueError("PoissonBootstrap.add", "values of size <= " + std::to_string(bound_),
                       std::to_string(x) + " at sample " + std::to_string(id),
                       "make it with a larger bound");
  if (n_ >= std::int64_t{1} << 32)
    throw ValueError("PoissonBootstrap.add", "at most 2^32 samples", "more",
                     "use fewer samples or an interval in closed form");
  poisson1_weights(stream_, id, 0, draw_);
  detail::bootstrap::add_weights(weights_.data(), draw_.data(), draw_.size());
  for (std::size_t c = 0; c < columns_; ++c) {
    const auto value =
        static_cast<std::int32_t>(std::lrint(values[c] / bound_ * detail::bootstrap::steps));
    if (value != 0)
      detail::bootstrap::add_weighted(sums_.data() + c * draw_.size(), draw_.data(), draw_.size(),
                                      value);
  }
  ++n_;
}

void PoissonBootstrap::merge(const PoissonBootstrap& other) {
  if (stream_.key() != other.stream_.key() || replicates_ != other.replicates_ ||
      columns_ != other.columns_ || bound_ != other.bound_)
    throw ValueError("PoissonBootstrap.merge", "a state made with the same options", "another one",
                     "make every shard with the same seed, stream, sizes and bound");
  for (std::size_t i = 0; i < weights_.size(); ++i) weights_[i] += other.weights_[i];
  for (std::size_t i = 0; i < sums_.size(); ++i) sums_[i] += other.sums_[i];
  n_ += other.n_;
}

std::vector<double> PoissonBootstrap::replicate(
    const std::function<double(std::span<const double>, double)>& statistic) const {
  std::vector<double> values(weights_.size()), sums(columns_);
  for (std::size_t r = 0; r < values.size(); ++r) {
    for (std::size_t c = 0; c < columns_; ++c)
      sums[c] =
          static_cast<double>(sums_[c * values.size() + r]) * (bound_ / detail::bootstrap::steps);
    values[r] = statistic(sums, static_cast<double>(weights_[r]));
  }
  return values;
}

std::vector<std::int64_t> PoissonBootstrap::save() const {
  std::vector<std::int64_t> state{n_};
  state.insert(state.end(), weights_.begin(), weights_.end());
  state.insert(state.end(), sums_.begin(), sums_.end());
  return state;
}

void PoissonBootstrap::load(std::span<const std::int64_t> state) {
  const auto expected = 1 + weights_.size() + sums_.size();
  if (state.size() != expected || state[0] < 0)
    throw ValueError("PoissonBootstrap.load", std::to_string(expected) + " integers",
                     std::to_string(state.size()), "make it with the options of the saved state");
  n_ = state[0];
  std::copy_n(state.begin() + 1, weights_.size(), weights_.begin());
  std::copy_n(state.begin() + 1 + static_cast<std::ptrdiff_t>(weights_.size()), sums_.size(),
              sums_.begin());
}

std::vector<double> multinomial_bootstrap(
    std::span<const std::int64_t> counts,
    const std::function<double(std::span<const std::int64_t>)>& statistic,
    const BootstrapOptions& options) {
  detail::bootstrap::check_replicates("multinomial_bootstrap", options.replicates);
  std::int64_t total = 0;
  for (const auto n : counts) {
    if (n < 0)
      throw ValueError("multinomial_bootstrap", "counts >= 0", std::to_string(n), "pass counts");
    total += n;
  }
  const Stream stream(options.seed, options.stream);
  std::vector<double> values;
  values.reserve(static_cast<std::size_t>(options.replicates));
  std::vector<std::int64_t> table(counts.size());
  for (std::int64_t r = 0; r < options.replicates; ++r) {
    Rng rng = stream.at(r);
    std::int64_t left = total, mass = total;
    for (std::size_t c = 0; c < counts.size(); ++c) {
      const double share =
          mass > 0 ? static_cast<double>(counts[c]) / static_cast<double>(mass) : 0;
      table[c] = rng.binomial(left, share);
      left -= table[c];
      mass -= counts[c];
    }
    values.push_back(statistic(table));
  }
  return values;
}

std::optional<Interval> percentile_interval(std::span<const double> replicates, double level) {
  const double tail = normal_cdf(-normal_two_sided(level));
  const auto kept = detail::bootstrap::defined_only(replicates);
  if (!kept) return std::nullopt;
  const double tails[] = {tail, 1.0 - tail};
  const auto ends = quantiles(*kept, tails);
  return Interval{ends[0], ends[1]};
}

std::optional<Interval> basic_interval(std::span<const double> replicates, double estimate,
                                       double level) {
  const auto tails = percentile_interval(replicates, level);
  if (!tails) return std::nullopt;
  return Interval{2.0 * estimate - tails->upper, 2.0 * estimate - tails->lower};
}

std::optional<Interval> bias_corrected_interval(std::span<const double> replicates, double estimate,
                                                double level) {
  const double z = normal_two_sided(level);
  const auto kept = detail::bootstrap::defined_only(replicates);
  if (!kept) return std::nullopt;
  double below = 0.0;  // ties count half
  for (const double x : *kept) below += x < estimate ? 1.0 : x == estimate ? 0.5 : 0.0;
  const double share = below / static_cast<double>(kept->size());
  if (share <= 0.0 || share >= 1.0) return std::nullopt;
  const double shift = 2.0 * normal_quantile(share);
  const double tails[] = {normal_cdf(shift - z), normal_cdf(shift + z)};
  const auto ends = quantiles(*kept, tails);
  return Interval{ends[0], ends[1]};
}

}  // namespace leadline::stats

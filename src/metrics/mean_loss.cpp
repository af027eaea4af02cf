#include "leadline/metrics/mean_loss.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "leadline/core/error.hpp"
#include "leadline/stats/clones.hpp"
#include "leadline/stats/intervals.hpp"

namespace leadline::detail::mean_loss {

/// Moments of a block; false where a loss is not finite. Eight sums side by side: the order of
/// addition is the same whatever the width of the machine's vectors.
[[gnu::always_inline]] inline bool block_moments(const double* x, std::size_t n,
                                                 stats::Moments& moments,
                                                 stats::ShapeMoments& shape) {
  constexpr std::size_t lanes = 8;
  const std::size_t even = n - n % lanes;
  using Lanes = std::array<double, lanes>;
  const auto total = [](const Lanes& v) {
    return ((v[0] + v[1]) + (v[2] + v[3])) + ((v[4] + v[5]) + (v[6] + v[7]));
  };
  Lanes sum{}, low, high;
  low.fill(x[0]);
  high.fill(x[0]);
  const auto put = [&](std::size_t i, std::size_t k) {
    sum[k] += x[i];
    low[k] = x[i] < low[k] ? x[i] : low[k];
    high[k] = x[i] > high[k] ? x[i] : high[k];
  };
  std::size_t i = 0;
  for (; i < even; i += lanes)
    for (std::size_t k = 0; k < lanes; ++k) put(i + k, k);
  for (; i < n; ++i) put(i, i % lanes);
  const double whole = total(sum);
  if (!std::isfinite(whole)) return false;
  moments.mean = whole / static_cast<double>(n);
  moments.min = *std::min_element(low.begin(), low.end());
  moments.max = *std::max_element(high.begin(), high.end());
  Lanes second{}, third{}, fourth{};
  const auto power = [&](std::size_t at, std::size_t k) {
    const double apart = x[at] - moments.mean, square = apart * apart;
    second[k] += square;
    third[k] += square * apart;
    fourth[k] += square * square;
  };
  for (i = 0; i < even; i += lanes)
    for (std::size_t k = 0; k < lanes; ++k) power(i + k, k);
  for (; i < n; ++i) power(i, i % lanes);
  moments.m2 = total(second);
  shape = {total(third), total(fourth)};
  return true;
}
LEADLINE_CLONES bool full_moments(const double* x, stats::Moments& moments,
                                  stats::ShapeMoments& shape) {
  return block_moments(x, metrics::MeanLoss::block_size, moments, shape);
}

}  // namespace leadline::detail::mean_loss

namespace leadline::metrics {
namespace mean_loss_impl = leadline::detail::mean_loss;

void MeanLoss::add(std::span<const double> losses, std::span<const double> weights, bool counted) {
  while (weights.empty() && !upper_ && add_block(losses)) {
    losses = losses.subspan(std::min(losses.size(), block_size));
  }
  for (std::size_t i = 0; i < losses.size(); ++i) {
    const double loss = losses[i];
    if (counted) {
      add_times(loss, weights[i]);
      continue;
    }
    if (std::isinf(loss)) {
      n_infinite_ += weights.empty() || weights[i] > 0;
    } else if (!weights.empty()) {
      weighted_.add(loss, weights[i]);
      continue;
    } else if (upper_) {
      add_bounded(loss, 1);
    } else {
      merge_moments({1, loss, 0.0, loss, loss}, {});
    }
    ++n_;
  }
}

bool MeanLoss::add_block(std::span<const double> losses) {
  const auto block = losses.first(std::min(losses.size(), block_size));
  if (block.empty()) return false;
  stats::Moments moments{std::ssize(block)};
  stats::ShapeMoments shape;
  const bool full = block.size() == block_size;
  if (!(full ? mean_loss_impl::full_moments(block.data(), moments, shape)
             : mean_loss_impl::block_moments(block.data(), block.size(), moments, shape)))
    return false;
  merge_moments(moments, shape);
  n_ += moments.n;
  return true;
}

void MeanLoss::add_times(double loss, double times) {
  const auto n = static_cast<std::int64_t>(times);
  n_ += n;
  if (std::isinf(loss)) {
    n_infinite_ += n;
  } else if (upper_) {
    add_bounded(loss, times);
  } else {
    merge_moments({n, loss, 0.0, loss, loss}, {});
  }
}

void MeanLoss::add_bounded(double loss, double times) {
  const double square = loss * loss;
  sum_.add(loss * times);
  squares_.add(square * times);
  cubes_.add(square * loss * times);
  fourths_.add(square * square * times);
}

void MeanLoss::merge_moments(const stats::Moments& moments, const stats::ShapeMoments& shape) {
  shape_.merge(moments_, shape, moments);
  moments_.merge(moments);
}

void MeanLoss::merge(const MeanLoss& other) {
  sum_.merge(other.sum_);
  squares_.merge(other.squares_);
  cubes_.merge(other.cubes_);
  fourths_.merge(other.fourths_);
  merge_moments(other.moments_, other.shape_);
  weighted_.merge(other.weighted_);
  n_ += other.n_;
  n_infinite_ += other.n_infinite_;
}

stats::Moments MeanLoss::moments() const {
  if (!upper_) return moments_;
  stats::Moments moments;
  moments.n = n_ - n_infinite_;
  if (moments.n == 0) return moments;
  const auto n = static_cast<double>(moments.n);
  moments.mean = sum_.value() / n;
  moments.m2 = std::max(0.0, squares_.value() - n * moments.mean * moments.mean);
  moments.min = 0;
  moments.max = *upper_;
  return moments;
}

stats::ShapeMoments MeanLoss::shape() const {
  if (!upper_) return shape_;
  const auto n = static_cast<double>(n_ - n_infinite_);
  if (n <= 0) return {};
  const double mean = sum_.value() / n, square = squares_.value(), cube = cubes_.value();
  return {cube - 3 * mean * square + 2 * n * mean * mean * mean,
          fourths_.value() - 4 * mean * cube + 6 * mean * mean * square -
              3 * n * mean * mean * mean * mean};
}

Estimate MeanLoss::mean(MeanInterval how, double level, std::string_view what) const {
  const std::int64_t n = n_ + weighted_.n;
  if (n == 0) return Estimate::absent(Status::empty, "no samples were seen");
  if (n_infinite_ > 0) {
    Estimate none = Estimate::absent(Status::undefined,
                                     fmt::format("{} of {} samples: {}", n_infinite_, n, what), n);
    none.facts["n_infinite"] = static_cast<double>(n_infinite_);
    return none;
  }
  const stats::Moments plain = moments();
  if (weighted_.n == 0) {
    const auto interval =
        how == MeanInterval::empirical_bernstein && upper_
            ? std::optional(stats::mean_interval_bernstein(plain, 0, *upper_, level))
            : stats::mean_interval_t(plain, level);
    if (!interval) return Estimate::of(plain.mean, n, "one sample shows no spread");
    Estimate estimate = Estimate::with(
        plain.mean, std::max(0.0, std::min(interval->lower, plain.mean)),
        std::max(interval->upper, plain.mean), n,
        std::string(names_of(std::type_identity<MeanInterval>{})[static_cast<std::size_t>(
            upper_ ? how : MeanInterval::t)]),
        level);
    const stats::ShapeMoments form = shape();
    estimate.facts["skewness"] = form.skewness(plain);
    estimate.facts["kurtosis"] = form.excess_kurtosis(plain);
    return estimate;
  }
  stats::WeightedMoments all{plain.n, static_cast<double>(plain.n), static_cast<double>(plain.n),
                             plain.mean, plain.m2};
  all.merge(weighted_);
  if (all.weight <= 0) return Estimate::absent(Status::undefined, "every weight is 0", n);
  const auto interval = stats::mean_interval_t(all, level);
  Estimate estimate =
      interval ? Estimate::with(all.mean, std::max(0.0, std::min(interval->lower, all.mean)),
                                std::max(interval->upper, all.mean), n, "t", level)
               : Estimate::of(all.mean, n, "fewer than 2 effective samples show no spread");
  estimate.facts["n_effective"] = all.n_effective();
  return estimate;
}

void MeanLoss::save(State& state) const {
  std::vector<std::int64_t> sums;
  for (const stats::FixedSum* power : {&sum_, &squares_, &cubes_, &fourths_}) {
    const auto words = power->save();
    sums.insert(sums.end(), words.begin(), words.end());
  }
  state.set("loss.counts", std::vector<std::int64_t>{n_, n_infinite_, moments_.n, weighted_.n});
  state.set("loss.sums", std::move(sums));
  state.set("loss.moments", std::vector<double>{moments_.mean, moments_.m2, moments_.min,
                                                moments_.max, shape_.m3, shape_.m4});
  state.set("loss.weighted", std::vector<double>{weighted_.weight, weighted_.square_weight,
                                                 weighted_.mean, weighted_.m2});
}

void MeanLoss::load(const State& state) {
  const auto& counts = state.integers("loss.counts", 4);
  const auto& sums = state.integers("loss.sums", 8);
  const auto& moments = state.numbers("loss.moments", 6);
  const auto& weighted = state.numbers("loss.weighted", 4);
  const auto finite = [](double x) { return std::isfinite(x) && x >= 0; };
  // States of 2^53 can still be merged.
  const auto countable = [](std::int64_t c) { return c >= 0 && c <= std::int64_t{1} << 53; };
  if (!std::all_of(counts.begin(), counts.end(), countable) || counts[1] > counts[0] ||
      counts[2] > counts[0] || !finite(moments[0]) || !finite(moments[1]) ||
      !std::isfinite(moments[4]) || !finite(moments[5]) ||
      !std::all_of(weighted.begin(), weighted.end(), finite))
    throw StoreError("MeanLoss.load", "counts and moments of losses", "values out of range",
                     "the saved state is damaged; run again");
  MeanLoss loaded(upper_);
  loaded.n_ = counts[0];
  loaded.n_infinite_ = counts[1];
  loaded.sum_ = stats::FixedSum::load({sums[0], sums[1]});
  loaded.squares_ = stats::FixedSum::load({sums[2], sums[3]});
  loaded.cubes_ = stats::FixedSum::load({sums[4], sums[5]});
  loaded.fourths_ = stats::FixedSum::load({sums[6], sums[7]});
  loaded.shape_ = {moments[4], moments[5]};
  loaded.moments_ = {counts[2], moments[0], moments[1], moments[2], moments[3]};
  loaded.weighted_ = {counts[3], weighted[0], weighted[1], weighted[2], weighted[3]};
  *this = loaded;
}

}  // namespace leadline::metrics

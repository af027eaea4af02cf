#include "leadline/stats/ranked.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>
#include <string>

#include "leadline/core/error.hpp"
#include "leadline/stats/clones.hpp"
#include "stats/ranked_walk.hpp"

namespace leadline::stats {
namespace detail::ranked {

LEADLINE_CLONES bool floats_only(const double* values, std::size_t n) {
  bool all = true;
  for (std::size_t i = 0; i < n; ++i)
    all &= static_cast<double>(static_cast<float>(values[i])) == values[i];
  return all;
}

constexpr std::size_t block = 512;  // a fixed length is what compilers vectorise at -O2
template <class T>
[[gnu::always_inline]] inline bool find_nan(const T* x, std::size_t n) {
  int found = 0;
  std::size_t i = 0;
  for (; i + block <= n; i += block)
    for (std::size_t k = 0; k < block; ++k) found |= x[i + k] != x[i + k] ? 1 : 0;
  for (; i < n; ++i) found |= x[i] != x[i] ? 1 : 0;
  return found != 0;
}
LEADLINE_CLONES bool any_nan(const float* x, std::size_t n) { return find_nan(x, n); }
LEADLINE_CLONES bool any_nan(const double* x, std::size_t n) { return find_nan(x, n); }

/// Least (not 0) and greatest magnitude.
LEADLINE_CLONES std::array<std::uint32_t, 2> float_magnitudes(const float* scores, std::size_t n) {
  std::uint32_t below = ~0U, above = 0;
  const auto take = [&](std::size_t i) {
    const std::uint32_t size = std::bit_cast<std::uint32_t>(scores[i]) & 0x7FFFFFFFU;
    above = size > above ? size : above;
    below = size - 1 < below ? size - 1 : below;  // 0 wraps to the greatest
  };
  std::size_t i = 0;
  for (; i + block <= n; i += block)
    for (std::size_t k = 0; k < block; ++k) take(i + k);
  for (; i < n; ++i) take(i);
  return {below + 1 == 0 ? ~0U : below + 1, above};
}

/// Packs floats with their group in the lowest bit; returns how many are positive.
LEADLINE_CLONES std::int64_t pack_floats(const float* scores, const std::uint8_t* positive,
                                         std::size_t n, Packing<std::uint32_t> packing,
                                         Ranked::Key32* out) {
  std::int64_t positives = 0;
  const auto put = [&](std::size_t i) {
    const std::uint32_t group = positive[i] != 0 ? 1U : 0U;
    out[i].bits = packing.pack(std::bit_cast<std::uint32_t>(scores[i])) << 1 | group;
    return group;
  };
  std::size_t i = 0;
  for (; i + block <= n; i += block) {
    std::uint32_t here = 0;
    for (std::size_t k = 0; k < block; ++k) here += put(i + k);
    positives += here;
  }
  for (; i < n; ++i) positives += put(i);
  return positives;
}

void check(std::size_t n, std::size_t n_groups, std::span<const double> weights, bool nan) {
  if (n_groups != n)
    throw ShapeError("Ranked", std::to_string(n) + " groups, one a score", std::to_string(n_groups),
                     "pass arrays of one length");
  if (!weights.empty() && weights.size() != n)
    throw ShapeError("Ranked", std::to_string(n) + " weights", std::to_string(weights.size()),
                     "pass one weight a score");
  if (nan) throw ValueError("Ranked", "scores that are numbers", "NaN", "leave such samples out");
  for (const double w : weights)
    if (!(w >= 0) || !std::isfinite(w))
      throw ValueError("Ranked", "finite weights >= 0", std::to_string(w),
                       "leave the sample out or give it weight 0");
}

constexpr std::uint64_t infinity_bits = 0x7FF0000000000000U;

Keys::Keys(std::span<const double> scores) {
  std::uint64_t least = 0, most = 0;
  magnitudes(scores, least, most);
  if (most == infinity_bits) {  // it comes right after the greatest finite one
    most = 0;
    for (const double x : scores) {
      const auto size = std::bit_cast<std::uint64_t>(x) & ~packing.sign;
      if (size != infinity_bits) most = std::max(most, size);
    }
    packing.infinite = ++most;
    least = std::min(least, most);
  }
  if (find_packing(least, most, packing)) return;
  table.assign(scores.begin(), scores.end());  // magnitudes 1e-308 and 1e300 in one sample
  std::sort(table.begin(), table.end());
  table.erase(std::unique(table.begin(), table.end()), table.end());
}

std::uint64_t Keys::of(double score) const {
  if (!table.empty())
    return static_cast<std::uint64_t>(std::lower_bound(table.begin(), table.end(), score) -
                                      table.begin());
  auto bits = std::bit_cast<std::uint64_t>(score);
  if ((bits & ~packing.sign) == infinity_bits) bits = (bits & packing.sign) | packing.infinite;
  return packing.pack(bits);
}

double Keys::score(std::uint64_t key) const {
  if (!table.empty()) return table[key];
  std::uint64_t bits = packing.unpack(key);
  if (packing.infinite != 0 && (bits & ~packing.sign) == packing.infinite)
    bits = (bits & packing.sign) | infinity_bits;
  return std::bit_cast<double>(bits);
}

std::vector<Placed> placed(std::span<const double> scores, std::span<const std::uint8_t> positive) {
  const Keys keys(scores);
  std::vector<Placed> items(scores.size()), scratch(scores.size());
  for (std::size_t i = 0; i < items.size(); ++i)
    items[i] = {keys.of(scores[i]) << 1 | (positive[i] != 0 ? 1U : 0U), i};
  if (sort_items(items.data(), scratch.data(), items.size()) == scratch.data()) items.swap(scratch);
  return items;
}

}  // namespace detail::ranked

bool has_nan(std::span<const float> values) {
  return detail::ranked::any_nan(values.data(), values.size());
}
bool has_nan(std::span<const double> values) {
  return detail::ranked::any_nan(values.data(), values.size());
}
bool all_floats(std::span<const double> values) {
  return detail::ranked::floats_only(values.data(), values.size());
}

double Ranked::score(std::uint64_t bits) const {
  return kind_ == floats ? detail::ranked::scorer<Key32>(*this)(static_cast<std::uint32_t>(bits))
                         : keys_->score(bits >> 1);
}

template <class Item>
void Ranked::sort(std::span<Item> unsorted) {
  const auto scratch = detail::ranked::room_for<Item>(unsorted.size());
  Item* other = detail::ranked::as<Item>(scratch);
  if (detail::ranked::sort_items(unsorted.data(), other, unsorted.size()) == other)
    memory_ = scratch;
}

void Ranked::build(std::span<const float> scores, std::span<const std::uint8_t> positive,
                   std::span<const double> weights) {
  namespace impl = detail::ranked;
  const auto [least, most] = impl::float_magnitudes(scores.data(), scores.size());
  impl::Packing<std::uint32_t> packing;
  if (!weights.empty() || !impl::find_packing(least, most, packing) ||
      most == std::bit_cast<std::uint32_t>(std::numeric_limits<float>::infinity())) {
    const std::vector<double> wide(scores.begin(), scores.end());
    return build(std::span<const double>(wide), positive, weights);
  }
  kind_ = floats;
  base_ = packing.base;
  const auto memory = impl::room_for<Key32>(scores.size());
  memory_ = memory;
  Key32* out = impl::as<Key32>(memory);
  n_positive_ = impl::pack_floats(scores.data(), positive.data(), scores.size(), packing, out);
  n_negative_ = std::ssize(scores) - n_positive_;
  positive_weight_ = positive_effective_ = static_cast<double>(n_positive_);
  negative_weight_ = negative_effective_ = static_cast<double>(n_negative_);
  sort(std::span(out, scores.size()));
}

void Ranked::build(std::span<const double> scores, std::span<const std::uint8_t> positive,
                   std::span<const double> weights) {
  namespace impl = detail::ranked;
  const auto keys = std::make_shared<const impl::Keys>(scores);
  keys_ = keys;
  kind_ = weights.empty() ? doubles : Kind::weights;
  const auto memory = weights.empty() ? impl::room_for<Key64>(scores.size())
                                      : impl::room_for<Weighted>(scores.size());
  memory_ = memory;
  std::array<double, 2> sum{}, square{};
  std::array<std::int64_t, 2> count{};
  for (std::size_t i = 0; i < scores.size(); ++i) {
    const std::uint64_t group = positive[i] != 0 ? 1U : 0U;
    const std::uint64_t bits = keys->of(scores[i]) << 1 | group;
    ++count[group];
    if (weights.empty()) {
      impl::as<Key64>(memory)[i] = {bits};
    } else {
      impl::as<Weighted>(memory)[i] = {bits, weights[i]};
      sum[group] += weights[i];
      square[group] += weights[i] * weights[i];
    }
  }
  n_negative_ = count[0];
  n_positive_ = count[1];
  for (std::size_t g = 0; g < 2; ++g) {
    if (weights.empty()) sum[g] = square[g] = static_cast<double>(count[g]);
    (g == 1 ? positive_weight_ : negative_weight_) = sum[g];
    (g == 1 ? positive_effective_ : negative_effective_) =
        square[g] > 0 ? sum[g] * sum[g] / square[g] : 0.0;
  }
  if (weights.empty())
    sort(std::span(impl::as<Key64>(memory), scores.size()));
  else
    sort(std::span(impl::as<Weighted>(memory), scores.size()));
}

Ranked::Ranked(std::span<const float> scores, std::span<const std::uint8_t> positive,
               std::span<const double> weights) {
  detail::ranked::check(scores.size(), positive.size(), weights, has_nan(scores));
  build(scores, positive, weights);
}

Ranked::Ranked(std::span<const double> scores, std::span<const std::uint8_t> positive,
               std::span<const double> weights) {
  detail::ranked::check(scores.size(), positive.size(), weights, has_nan(scores));
  if (weights.empty() && all_floats(scores)) {
    const std::vector<float> narrow(scores.begin(), scores.end());
    build(std::span<const float>(narrow), positive, weights);
  } else {
    build(scores, positive, weights);
  }
}

Ranked Ranked::of_groups(std::span<const double> positives, std::span<const double> negatives) {
  std::vector<double> scores(positives.begin(), positives.end());
  scores.insert(scores.end(), negatives.begin(), negatives.end());
  std::vector<std::uint8_t> group(scores.size(), 0);
  std::fill_n(group.begin(), positives.size(), std::uint8_t{1});
  return Ranked(scores, group);
}

}  // namespace leadline::stats

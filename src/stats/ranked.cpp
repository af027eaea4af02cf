#include "leadline/stats/ranked.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <memory>
#include <string>

#include "leadline/core/error.hpp"
#include "leadline/stats/clones.hpp"
#include "stats/ranked_walk.hpp"

namespace leadline::stats {
namespace detail::ranked {

// Sorting by counting pays from about here on.
constexpr std::size_t small = 1024;
constexpr int digit_bits = 11;
constexpr std::size_t buckets = std::size_t{1} << digit_bits;
constexpr std::uint64_t most_narrow = std::uint64_t{1} << 31;

// The highest bits that three passes sort by: all of a float, 33 of a double.
constexpr std::array<int, 3> shifts(Ranked::Narrow) { return {32, 43, 54}; }
constexpr std::array<int, 3> shifts(const Ranked::Wide&) { return {31, 42, 53}; }
constexpr std::uint64_t word_of(Ranked::Narrow item) { return item; }
constexpr std::uint64_t word_of(const Ranked::Wide& item) { return item.key; }

constexpr bool less(Ranked::Narrow a, Ranked::Narrow b) { return a < b; }
constexpr bool less(const Ranked::Wide& a, const Ranked::Wide& b) {
  return a.key != b.key ? a.key < b.key : a.payload < b.payload;
}

/// Sorts runs that agree in the sorted bits of a double by the rest.
void finish(std::vector<Ranked::Wide>& items) {
  const int shift = shifts(Ranked::Wide{})[0];
  for (std::size_t first = 0; first < items.size();) {
    std::size_t last = first + 1;
    const std::uint64_t head = items[first].key >> shift;
    bool sorted = true;
    while (last < items.size() && items[last].key >> shift == head) {
      sorted &= !less(items[last], items[last - 1]);
      ++last;
    }
    if (!sorted)
      std::sort(items.begin() + static_cast<std::ptrdiff_t>(first),
                items.begin() + static_cast<std::ptrdiff_t>(last),
                [](const auto& a, const auto& b) { return less(a, b); });
    first = last;
  }
}
void finish(std::vector<Ranked::Narrow>&) {}

template <class Item>
using Counts = std::array<std::array<std::uint32_t, buckets>, 3>;

template <class Item>
void count_digits(std::span<const Item> items, Counts<Item>& counts) {
  constexpr auto at = shifts(Item{});
  for (const Item& item : items) {
    const std::uint64_t word = word_of(item);
    ++counts[0][word >> at[0] & (buckets - 1)];
    ++counts[1][word >> at[1] & (buckets - 1)];
    ++counts[2][word >> at[2] & (buckets - 1)];
  }
}

/// The items of `from` in order; stable, so that equal scores stay in the order of their places.
template <class Item>
std::vector<Item> sorted(std::span<const Item> from) {
  std::vector<Item> out(from.begin(), from.end());
  if (from.size() < small) {
    std::sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return less(a, b); });
    return out;
  }
  static_assert(sizeof(Counts<Item>) == 3 * buckets * 4);
  auto counts = std::make_unique<Counts<Item>>();
  count_digits(from, *counts);
  std::vector<Item> scratch(from.size());
  for (std::size_t pass = 0; pass < 3; ++pass) {
    auto& starts = (*counts)[pass];
    const int shift = shifts(Item{})[pass];
    if (starts[word_of(out.front()) >> shift & (buckets - 1)] == from.size()) continue;
    std::uint32_t sum = 0;
    for (std::uint32_t& start : starts) {
      const std::uint32_t count = start;
      start = sum;
      sum += count;
    }
    Item* target = scratch.data();
    for (const Item& item : out) target[starts[word_of(item) >> shift & (buckets - 1)]++] = item;
    out.swap(scratch);
  }
  finish(out);
  return out;
}

LEADLINE_CLONES bool all_are_floats(const double* values, std::size_t n) {
  bool all = true;
  for (std::size_t i = 0; i < n; ++i)
    all &= static_cast<double>(static_cast<float>(values[i])) == values[i];
  return all;
}

template <class T>
bool any_nan(std::span<const T> values) {
  bool found = false;
  for (const T x : values) found |= x != x;
  return found;
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

}  // namespace detail::ranked

std::uint32_t ordered_bits(float x) noexcept {
  return detail::ranked::ordered(std::bit_cast<std::uint32_t>(x));
}
std::uint64_t ordered_bits(double x) noexcept {
  return detail::ranked::ordered(std::bit_cast<std::uint64_t>(x));
}
float from_ordered_bits(std::uint32_t bits) noexcept {
  return static_cast<float>(detail::ranked::score_of(bits));
}
double from_ordered_bits(std::uint64_t bits) noexcept { return detail::ranked::score_of(bits); }
bool has_nan(std::span<const float> values) { return detail::ranked::any_nan(values); }
bool has_nan(std::span<const double> values) { return detail::ranked::any_nan(values); }

void RankedBuilder::widen() {
  wide_.reserve(narrow_.size());
  for (const Ranked::Narrow item : narrow_)
    wide_.push_back(
        {ordered_bits(detail::ranked::score_of(detail::ranked::key_of(item))), item & 0xFFFFFFFFU});
  narrow_.clear();
  narrow_.shrink_to_fit();
}

void RankedBuilder::add(std::span<const float> scores, std::span<const std::uint8_t> positive) {
  const auto before = static_cast<std::uint64_t>(n());
  if (!wide_.empty() || before + scores.size() > detail::ranked::most_narrow) {
    const std::vector<double> doubles(scores.begin(), scores.end());
    if (wide_.empty()) widen();
    return add(doubles, positive);
  }
  narrow_.resize(before + scores.size());
  Ranked::Narrow* out = narrow_.data() + before;
  std::int64_t positives = 0;
  for (std::size_t i = 0; i < scores.size(); ++i) {
    const std::uint64_t group = positive[i] != 0 ? 1U : 0U;
    positives += static_cast<std::int64_t>(group);
    out[i] = std::uint64_t{detail::ranked::ordered(std::bit_cast<std::uint32_t>(scores[i]))} << 32 |
             (before + i) << 1 | group;
  }
  n_positive_ += positives;
  n_negative_ += std::ssize(scores) - positives;
}

void RankedBuilder::add(std::span<const double> scores, std::span<const std::uint8_t> positive) {
  const auto before = static_cast<std::uint64_t>(n());
  if (wide_.empty() && before + scores.size() <= detail::ranked::most_narrow &&
      detail::ranked::all_are_floats(scores.data(), scores.size())) {
    const std::vector<float> floats(scores.begin(), scores.end());
    return add(floats, positive);
  }
  if (wide_.empty()) widen();
  wide_.resize(before + scores.size());
  Ranked::Wide* out = wide_.data() + before;
  std::int64_t positives = 0;
  for (std::size_t i = 0; i < scores.size(); ++i) {
    const std::uint64_t group = positive[i] != 0 ? 1U : 0U;
    positives += static_cast<std::int64_t>(group);
    out[i] = {detail::ranked::ordered(std::bit_cast<std::uint64_t>(scores[i])),
              (before + i) << 1 | group};
  }
  n_positive_ += positives;
  n_negative_ += std::ssize(scores) - positives;
}

void RankedBuilder::merge(const RankedBuilder& other) {
  if (other.n() == 0) return;
  if (&other == this) return merge(RankedBuilder(other));
  const auto before = static_cast<std::uint64_t>(n());
  const bool wide = !wide_.empty() || !other.wide_.empty() ||
                    before + other.narrow_.size() > detail::ranked::most_narrow;
  if (!wide) {
    narrow_.reserve(narrow_.size() + other.narrow_.size());
    for (const Ranked::Narrow item : other.narrow_) narrow_.push_back(item + (before << 1));
  } else {
    if (wide_.empty()) widen();
    RankedBuilder copy(other);
    if (copy.wide_.empty()) copy.widen();
    for (const Ranked::Wide& item : copy.wide_)
      wide_.push_back({item.key, item.payload + (before << 1)});
  }
  n_positive_ += other.n_positive_;
  n_negative_ += other.n_negative_;
}

double RankedBuilder::score(std::int64_t place) const {
  const auto at = static_cast<std::size_t>(place);
  return narrow_.empty() ? detail::ranked::score_of(wide_[at].key)
                         : detail::ranked::score_of(detail::ranked::key_of(narrow_[at]));
}

bool RankedBuilder::positive(std::int64_t place) const {
  const auto at = static_cast<std::size_t>(place);
  return (narrow_.empty() ? detail::ranked::group_of(wide_[at])
                          : detail::ranked::group_of(narrow_[at])) != 0;
}

void RankedBuilder::clear() { *this = RankedBuilder(); }

Ranked RankedBuilder::ranked(std::span<const double> weights) const {
  Ranked out;
  out.n_positive_ = n_positive_;
  out.n_negative_ = n_negative_;
  out.weights_.assign(weights.begin(), weights.end());
  if (!narrow_.empty()) out.narrow_ = detail::ranked::sorted<Ranked::Narrow>(narrow_);
  if (!wide_.empty()) out.wide_ = detail::ranked::sorted<Ranked::Wide>(wide_);
  out.positive_weight_ = out.positive_effective_ = static_cast<double>(n_positive_);
  out.negative_weight_ = out.negative_effective_ = static_cast<double>(n_negative_);
  if (weights.empty()) return out;
  std::array<double, 2> sum{}, square{};
  for (std::int64_t i = 0; i < n(); ++i) {
    const double w = weights[static_cast<std::size_t>(i)];
    const std::size_t group = positive(i) ? 1 : 0;
    sum[group] += w;
    square[group] += w * w;
  }
  out.positive_weight_ = sum[1];
  out.negative_weight_ = sum[0];
  out.positive_effective_ = square[1] > 0 ? sum[1] * sum[1] / square[1] : 0.0;
  out.negative_effective_ = square[0] > 0 ? sum[0] * sum[0] / square[0] : 0.0;
  return out;
}

Ranked::Ranked(std::span<const float> scores, std::span<const std::uint8_t> positive,
               std::span<const double> weights) {
  detail::ranked::check(scores.size(), positive.size(), weights, has_nan(scores));
  RankedBuilder builder;
  builder.add(scores, positive);
  *this = builder.ranked(weights);
}

Ranked::Ranked(std::span<const double> scores, std::span<const std::uint8_t> positive,
               std::span<const double> weights) {
  detail::ranked::check(scores.size(), positive.size(), weights, has_nan(scores));
  RankedBuilder builder;
  builder.add(scores, positive);
  *this = builder.ranked(weights);
}

Ranked Ranked::of_groups(std::span<const double> positives, std::span<const double> negatives) {
  std::vector<double> scores(positives.begin(), positives.end());
  scores.insert(scores.end(), negatives.begin(), negatives.end());
  std::vector<std::uint8_t> group(scores.size(), 0);
  std::fill_n(group.begin(), positives.size(), std::uint8_t{1});
  return Ranked(scores, group);
}

Levels levels_of(const Ranked& ranked) {
  namespace impl = detail::ranked;
  Levels out;
  out.n = ranked.n();
  out.positives = ranked.positive_weight();
  out.negatives = ranked.negative_weight();
  out.positives_effective = ranked.positive_effective();
  out.negatives_effective = ranked.negative_effective();
  const auto weights = ranked.weights();
  impl::with_items(ranked, [&](auto items) {
    impl::walk_down(items, [&](std::size_t first, std::size_t last, std::uint64_t positives) {
      out.score.push_back(impl::score_of(impl::key_of(items[first])));
      if (weights.empty()) {
        out.positive.push_back(static_cast<double>(positives));
        out.negative.push_back(static_cast<double>(last - first - positives));
        return;
      }
      std::array<double, 2> sum{}, square{};
      for (std::size_t i = first; i < last; ++i) {
        const double w = weights[impl::place_of(items[i])];
        sum[impl::group_of(items[i])] += w;
        square[impl::group_of(items[i])] += w * w;
      }
      if (sum[0] == 0 && sum[1] == 0) {  // weight 0 is as if it were not there
        out.score.pop_back();
        return;
      }
      out.positive.push_back(sum[1]);
      out.negative.push_back(sum[0]);
      out.positive_square.push_back(square[1]);
      out.negative_square.push_back(square[0]);
    });
  });
  return out;
}

Levels flipped(const Levels& levels) {
  Levels out = levels;
  std::swap(out.positive, out.negative);
  std::swap(out.positive_square, out.negative_square);
  std::swap(out.positives, out.negatives);
  std::swap(out.positives_effective, out.negatives_effective);
  for (auto* column :
       {&out.score, &out.positive, &out.negative, &out.positive_square, &out.negative_square})
    std::reverse(column->begin(), column->end());
  for (double& score : out.score) score = -score;
  return out;
}

}  // namespace leadline::stats

/// Ranks many scores against the few of one group, without sorting the many.
#pragma once

#include <algorithm>
#include <bit>
#include <concepts>
#include <cstdint>
#include <span>
#include <type_traits>
#include <vector>

#include "leadline/stats/delong.hpp"
#include "stats/ranked_walk.hpp"

namespace leadline::stats::detail::rank_slots {

template <class T>
using Bits = std::conditional_t<sizeof(T) == 4, std::uint32_t, std::uint64_t>;

/// An integer that orders as the number does; 0 and -0 are one. Not for NaN.
template <std::floating_point T>
constexpr Bits<T> ordered(T x) {
  constexpr Bits<T> sign = Bits<T>{1} << (sizeof(T) * 8 - 1);
  const auto bits = std::bit_cast<Bits<T>>(x + T(0));
  return bits & sign ? ~bits : bits | sign;
}

template <class T>
struct Whole {
  Bits<T> bits;
};

}  // namespace leadline::stats::detail::rank_slots

namespace leadline::stats::detail::ranked {
template <class T>
constexpr int key_shift<rank_slots::Whole<T>> = 0;
}

namespace leadline::stats::detail::rank_slots {

/// The places that scores can have among those of a group with L distinct scores: slot 2 j is
/// between the levels j - 1 and j, slot 2 j + 1 is the level j.
template <std::floating_point T>
class Slots {
 public:
  /// `keys`: of the group, in any order, at least one.
  void build(std::vector<Whole<T>>& keys, std::vector<Whole<T>>& scratch) {
    scratch.resize(keys.size());
    const auto* sorted = ranked::sort_items(keys.data(), scratch.data(), keys.size());
    levels_.clear();
    for (std::size_t i = 0; i < keys.size(); ++i)
      if (i == 0 || sorted[i].bits != sorted[i - 1].bits) levels_.push_back(sorted[i].bits);
    // About four buckets a level over the range: most hold no level or one.
    least_ = levels_.front();
    most_ = levels_.back();
    const auto wanted = static_cast<int>(std::bit_width(4 * levels_.size()));
    shift_ = std::max(0, static_cast<int>(std::bit_width(Bits<T>(most_ - least_))) - wanted);
    start_.assign(static_cast<std::size_t>((most_ - least_) >> shift_) + 2, 0);
    for (const Bits<T> level : levels_)
      ++start_[static_cast<std::size_t>((level - least_) >> shift_) + 1];
    for (std::size_t b = 1; b < start_.size(); ++b) start_[b] += start_[b - 1];
  }

  [[nodiscard]] std::size_t size() const { return 2 * levels_.size() + 1; }

  [[nodiscard]] std::uint32_t of(T score) const {
    const Bits<T> key = ordered(score);
    const auto bucket =
        static_cast<std::size_t>((std::clamp(key, least_, most_) - least_) >> shift_);
    std::uint32_t j = start_[bucket];
    const std::uint32_t end = start_[bucket + 1];
    const Bits<T>* levels = levels_.data();
    constexpr std::uint32_t few = 8;
    if (end - j > few)
      j = static_cast<std::uint32_t>(std::lower_bound(levels + j, levels + end, key) - levels);
    else
      while (j < end && levels[j] < key) ++j;
    return 2 * j + (j < end && levels[j] == key ? 1U : 0U);
  }

 private:
  std::vector<Bits<T>> levels_;
  Bits<T> least_ = 0, most_ = 0;
  int shift_ = 0;
  std::vector<std::uint32_t> start_;  // of the levels of a bucket
};

/// One column of counts, each class against the rest: what is asked most. The smaller group is
/// sorted, the others are ranked against it: their order among themselves changes nothing.
template <class T>
class CountedColumn {
 public:
  /// The AUROC of `values`, sample i in the positive group where `is_positive(i)`; adds `scale`
  /// times the influence of each sample. Fewer than 2^31 samples, of both groups.
  template <class Group>
  Auroc solve(std::span<const T> values, Group&& is_positive, double scale,
              std::vector<double>& influence, double level) {
    rank(values, is_positive);
    const auto p = static_cast<double>(n_positive_), q = static_cast<double>(n_negative_);
    const double value = static_cast<double>(wins()) / (2 * p * q);
    const double variance = make_shares(value);
    for (std::size_t i = 0; i < values.size(); ++i) influence[i] += scale * shares_[place_[i]];
    return auroc_from(value, variance, std::min(p, q), level);
  }

 private:
  /// Counts both groups by slot and notes where each sample went: 2 * slot + group.
  template <class Group>
  void rank(std::span<const T> values, Group&& is_positive) {
    const std::size_t n = values.size();
    place_.resize(n);
    n_positive_ = 0;
    for (std::size_t i = 0; i < n; ++i) {
      place_[i] = is_positive(i) ? 1U : 0U;
      n_positive_ += place_[i];
    }
    n_negative_ = n - n_positive_;
    const std::uint32_t few = n_positive_ <= n_negative_ ? 1U : 0U;
    keys_.resize(n);
    std::size_t m = 0;
    for (std::size_t i = 0; i < n; ++i) {
      keys_[m].bits = ordered(values[i]);
      m += place_[i] == few ? 1 : 0;
    }
    keys_.resize(m);
    slots_.build(keys_, scratch_);
    counts_.assign(2 * slots_.size(), 0);
    for (std::size_t i = 0; i < n; ++i) {
      place_[i] += 2 * slots_.of(values[i]);
      ++counts_[place_[i]];
    }
  }
  /// Twice the pairs that a positive wins, a tie once.
  [[nodiscard]] std::uint64_t wins() const {
    std::uint64_t won = 0, above = 0;
    for (std::size_t k = counts_.size(); k > 0; k -= 2) {
      const std::uint64_t negatives = counts_[k - 2], positives = counts_[k - 1];
      won += negatives * (2 * above + positives);
      above += positives;
    }
    return won;
  }
  /// The influence of a sample by where it went; returns the variance of the value.
  double make_shares(double value) {
    const auto p = static_cast<double>(n_positive_), q = static_cast<double>(n_negative_);
    shares_.resize(counts_.size());
    double of_positives = 0, of_negatives = 0;
    std::uint64_t above_positive = 0, above_negative = 0;
    for (std::size_t k = counts_.size(); k > 0; k -= 2) {
      const std::uint64_t negatives = counts_[k - 2], positives = counts_[k - 1];
      const double won = static_cast<double>(2 * above_positive + positives) / (2 * p);
      const double lost = static_cast<double>(2 * above_negative + negatives) / (2 * q);
      shares_[k - 2] = (won - value) / q;
      shares_[k - 1] = (1 - lost - value) / p;
      of_positives += static_cast<double>(positives) * shares_[k - 1] * shares_[k - 1];
      of_negatives += static_cast<double>(negatives) * shares_[k - 2] * shares_[k - 2];
      above_positive += positives;
      above_negative += negatives;
    }
    const auto unbiased = [](double n) { return n > 1 ? n / (n - 1) : 0.0; };
    return of_positives * unbiased(p) + of_negatives * unbiased(q);
  }

  std::uint64_t n_positive_ = 0, n_negative_ = 0;
  std::vector<Whole<T>> keys_, scratch_;
  Slots<T> slots_;
  std::vector<std::uint32_t> place_, counts_;
  std::vector<double> shares_;
};

}  // namespace leadline::stats::detail::rank_slots

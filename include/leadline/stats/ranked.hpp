/// Scores of two groups, sorted once: what every statistic of ranking reads.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "leadline/config.hpp"

namespace leadline::stats::detail::ranked {
struct Keys;
}

namespace leadline::stats {

/// The scores of a sample in order, with the group of each. Equal scores (0 and -0 are equal) form
/// one level; +-infinity ranks like any number.
///
/// Sorting is by radix on the ordered bits of the floats, with the group as the lowest bit: about
/// 10 ms for 1e6 floats on one core, twice that for doubles. Memory: 4 bytes a sample (8 for
/// doubles, 16 with weights) and as much again while it sorts.
class LEADLINE_API Ranked {
 public:
  /// `scores` [n], no NaN; `positive` [n], not 0: of the positive group; `weights` empty or [n],
  /// finite and >= 0. Throws ShapeError on other lengths, ValueError on a NaN or a weight out of
  /// range.
  Ranked(std::span<const float> scores, std::span<const std::uint8_t> positive,
         std::span<const double> weights = {});
  Ranked(std::span<const double> scores, std::span<const std::uint8_t> positive,
         std::span<const double> weights = {});
  /// Without weights.
  static Ranked of_groups(std::span<const double> positives, std::span<const double> negatives);

  [[nodiscard]] std::int64_t n() const { return n_positive_ + n_negative_; }
  [[nodiscard]] std::int64_t n_positive() const { return n_positive_; }
  [[nodiscard]] std::int64_t n_negative() const { return n_negative_; }
  [[nodiscard]] bool weighted() const { return kind_ == weights; }
  /// Sums of the weights of a group; the counts without weights.
  [[nodiscard]] double positive_weight() const { return positive_weight_; }
  [[nodiscard]] double negative_weight() const { return negative_weight_; }
  /// Kish's (sum w)^2 / sum w^2 of a group.
  [[nodiscard]] double positive_effective() const { return positive_effective_; }
  [[nodiscard]] double negative_effective() const { return negative_effective_; }

  // What is below is for the kernels (src/stats/ranked_walk.hpp).
  enum Kind : std::uint8_t { floats, doubles, weights };
  /// The ordered score above, the group in the lowest bit.
  struct Key32 {
    std::uint32_t bits;
  };
  struct Key64 {
    std::uint64_t bits;
  };
  struct Weighted {
    std::uint64_t bits;
    double weight;
  };
  [[nodiscard]] Kind kind() const { return kind_; }
  /// Ascending.
  template <class Item>
  [[nodiscard]] std::span<const Item> items() const {
    return {static_cast<const Item*>(static_cast<const void*>(memory_.get())),
            static_cast<std::size_t>(n())};
  }
  /// The score of an item's bits.
  [[nodiscard]] double score(std::uint64_t bits) const;
  [[nodiscard]] std::uint32_t packing_base() const { return base_; }

 private:
  Ranked() = default;
  void build(std::span<const float> scores, std::span<const std::uint8_t> positive,
             std::span<const double> weights);
  void build(std::span<const double> scores, std::span<const std::uint8_t> positive,
             std::span<const double> weights);
  template <class Item>
  void sort(std::span<Item> unsorted);

  Kind kind_ = floats;
  std::shared_ptr<const std::byte[]> memory_;
  std::uint32_t base_ = 0;                            // how floats are packed
  std::shared_ptr<const detail::ranked::Keys> keys_;  // how doubles are
  std::int64_t n_positive_ = 0, n_negative_ = 0;
  double positive_weight_ = 0, negative_weight_ = 0;
  double positive_effective_ = 0, negative_effective_ = 0;
};

[[nodiscard]] LEADLINE_API bool has_nan(std::span<const float> values);
[[nodiscard]] LEADLINE_API bool has_nan(std::span<const double> values);
/// Whether every double is a float.
[[nodiscard]] LEADLINE_API bool all_floats(std::span<const double> values);

/// The sample as levels from the greatest score down: the weights of both groups at each distinct
/// score, none dropped. A level may also be a bin of a histogram (`stats/score_histogram.hpp`).
struct Levels {
  std::vector<double> score, positive, negative;
  // Sums of the squared weights; empty without weights, where they are the counts themselves.
  std::vector<double> positive_square, negative_square;
  double positives = 0, negatives = 0;  // totals
  double positives_effective = 0, negatives_effective = 0;
  std::int64_t n = 0;
  [[nodiscard]] std::size_t size() const { return score.size(); }
  [[nodiscard]] bool weighted() const { return !positive_square.empty(); }
};
[[nodiscard]] LEADLINE_API Levels levels_of(const Ranked& ranked);
/// The same with the groups exchanged and the scores negated: what tells the negatives.
[[nodiscard]] LEADLINE_API Levels flipped(const Levels& levels);

}  // namespace leadline::stats

/// Scores of two groups, sorted once: what every statistic of ranking reads.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "leadline/config.hpp"

namespace leadline::stats {

/// The scores of a sample from the least to the greatest, with the group of each and its place in
/// the input. Equal scores (0 and -0 are equal) form one level; +-infinity ranks like any number.
///
/// Sorting is by radix on the ordered bits of the floats: 6 ms for 1e6 floats on one core. Doubles
/// that are floats are sorted as floats. Memory: 8 bytes a sample (16 for doubles) and as much
/// again while it sorts.
class LEADLINE_API Ranked {
 public:
  /// `scores` [n], no NaN; `positive` [n], not 0: of the positive group; `weights` empty or [n],
  /// finite and >= 0. Throws ShapeError on other lengths, ValueError on a NaN or a weight out of
  /// range.
  Ranked(std::span<const float> scores, std::span<const std::uint8_t> positive,
         std::span<const double> weights = {});
  Ranked(std::span<const double> scores, std::span<const std::uint8_t> positive,
         std::span<const double> weights = {});
  /// Without weights; places count the positives first.
  static Ranked of_groups(std::span<const double> positives, std::span<const double> negatives);

  [[nodiscard]] std::int64_t n() const { return n_positive_ + n_negative_; }
  [[nodiscard]] std::int64_t n_positive() const { return n_positive_; }
  [[nodiscard]] std::int64_t n_negative() const { return n_negative_; }
  [[nodiscard]] bool weighted() const { return !weights_.empty(); }
  /// Sums of the weights of a group; the counts without weights.
  [[nodiscard]] double positive_weight() const { return positive_weight_; }
  [[nodiscard]] double negative_weight() const { return negative_weight_; }
  /// Kish's (sum w)^2 / sum w^2 of a group.
  [[nodiscard]] double positive_effective() const { return positive_effective_; }
  [[nodiscard]] double negative_effective() const { return negative_effective_; }

  /// One sample of 32-bit scores: the ordered bits above, then its place, then its group.
  using Narrow = std::uint64_t;
  /// One sample of 64-bit scores.
  struct Wide {
    std::uint64_t key = 0, payload = 0;  // ordered bits; place << 1 | group
  };
  /// Ascending; one of the two is empty.
  [[nodiscard]] std::span<const Narrow> narrow() const { return narrow_; }
  [[nodiscard]] std::span<const Wide> wide() const { return wide_; }
  /// By place; empty without weights.
  [[nodiscard]] std::span<const double> weights() const { return weights_; }

 private:
  friend class RankedBuilder;
  Ranked() = default;

  std::vector<Narrow> narrow_;
  std::vector<Wide> wide_;
  std::vector<double> weights_;
  std::int64_t n_positive_ = 0, n_negative_ = 0;
  double positive_weight_ = 0, negative_weight_ = 0;
  double positive_effective_ = 0, negative_effective_ = 0;
};

/// Packs batches of scores into a `Ranked`, which sorts them. The unsorted state of a metric.
class LEADLINE_API RankedBuilder {
 public:
  /// Appends a batch. Scores are not checked for NaN: `has_nan` does that.
  void add(std::span<const float> scores, std::span<const std::uint8_t> positive);
  void add(std::span<const double> scores, std::span<const std::uint8_t> positive);
  void merge(const RankedBuilder& other);
  [[nodiscard]] std::int64_t n() const { return n_positive_ + n_negative_; }
  [[nodiscard]] std::int64_t n_positive() const { return n_positive_; }
  /// Score and group of a sample by its place.
  [[nodiscard]] double score(std::int64_t place) const;
  [[nodiscard]] bool positive(std::int64_t place) const;
  void clear();
  /// Sorts a copy. `weights` as in `Ranked`, by place.
  [[nodiscard]] Ranked ranked(std::span<const double> weights = {}) const;

 private:
  void widen();
  std::vector<Ranked::Narrow> narrow_;
  std::vector<Ranked::Wide> wide_;
  std::int64_t n_positive_ = 0, n_negative_ = 0;
};

[[nodiscard]] LEADLINE_API bool has_nan(std::span<const float> values);
[[nodiscard]] LEADLINE_API bool has_nan(std::span<const double> values);

/// Bits that order as the floats do: a < b if and only if ordered(a) < ordered(b); -0 is 0.
[[nodiscard]] LEADLINE_API std::uint32_t ordered_bits(float x) noexcept;
[[nodiscard]] LEADLINE_API std::uint64_t ordered_bits(double x) noexcept;
/// The inverse.
[[nodiscard]] LEADLINE_API float from_ordered_bits(std::uint32_t bits) noexcept;
[[nodiscard]] LEADLINE_API double from_ordered_bits(std::uint64_t bits) noexcept;

/// The sample as levels from the greatest score down: the weights of both groups at each distinct
/// score, none dropped. Everything but AUROC is computed from these. A level may also be a bin of a
/// histogram (`stats/score_histogram.hpp`).
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

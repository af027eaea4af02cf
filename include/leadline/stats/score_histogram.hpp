/// Ranking in constant memory, with a bound on the error that is known when it is asked.
///
/// Scores are sorted into bins by the upper bits of a float: sign, exponent, mantissa. Between the
/// bins the order is exact; inside a bin it is not known, and the worst and the best order give the
/// bound. Merging adds integers: exact, in any order.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>
#include <type_traits>
#include <vector>

#include "leadline/config.hpp"
#include "leadline/stats/calibration.hpp"
#include "leadline/stats/ranked.hpp"

namespace leadline::stats {

/// What the scores are: declared, never guessed from their values.
enum class ScoreScale : std::uint8_t {
  raw,          // any number: logits, distances, energies; bins by the score's own bits
  probability,  // in [0, 1]: as fine near 1 as near 0, by the bits of the lesser of p and 1 - p
};
[[nodiscard]] constexpr auto names_of(std::type_identity<ScoreScale>) {
  return std::array<std::string_view, 2>{"raw", "probability"};
}

/// A number and how far it may be from the exact one.
struct Bounded {
  double value = 0.0;
  double error_bound = 0.0;
};

namespace detail::score_columns {
class Strip;
}

/// Counts of positives and negatives (or of right and wrong answers) by score.
///
/// Raw scores: 2^(bits - 7) bins an octave of |score|, from 2^-32 to 2^32 and beyond both ends one
/// bin more (as all below 2^-32 falls together, the bound says what that costs). Probabilities: the
/// same for p and 1 - p down to 2^-64: the order of the logit with no logarithm.
/// Memory: 16 bytes a bin between the least and the greatest score, at most 2^bits bins (1 MB at
/// 16); weights: 32.
class LEADLINE_API ScoreHistogram {
 public:
  /// Throws ValueError unless bits is in [8, 20].
  explicit ScoreHistogram(int bits = 16, ScoreScale scale = ScoreScale::raw);

  /// Adds a batch; `positive` not 0: positive; `weights` empty or one a sample, finite and >= 0.
  /// Scores must not be NaN, probabilities must be in [0, 1]: the caller has checked.
  void add(std::span<const float> scores, std::span<const std::uint8_t> positive,
           std::span<const double> weights = {});
  void add(std::span<const double> scores, std::span<const std::uint8_t> positive,
           std::span<const double> weights = {});
  /// Adds a batch that nobody has checked, reading it once: for large ones, since it costs a pass
  /// over 2^bits bins. False, with nothing added, where a score is NaN or no probability, a label
  /// neither 0 nor 1, or the batch 2^32 samples or more. `positive`: the label of a positive.
  [[nodiscard]] bool add_checked(std::span<const float> scores,
                                 std::span<const std::int64_t> labels, std::int64_t positive = 1);
  [[nodiscard]] bool add_checked(std::span<const double> scores,
                                 std::span<const std::int64_t> labels, std::int64_t positive = 1);
  /// Throws ValueError when bits or scale differ.
  void merge(const ScoreHistogram& other);

  friend class detail::score_columns::Strip;

  [[nodiscard]] int bits() const { return bits_; }
  [[nodiscard]] ScoreScale scale() const { return scale_; }
  [[nodiscard]] std::int64_t n() const { return n_; }
  [[nodiscard]] bool weighted() const { return weighted_; }

  /// One level a bin that is not empty; its score is the upper end of the bin.
  [[nodiscard]] Levels levels() const;

  /// Half of every pair inside a bin is counted right: the error is at most half of them,
  /// sum_b pos_b * neg_b / (2 P N).
  [[nodiscard]] Bounded auroc() const;
  /// Positives and negatives mixed evenly inside a bin; the bound is to the worse of both orders.
  [[nodiscard]] Bounded average_precision() const;
  /// Linear inside the bin of the threshold.
  [[nodiscard]] Bounded fpr_at_tpr(double tpr) const;
  /// ECE over equal-width bins of the score as the confidence in a right answer (probability scale
  /// only, else ValueError): positives are right answers. A histogram bin that straddles an edge
  /// goes to the side of its middle.
  [[nodiscard]] Bounded expected_calibration_error(int bins = 15) const;
  /// The bins of that ECE, with weights scaled to the effective number of samples. Throws
  /// ValueError as it does.
  [[nodiscard]] std::vector<CalibrationBin> calibration_bins(int bins = 15) const;
  /// Area under the risk-coverage curve: mean over the samples, from the most confident down, of
  /// the error rate down to it; positives are right answers (Geifman and El-Yaniv 2017).
  [[nodiscard]] Bounded area_under_risk_coverage() const;

  /// As integers (with weights: their bits too): only bins that are not empty.
  struct Saved {
    std::vector<std::int64_t> bins, positive, negative;
    std::vector<double> weights;  // empty, or positive, negative, their squares: 4 a bin
  };
  [[nodiscard]] Saved save() const;
  /// Throws ValueError when the arrays do not fit each other or this histogram.
  void load(const Saved& saved);

 private:
  template <class T>
  void add_all(std::span<const T> scores, std::span<const std::uint8_t> positive,
               std::span<const double> weights);
  template <class T>
  bool add_checked_all(std::span<const T> scores, std::span<const std::int64_t> labels,
                       std::int64_t positive);
  /// Counts of bins from `low` on: of all samples, and of the positives among them.
  void add_counts(std::size_t low, std::span<const std::uint32_t> all,
                  std::span<const std::uint32_t> positive);
  template <class T, class Visit>
  void by_block(std::span<const T> scores, Visit&& visit);
  void cover(std::size_t low, std::size_t high);
  void add_weighted_levels(Levels& out) const;
  [[nodiscard]] double weight(std::size_t bin, std::size_t k) const;
  [[nodiscard]] double upper_end(std::size_t bin) const;
  [[nodiscard]] double lower_end(std::size_t bin) const;
  void start_weights();

  int bits_;
  ScoreScale scale_;
  std::int64_t n_ = 0;
  bool weighted_ = false;
  std::size_t first_ = 0;                          // the bin that the arrays begin with
  std::vector<std::int64_t> positive_, negative_;  // counts by bin; empty until the first sample
  std::vector<double> weights_;                    // [bin][positive, negative, and their squares]
};

/// Adds row-major scores [n, n_classes] of a classifier, one histogram a class: of row i the score
/// of class `labels[i]` is a positive there, the others are negatives. Checked by the caller as for
/// `ScoreHistogram::add`; labels in range, histograms of equal bits and scale.
LEADLINE_API void add_classes(std::span<ScoreHistogram> histograms, std::span<const float> scores,
                              std::span<const std::int32_t> labels);
LEADLINE_API void add_classes(std::span<ScoreHistogram> histograms, std::span<const double> scores,
                              std::span<const std::int32_t> labels);

/// The mean over the samples, from the most confident down, of the share of negatives (wrong
/// answers) down to it, ties in any order the same on average. With weights the integral over the
/// weight.
[[nodiscard]] LEADLINE_API double area_under_risk_coverage(const Levels& levels);
[[nodiscard]] LEADLINE_API Bounded bounded_area_under_risk_coverage(const Levels& levels);

/// The bounds of ranking statistics when the order inside each level is not known.
[[nodiscard]] LEADLINE_API Bounded bounded_auroc(const Levels& levels);
[[nodiscard]] LEADLINE_API Bounded bounded_average_precision(const Levels& levels);
[[nodiscard]] LEADLINE_API Bounded bounded_aupr_trapezoid(const Levels& levels);
[[nodiscard]] LEADLINE_API Bounded bounded_fpr_at_tpr(const Levels& levels, double tpr);
/// Any statistic that does not fall when a positive moves before a negative: from the best and the
/// worst order of each level. `statistic` sees levels that hold one group only.
template <class Statistic>
[[nodiscard]] Bounded bounded_by_order(const Levels& levels, double value, Statistic&& statistic);
/// Each level split in two, `positives_first` or last.
[[nodiscard]] LEADLINE_API Levels split_levels(const Levels& levels, bool positives_first);

template <class Statistic>
Bounded bounded_by_order(const Levels& levels, double value, Statistic&& statistic) {
  const double best = statistic(split_levels(levels, true));
  const double worst = statistic(split_levels(levels, false));
  const double up = best > worst ? best - value : worst - value;
  const double down = best > worst ? value - worst : value - best;
  return {value, up > down ? (up > 0 ? up : 0) : (down > 0 ? down : 0)};
}

}  // namespace leadline::stats

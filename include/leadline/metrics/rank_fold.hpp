/// Scores with their labels, kept whole or as histograms: the state of every metric of ranking.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "leadline/config.hpp"
#include "leadline/core/rows.hpp"
#include "leadline/core/state.hpp"
#include "leadline/stats/one_vs_rest.hpp"
#include "leadline/stats/ranked.hpp"
#include "leadline/stats/score_histogram.hpp"

namespace leadline::metrics {

/// Scores that a metric of ranking keeps unless told otherwise: 10 to 18 MB.
inline constexpr std::int64_t most_kept = std::int64_t{1} << 21;

/// What every metric of ranking is told about its scores.
struct RankSettings {
  std::int64_t positive = 1;
  bool exact = false;
  std::int64_t keep = most_kept;
  std::int64_t bits = 16;
  stats::ScoreScale scale = stats::ScoreScale::raw;
};

/// Scores and labels of a binary, a multiclass or a multilabel problem; which one the shapes say:
///
///   scores [n] or [n, 1], target [n] of 0 and 1        binary
///   scores [n, C],        target [n] in [0, C)         multiclass, one column a class
///   scores [n, C],        target [n, C] of 0 and 1     multilabel, one column a label
///
/// Scores are numbers of any dtype, +-infinity included; with scale 'probability' in [0, 1].
/// Memory. Every score (5 or 9 bytes, weights 8 more) while there are at most `keep` of them, in
/// all columns together; then one histogram a column, independent of n. Which of the two depends on
/// the number of samples alone, so that merging in any order gives the same. `exact`: every score,
/// always.
/// Exact under merge (weights in histograms: to 1e-12 relative).
/// Throws: ShapeError, TypeError, ValueError (NaN, a label out of range, a probability outside
/// [0, 1], a negative weight; with the sample). A batch that is refused changes nothing.
class LEADLINE_API RankFold {
 public:
  enum Layout : std::uint8_t { none, binary, multiclass, multilabel };

  explicit RankFold(const RankSettings& settings = {});

  /// Counts are read as so many rows each.
  static constexpr bool repeats_counted_rows = true;

  void update(const Rows& rows, std::string_view who);
  /// Says which states are kept alike.
  [[nodiscard]] std::string key() const {
    return "scores positive=" + std::to_string(settings_.positive) +
           " exact=" + std::to_string(settings_.exact) + " keep=" + std::to_string(settings_.keep) +
           " bits=" + std::to_string(settings_.bits) +
           " scale=" + std::to_string(static_cast<int>(settings_.scale));
  }
  void merge(const RankFold& other);
  void save(State& state) const;
  /// Throws StoreError.
  void load(const State& state);

  [[nodiscard]] Layout layout() const { return layout_; }
  [[nodiscard]] std::int64_t n() const { return n_; }
  /// Columns of scores: 1 for binary.
  [[nodiscard]] std::int64_t n_columns() const { return n_columns_; }
  /// Whether the scores themselves are kept.
  [[nodiscard]] bool exact() const { return exact_; }
  [[nodiscard]] bool weighted() const { return weighted_; }

  /// What a column can be judged by, without sorting it: the weights of both groups, their
  /// effective sizes, and whether the scores (or their bins) differ.
  struct Support {
    double positives = 0, negatives = 0, positives_effective = 0, negatives_effective = 0;
    bool differ = false;
  };
  [[nodiscard]] Support support(std::int64_t column = 0) const;
  /// One column against the rest as levels: distinct scores, or bins.
  [[nodiscard]] stats::Levels levels(std::int64_t column = 0) const;
  /// The same, sorted. Only where `exact()`.
  [[nodiscard]] stats::Ranked ranked(std::int64_t column = 0) const;
  /// AUROC of all columns and their average. Only where `exact()` and not binary.
  [[nodiscard]] stats::ColumnAuroc aurocs(stats::ClassContrast contrast, bool by_prevalence,
                                          double level) const;

 private:
  struct Batch;
  [[nodiscard]] Batch read(const Rows& rows, std::string_view who) const;
  /// Whether it could; otherwise nothing has changed, and `read` says what is refused.
  bool count_plain(const Rows& rows, std::string_view who);
  void append(Batch& batch);
  void count(const Batch& batch);
  void fold();
  void start_weights();
  void widen();
  [[nodiscard]] std::vector<std::uint8_t> group(std::int64_t column) const;

  RankSettings settings_;
  Layout layout_ = none;
  std::int64_t n_ = 0, n_columns_ = 0;
  bool exact_ = true, weighted_ = false;
  std::vector<float> floats_;        // row-major [n, n_columns], or
  std::vector<double> doubles_;      // where a score is not a float
  std::vector<std::uint8_t> group_;  // binary, multilabel: [n, n_columns]
  std::vector<std::int32_t> label_;  // multiclass: [n]
  std::vector<double> weights_;      // [n] once a weight was given
  std::vector<stats::ScoreHistogram> histograms_;
};

}  // namespace leadline::metrics

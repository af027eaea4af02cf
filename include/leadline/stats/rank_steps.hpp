/// The ROC curve of counted scores in integers: what several metrics of one sorted sample share.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "leadline/config.hpp"
#include "leadline/stats/delong.hpp"
#include "leadline/stats/precision_recall.hpp"
#include "leadline/stats/rank_curves.hpp"
#include "leadline/stats/ranked.hpp"

namespace leadline::stats {

/// How many positives and negatives score at least as much as each distinct score, from the
/// greatest down. 8 bytes a level; any point of the curve is found by bisection, so that curves are
/// thinned before they are made.
///
///     stats::RankSteps steps(ranked);
///     steps.aupr_of_negatives();
class LEADLINE_API RankSteps {
 public:
  /// Whether a sample can be held so: no weights, fewer than 2^32 scores, both groups.
  [[nodiscard]] static bool can_hold(const Ranked& ranked);
  /// Throws ValueError unless `can_hold`.
  explicit RankSteps(const Ranked& ranked);

  struct Step {
    std::uint32_t positives = 0, negatives = 0;
    [[nodiscard]] static constexpr Step of(std::uint64_t positives, std::uint64_t samples) {
      return {static_cast<std::uint32_t>(positives),
              static_cast<std::uint32_t>(samples - positives)};
    }
    [[nodiscard]] std::uint64_t samples() const { return std::uint64_t{positives} + negatives; }
  };
  /// The first is {0, 0}, at the threshold +infinity.
  [[nodiscard]] const std::vector<Step>& steps() const { return steps_; }
  [[nodiscard]] double positives() const { return static_cast<double>(ranked_.n_positive()); }
  [[nodiscard]] double negatives() const { return static_cast<double>(ranked_.n_negative()); }
  /// The score of a step, +infinity of the first.
  [[nodiscard]] double threshold(std::size_t step) const;

  /// As `auroc` of the sample.
  [[nodiscard]] Auroc auroc(double level = 0.95) const;
  /// As `aupr_trapezoid` and `aupr_of_negatives` of the levels.
  [[nodiscard]] RankValue aupr_of_positives(double level = 0.95) const;
  [[nodiscard]] RankValue aupr_of_negatives(double level = 0.95) const;
  /// As `average_precision` of the levels.
  [[nodiscard]] RankValue average_precision(double level = 0.95) const;
  /// As `fpr_at_tpr` of the levels, with the interval `matched_beta`.
  [[nodiscard]] RankValue fpr_at_tpr(double tpr, double level = 0.95) const;
  /// As `thin(roc_curve(levels, band, level), max_points)`.
  [[nodiscard]] RankCurve roc_curve(CurveBand band, double level = 0.95,
                                    std::size_t max_points = 257) const;

 private:
  [[nodiscard]] double fpr(std::size_t step) const { return steps_[step].negatives / negatives(); }
  [[nodiscard]] double tpr(std::size_t step) const { return steps_[step].positives / positives(); }
  [[nodiscard]] std::vector<std::size_t> spread(std::size_t max_points) const;
  [[nodiscard]] double tpr_at(double fpr, bool greatest) const;

  Ranked ranked_;
  std::vector<Step> steps_;
};

}  // namespace leadline::stats

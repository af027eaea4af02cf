/// Whether a stated probability means the same in every group.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "leadline/core/finding.hpp"
#include "leadline/core/rows.hpp"
#include "leadline/fairness/gap.hpp"
#include "leadline/fairness/group_index.hpp"

namespace leadline::fairness {

/// Probabilities and outcomes by group and bin: calibration by group and multicalibration.
///
/// Reads:  "probability" [n] of the positive class, floats in [0, 1]; "target" [n] in {0, 1}; a
///         table of n rows
/// Bins:   [k/B, (k+1)/B), the last one closed
/// Memory: 7 doubles a leaf and bin. Merges to 1e-12 relative.
/// Throws: ShapeError, TypeError, ValueError naming the row; a refused batch changes nothing.
class LEADLINE_API GroupCalibration {
 public:
  explicit GroupCalibration(std::int64_t bins = 10, std::vector<std::string> attributes = {});

  void update(const Rows& rows, const Table& groups,
              std::string_view who = "GroupCalibration.update");
  void merge(const GroupCalibration& other);

  [[nodiscard]] std::int64_t n() const { return n_; }
  [[nodiscard]] std::int64_t bins() const { return bins_; }
  [[nodiscard]] const GroupIndex& index() const { return index_; }

  /// Mean outcome minus mean probability of each group: above 0 the scores are too low. Normal
  /// interval.
  [[nodiscard]] std::vector<GroupValue> bias(std::string_view by, std::int64_t min_support = 30,
                                             double level = 0.95) const;
  /// Expected calibration error of each group, by test inversion (stats/calibration.hpp).
  [[nodiscard]] std::vector<GroupValue> expected_error(std::string_view by,
                                                       std::int64_t min_support = 30,
                                                       double level = 0.95) const;
  /// Largest |mean outcome - mean probability| over every group of up to `depth` attributes and
  /// every bin of scores with enough samples (Hebert-Johnson et al. 2018, with support in place of
  /// mass): the error that a group could point at. Interval: Wilson in each cell, Bonferroni over
  /// the cells. `null_gap` is what a calibrated model would show, `p_value` Bonferroni over the
  /// cells of the normal test with variance sum p (1 - p). Facts n_cells, cells_left_out.
  /// `Gap::highest` names the cell.
  [[nodiscard]] Gap multicalibration(std::int64_t depth = 2, const GapOptions& options = {}) const;
  /// The reliability curve of each group with Wilson bands.
  [[nodiscard]] Curve reliability(std::string_view by, std::int64_t min_support = 30,
                                  double level = 0.95) const;

  void save(State& state) const;
  void load(const State& state);

 private:
  static constexpr std::size_t n_sums = 7;
  /// n, weight, squared weights, weighted p, weighted y, squared weights times p(1-p), and times
  /// (y-p)^2 - by weight squared.
  struct Sums {
    double n = 0, weight = 0, squares = 0, probability = 0, positive = 0, expected = 0, squared = 0;
    Sums& operator+=(const Sums& other);
    [[nodiscard]] double n_effective() const;
    [[nodiscard]] double gap() const;  // mean outcome - mean probability
  };
  [[nodiscard]] Sums total(std::span<const std::int32_t> leaves, std::int64_t bin) const;

  std::int64_t bins_, n_ = 0;
  GroupIndex index_;
  std::vector<Sums> sums_;  // [leaves, bins]
};

}  // namespace leadline::fairness

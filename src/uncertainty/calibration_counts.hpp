// What a batch adds to the bins of confidence, in whole numbers.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "leadline/stats/moments.hpp"
#include "uncertainty/calibration_rows.hpp"

namespace leadline::detail::calibration_counts {

/// Of the samples of one bin; the sum of confidences as `stats::detail::moments::split_units` has
/// it.
struct Sum {
  std::int64_t n = 0, correct = 0, high = 0, low = 0;
};

struct Pair {
  std::int64_t first = 0, second = 0;
};
struct Scratch;

/// Counts samples by bin, a block at a time. Sums of whole numbers: the same in any order.
class Counts {
 public:
  /// More bins than this cost more than they save.
  static constexpr std::int64_t most_bins = 128;

  explicit Counts(std::int64_t bins);
  /// Reads rows [first, first + n), n at most a block.
  void add(calibration_rows::Source& source, std::int64_t first, std::int64_t n);

  [[nodiscard]] const std::vector<Sum>& bins() const { return bins_; }
  /// Sum of (confidence - hit)^2.
  [[nodiscard]] const stats::FixedSum& squared_gap() const { return squared_gap_; }

 private:
  /// Several sets of sums side by side: most samples are in one bin, and an addition need not wait
  /// for the last one there.
  static constexpr std::size_t n_sets = 4;

  /// Adds the scratch; `fetch(i)` is called on the way.
  template <class Next>
  void count(std::size_t n, const Next& fetch);
  void drain();

  std::vector<Sum> bins_;
  std::vector<Pair> cells_;  // [set][bin], of one block
  stats::FixedSum squared_gap_;
  std::shared_ptr<Scratch> scratch_;
};

}  // namespace leadline::detail::calibration_counts

/// Tests on ranks: Wilcoxon's signed ranks for pairs, Mann and Whitney's for two groups.
///
/// Ties have midranks. Up to `exact_up_to` samples the p-value is exact given the ties (the
/// permutation distribution of the midranks, by counting), beyond it the normal with the variance
/// corrected for ties.
#pragma once

#include <cstdint>
#include <span>

#include "leadline/config.hpp"
#include "leadline/stats/test_result.hpp"

namespace leadline::stats {

/// What becomes of pairs without a difference.
enum class Zeros : std::uint8_t {
  drop,   // left out before ranking (Wilcoxon 1945)
  pratt,  // ranked, then left out (Pratt 1959): better when differences are coarse
};
[[nodiscard]] constexpr auto names_of(std::type_identity<Zeros>) {
  return std::array<std::string_view, 2>{"drop", "pratt"};
}

struct RankOptions {
  Alternative alternative = Alternative::two_sided;
  Zeros zeros = Zeros::drop;      // wilcoxon only
  std::int64_t exact_up_to = 50;  // samples, at most 50
  bool continuity = true;         // of the normal: half a step towards the mean
};

/// Wilcoxon's signed-rank test that paired differences are symmetric about 0. Statistic: the sum of
/// the ranks of the positive ones. Two-sided exact p-values are twice the smaller tail. Undefined
/// when no difference is left. Throws ValueError on a value that is not finite.
[[nodiscard]] LEADLINE_API TestResult wilcoxon_test(std::span<const double> differences,
                                                    const RankOptions& options = {});

/// Mann and Whitney's test that two groups come from one distribution. Statistic: the number of
/// pairs in which the first group has the larger value, ties counted one half; over n1 n2 it is the
/// AUROC. Undefined when a group is empty or all values are equal.
/// Throws ValueError on a value that is not finite.
[[nodiscard]] LEADLINE_API TestResult mann_whitney_test(std::span<const double> first,
                                                        std::span<const double> second,
                                                        const RankOptions& options = {});

}  // namespace leadline::stats

/// The gap between the best and the worst group: its interval, and what parity would have shown.
///
/// The largest minus the smallest of several noisy rates is above 0 even when all groups are
/// treated alike, the more so the more and the smaller the groups. Each gap therefore comes with
///   - an interval that holds for all pairs of groups at once (Newcombe 1998 per pair, Bonferroni
///     over the pairs: coverage never below the level by more than Newcombe's own error),
///   - `null_gap`: the mean gap that parity would give with groups of these sizes (simulated:
///     binomial draws at the common rate; normal ones when every expected count is above 100 or
///     weights are given),
///   - `corrected`: the true gap, of the pattern seen, whose expected plug-in gap is the one seen;
///     0 when parity explains it,
///   - `p_value`: how often parity shows a gap as large, (k + 1) / (B + 1).
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "leadline/config.hpp"
#include "leadline/core/estimate.hpp"

namespace leadline::fairness {

/// A rate of one group, `successes` of `n`; with weights both are scaled to the effective size.
struct GroupRate {
  std::string group;
  double successes = 0, n = 0;
  std::int64_t rows = 0;  // samples behind it
  [[nodiscard]] double rate() const { return n > 0 ? successes / n : 0; }
};

/// Any estimate of one group.
struct GroupValue {
  std::string group;
  Estimate estimate;
};

struct GapOptions {
  double level = 0.95;
  std::int64_t min_support = 30;  // groups with fewer samples behind the rate are left out
  std::string reference{};        // "": largest minus smallest; else signed, against this group
  std::int64_t replicates = 2000;
  std::uint64_t seed = 0;
};

/// How the gaps of two rates become one.
enum class Aggregate : std::uint8_t {
  max,     // the larger gap
  mean,    // their mean
  signed_  // mean of the signed differences to the reference group, of the group where it is
           // largest
};
[[nodiscard]] constexpr auto names_of(std::type_identity<Aggregate>) {
  return std::array<std::string_view, 3>{"max", "mean", "signed"};
}

/// A gap and the groups at its ends.
/// Facts of the estimate: null_gap, corrected, p_value, n_groups, groups_left_out.
struct Gap {
  Estimate estimate;
  std::string highest, lowest;  // signed: the group compared, and the reference
};

/// Largest minus smallest rate, in [0, 1]; with a reference the signed difference to it that is
/// largest in size, in [-1, 1]. not_measured with fewer than two groups of enough support.
/// Throws ValueError for counts out of range or an unknown reference.
[[nodiscard]] LEADLINE_API Gap rate_difference(std::span<const GroupRate> rates,
                                               const GapOptions& options = {});

/// Smallest over largest rate, in [0, 1], with simultaneous intervals of the ratios (Katz et
/// al. 1978, Koopman's limits where a group has no success). Undefined when every rate is 0.
/// The fact `four_fifths_rule` is 1 when the whole interval is at or above 0.8 (EEOC 1978), 0 when
/// it is below, and absent while undecided.
[[nodiscard]] LEADLINE_API Gap rate_ratio(std::span<const GroupRate> rates,
                                          const GapOptions& options = {});

/// The gaps of two rates over disjoint samples (true and false positive rate) as one.
[[nodiscard]] LEADLINE_API Gap joint_difference(std::span<const GroupRate> first,
                                                std::span<const GroupRate> second,
                                                Aggregate aggregate,
                                                const GapOptions& options = {});

/// Largest minus smallest of any estimates with intervals. Rates go the way of `rate_difference`;
/// for others the intervals of the groups are widened to hold together (Bonferroni over the pairs)
/// and joined as Newcombe does; the null is normal with their standard errors.
[[nodiscard]] LEADLINE_API Gap value_difference(std::span<const GroupValue> values,
                                                const GapOptions& options = {});

/// The group that is worst off. The smallest of noisy values is below the smallest true one: the
/// interval holds for all groups at once (Bonferroni); the fact `null_worst` is what parity would
/// have shown. `Gap::lowest` names the group.
[[nodiscard]] LEADLINE_API Gap worst_group(std::span<const GroupValue> values, Better better,
                                           const GapOptions& options = {});

/// Successes and effective size behind an estimate that is a rate (Wilson, Clopper-Pearson,
/// Jeffreys); nullopt for others.
[[nodiscard]] LEADLINE_API std::optional<GroupRate> rate_of(const GroupValue& value);

/// A split as it stands in the name of an estimate: "sex,age" is "sex+age".
[[nodiscard]] LEADLINE_API std::string by_key(std::string_view by);

}  // namespace leadline::fairness

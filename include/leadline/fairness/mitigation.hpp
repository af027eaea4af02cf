/// Ways to treat groups more alike, fitted on calibration data and applied to others; what each
/// gains and costs is in comparison.hpp.
///
/// Each reads "probability" [n] of the favourable class in [0, 1], "target" [n] in {0, 1} and a
/// table of groups; the groups are the combinations of its columns. Applied to a group that was not
/// in the fit, each throws ValueError naming it.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "leadline/core/rows.hpp"
#include "leadline/core/table.hpp"
#include "leadline/fairness/group_counts.hpp"

namespace leadline::fairness {

/// Weights of training samples that make label and group independent (Kamiran and Calders 2012):
///   w(g, y) = P(g) P(y) / P(g, y)
/// The sum of the weights is the number of samples. Train with them; nothing else changes.
class LEADLINE_API Reweighing {
 public:
  /// Throws ValueError without targets or samples. Any number of classes and groups.
  static Reweighing fit(const GroupCounts& counts);
  /// One weight a sample. A combination of group and label that did not occur in the fit throws
  /// ValueError.
  [[nodiscard]] std::vector<double> weights(const ArrayView& target, const Table& groups) const;
  /// (group, label) -> weight.
  [[nodiscard]] const std::map<std::pair<std::string, std::int64_t>, double>& table() const {
    return weights_;
  }

 private:
  std::vector<std::string> attributes_;
  std::map<std::pair<std::string, std::int64_t>, double> weights_;
};

/// What the thresholds of the groups make equal.
enum class ThresholdGoal : std::uint8_t {
  demographic_parity,  // selection rates
  equal_opportunity,   // true positive rates
  equalized_odds,      // true and false positive rates
};
[[nodiscard]] constexpr auto names_of(std::type_identity<ThresholdGoal>) {
  return std::array<std::string_view, 3>{"demographic_parity", "equal_opportunity",
                                         "equalized_odds"};
}

/// The decision rule of one group: select with probability
///   constant * mix + (1 - mix) * (share * [p > low] + (1 - share) * [p > high]).
struct GroupRule {
  double low = 0.5, high = 0.5, share = 1;  // thresholds and the share that uses the first
  double mix = 0, constant = 0;             // equalized odds only
};

/// A threshold a group (Hardt, Price and Srebro 2016): the most accurate rule that makes the goal
/// equal on the calibration data, on the convex hulls of the groups' curves over a grid. Between
/// two points of a hull the rule is random, drawn from (seed, sample id): the same for any batch.
class LEADLINE_API GroupThresholds {
 public:
  struct Options {
    ThresholdGoal goal = ThresholdGoal::equalized_odds;
    std::int64_t grid = 1000;
    std::uint64_t seed = 0;
  };
  /// Throws ValueError for a group without both labels, fewer than two groups, values out of range.
  static GroupThresholds fit(const ArrayView& probability, const ArrayView& target,
                             const Table& groups, const Options& options);
  static GroupThresholds fit(const ArrayView& probability, const ArrayView& target,
                             const Table& groups) {
    return fit(probability, target, groups, Options{});
  }
  /// Decisions [n] in {0, 1}. `ids` empty: the row numbers.
  [[nodiscard]] std::vector<std::int64_t> apply(const ArrayView& probability, const Table& groups,
                                                std::span<const SampleId> ids = {}) const;
  [[nodiscard]] const std::map<std::string, GroupRule>& rules() const { return rules_; }
  [[nodiscard]] const Options& options() const { return options_; }

 private:
  Options options_;
  std::vector<std::string> attributes_;
  std::map<std::string, GroupRule> rules_;
};

/// Reject-option classification (Kamiran, Karim and Zhang 2012): close to the threshold, decide for
/// the groups that are selected less and against the others.
///
/// Groups whose selection rate at 0.5 is below the overall one are favoured. The margin is the
/// smallest of `grid` steps in [0, 0.5] at which the demographic parity difference on the
/// calibration data is at most `limit`; the one with the least difference where none is.
class LEADLINE_API RejectOption {
 public:
  struct Options {
    double limit = 0.05;
    std::int64_t grid = 100;
  };
  static RejectOption fit(const ArrayView& probability, const ArrayView& target,
                          const Table& groups, const Options& options);
  static RejectOption fit(const ArrayView& probability, const ArrayView& target,
                          const Table& groups) {
    return fit(probability, target, groups, Options{});
  }
  [[nodiscard]] std::vector<std::int64_t> apply(const ArrayView& probability,
                                                const Table& groups) const;
  [[nodiscard]] double margin() const { return margin_; }
  [[nodiscard]] const std::map<std::string, bool>& favoured() const { return favoured_; }

 private:
  std::vector<std::string> attributes_;
  std::map<std::string, bool> favoured_;
  double margin_ = 0;
};

}  // namespace leadline::fairness

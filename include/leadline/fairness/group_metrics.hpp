/// Fairness of decisions, from one table of (group, true class, predicted class).
///
/// Each gives a `Gap`: the plug-in value of other libraries, an interval, and what parity would
/// have shown (gap.hpp). Groups are n-ary; nobody is "privileged" unless `reference` says so.
/// `by`: an attribute ("sex"), several for their intersections ("sex,age"), "" for all.
/// Needs targets where a true label is in the definition. Throws as `GroupCounts::rates`.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

#include "leadline/fairness/gap.hpp"
#include "leadline/fairness/group_counts.hpp"

namespace leadline::fairness {

struct FairnessOptions {
  std::string by{};
  std::optional<std::int64_t> positive{};  // class of the favourable decision; unset: 1 of two
  GapOptions gap{};
};

/// max_g P(pred = 1 | g) - min_g P(pred = 1 | g).
[[nodiscard]] LEADLINE_API Gap demographic_parity_difference(const GroupCounts& counts,
                                                             const FairnessOptions& options = {});
/// min_g P(pred = 1 | g) / max_g P(pred = 1 | g); fact `four_fifths_rule`.
[[nodiscard]] LEADLINE_API Gap demographic_parity_ratio(const GroupCounts& counts,
                                                        const FairnessOptions& options = {});
/// Gaps of the true and of the false positive rate as one (Hardt et al. 2016). Facts `first_gap`
/// (true positives) and `second_gap`.
[[nodiscard]] LEADLINE_API Gap equalized_odds_difference(const GroupCounts& counts,
                                                         const FairnessOptions& options = {},
                                                         Aggregate aggregate = Aggregate::max);
/// Gap of the true positive rate (Hardt et al. 2016).
[[nodiscard]] LEADLINE_API Gap equal_opportunity_difference(const GroupCounts& counts,
                                                            const FairnessOptions& options = {});
/// Gap of the positive predictive value.
[[nodiscard]] LEADLINE_API Gap predictive_parity_difference(const GroupCounts& counts,
                                                            const FairnessOptions& options = {});
/// Gap of the share of right decisions.
[[nodiscard]] LEADLINE_API Gap accuracy_difference(const GroupCounts& counts,
                                                   const FairnessOptions& options = {});
/// The least share of right decisions of any group (Sagawa et al. 2020).
[[nodiscard]] LEADLINE_API Gap worst_group_accuracy(const GroupCounts& counts,
                                                    const FairnessOptions& options = {});

/// Smoothed empirical differential fairness (Foulds et al. 2018, arXiv:1807.08362): the largest
/// |log ratio| of the probability of either decision between two groups, each probability
/// (k + 1/2) / (n + 1). Simultaneous intervals of the log ratios (Katz et al. 1978).
[[nodiscard]] LEADLINE_API Gap differential_fairness(const GroupCounts& counts,
                                                     const FairnessOptions& options = {});

/// Generalized entropy of the benefit b = prediction - target + 1 (Speicher et al. 2018):
///   mean((b / mu)^alpha - 1) / (alpha (alpha - 1)); alpha = 1 is Theil's mean(b/mu ln(b/mu)).
/// 0 when all get the same benefit. Undefined at alpha <= 0 when a sample has benefit 0, and when
/// mu is 0. Interval: delta method in score form, as for averaged ratios (stats/delta.hpp).
[[nodiscard]] LEADLINE_API Estimate generalized_entropy(const GroupCounts& counts, double alpha = 2,
                                                        std::optional<std::int64_t> positive = {},
                                                        double level = 0.95);
[[nodiscard]] LEADLINE_API Estimate theil_index(const GroupCounts& counts,
                                                std::optional<std::int64_t> positive = {},
                                                double level = 0.95);

/// 1 - mean_i |pred_i - mean of pred over the k nearest others|, in [0, 1] (Zemel et al. 2013, eq.
/// 13). `inputs` [n, d] floats, Euclidean distance, ties by row number; `prediction` [n] in {0, 1}
/// or scores in [0, 1]. O(n^2 d). t interval over the samples (neighbours overlap: approximate).
/// Throws ShapeError, ValueError (k out of [1, n), values that are not finite).
[[nodiscard]] LEADLINE_API Estimate consistency(const ArrayView& inputs,
                                                const ArrayView& prediction, std::int64_t k = 5,
                                                double level = 0.95);

}  // namespace leadline::fairness

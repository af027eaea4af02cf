/// Many models, many metrics: which are worth considering at all.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "leadline/core/estimate.hpp"
#include "leadline/core/finding.hpp"

namespace leadline::tradeoffs {

/// One thing to choose between: a model, a setting.
struct Candidate {
  std::string name;
  std::vector<Estimate> values;  // one a metric
  /// Joint replicates, one row of `values.size()` numbers a replicate (a paired bootstrap over the
  /// same samples); empty: each value is drawn on its own from its interval.
  std::vector<double> draws{};
};

/// What the values are.
struct Axis {
  std::string name;
  Better better = Better::higher;
  std::string unit{};
};

struct ParetoOptions {
  std::int64_t draws = 4000;
  std::uint64_t seed = 0;
  double level = 0.95;  // of the probabilities' intervals
};

/// The Pareto front of estimates, with the probability of each candidate to be on it.
///
/// A candidate is on the front when no other is at least as good in every metric and better in one.
/// Noise puts the lucky on it: the probability is the share of draws in which the candidate is on
/// the front, each value drawn from a split normal with the limits of its interval as 2.5 and
/// 97.5 % points (values without an interval stay), or all jointly from `Candidate::draws`.
/// Independent draws overstate the noise of models that were measured on the same samples.
///
/// Finding `pareto`: on_front_probability{candidate=...}; a table of candidates (values, on the
/// front as measured, probability, dominated by) and for each pair of metrics a scatter of points
/// with the front as a step line. Candidates with a value that is not ok are listed and left out.
/// Throws ValueError for fewer than 2 candidates or 1 metric, equal names, an axis that is neither
/// higher nor lower better, unequal numbers of replicates; ShapeError for other lengths.
[[nodiscard]] LEADLINE_API Finding pareto_front(std::span<const Candidate> candidates,
                                                std::span<const Axis> axes,
                                                const ParetoOptions& options = {});

/// Rows of `points` [n, axes] that no other row dominates, ascending.
[[nodiscard]] LEADLINE_API std::vector<std::int64_t> non_dominated(std::span<const double> points,
                                                                   std::span<const Axis> axes);

}  // namespace leadline::tradeoffs

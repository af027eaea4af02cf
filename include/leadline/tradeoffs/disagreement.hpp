/// Do the benchmarks agree on which model is better?
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "leadline/core/finding.hpp"

namespace leadline::tradeoffs {

/// One metric on one benchmark for all models, item by item.
struct Specification {
  std::string benchmark, metric;
  Better better = Better::higher;
  /// Row-major [models, items]: the score of a model is the mean over items. One item: an aggregate
  /// without resampling.
  std::vector<double> values;
};

struct DisagreementOptions {
  std::int64_t replicates = 1000;
  std::uint64_t seed = 0;
  double level = 0.95;
};

/// How far benchmarks and metrics agree on the order of models.
///
/// Finding `disagreement`:
/// - sign_agreement: share of (pair of models, pair of specifications) ordered the same way, ties
///   one half; 0.5 is chance, 1 full agreement
/// - kendall_tau_b{first=,second=} of the models' order under two specifications, and its mean.
///   Intervals: percentile bootstrap over items. Items of one benchmark are drawn once for all
///   models and metrics, so that metrics of the same items stay paired
/// - friedman, critical_difference, mean_rank{model=}: specifications as blocks (Demsar 2006)
/// - variance_share{of=model|benchmark|metric|rest}: of the scores, standardised within each
///   specification, the shares of the sum of squares by main effect of the model, model by
///   benchmark, model by metric, and what is left
/// - specification curve: the difference of the two best models under each specification,
/// ascending,
///   with bootstrap bands; `share_first_ahead` says under how many the first one leads
///   (Simonsohn, Simmons, Nelson 2020, Nature Human Behaviour 4:1208)
/// Throws ValueError for fewer than 2 models or 2 specifications, NaN, or one named twice;
/// ShapeError when values are not [models, items], or benchmarks of one name differ in items.
[[nodiscard]] LEADLINE_API Finding disagreement(std::span<const std::string> models,
                                                std::span<const Specification> specifications,
                                                const DisagreementOptions& options = {});

}  // namespace leadline::tradeoffs

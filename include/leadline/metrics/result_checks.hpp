/// The checks that a metric adds to its result.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "leadline/core/finding.hpp"
#include "leadline/core/metric.hpp"
#include "leadline/metrics/decisions.hpp"

namespace leadline::metrics {

/// What is known about a result beside its value.
struct ResultFacts {
  std::int64_t n = 0;          // samples
  double n_effective = 0;      // after weights and clusters
  double least_support = -1;   // of the smallest class or group; < 0: it has none
  std::string smallest{};      // its name
  std::int64_t ties = 0;       // samples that share their score with another
  std::int64_t intervals = 1;  // simultaneous ones in the result (its family)
  bool degenerate = false;     // one class, constant scores, ...
  std::string degenerate_why{};
};

/// Adds the checks `support{of=NAME}` (the smallest class holds at least 5 samples),
/// `interval_valid{of=NAME}` (the method holds its level within 3 points here: of a rate by exact
/// coverage at the rates that the counts leave possible, of a mean by at least 30 samples and their
/// skewness, else by 10 effective samples) and, where there is something to say,
/// `not_degenerate{of=NAME}`. They cover the estimates `names`. Ties, family size and exact versus
/// bounded go into the `why`.
LEADLINE_API void add_result_checks(Finding& finding, std::string_view of, const ResultFacts& facts,
                                    const std::vector<std::string>& names);

/// Adds a value as prefix + info.name, with the checks of a result that has neither classes nor
/// ties.
LEADLINE_API void add_described(Finding& finding, std::string_view prefix, const MetricInfo& info,
                                const Estimate& estimate);

/// The same from a table of decisions; `own` is covered by all, `classes` [n_classes] each by the
/// support of its class.
LEADLINE_API void add_class_checks(Finding& finding, std::string_view of,
                                   const Decisions& decisions, const std::string& own,
                                   const std::vector<std::string>& classes);

}  // namespace leadline::metrics

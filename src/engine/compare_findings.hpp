/// The findings of a comparison, and what they share.
#pragma once

#include <string>
#include <vector>

#include "engine/compare_draws.hpp"

namespace leadline::detail::compare {

/// "accuracy", "model=a" -> "accuracy{model=a}"; "f1{average=macro}" ->
/// "f1{average=macro,model=a}".
[[nodiscard]] std::string with_key(const std::string& name, const std::string& key);
/// "f1{average=macro}" -> "f1_difference{average=macro}"; "accuracy@sex=f" ->
/// "accuracy_difference@sex=f".
[[nodiscard]] std::string difference_name(const std::string& name);

/// The verdict on one oriented difference: `gain` > 0 means the second model is better.
struct Decision {
  Change change = Change::undecided;
  std::optional<std::int64_t> more_samples;
};
[[nodiscard]] Decision decide(const Estimate& difference, Better better, double margin,
                              bool has_margin);

/// Metrics of the finding "task" in order; the first is the default that decides.
[[nodiscard]] std::vector<Row> task_rows(const Pairs& pairs, const std::vector<Drawn>& drawn,
                                         const CompareOptions& options);
/// Rows as estimates and a table; Holm over the rows.
[[nodiscard]] Finding task_finding(const Pairs& pairs, const std::vector<Row>& rows,
                                   const CompareOptions& options);
void add_rows(Finding& finding, const Pairs& pairs, const std::vector<Row>& rows,
              const std::string& title);

[[nodiscard]] Finding flips_finding(const Pairs& pairs, const CompareOptions& options,
                                    const Dataset* data);

/// One slice of both models.
struct Slice {
  std::string name;  // "sex=f"
  std::int64_t n = 0;
  stats::PairedCounts counts;
  Estimate a, b, difference;  // accuracy, or mean absolute error
  double p = 1, p_adjusted = 1;
  stats::Interval simultaneous{-1, 1};  // of the difference, over all slices together
  Change change = Change::undecided;
};
struct Slices {
  std::vector<Slice> tested;
  std::int64_t too_small = 0;
  std::vector<std::string> worse;  // names
};
[[nodiscard]] Slices slice_tests(const Pairs& pairs, const CompareOptions& options);
[[nodiscard]] Finding slices_finding(const Pairs& pairs, const Slices& slices,
                                     const CompareOptions& options);

[[nodiscard]] Finding calibration_finding(const Pairs& pairs, const std::vector<Drawn>& drawn,
                                          const CompareOptions& options);

/// Shares in words: "about 2 in 100 more".
[[nodiscard]] std::string things(const Dataset* data);

}  // namespace leadline::detail::compare

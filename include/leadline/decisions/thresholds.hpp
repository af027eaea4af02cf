/// What to do with a score: where to put the threshold, and what that is worth on other samples.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "leadline/core/estimate.hpp"
#include "leadline/core/finding.hpp"

namespace leadline::decisions {

/// How an operating point is chosen.
enum class Rule : std::uint8_t {
  least_cost,   // least mean cost of false alarms and misses
  sensitivity,  // the highest threshold with at least this share of positives found
  specificity,  // the lowest threshold with at least this share of negatives left alone
  precision,    // the lowest threshold from which on at least this share of alarms is right
  youden,       // largest sensitivity + specificity - 1
};
[[nodiscard]] constexpr auto names_of(std::type_identity<Rule>) {
  return std::array<std::string_view, 5>{"least_cost", "sensitivity", "specificity", "precision",
                                         "youden"};
}

struct OperatingPointOptions {
  Rule rule = Rule::least_cost;
  double at_least = 0.9;        // of sensitivity, specificity, precision; in (0, 1]
  double false_alarm_cost = 1;  // >= 0
  double miss_cost = 1;         // >= 0
  double level = 0.95;
};

/// Scores of the samples and whether they are positive (0 or 1).
struct Scored {
  std::span<const double> scores;
  std::span<const std::int64_t> target;
};

/// Chooses a threshold ("act where score >= threshold") on `choose` and judges it on `judge`.
///
/// What is read off the choosing samples is too good: the threshold fits their noise. The estimates
/// sensitivity, specificity, precision, false_alarm_rate, cost are of the judging samples, which
/// had no part in the choice: their Clopper-Pearson (rates) and t or Bernstein (cost) intervals
/// cover. `optimism` is the chosen value less the judged one. Finding `operating_point`; the check
/// `requirement_holds` fails where the judged rate is shown to lie below `at_least`.
/// Throws ShapeError on other lengths; ValueError on NaN, labels outside {0, 1}, costs or at_least
/// out of range, no positive or no negative sample.
[[nodiscard]] LEADLINE_API Finding operating_point(const Scored& choose, const Scored& judge,
                                                   const OperatingPointOptions& options = {});

/// The threshold alone.
[[nodiscard]] LEADLINE_API double choose_threshold(const Scored& samples,
                                                   const OperatingPointOptions& options = {});

/// Expected cost as a function of the threshold, with the threshold of least cost.
///
/// The least cost of a curve is biased down. `least_cost` is therefore judged by cross-fitting: the
/// threshold is chosen on all but one of `folds` parts (by a hash of the row) and paid for on that
/// part. `theory` is the threshold c_fa / (c_fa + c_miss), which is best for calibrated
/// probabilities (Elkan 2001). Finding `cost_curve`: cost{threshold=...}, least_cost, threshold.
[[nodiscard]] LEADLINE_API Finding cost_curve(const Scored& samples,
                                              const OperatingPointOptions& options = {},
                                              std::int64_t folds = 5);

/// Net benefit over thresholds, beside acting on all and on nobody (Vickers and Elkin 2006).
///
/// `probabilities` in [0, 1]. Bands are pointwise t intervals. Finding `decision_curve`:
/// net_benefit{threshold=}, and the range of thresholds in which the model is shown to beat both
/// simple policies. Thresholds empty: 0.01, 0.02, ..., 0.99.
[[nodiscard]] LEADLINE_API Finding decision_curve(const Scored& samples,
                                                  std::vector<double> thresholds = {},
                                                  double level = 0.95);

}  // namespace leadline::decisions

#pragma once

#include "leadline/metrics/probability_skill.hpp"

namespace leadline::metrics {

/// Log-loss skill (D2, McFadden's pseudo R2): 1 - log loss / log loss of the class frequencies.
///
/// Reads:   as `LogLoss`
/// Returns: Estimate <= 1, higher is better, 0 is no better than knowing how often each class
///          occurs; delta interval on the scale of log(1 - value). Undefined when a true class was
///          given probability 0, or all samples are of one class
class LEADLINE_API LogLossSkill : public SkillMetric<LogLossSkill> {
 public:
  static constexpr std::string_view type_name = "metrics.LogLossSkill", who = "LogLossSkill.update";
  explicit LogLossSkill(Options options = {});
  using SkillMetric::update;
  [[nodiscard]] MetricInfo info() const override;
};

}  // namespace leadline::metrics

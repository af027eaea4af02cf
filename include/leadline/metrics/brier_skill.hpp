#pragma once

#include "leadline/metrics/probability_skill.hpp"

namespace leadline::metrics {

/// Brier skill score (D2): 1 - Brier score / Brier score of the class frequencies.
///
/// Reads:   as `Brier`
/// Returns: Estimate <= 1, higher is better, 0 is no better than knowing how often each class
///          occurs; delta interval on the scale of log(1 - value). Undefined when all samples are
///          of one class
class LEADLINE_API BrierSkill : public SkillMetric<BrierSkill> {
 public:
  static constexpr std::string_view type_name = "metrics.BrierSkill", who = "BrierSkill.update";
  explicit BrierSkill(Options options = {});
  using SkillMetric::update;
  [[nodiscard]] MetricInfo info() const override;
};

}  // namespace leadline::metrics

/// The probe `fairness`: are groups treated alike?
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "leadline/core/catalog.hpp"
#include "leadline/core/probe.hpp"

namespace leadline::fairness {

struct FairnessProbeOptions {
  std::vector<std::string> groups{};
  std::optional<std::int64_t> positive{};
  std::int64_t min_support = 30;
  std::int64_t depth = 2;
  static Fields fields() {
    return {
        field("groups", &FairnessProbeOptions::groups,
              "Columns of the data's table; none: every column of categories or texts with 2 to 50 "
              "levels."),
        field("positive", &FairnessProbeOptions::positive,
              "Class of the favourable decision; unset: 1 of two classes, and with more classes "
              "only accuracy and calibration are compared.")
            .at_least(0),
        field("min_support", &FairnessProbeOptions::min_support,
              "A group with fewer samples gets a status, not a value.")
            .at_least(2)
            .in("samples"),
        field("depth", &FairnessProbeOptions::depth, "Attributes joined at once.")
            .at_least(1)
            .at_most(3)};
  }
};

/// Reads the group columns of the data's table in the engine's pass: one table of (group, true,
/// predicted) and one of probabilities by group and bin.
///
/// Estimates: accuracy@<group>, ece@<group>; accuracy_gap, ece_gap, worst_group_accuracy {by=};
///            multicalibration_error; for two classes, or with `positive`: selection_rate,
///            true_positive_rate, false_positive_rate @<group>; demographic_parity_difference,
///            demographic_parity_ratio, equal_opportunity_difference, equalized_odds_difference,
///            predictive_parity_difference {by=}; generalized_entropy, theil_index
///            Each gap has the facts null_gap, corrected, p_value and p_holm (Holm over all gaps).
/// Checks:    enough_samples_per_group, enough_of_each_label_per_group, groups_are_known
/// Without a table or a fitting column it is not measured.
class LEADLINE_API Fairness : public Probe {
 public:
  using Options = FairnessProbeOptions;
  explicit Fairness(Options options = {});
  [[nodiscard]] ProbeInfo info() const override;
  [[nodiscard]] std::vector<std::pair<std::string, std::string>> options() const override {
    return options_text(options_);
  }
  /// Throws CapabilityError when the model does not classify.
  [[nodiscard]] std::shared_ptr<ProbeRun> start(Session& session) const override;

 private:
  Options options_;
};

}  // namespace leadline::fairness

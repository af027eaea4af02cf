// The state of the probe `fairness` in one run.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "leadline/fairness/fairness.hpp"
#include "leadline/fairness/group_calibration.hpp"
#include "leadline/fairness/group_counts.hpp"
#include "leadline/fairness/group_metrics.hpp"

namespace leadline::detail::fairness_probe {

class FairnessRun final : public ProbeRun {
 public:
  explicit FairnessRun(fairness::FairnessProbeOptions options) : options_(std::move(options)) {}
  std::optional<PassNeeds> next_pass() override;
  void observe(Context& context) override;
  void merge(const ProbeRun& other) override;
  [[nodiscard]] std::string save() const override;
  void load(std::string_view state) override;
  [[nodiscard]] Finding finish(Session& session) override;

 private:
  struct NamedGap {
    std::string measure, by;
    fairness::Gap gap;
    Better better = Better::lower;
    std::string label;
  };
  void choose_columns(const Table& table);
  [[nodiscard]] bool decides() const;  // whether a class is favourable
  [[nodiscard]] std::vector<std::string> splits() const;
  void add_rates(Finding& finding, const std::string& by, double level) const;
  [[nodiscard]] std::vector<NamedGap> gaps(const std::string& by,
                                           const fairness::GapOptions& options) const;
  void add_gaps(Finding& finding, std::vector<NamedGap> gaps) const;
  void add_checks(Finding& finding) const;
  void add_words(Finding& finding, const std::vector<NamedGap>& gaps) const;

  fairness::FairnessProbeOptions options_;
  bool asked_ = false;
  std::vector<std::string> columns_;
  fairness::GroupCounts counts_;
  fairness::GroupCalibration calibration_;
  bool has_probabilities_ = true;
};

}  // namespace leadline::detail::fairness_probe

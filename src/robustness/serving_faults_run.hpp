// The state of the probe `serving_faults` in one run.
#pragma once

#include <string>
#include <vector>

#include "answers.hpp"
#include "leadline/core/exhibits.hpp"
#include "leadline/robustness/serving_faults.hpp"

namespace leadline::detail::serving_faults {

/// Rows under one fault, of those that the whole path answers.
struct FaultTally {
  std::int64_t n = 0, n_same_input = 0, n_detected = 0, n_silent = 0, n_recovered = 0;
  std::int64_t n_right_before = 0, n_silent_errors = 0;
};

class ServingFaultsRun : public ProbeRun {
 public:
  ServingFaultsRun(std::vector<robustness::ServingFault> faults, std::int64_t max_samples,
                   Session& session);
  void work(Session& session) override;
  void merge(const ProbeRun& other) override;
  [[nodiscard]] std::string save() const override;
  void load(std::string_view state) override;
  [[nodiscard]] Finding finish(Session& session) override;

 private:
  struct Row;
  void visit(Session& session, const Batch& batch);
  void break_path(Session& session, std::size_t fault, const Batch& batch, const Batch& before,
                  const answers::Answers& clean);
  /// Rows that raise have no answer; a raise of the whole batch is asked again row by row.
  answers::Answers ask(Session& session, const Inputs& inputs, std::span<const SampleId> ids);
  answers::Answers ask_in_halves(Session& session, const Batch& batch);
  void show(std::size_t fault, const Batch& batch, const Inputs& inputs, std::int64_t row,
            const answers::Answers& clean, const answers::Answers& said);
  void add_fault(Finding& finding, std::size_t fault, double level) const;
  void add_blocks(Finding& finding) const;
  [[nodiscard]] std::string key(std::size_t fault) const;

  std::vector<robustness::ServingFault> faults_;
  std::int64_t max_samples_;
  DataInfo data_;
  OutputKind kind_;
  std::int64_t next_ = 0, n_unsteady_ = 0;
  std::int64_t n_answered_ = 0;  // rows that the whole path answers
  std::vector<FaultTally> tallies_;
  Exhibits silent_;
};

}  // namespace leadline::detail::serving_faults

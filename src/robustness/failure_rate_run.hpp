// The state of the probe `failure_rate` in one run.
#pragma once

#include <string>
#include <vector>

#include "answers.hpp"
#include "leadline/robustness/failure_rate.hpp"

namespace leadline::detail::failure_rate {

/// One visited sample that is read correctly.
struct Visited {
  SampleId id = -1;
  std::vector<double> rates;  // by splitting, one a repeat
  std::int64_t n_failed = 0;  // of the plain draws
  double acceptance = 1;      // lowest of the moves
};

class FailureRateRun : public ProbeRun {
 public:
  FailureRateRun(const robustness::FailureRateOptions& options, Session& session);
  void work(Session& session) override;
  void merge(const ProbeRun& other) override;
  [[nodiscard]] std::string save() const override;
  void load(std::string_view state) override;
  [[nodiscard]] Finding finish(Session& session) override;

 private:
  void visit(Session& session, const Batch& one);
  void add_estimates(Finding& finding, double level) const;
  void add_checks(Finding& finding) const;
  void add_blocks(Finding& finding) const;
  /// Mean rate of the samples, one a repeat.
  [[nodiscard]] std::vector<double> mean_rates() const;

  robustness::FailureRateOptions options_;
  DataInfo data_;
  OutputKind kind_;
  std::int64_t next_ = 0, n_misread_ = 0, n_unsteady_ = 0, n_repeated_ = 0, rows_ = 0;
  std::vector<Visited> visited_;  // by id
};

}  // namespace leadline::detail::failure_rate

// The state of the probe `expectations` in one run.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "answers.hpp"
#include "leadline/core/exhibits.hpp"
#include "leadline/robustness/expectations.hpp"

namespace leadline::detail::expectations {

/// Counts of one test.
struct Tally {
  std::int64_t n_applies = 0;    // rows to which it applies
  std::int64_t n_unchanged = 0;  // of them: the change left the input as it was
  std::int64_t n = 0;            // rows that count
  std::int64_t n_failed = 0;
};

class ExpectationsRun : public ProbeRun {
 public:
  using Tests = std::shared_ptr<const std::vector<robustness::Expectation>>;
  ExpectationsRun(Tests tests, robustness::ExpectationsOptions options, Session& session);
  [[nodiscard]] std::optional<PassNeeds> next_pass() override;
  void observe(Context& context) override;
  void work(Session& session) override;
  void merge(const ProbeRun& other) override;
  [[nodiscard]] std::string save() const override;
  void load(std::string_view state) override;
  [[nodiscard]] Finding finish(Session& session) override;

 private:
  struct Trial;
  answers::Answers answer(Session& session, const Inputs& inputs, std::span<const SampleId> ids);
  void repeat(Session& session, const Batch& batch, const answers::Answers& before);
  void run_test(Session& session, std::size_t test, const Batch& batch, const DataInfo& data,
                const answers::Answers& before);
  void fold(Session& session, const Trial& trial);
  void show(const Trial& trial, std::size_t row, double severity);
  void picture(Exhibit& exhibit, const Trial& trial, std::int64_t row,
               std::vector<std::string> said) const;
  void add_estimates(Finding& finding, double level) const;
  void add_checks(Finding& finding) const;
  [[nodiscard]] std::string key(std::size_t test) const;

  Tests tests_;
  robustness::ExpectationsOptions options_;
  DataInfo data_;
  OutputKind kind_;
  bool passed_ = false;
  std::int64_t next_case_ = 0;  // over the cases of all tests, one after the other
  std::int64_t n_repeated_ = 0, n_unsteady_ = 0;
  std::vector<Tally> tallies_;
  Exhibits failures_;
};

}  // namespace leadline::detail::expectations

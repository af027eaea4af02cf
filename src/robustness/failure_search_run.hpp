// The state of the probe `failure_search` in one run.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "answers.hpp"
#include "leadline/core/exhibits.hpp"
#include "leadline/robustness/failure_search.hpp"

namespace leadline::detail::failure_search {

class FailureSearchRun : public ProbeRun {
 public:
  using Parameters = std::shared_ptr<const std::vector<robustness::Parameter>>;
  FailureSearchRun(Parameters parameters, robustness::Simulate simulate,
                   robustness::FailureSearchOptions options, Session& session);
  void work(Session& session) override;
  void merge(const ProbeRun& other) override;
  [[nodiscard]] std::string save() const override;
  void load(std::string_view state) override;
  [[nodiscard]] Finding finish(Session& session) override;

 private:
  struct Halves;
  std::vector<double> try_batch(Session& session, const Halves& halves,
                                std::span<const robustness::Point> points,
                                std::span<const std::uint64_t> draws, bool fresh);
  void try_again(Session& session, const Batch& batch, const Inputs& inputs,
                 const answers::Answers& said);
  void add_estimates(Finding& finding, double level) const;
  void add_blocks(Finding& finding, double level) const;
  void add_checks(Finding& finding) const;

  Parameters parameters_;
  robustness::Simulate simulate_;
  robustness::FailureSearchOptions options_;
  OutputKind kind_;
  bool done_ = false;
  std::int64_t n_same_input_ = 0, n_inputs_ = 0, n_unsteady_ = 0, n_repeated_ = 0;
  robustness::FailureSearchResult result_;
  Exhibits failures_;
};

}  // namespace leadline::detail::failure_search

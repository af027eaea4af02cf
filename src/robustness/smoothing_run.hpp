// The state of the probe `smoothing` in one run.
#pragma once

#include <string>
#include <vector>

#include "leadline/core/probe.hpp"
#include "leadline/robustness/randomized_smoothing.hpp"
#include "leadline/robustness/smoothing.hpp"
#include "votes.hpp"

namespace leadline::detail::smoothing_run {

/// One sample, with its certificate.
struct Row {
  SampleId id = -1;
  std::int64_t target = 0;
  bool clean_right = false;
  robustness::SmoothedCertificate found;
  [[nodiscard]] bool right() const { return found.label >= 0 && found.label == target; }
};

/// Counts behind the checks; sums over shards.
struct Tally {
  std::int64_t again = 0, again_changed = 0;  // draws voted again in other batches
  std::int64_t tried = 0, contradicted = 0;   // certificates attacked from inside
  double least_p = 1;                         // of those attacks
};

class SmoothingRun final : public ProbeRun {
 public:
  SmoothingRun(const robustness::RandomizedSmoothingOptions& options, Session& session);
  void work(Session& session) override;
  void merge(const ProbeRun& other) override;
  [[nodiscard]] std::string save() const override;
  void load(std::string_view state) override;
  [[nodiscard]] Finding finish(Session& session) override;

 private:
  [[nodiscard]] robustness::SmoothingDraws draws(Session& session) const;
  /// False when stopped in the middle.
  bool visit(Session& session, const Batch& one);
  void vote_again(Session& session, const Batch& one);
  void attack(Session& session, const Batch& one, const Row& row);
  [[nodiscard]] std::vector<double> towards_others(Session& session, const Batch& one,
                                                   const Row& row);
  [[nodiscard]] std::int64_t n_certified(double radius) const;
  [[nodiscard]] std::int64_t n_together(double radius, double level) const;
  [[nodiscard]] Estimate certified(double radius, double level) const;
  void add_estimates(Finding& finding, double level) const;
  void add_curve(Finding& finding, double level) const;
  void add_checks(Finding& finding) const;

  robustness::RandomizedSmoothingOptions options_;
  OutputKind output_;
  std::int64_t n_total_ = 0;
  std::vector<Row> rows_;
  Tally tally_;
};

}  // namespace leadline::detail::smoothing_run

// What `corruption_benchmark` and `stress` share: the same model on the same samples under many
// conditions, a row of them a kind of change, a column a severity.
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "leadline/core/context.hpp"
#include "leadline/core/exhibits.hpp"
#include "leadline/core/probe.hpp"
#include "leadline/robustness/perturbation.hpp"

namespace leadline::detail::stress {

struct KindOfChange {
  std::string name;
  bool monotone = true;   // more severity is never easier
  std::string why_not{};  // not empty: this kind means nothing on these data, and why
};

/// Errors of a model to compare with: one a kind, and on clean samples.
struct Reference {
  std::string name;
  std::vector<double> errors;
  std::optional<double> clean_error;
};

/// Rows of bytes that hold texts.
[[nodiscard]] inline bool are_texts(const Tensor& rows, Modality modality) {
  return rows.dtype() == DType::u8 && rows.rank() == 2 && modality != Modality::image;
}

struct Plan {
  std::string probe;  // "corruption_benchmark"
  std::string key;    // "corruption": as in accuracy{corruption=fog}
  std::vector<KindOfChange> kinds;
  std::vector<double> severities;
  std::int64_t max_samples = 0;
  std::optional<Reference> reference{};
  std::vector<robustness::Perturbation> sequences{};
  int frames = 0;
  std::vector<double> reference_flips{};  // one a sequence; empty: none
  /// The inputs of a batch under kind `k` at `severity`; severity 0 is to change nothing.
  std::function<Inputs(const Batch&, std::size_t k, double severity)> change{};
  /// Asked instead of the subject; gives labels, which no label of the data speaks of.
  std::shared_ptr<Model> stand_in{};
  std::function<std::string(std::int64_t label)> word{};  // what a label of the stand-in stands for
  bool clips = false;                                     // no change can leave the declared bounds
  bool rare = false;  // a change may pass most samples by: some change at the highest severity
};

class PlanRun : public ProbeRun {
 public:
  PlanRun(Plan plan, Session& session);
  void work(Session& session) override;
  void merge(const ProbeRun& other) override;
  [[nodiscard]] std::string save() const override;
  void load(std::string_view state) override;
  [[nodiscard]] Finding finish(Session& session) override;

 private:
  /// Counts of samples in one condition.
  struct Cell {
    std::int64_t right = 0, changed = 0, same_input = 0;
    std::int64_t gains = 0, losses = 0;  // against clean: became right, became wrong
    std::int64_t up = 0, down = 0;       // against the next lower severity
  };
  struct Answers;
  void visit_batch(Session& session, const Batch& batch);
  void visit_sequences(Session& session, const Batch& batch);
  struct Tally {
    std::int64_t right = 0, changed = 0;
  };
  [[nodiscard]] Tally count(const Answers& answers, std::size_t i, std::size_t k);
  void fold(Session& session, const Answers& answers);
  void fold_classes(const Answers& answers);
  void show(const Answers& answers, std::size_t kind, std::size_t s, const Inputs& inputs);
  void see_range(const Tensor& inputs);
  void look_at(const Tensor& before, const Tensor& after, Cell& cell);
  [[nodiscard]] Predictions answer(Session& session, const Batch& batch, const Inputs& inputs);
  // plan_state.cpp
  [[nodiscard]] std::vector<std::int64_t> counts() const;
  void take(std::span<const std::int64_t> counts);

  // plan_finding.cpp
  [[nodiscard]] bool labelled() const { return n_ > 0 && n_labelled_ == n_; }
  [[nodiscard]] bool used(std::size_t kind) const { return plan_.kinds[kind].why_not.empty(); }
  [[nodiscard]] std::size_t n_used() const;
  [[nodiscard]] Estimate share_with(double value, double spread, double most, double level) const;
  [[nodiscard]] Estimate mean_of(std::span<const double> weights, double offset, bool share,
                                 double level) const;
  [[nodiscard]] Estimate share_of(std::int64_t sum, std::int64_t squares, std::int64_t repeats,
                                  double level) const;
  void add_accuracies(Finding& finding, double level) const;
  void add_changes(Finding& finding, double level) const;
  void add_reference(Finding& finding, double level) const;
  void add_sequences(Finding& finding, double level) const;
  [[nodiscard]] std::pair<double, double> flips_weighed(std::span<const double> weights) const;
  void say(Finding& finding) const;
  // plan_blocks.cpp
  void add_pictures(Finding& finding, double level) const;
  void add_classes(Finding& finding) const;
  // plan_checks.cpp
  void add_checks(Finding& finding) const;
  [[nodiscard]] Check check_zero() const;
  [[nodiscard]] Check check_change() const;
  [[nodiscard]] Check check_rise() const;
  [[nodiscard]] Check check_bounds() const;
  [[nodiscard]] Check check_range() const;

  Plan plan_;
  DataInfo data_;
  std::int64_t next_ = 0, n_total_ = 0;
  std::int64_t n_ = 0, n_labelled_ = 0, n_clean_right_ = 0;
  std::int64_t n_zero_answers_ = 0, n_zero_inputs_ = 0;  // changed at severity 0
  std::int64_t n_outside_ = 0;                           // values outside the bounds after a change
  double lowest_ = std::numeric_limits<double>::infinity();
  double highest_ = -std::numeric_limits<double>::infinity();
  std::vector<Cell> cells_;  // [kind][severity]
  /// Sums over samples of products of the numbers of right answers a kind; the last row and column
  /// belong to the clean answer, whose own square is the sum.
  std::vector<std::int64_t> products_, sums_;
  std::vector<std::int64_t> changed_, changed_squared_;        // [kind]
  std::vector<std::int64_t> flips_, flip_products_;            // [sequence], [sequence][sequence]
  std::map<std::int64_t, std::vector<std::int64_t>> classes_;  // label -> n, clean, right a kind
  Exhibits exhibits_;
};

}  // namespace leadline::detail::stress

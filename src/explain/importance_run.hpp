// The state of the probe `permutation_importance` in one run.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "leadline/explain/permutation_importance.hpp"
#include "leadline/stats/moments.hpp"

namespace leadline::detail::permutation_importance {

class ImportanceRun : public ProbeRun {
 public:
  ImportanceRun(const explain::PermutationImportanceOptions& options, Session& session);
  void work(Session& session) override;
  void merge(const ProbeRun& other) override;
  [[nodiscard]] std::string save() const override;
  void load(std::string_view state) override;
  [[nodiscard]] Finding finish(Session& session) override;

 private:
  struct Losses {
    std::vector<double> loss;
    std::vector<std::uint8_t> right;  // classification only
  };
  Losses losses(Session& session, const Batch& batch, const Inputs& inputs) const;
  void visit_batch(Session& session, const Batch& batch);
  void shuffle_columns(Session& session, const Batch& batch, const Losses& base,
                       const Tensor& host);
  void fold_baseline(const Batch& batch, const Losses& base);
  [[nodiscard]] Estimate importance_of(std::size_t f, double level) const;
  [[nodiscard]] Check repeats_check() const;
  [[nodiscard]] Check chance_check(double level) const;
  void add_ranking(Finding& finding) const;
  [[nodiscard]] std::string feature_name(std::size_t f) const;
  [[nodiscard]] std::string unit() const;

  explain::PermutationImportanceOptions options_;
  DataInfo data_;
  std::int64_t next_ = 0, n_total_ = 0, n_infinite_ = 0, n_shadow_changed_ = 0;
  std::vector<std::int64_t> class_counts_;
  stats::Moments baseline_, target_;    // loss; value of a regression target
  stats::Moments shadow_;               // what running the model again changes
  std::vector<stats::Moments> rise_;    // a feature: mean over repeats of a sample's rise
  std::vector<stats::Moments> halves_;  // a feature: first half of the repeats minus the second
  /// A sample takes part in its own rises and, as donor, in those of others.
  struct Part {
    std::int64_t pairs = 0;    // in which it took part, in either place
    std::vector<double> rise;  // a feature: their sum
  };
  std::map<SampleId, Part> parts_;
  std::vector<double> squares_;  // a feature: sum of squared rises over all pairs
};

}  // namespace leadline::detail::permutation_importance

// The state of the probe `task` in one run.
#pragma once

#include <string>
#include <vector>

#include "leadline/core/exhibits.hpp"
#include "leadline/metrics/confusion.hpp"
#include "leadline/metrics/mean_loss.hpp"
#include "leadline/metrics/task.hpp"

namespace leadline::detail::task {

class TaskRun : public ProbeRun {
 public:
  TaskRun(const metrics::TaskOptions& options, Session& session);
  [[nodiscard]] std::optional<PassNeeds> next_pass() override;
  void observe(Context& context) override;
  void merge(const ProbeRun& other) override;
  [[nodiscard]] std::string save() const override;
  void load(std::string_view state) override;
  [[nodiscard]] Finding finish(Session& session) override;

 private:
  void flag_mistakes(Context& context, const Predictions& predictions);
  void add_scores(const Predictions& predictions);
  void add_averages(Finding& finding, double level) const;
  void add_classes(Finding& finding, double level) const;
  void add_losses(Finding& finding, double level) const;
  [[nodiscard]] Check support_check(const Finding& finding) const;
  [[nodiscard]] Estimate log_loss(double level) const;
  [[nodiscard]] Estimate brier(double level) const;
  void add_checks(Finding& finding) const;
  [[nodiscard]] std::string weakest_class(const Estimate& accuracy) const;
  void add_words(Finding& finding) const;

  metrics::TaskOptions options_;
  DataInfo data_;
  bool asked_ = false;
  metrics::Confusion confusion_;
  metrics::MeanLoss log_loss_, brier_{2.0 + 1e-9};
  std::int64_t n_scored_ = 0, top_k_hits_ = 0;
  double surprise_ = 0;  // sum over samples of the log loss, were the runner-up the true class
  Exhibits mistakes_;
};

/// Tests whether labels and outputs speak of the same classes: agreement clearly below chance, or
/// classes called by each other's names more than by their own. `p_value` under honest labels.
struct LabelOrder {
  bool suspicious = false;
  double p_value = 1;
  std::string why;
};
[[nodiscard]] LabelOrder label_order(const metrics::Confusion& confusion,
                                     const std::vector<std::string>& names);

}  // namespace leadline::detail::task

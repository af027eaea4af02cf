/// The probe `task`: how well the model does what it is for.
#pragma once

#include <memory>
#include <optional>

#include "leadline/core/catalog.hpp"
#include "leadline/core/probe.hpp"

namespace leadline::metrics {

struct TaskOptions {
  std::optional<std::int64_t> k{};
  std::int64_t few = 30;
  static Fields fields() {
    return {
        field("k", &TaskOptions::k,
              "Of top-k accuracy; unset: the lesser of 5 and n_classes - 1, where there are more "
              "than 5 classes.")
            .at_least(2),
        field("few", &TaskOptions::few,
              "A class with fewer samples is named as too small to judge.")
            .at_least(1)
            .in("samples")};
  }
};

/// Classification on the test data: accuracy, balanced accuracy, top-k, precision, recall and F1
/// (macro, micro, weighted and per class), confusion matrix, log loss, Brier score; the most
/// confident mistakes as flags and pictures.
///
/// Estimates: accuracy, balanced_accuracy, top_k_accuracy{k=}, precision|recall|f1{average=} and
///            {class=} (of the 20 weakest where there are more than 50 classes), log_loss, brier
/// Checks:    enough_samples_per_class, labels_match_outputs (labels permuted or off by one),
///            predicts_more_than_one_class
/// Labels-only models: what labels allow; log loss, Brier and top-k are not measured.
class LEADLINE_API Task : public Probe {
 public:
  using Options = TaskOptions;
  explicit Task(Options options = {});
  [[nodiscard]] ProbeInfo info() const override;
  [[nodiscard]] std::vector<std::pair<std::string, std::string>> options() const override {
    return options_text(options_);
  }
  /// Throws CapabilityError when the model does not classify.
  [[nodiscard]] std::shared_ptr<ProbeRun> start(Session& session) const override;

 private:
  Options options_;
};

}  // namespace leadline::metrics

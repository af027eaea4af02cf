/// The state behind every metric of decisions, whatever the task.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "leadline/core/catalog.hpp"
#include "leadline/metrics/confusion.hpp"
#include "leadline/metrics/label_tables.hpp"

namespace leadline::metrics {

/// A confusion matrix for multiclass and binary tasks, a table a label for multilabel ones. Reads
/// and throws as `Confusion` and `LabelTables`. Metrics with the same rule share one in a
/// collection.
class LEADLINE_API Decisions {
 public:
  explicit Decisions(const DecisionRule& rule = {}, std::optional<std::int64_t> n_classes = {},
                     std::optional<std::int64_t> ignore_index = {},
                     std::optional<ClassRatioRule> per_sample = {});

  void update(const Rows& rows, std::string_view who);
  void merge(const Decisions& other);
  void save(State& state) const;
  void load(const State& state);
  [[nodiscard]] std::string key() const;

  [[nodiscard]] bool multilabel() const { return rule_.task == TaskType::multilabel; }
  [[nodiscard]] const DecisionRule& rule() const { return rule_; }
  [[nodiscard]] const Confusion& confusion() const { return confusion_; }
  [[nodiscard]] const LabelTables& labels() const { return labels_; }
  [[nodiscard]] std::int64_t n() const { return multilabel() ? labels_.n() : confusion_.n(); }

 private:
  DecisionRule rule_;
  std::optional<std::int64_t> n_classes_, ignore_index_;
  std::optional<ClassRatioRule> per_sample_;
  Confusion confusion_;
  LabelTables labels_;
};

/// Options that every metric of decisions has, to be joined to its own.
template <class Options>
[[nodiscard]] Fields decision_fields() {
  return {
      field("task", &Options::task, "What the labels of a sample are; never guessed."),
      field("n_classes", &Options::n_classes,
            "Number of classes, or of labels; unset: grows with the labels seen.")
          .at_least(2),
      field("threshold", &Options::threshold,
            "Scores from here on (>=) are positive; of tasks binary and multilabel."),
      field("positive_class", &Options::positive_class,
            "The class whose value task 'binary' gives, and average 'binary' of a multiclass task.")
          .at_least(0),
      field("ignore_index", &Options::ignore_index,
            "Samples with this target do not count; of multilabel targets, such entries."),
      field("level", &Options::level, "Coverage of the interval.").above(0).below(1)};
}

/// The rule of an options record. Throws ValueError where options contradict each other.
template <class Options>
[[nodiscard]] DecisionRule decision_rule(std::string_view who, const Options& options,
                                         bool multilabel_too = true) {
  if (options.task == TaskType::multilabel && !multilabel_too)
    throw ValueError(who, "task 'multiclass' or 'binary'", "'multilabel'",
                     "use ExactMatch, HammingLoss, or an average over labels such as F1");
  if (options.task == TaskType::binary && options.positive_class > 1)
    throw ValueError(who, "positive_class 0 or 1 for a binary task",
                     std::to_string(options.positive_class), "set task='multiclass'");
  DecisionRule rule{options.task, options.threshold, options.positive_class};
  if constexpr (requires { options.top_k; }) {
    rule.top_k = options.top_k;
    if (rule.top_k > 1 && options.task != TaskType::multiclass)
      throw ValueError(who, "top_k 1, or task 'multiclass'", std::to_string(rule.top_k),
                       "a binary or multilabel decision has no second choice");
  }
  return rule;
}

}  // namespace leadline::metrics

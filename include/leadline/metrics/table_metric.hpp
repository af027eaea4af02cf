/// What metrics of the whole table of decisions share: kappa, Matthews correlation, Hamming loss.
#pragma once

#include "leadline/metrics/decisions.hpp"
#include "leadline/metrics/result_checks.hpp"
#include "leadline/metrics/score_metric.hpp"

namespace leadline::metrics {

struct DecisionOptions {
  TaskType task = TaskType::multiclass;
  std::optional<std::int64_t> n_classes{};
  double threshold = 0.5;
  std::int64_t positive_class = 1;
  std::optional<std::int64_t> ignore_index{};
  double level = 0.95;
  static Fields fields() { return decision_fields<DecisionOptions>(); }
};

/// `Derived::multilabel_too` says whether the task may be 'multilabel'.
template <class Derived, class OptionsType = DecisionOptions>
class TableMetric : public ScoreMetric<Derived, Decisions, OptionsType> {
  using Base = ScoreMetric<Derived, Decisions, OptionsType>;

 public:
  explicit TableMetric(OptionsType options)
      : Base(
            Derived::type_name.substr(8), options,
            Decisions(decision_rule(Derived::type_name.substr(8), options, Derived::multilabel_too),
                      options.n_classes, options.ignore_index)) {}
  using Base::update;

  /// Adds the value and the checks of the result.
  void describe(Finding& finding, std::string_view prefix = {}) const override {
    const MetricInfo info = this->info();
    const std::string name = std::string(prefix) + info.name;
    finding.add(name, this->compute(), info.better, info.label, info.unit);
    add_class_checks(finding, name, this->fold_, name, {});
  }
};

}  // namespace leadline::metrics

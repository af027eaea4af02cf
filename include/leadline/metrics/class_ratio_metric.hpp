/// What precision, recall, F-beta, specificity, Jaccard and their like share.
#pragma once

#include <string>
#include <vector>

#include "leadline/metrics/class_ratio.hpp"
#include "leadline/metrics/decisions.hpp"
#include "leadline/metrics/result_checks.hpp"
#include "leadline/metrics/score_metric.hpp"

namespace leadline::metrics {

template <class Options>
[[nodiscard]] Fields class_ratio_fields() {
  return {
      field("average", &Options::average,
            "How classes become one number; of task 'binary' it is the positive class."),
      field("zero_division", &Options::zero_division,
            "What 0 / 0 of a class does: it is left out and counted as a fact, or it is 0."),
      field(
          "top_k", &Options::top_k,
          "Of scores [n, n_classes]: a sample is called its true class where that is among so many "
          "of the largest scores, else the class of the largest (as torchmetrics).")
          .at_least(1)};
}

struct ClassRatioOptions {
  Average average = Average::macro;
  TaskType task = TaskType::multiclass;
  std::optional<std::int64_t> n_classes{};
  double threshold = 0.5;
  std::int64_t positive_class = 1;
  ZeroDivision zero_division = ZeroDivision::exclude;
  std::int64_t top_k = 1;
  std::optional<std::int64_t> ignore_index{};
  double level = 0.95;
  static Fields fields() {
    return joined({class_ratio_fields<ClassRatioOptions>(), decision_fields<ClassRatioOptions>()});
  }
};

/// Classes without a value are left out of averages and counted in the facts `classes_averaged`
/// and `classes_undefined`: there is no silent 0 for a division by zero.
template <class Derived, class OptionsType = ClassRatioOptions>
class ClassRatioMetric : public ScoreMetric<Derived, Decisions, OptionsType> {
  using Base = ScoreMetric<Derived, Decisions, OptionsType>;

 public:
  explicit ClassRatioMetric(OptionsType options) : Base(name(), options, make_fold(options)) {
    if (options.average == Average::samples && options.task != TaskType::multilabel)
      throw ValueError(name(), "average 'samples' for task 'multilabel'", "another task",
                       "set task='multilabel', or another average");
  }
  using Base::update;

  [[nodiscard]] Estimate estimate(const Decisions& fold) const {
    const OptionsType& o = this->options_;
    if (fold.multilabel()) return average_ratio(fold.labels(), rule(o), o.average, o.level);
    return average_ratio(fold.confusion(), rule(o),
                         o.task == TaskType::binary ? Average::binary : o.average, o.level,
                         o.positive_class);
  }

  /// One estimate a class (or label); undefined where the class gives none.
  [[nodiscard]] std::vector<Estimate> per_class() const {
    return this->robust_all([&](const Decisions& fold) {
      const auto& o = this->options_;
      return fold.multilabel() ? class_ratios(fold.labels(), rule(o), o.level)
                               : class_ratios(fold.confusion(), rule(o), o.level);
    });
  }

  /// Adds the value as "f1{average=macro}" (of a binary task "f1"), each class as "f1{class=3}" and
  /// the checks of the result.
  void describe(Finding& finding, std::string_view prefix = {}) const override {
    const MetricInfo info = this->info();
    const OptionsType& o = this->options_;
    std::string start(prefix);
    start += info.name;
    std::string own = start;
    if (o.task != TaskType::binary)
      own.append("{average=").append(average_name(o.average)).append("}");
    if (o.task == TaskType::binary || o.average != Average::none)
      finding.add(own, this->compute(), info.better, info.label);
    std::int64_t label = 0;
    std::vector<std::string> names;
    for (Estimate& estimate : per_class()) {
      names.push_back(start + "{class=" + class_text(label++) + "}");
      finding.add(names.back(), std::move(estimate), info.better, info.label);
    }
    add_class_checks(finding, start, this->fold_, own, names);
  }

 private:
  [[nodiscard]] static std::string_view name() { return Derived::type_name.substr(8); }
  [[nodiscard]] static std::string_view average_name(Average average) {
    return names_of(std::type_identity<Average>{})[static_cast<std::size_t>(average)];
  }
  [[nodiscard]] static ClassRatioRule rule(const OptionsType& o) {
    ClassRatioRule rule{Derived::ratio, 1, o.zero_division};
    if constexpr (requires { o.beta; }) rule.beta = o.beta;
    return rule;
  }
  [[nodiscard]] static Decisions make_fold(const OptionsType& o) {
    return Decisions(decision_rule(name(), o), o.n_classes, o.ignore_index,
                     o.average == Average::samples ? std::optional(rule(o)) : std::nullopt);
  }
};

}  // namespace leadline::metrics

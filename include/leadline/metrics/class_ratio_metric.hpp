/// What precision, recall and F1 share.
#pragma once

#include <vector>

#include "leadline/metrics/confusion.hpp"
#include "leadline/metrics/score_metric.hpp"

namespace leadline::metrics {

struct ClassRatioOptions {
  Average average = Average::macro;
  std::optional<std::int64_t> n_classes{};
  std::int64_t positive = 1;
  double level = 0.95;
  static constexpr auto fields() {
    return std::make_tuple(
        field("average", &ClassRatioOptions::average, "How classes become one number."),
        field("n_classes", &ClassRatioOptions::n_classes,
              "Number of classes; unset: grows with the labels seen.")
            .at_least(2),
        field("positive", &ClassRatioOptions::positive, "The class of average 'binary'.")
            .at_least(0),
        field("level", &ClassRatioOptions::level, "Coverage of the interval.").above(0).below(1));
  }
};

/// Classes without a value are left out of averages and counted in the facts `classes_averaged`
/// and `classes_undefined`: there is no silent 0 for a division by zero.
template <class Derived>
class ClassRatioMetric : public ScoreMetric<Derived, Confusion, ClassRatioOptions> {
  using Base = ScoreMetric<Derived, Confusion, ClassRatioOptions>;

 public:
  explicit ClassRatioMetric(ClassRatioOptions options)
      : Base(Derived::type_name.substr(8), options, Confusion(options.n_classes)) {}
  using Base::update;

  [[nodiscard]] Estimate compute() const override {
    return average_ratio(this->fold_, Derived::ratio, this->options_.average, this->options_.level,
                         this->options_.positive);
  }

  /// One estimate a class; undefined where the class gives none.
  [[nodiscard]] std::vector<Estimate> per_class() const {
    return class_ratios(this->fold_, Derived::ratio, this->options_.level);
  }

  /// Adds the average as "f1{average=macro}" and each class as "f1{class=3}".
  void describe(Finding& finding, std::string_view prefix = {}) const override {
    const MetricInfo info = this->info();
    const std::string name = std::string(prefix) + info.name;
    if (this->options_.average != Average::none)
      finding.add(name + "{average=" +
                      std::string(names_of(std::type_identity<Average>{})[static_cast<std::size_t>(
                          this->options_.average)]) +
                      "}",
                  compute(), info.better, info.label);
    std::int64_t label = 0;
    for (Estimate& estimate : per_class())
      finding.add(name + "{class=" + class_text(label++) + "}", std::move(estimate), info.better,
                  info.label);
  }
};

}  // namespace leadline::metrics

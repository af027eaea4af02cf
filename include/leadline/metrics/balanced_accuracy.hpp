#pragma once

#include "leadline/metrics/table_metric.hpp"

namespace leadline::metrics {

struct BalancedAccuracyOptions {
  bool adjusted = false;
  TaskType task = TaskType::multiclass;
  std::optional<std::int64_t> n_classes{};
  double threshold = 0.5;
  std::int64_t positive_class = 1;
  std::optional<std::int64_t> ignore_index{};
  double level = 0.95;
  static Fields fields() {
    return joined(
        {Fields{field("adjusted", &BalancedAccuracyOptions::adjusted,
                      "Rescaled so that chance, 1 over the number of classes that occur, is "
                      "0; of two classes it is `Informedness`.")},
         decision_fields<BalancedAccuracyOptions>()});
  }
};

/// Mean recall over the classes that occur: every class counts the same, however rare.
///
/// Reads:   as `Decisions`; not for task 'multilabel'
/// Returns: Estimate in [0, 1] (adjusted: up to 1), higher is better; delta interval; facts
/// classes_averaged,
///          classes_undefined
class LEADLINE_API BalancedAccuracy
    : public TableMetric<BalancedAccuracy, BalancedAccuracyOptions> {
 public:
  static constexpr std::string_view type_name = "metrics.BalancedAccuracy",
                                    who = "BalancedAccuracy.update";
  static constexpr bool multilabel_too = false;
  explicit BalancedAccuracy(Options options = {});
  [[nodiscard]] MetricInfo info() const override;
  [[nodiscard]] Estimate estimate(const Decisions& fold) const;
};

}  // namespace leadline::metrics

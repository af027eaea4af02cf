#pragma once

#include "leadline/metrics/class_ratio_metric.hpp"

namespace leadline::metrics {

struct FBetaOptions {
  double beta = 2.0;
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
    return joined(
        {Fields{field("beta", &FBetaOptions::beta, "Recall counts beta times as much as precision.")
                    .above(0)},
         class_ratio_fields<FBetaOptions>(), decision_fields<FBetaOptions>()});
  }
};

/// F-beta: precision and recall, recall counting beta times as much (van Rijsbergen 1979),
/// (1 + b^2) tp / ((1 + b^2) tp + b^2 fn + fp).
///
/// Reads, returns: as `F1`
class LEADLINE_API FBeta : public ClassRatioMetric<FBeta, FBetaOptions> {
 public:
  static constexpr std::string_view type_name = "metrics.FBeta", who = "FBeta.update";
  static constexpr ClassRatio ratio = ClassRatio::f_beta;
  explicit FBeta(Options options = {});
  [[nodiscard]] MetricInfo info() const override;
};

}  // namespace leadline::metrics

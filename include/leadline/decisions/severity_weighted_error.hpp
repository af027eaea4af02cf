#pragma once

#include "leadline/metrics/confusion.hpp"
#include "leadline/metrics/score_metric.hpp"

namespace leadline::decisions {

struct SeverityWeightedErrorOptions {
  std::vector<double> severity{1, 1};
  double level = 0.95;
  static Fields fields() {
    return {field("severity", &SeverityWeightedErrorOptions::severity,
                  "How much a mistake on each true class matters, >= 0, one a class."),
            field("level", &SeverityWeightedErrorOptions::level, "Coverage of the interval.")
                .above(0)
                .below(1)};
  }
};

/// Error rate in which each sample counts by the severity of its class:
/// sum_i s(y_i) [wrong] / sum_i s(y_i). With equal severities it is 1 - accuracy.
///
/// Reads:   as `metrics::Confusion`
/// Returns: Estimate in [0, 1], lower is better; Wilson at the effective number of samples (the
///          size of a plain rate with the delta variance; Kish's where no error was seen)
/// Throws:  ValueError for a severity that is negative, not finite, or all 0
class LEADLINE_API SeverityWeightedError
    : public metrics::ScoreMetric<SeverityWeightedError, metrics::Confusion,
                                  SeverityWeightedErrorOptions> {
 public:
  static constexpr std::string_view type_name = "decisions.SeverityWeightedError",
                                    who = "SeverityWeightedError.update";
  explicit SeverityWeightedError(Options options = {});
  using ScoreMetric::update;
  [[nodiscard]] MetricInfo info() const override;
  [[nodiscard]] Estimate compute() const override;
};

}  // namespace leadline::decisions

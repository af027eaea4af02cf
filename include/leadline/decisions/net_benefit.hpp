#pragma once

#include "leadline/metrics/confusion.hpp"
#include "leadline/metrics/score_metric.hpp"

namespace leadline::decisions {

struct NetBenefitOptions {
  double threshold = 0.5;
  double level = 0.95;
  static Fields fields() {
    return {
        field("threshold", &NetBenefitOptions::threshold,
              "Probability from which on one acts; its odds are what a false alarm costs in hits.")
            .above(0)
            .below(1),
        field("level", &NetBenefitOptions::level, "Coverage of the interval.").above(0).below(1)};
  }
};

/// Net benefit of acting where p >= threshold: TP / n - FP / n * t / (1 - t)
/// (Vickers and Elkin 2006, Medical Decision Making 26:565). Acting on nobody gives 0.
///
/// Reads:   "probabilities" [n], [n, 1] (of class 1) or [n, 2]; "target" [n] in {0, 1}
/// Returns: Estimate in [-t / (1 - t), 1], higher is better; t interval; facts treat_all,
///          treat_none (0), prevalence
/// Throws:  ShapeError for more than two classes, ValueError for a probability outside [0, 1]
class LEADLINE_API NetBenefit
    : public metrics::ScoreMetric<NetBenefit, metrics::Confusion, NetBenefitOptions> {
 public:
  static constexpr std::string_view type_name = "decisions.NetBenefit", who = "NetBenefit.update";
  explicit NetBenefit(Options options = {});
  using ScoreMetric::update;
  void update(const Rows& rows) override;
  [[nodiscard]] MetricInfo info() const override;
  [[nodiscard]] Estimate compute() const override;
  [[nodiscard]] static std::string_view column_of(const ArrayView&) { return "probabilities"; }
};

}  // namespace leadline::decisions

#pragma once

#include "leadline/metrics/rank_metric.hpp"

namespace leadline::metrics {

/// The four numbers of a detector, from one sort.
struct DetectionEstimates {
  Estimate auroc, aupr_of_positives, aupr_of_negatives, fpr_at_tpr;
};

struct DetectionOptions {
  double tpr = 0.95;
  RankAverage average = RankAverage::macro;
  std::int64_t positive = 1;
  std::optional<std::int64_t> ignore_index{};
  bool exact = false;
  std::int64_t keep = most_kept;
  std::int64_t bits = 16;
  stats::ScoreScale scale = stats::ScoreScale::raw;
  double level = 0.95;
  static Fields fields() {
    return joined({Fields{field("tpr", &DetectionOptions::tpr,
                                "Share of the positives that the operating point accepts.")
                              .above(0)
                              .at_most(1)},
                   rank_fields<DetectionOptions>()});
  }
};

/// How well a score tells one kind of input from another, in the four numbers that papers on
/// out-of-distribution detection report: AUROC, AUPR with the positives to be found ("in" where the
/// positives are the known data), AUPR with the negatives to be found ("out"), and FPR at a fixed
/// TPR. One state and one sort.
///
/// Reads:    as `RankFold`, one column of scores; target 1 (option `positive`): the class to accept
/// Returns:  the AUROC (DeLong); `estimates()` gives all four, for one column
/// Describe: auroc, aupr_of_positives, aupr_of_negatives, fpr_at_tpr{tpr=0.95}, the ROC curve
class LEADLINE_API Detection : public ScoreMetric<Detection, RankFold, DetectionOptions> {
 public:
  static constexpr std::string_view type_name = "metrics.Detection", who = "Detection.update";
  explicit Detection(Options options = {});
  using ScoreMetric::update;
  [[nodiscard]] MetricInfo info() const override;
  [[nodiscard]] Estimate estimate(const RankFold& fold) const;
  void describe(Finding& finding, std::string_view prefix = {}) const override;
  /// All four; absent, with the reason, for many columns.
  [[nodiscard]] DetectionEstimates estimates() const;
  [[nodiscard]] static std::string_view column_of(const ArrayView&) { return "scores"; }
};

}  // namespace leadline::metrics

#pragma once

#include "leadline/metrics/rank_metric.hpp"
#include "leadline/stats/rank_curves.hpp"
#include "leadline/stats/rank_steps.hpp"

namespace leadline::metrics {

/// How the interval of an AUROC is made.
enum class AurocInterval : std::uint8_t {
  delong,     // variance of the placements, normal on the logit scale
  bootstrap,  // percentile of Poisson resamples, on one sort; binary, exact, without weights
};
[[nodiscard]] constexpr auto names_of(std::type_identity<AurocInterval>) {
  return std::array<std::string_view, 2>{"delong", "bootstrap"};
}

struct AurocOptions {
  std::optional<double> max_fpr{};
  stats::ClassContrast contrast = stats::ClassContrast::one_vs_rest;
  AurocInterval interval = AurocInterval::delong;
  std::int64_t replicates = 1000;
  std::int64_t seed = 0;
  stats::CurveBand band = stats::CurveBand::simultaneous;
  RankAverage average = RankAverage::macro;
  std::int64_t positive = 1;
  std::optional<std::int64_t> ignore_index{};
  bool exact = false;
  std::int64_t keep = most_kept;
  std::int64_t bits = 16;
  stats::ScoreScale scale = stats::ScoreScale::raw;
  double level = 0.95;
  static Fields fields() {
    return joined(
        {Fields{
             field("max_fpr", &AurocOptions::max_fpr,
                   "Area up to this false-positive rate only, standardised to 1/2 for chance and 1 "
                   "for perfect (McClish 1989); unset: all of it.")
                 .above(0)
                 .at_most(1),
             field("contrast", &AurocOptions::contrast,
                   "Classes against the rest, or against each other class (Hand and Till 2001)."),
             field("interval", &AurocOptions::interval, "How the interval is made."),
             field("replicates", &AurocOptions::replicates, "Resamples of the bootstrap.")
                 .at_least(100),
             field("seed", &AurocOptions::seed, "Of the bootstrap.").at_least(0),
             field("band", &AurocOptions::band, "Confidence band of the curve in `describe()`.")},
         rank_fields<AurocOptions>()});
  }
};

/// Area under the ROC curve: how often a positive scores above a negative, ties one half.
///
/// Reads:    as `RankFold`: binary, multiclass or multilabel by shape
/// Returns:  Estimate in [0, 1], higher is better, 1/2 is chance. Interval: DeLong on the logit
///           scale (DeLong et al. 1988; Sun and Xu 2014), for an average over classes from the
///           influence of each sample on all of them; a partial area: percentile bootstrap.
///           Undefined where only one class was seen. Facts exact, n_positive, n_effective,
///           classes_averaged, classes_undefined.
/// Bounded:  |value - exact value| <= error_bound = sum of pairs that share a bin / (2 P N); the
///           interval is widened by it
/// Describe: the ROC curve with its band (binary), each class, checks
///
///     leadline::metrics::Auroc auroc;
///     auroc.update(scores, labels);
///     auroc.compute().value();
class LEADLINE_API Auroc : public ScoreMetric<Auroc, RankFold, AurocOptions> {
 public:
  static constexpr std::string_view type_name = "metrics.Auroc", who = "Auroc.update";
  explicit Auroc(Options options = {});
  using ScoreMetric::update;
  [[nodiscard]] MetricInfo info() const override;
  [[nodiscard]] Estimate estimate(const RankFold& fold) const;
  void describe(Finding& finding, std::string_view prefix = {}) const override;
  [[nodiscard]] static std::string_view column_of(const ArrayView&) { return "scores"; }

 private:
  [[nodiscard]] RankRule rule() const;
  [[nodiscard]] Estimate averaged(const RankFold& fold, const stats::ColumnAuroc& found) const;
};

/// The AUROC of one column of scores that were kept; undefined where a group is missing.
[[nodiscard]] LEADLINE_API Estimate auroc_of(const RankFold& fold, const AurocOptions& options);

/// The points and band of a ROC or precision-recall curve as a block; thinned for drawing only.
[[nodiscard]] LEADLINE_API Curve roc_block(const stats::Levels& levels, stats::CurveBand band,
                                           double level);
/// The same of counts that were sorted already.
[[nodiscard]] LEADLINE_API Curve roc_block(const stats::RankSteps& steps, stats::CurveBand band,
                                           double level);
[[nodiscard]] LEADLINE_API Curve precision_recall_block(const stats::Levels& levels,
                                                        stats::CurveBand band, double level);

}  // namespace leadline::metrics

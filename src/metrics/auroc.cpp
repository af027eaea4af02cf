#include "leadline/metrics/auroc.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "leadline/core/error.hpp"
#include "leadline/stats/bootstrap.hpp"
#include "leadline/stats/rank_bootstrap.hpp"

namespace leadline::detail::auroc_metric {

stats::RankValue value_of(const stats::Auroc& found) {
  stats::RankValue out;
  out.value = found.value;
  out.variance = found.variance;
  out.interval = found.interval;
  out.method = found.method;
  return out;
}

std::string band_text(stats::CurveBand band, double level) {
  switch (band) {
    case stats::CurveBand::pointwise:
      return fmt::format("band: each point by itself with {:g} %", 100 * level);
    case stats::CurveBand::simultaneous:
      return fmt::format("band: the whole curve with at least {:g} %", 100 * level);
    case stats::CurveBand::none:
      break;
  }
  return "";
}

Curve block(const stats::RankCurve& points, std::string title, std::string x, std::string y,
            std::string note, double level) {
  Curve curve;
  curve.title = std::move(title);
  curve.x_label = std::move(x);
  curve.y_label = std::move(y);
  curve.note = std::move(note);
  curve.level = level;
  Curve::Series series;
  series.name = "scores";
  series.x = points.x;
  series.y = points.y;
  series.lower = points.lower;
  series.upper = points.upper;
  curve.series.push_back(std::move(series));
  return curve;
}

Curve roc(const stats::RankCurve& points, stats::CurveBand band, double level) {
  Curve curve = block(points, "ROC curve", "share of negatives accepted",
                      "share of positives accepted", band_text(band, level), level);
  curve.diagonal = true;
  return curve;
}

}  // namespace leadline::detail::auroc_metric

namespace leadline::metrics {
namespace auroc_impl = leadline::detail::auroc_metric;

Curve roc_block(const stats::Levels& levels, stats::CurveBand band, double level) {
  return auroc_impl::roc(stats::thin(stats::roc_curve(levels, band, level)), band, level);
}

Curve roc_block(const stats::RankSteps& steps, stats::CurveBand band, double level) {
  return auroc_impl::roc(steps.roc_curve(band, level), band, level);
}

Curve precision_recall_block(const stats::Levels& levels, stats::CurveBand band, double level) {
  return auroc_impl::block(stats::thin(stats::precision_recall_curve(levels, band, level)),
                           "Precision and recall", "share of positives found",
                           "share of the found that is positive",
                           auroc_impl::band_text(band, level), level);
}

Auroc::Auroc(Options options) : ScoreMetric("Auroc", options, RankFold(settings_of(options))) {
  if (options.max_fpr && options.contrast == stats::ClassContrast::one_vs_one)
    throw ValueError("Auroc", "max_fpr or contrast 'one_vs_one'", "both",
                     "a partial area of pairs of classes is not defined");
  if (options.interval == AurocInterval::bootstrap && !options.exact && options.keep == 0)
    throw ValueError("Auroc", "kept scores for interval 'bootstrap'", "keep=0",
                     "pass exact=True, or interval='delong'");
}

MetricInfo Auroc::info() const {
  return {"auroc",
          Better::higher,
          {0, 1},
          "",
          "how often a positive scores above a negative",
          {"scores", "target"}};
}

RankRule Auroc::rule() const {
  if (options_.max_fpr) {
    const double max_fpr = *options_.max_fpr;
    return {"auroc",
            [max_fpr](const stats::Levels& l, double level) {
              return stats::partial_auroc(l, max_fpr, level);
            },
            [max_fpr](const stats::Levels& l) {
              const auto value = [max_fpr](const stats::Levels& x) {
                return stats::partial_auroc_value(x, max_fpr);
              };
              return stats::bounded_by_order(l, value(l), value);
            }};
  }
  return {"auroc",
          [](const stats::Levels& l, double level) {
            return auroc_impl::value_of(stats::auroc(l, level));
          },
          [](const stats::Levels& l) { return stats::bounded_auroc(l); }};
}

Estimate auroc_of(const RankFold& fold, const AurocOptions& options) {
  const auto ranked = fold.ranked();
  if (!(ranked.positive_weight() > 0) || !(ranked.negative_weight() > 0))
    return rank_column(fold, {}, 0, options.level);  // says why
  auto found = auroc_impl::value_of(stats::auroc(ranked, options.level));
  if (options.interval == AurocInterval::bootstrap && found.method == "delong, logit") {
    const auto replicates = stats::auroc_bootstrap(
        ranked, {options.replicates, static_cast<std::uint64_t>(options.seed)});
    if (const auto interval = stats::percentile_interval(replicates, options.level)) {
      found.interval = *interval;
      found.method = "poisson bootstrap, percentile";
    }
  }
  Estimate estimate = estimate_of(found, fold.n(), options.level);
  estimate.facts["exact"] = 1;
  estimate.facts["n_positive"] = ranked.positive_weight();
  if (ranked.weighted())
    estimate.facts["n_effective"] = ranked.positive_effective() + ranked.negative_effective();
  return estimate;
}

Estimate Auroc::averaged(const RankFold& fold, const stats::ColumnAuroc& found) const {
  if (options_.average == RankAverage::none || found.averaged == 0)
    return rank_estimate(fold, rule(), options_.average, options_.level);  // says why
  const auto spread =
      stats::auroc_from(found.value, found.variance, found.n_effective, options_.level);
  auto value = auroc_impl::value_of(spread);
  if (value.method == "delong, logit") value.method = "influence, logit";
  Estimate estimate = estimate_of(value, fold.n(), options_.level);
  estimate.facts["exact"] = 1;
  estimate.facts["classes_averaged"] = found.averaged;
  estimate.facts["classes_undefined"] = static_cast<double>(fold.n_columns() - found.averaged);
  if (fold.weighted()) estimate.facts["n_effective"] = found.n_effective;
  return estimate;
}

Estimate Auroc::estimate(const RankFold& fold) const {
  if (fold.n() == 0) return Estimate::absent(Status::empty, "no samples were seen");
  const bool binary_scores = fold.layout() == RankFold::binary;
  if (options_.interval == AurocInterval::bootstrap &&
      (!binary_scores || fold.weighted() || !fold.exact()))
    return Estimate::absent(
        Status::undefined,
        "interval 'bootstrap' is for one column of kept scores without weights: use 'delong'",
        fold.n());
  if (options_.contrast == stats::ClassContrast::one_vs_one &&
      (fold.layout() != RankFold::multiclass || !fold.exact()))
    return Estimate::absent(Status::undefined,
                            "contrast 'one_vs_one' is for classes whose scores are kept: pass "
                            "scores [n, n_classes] and exact=True",
                            fold.n());
  if (options_.max_fpr || !fold.exact())
    return rank_estimate(fold, rule(), options_.average, options_.level);
  if (binary_scores) return auroc_of(fold, options_);
  return averaged(fold, fold.aurocs(options_.contrast, options_.average == RankAverage::weighted,
                                    options_.level));
}

void Auroc::describe(Finding& finding, std::string_view prefix) const {
  const bool binary_scores = fold_.layout() == RankFold::binary;
  std::vector<Estimate> columns;
  if (fold_.n_columns() > 1 && fold_.exact() && !options_.max_fpr) {
    const auto found = fold_.aurocs(options_.contrast, false, options_.level);
    for (const auto& column : found.columns)
      columns.push_back(
          column.defined
              ? estimate_of(auroc_impl::value_of(column.auroc), fold_.n(), options_.level)
              : Estimate::absent(Status::undefined,
                                 column.weight > 0 ? "every sample is of the class"
                                                   : "no sample is of the class",
                                 fold_.n()));
  } else {
    for (std::int64_t c = 0; fold_.n_columns() > 1 && c < fold_.n_columns(); ++c)
      columns.push_back(rank_column(fold_, rule(), c, options_.level));
  }
  rank_describe(finding, prefix, fold_, rule(), options_.average, options_.level, info(), compute(),
                std::move(columns));
  if (!binary_scores) return;
  if (fold_.exact() && fold_.n() > 0) {
    const auto ranked = fold_.ranked();
    if (stats::RankSteps::can_hold(ranked)) {
      finding.blocks.emplace_back(
          roc_block(stats::RankSteps(ranked), options_.band, options_.level));
      return;
    }
  }
  const auto levels = fold_.levels();
  if (levels.positives > 0 && levels.negatives > 0)
    finding.blocks.emplace_back(roc_block(levels, options_.band, options_.level));
}

}  // namespace leadline::metrics

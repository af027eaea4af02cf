#include "leadline/metrics/detection.hpp"

#include <fmt/format.h>

#include "leadline/metrics/auroc.hpp"
#include "leadline/stats/delong.hpp"

namespace leadline::detail::detection {
using metrics::RankRule;

RankRule auroc_rule() {
  return {"auroc",
          [](const stats::Levels& l, double level) {
            const auto found = stats::auroc(l, level);
            stats::RankValue out;
            out.value = found.value;
            out.interval = found.interval;
            out.method = found.method;
            return out;
          },
          [](const stats::Levels& l) { return stats::bounded_auroc(l); }};
}

/// The estimate of a rule on levels that both have a value, widened where they are bins.
Estimate of(const stats::Levels& levels, const RankRule& rule, bool exact, double level) {
  Estimate estimate = metrics::estimate_of(rule.exact(levels, level), levels.n, level);
  if (!exact) metrics::widen_by_bound(estimate, rule.bounded(levels), rule.most);
  estimate.facts["exact"] = exact ? 1 : 0;
  estimate.facts["n_positive"] = levels.positives;
  return estimate;
}

}  // namespace leadline::detail::detection

namespace leadline::metrics {
namespace detection_impl = leadline::detail::detection;

Detection::Detection(Options options)
    : ScoreMetric("Detection", options, RankFold(settings_of(options))) {}

MetricInfo Detection::info() const {
  return {"detection",
          Better::higher,
          {0, 1},
          "",
          "how often a known input scores above another",
          {"scores", "target"}};
}

Estimate Detection::estimate(const RankFold& fold) const {
  if (fold.layout() == RankFold::binary && fold.exact()) {
    AurocOptions options;
    options.level = options_.level;
    return auroc_of(fold, options);
  }
  return rank_estimate(fold, detection_impl::auroc_rule(), options_.average, options_.level);
}

DetectionEstimates Detection::estimates() const {
  if (fold_.layout() != RankFold::binary) {
    const Estimate none =
        fold_.n() == 0
            ? Estimate::absent(Status::empty, "no samples were seen")
            : Estimate::absent(Status::undefined, "a detector has one column of scores", fold_.n());
    return {none, none, none, none};
  }
  const auto levels = fold_.levels();
  if (!(levels.positives > 0) || !(levels.negatives > 0)) {
    const Estimate none = rank_column(fold_, detection_impl::auroc_rule(), 0, options_.level);
    return {none, none, none, none};
  }
  const double level = options_.level, tpr = options_.tpr;
  const bool exact = fold_.exact();
  const RankRule positives{
      "aupr", [](const stats::Levels& l, double at) { return stats::aupr_trapezoid(l, at); },
      [](const stats::Levels& l) { return stats::bounded_aupr_trapezoid(l); }};
  const RankRule negatives{
      "aupr", [](const stats::Levels& l, double at) { return stats::aupr_of_negatives(l, at); },
      [](const stats::Levels& l) { return stats::bounded_aupr_trapezoid(stats::flipped(l)); }};
  const RankRule fpr{"fpr",
                     [tpr](const stats::Levels& l, double at) {
                       return stats::fpr_at_tpr(l, tpr, stats::PointInterval::matched_beta, at);
                     },
                     [tpr](const stats::Levels& l) { return stats::bounded_fpr_at_tpr(l, tpr); }};
  return {detection_impl::of(levels, detection_impl::auroc_rule(), exact, level),
          detection_impl::of(levels, positives, exact, level),
          detection_impl::of(levels, negatives, exact, level),
          detection_impl::of(levels, fpr, exact, level)};
}

void Detection::describe(Finding& finding, std::string_view prefix) const {
  std::vector<Estimate> columns;
  for (std::int64_t c = 0; fold_.n_columns() > 1 && c < fold_.n_columns(); ++c)
    columns.push_back(rank_column(fold_, detection_impl::auroc_rule(), c, options_.level));
  MetricInfo about = info();
  about.name = "auroc";
  rank_describe(finding, prefix, fold_, detection_impl::auroc_rule(), options_.average,
                options_.level, about, compute(), std::move(columns));
  if (fold_.layout() != RankFold::binary) return;
  const std::string start(prefix);
  auto all = estimates();
  finding.add(start + "aupr_of_positives", std::move(all.aupr_of_positives), Better::higher,
              "area under precision over recall, the positives to be found");
  finding.add(start + "aupr_of_negatives", std::move(all.aupr_of_negatives), Better::higher,
              "area under precision over recall, the negatives to be found");
  finding.add(
      start + fmt::format("fpr_at_tpr{{tpr={:g}}}", options_.tpr), std::move(all.fpr_at_tpr),
      Better::lower,
      fmt::format("share of negatives accepted where {:g} % of positives are", 100 * options_.tpr));
  const auto levels = fold_.levels();
  if (levels.positives > 0 && levels.negatives > 0)
    finding.blocks.emplace_back(roc_block(levels, stats::CurveBand::simultaneous, options_.level));
}

}  // namespace leadline::metrics

#include "leadline/metrics/detection.hpp"

#include <fmt/format.h>

#include <optional>

#include "leadline/metrics/auroc.hpp"
#include "leadline/stats/delong.hpp"

namespace leadline::detail::detection {
using metrics::RankRule;

stats::RankValue value_of(const stats::Auroc& found) {
  stats::RankValue out;
  out.value = found.value;
  out.interval = found.interval;
  out.method = found.method;
  return out;
}

RankRule auroc_rule() {
  return {"auroc",
          [](const stats::Levels& l, double level) { return value_of(stats::auroc(l, level)); },
          [](const stats::Levels& l) { return stats::bounded_auroc(l); }};
}

struct Described {
  metrics::DetectionEstimates all;
  std::optional<Curve> curve;
};

/// All four and the curve from one sort of counted scores.
Described of_counts(const stats::Ranked& ranked, double tpr, double level) {
  const stats::RankSteps steps(ranked);
  const auto with_facts = [&](const stats::RankValue& found) {
    Estimate estimate = metrics::estimate_of(found, ranked.n(), level);
    estimate.facts["exact"] = 1;
    estimate.facts["n_positive"] = steps.positives();
    return estimate;
  };
  return {{with_facts(value_of(steps.auroc(level))), with_facts(steps.aupr_of_positives(level)),
           with_facts(steps.aupr_of_negatives(level)), with_facts(steps.fpr_at_tpr(tpr, level))},
          metrics::roc_block(steps, stats::CurveBand::simultaneous, level)};
}

/// The estimate of a rule on levels that both have a value, widened where they are bins.
Estimate of(const stats::Levels& levels, const RankRule& rule, bool exact, double level) {
  Estimate estimate = metrics::estimate_of(rule.exact(levels, level), levels.n, level);
  if (!exact) metrics::widen_by_bound(estimate, rule.bounded(levels), rule.most);
  estimate.facts["exact"] = exact ? 1 : 0;
  estimate.facts["n_positive"] = levels.positives;
  return estimate;
}

/// The same of weighted scores, or of bins.
Described of_levels(const stats::Levels& levels, bool exact, double tpr, double level) {
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
  return {{of(levels, auroc_rule(), exact, level), of(levels, positives, exact, level),
           of(levels, negatives, exact, level), of(levels, fpr, exact, level)},
          metrics::roc_block(levels, stats::CurveBand::simultaneous, level)};
}

Described described(const metrics::RankFold& fold, double tpr, double level) {
  const auto none = [](const Estimate& why) { return Described{{why, why, why, why}, {}}; };
  if (fold.n() == 0) return none(Estimate::absent(Status::empty, "no samples were seen"));
  if (fold.layout() != metrics::RankFold::binary)
    return none(
        Estimate::absent(Status::undefined, "a detector has one column of scores", fold.n()));
  const auto support = fold.support();
  if (!(support.positives > 0) || !(support.negatives > 0))
    return none(metrics::rank_column(fold, auroc_rule(), 0, level));
  if (fold.exact()) {
    const auto ranked = fold.ranked();
    if (stats::RankSteps::can_hold(ranked)) return of_counts(ranked, tpr, level);
  }
  return of_levels(fold.levels(), fold.exact(), tpr, level);
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
  return detection_impl::described(fold_, options_.tpr, options_.level).all;
}

void Detection::describe(Finding& finding, std::string_view prefix) const {
  auto [all, curve] = detection_impl::described(fold_, options_.tpr, options_.level);
  std::vector<Estimate> columns;
  for (std::int64_t c = 0; fold_.n_columns() > 1 && c < fold_.n_columns(); ++c)
    columns.push_back(rank_column(fold_, detection_impl::auroc_rule(), c, options_.level));
  MetricInfo about = info();
  about.name = "auroc";
  rank_describe(finding, prefix, fold_, detection_impl::auroc_rule(), options_.average,
                options_.level, about, clusters_.empty() && curve ? all.auroc : compute(),
                std::move(columns));
  if (fold_.layout() != RankFold::binary) return;
  const std::string start(prefix);
  finding.add(start + "aupr_of_positives", std::move(all.aupr_of_positives), Better::higher,
              "area under precision over recall, the positives to be found");
  finding.add(start + "aupr_of_negatives", std::move(all.aupr_of_negatives), Better::higher,
              "area under precision over recall, the negatives to be found");
  finding.add(
      start + fmt::format("fpr_at_tpr{{tpr={:g}}}", options_.tpr), std::move(all.fpr_at_tpr),
      Better::lower,
      fmt::format("share of negatives accepted where {:g} % of positives are", 100 * options_.tpr));
  if (curve) finding.blocks.emplace_back(std::move(*curve));
}

}  // namespace leadline::metrics

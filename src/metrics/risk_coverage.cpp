// Selective prediction from ranks, and the ROC area over the logarithm of the false-positive rate.
#include <algorithm>
#include <cmath>

#include "leadline/core/error.hpp"
#include "leadline/metrics/area_under_risk_coverage.hpp"
#include "leadline/metrics/log_auc.hpp"

namespace leadline::detail::risk_coverage {

/// The curve at about 256 coverages.
Curve curve_of(const stats::Levels& levels, double level) {
  constexpr double points = 256;
  Curve curve;
  curve.title = "Risk and coverage";
  curve.x_label = "share of samples answered, the surest first";
  curve.y_label = "share of the answers that is wrong";
  curve.level = level;
  Curve::Series series;
  series.name = "risk";
  double seen = 0, wrong = 0;
  const double total = levels.positives + levels.negatives;
  const double scale =
      (levels.positives_effective + levels.negatives_effective) / std::max(total, 1e-300);
  for (std::size_t k = 0; k < levels.size(); ++k) {
    seen += levels.positive[k] + levels.negative[k];
    wrong += levels.negative[k];
    const bool due = seen / total * points >= static_cast<double>(series.x.size() + 1);
    if (!due && k + 1 < levels.size()) continue;
    const auto interval =
        stats::proportion_interval(std::min(wrong, seen) * scale, seen * scale, level);
    series.x.push_back(std::min(1.0, seen / total));
    series.y.push_back(std::clamp(wrong / seen, 0.0, 1.0));
    series.lower.push_back(std::min(interval.lower, series.y.back()));
    series.upper.push_back(std::max(interval.upper, series.y.back()));
  }
  curve.series.push_back(std::move(series));
  return curve;
}

/// The curve at a rate: linear between its points, the top of a vertical step.
double tpr_at(const stats::Levels& levels, double fpr) {
  double a = 0, b = 0;
  const double wanted = fpr * levels.negatives;
  for (std::size_t k = 0; k < levels.size(); ++k) {
    const double p = levels.positive[k], q = levels.negative[k];
    if (b + q > wanted) return (a + (q > 0 ? (wanted - b) / q : 0.0) * p) / levels.positives;
    a += p;
    b += q;
  }
  return 1;
}

double log_area(const stats::Levels& levels, double low, double high) {
  double a = 0, b = 0, area = 0;
  double x = std::log(low), y = tpr_at(levels, low);
  const auto reach = [&](double fpr, double tpr) {
    const double next = std::log(fpr);
    area += (next - x) * (tpr + y) / 2;
    x = next;
    y = tpr;
  };
  for (std::size_t k = 0; k < levels.size(); ++k) {
    a += levels.positive[k];
    b += levels.negative[k];
    const double fpr = b / levels.negatives;
    if (fpr > low && fpr < high) reach(fpr, a / levels.positives);
    if (fpr >= high) break;
  }
  reach(high, tpr_at(levels, high));
  return std::clamp(area / (std::log(high) - std::log(low)), 0.0, 1.0);
}

}  // namespace leadline::detail::risk_coverage

namespace leadline::metrics {
namespace risk_impl = leadline::detail::risk_coverage;

Estimate risk_coverage_of(const stats::Levels& levels, bool exact, double level) {
  if (!(levels.positives + levels.negatives > 0))
    return Estimate::absent(Status::undefined, "every weight is 0", levels.n);
  if (!(levels.positives > 0 && levels.negatives > 0))
    return Estimate::of(levels.negatives > 0 ? 1.0 : 0.0, levels.n,
                        "right and wrong answers are needed for a spread");
  const auto found = stats::bootstrap_levels(levels, stats::area_under_risk_coverage(levels),
                                             stats::area_under_risk_coverage, level);
  Estimate estimate = estimate_of(found, levels.n, level);
  if (!exact) widen_by_bound(estimate, stats::bounded_area_under_risk_coverage(levels), 1);
  estimate.facts["exact"] = exact ? 1 : 0;
  estimate.facts["n_positive"] = levels.positives;
  return estimate;
}

AreaUnderRiskCoverage::AreaUnderRiskCoverage(Options options) : RankMetric(options) {}
MetricInfo AreaUnderRiskCoverage::info() const {
  return {"area_under_risk_coverage",
          Better::lower,
          {0, 1},
          "",
          "mean error rate over the coverages, the surest answers first",
          {"scores", "target"}};
}
RankRule AreaUnderRiskCoverage::rule() const {
  return {"area_under_risk_coverage",
          [](const stats::Levels& l, double level) {
            return stats::bootstrap_levels(l, stats::area_under_risk_coverage(l),
                                           stats::area_under_risk_coverage, level);
          },
          [](const stats::Levels& l) { return stats::bounded_area_under_risk_coverage(l); }, 1};
}
Estimate AreaUnderRiskCoverage::estimate(const RankFold& fold) const {
  if (fold.layout() != RankFold::binary || fold.n() == 0) return RankMetric::estimate(fold);
  return risk_coverage_of(fold.levels(), fold.exact(), options_.level);
}
void AreaUnderRiskCoverage::describe(Finding& finding, std::string_view prefix) const {
  RankMetric::describe(finding, prefix);
  if (fold_.layout() != RankFold::binary) return;
  const auto levels = fold_.levels();
  if (levels.positives + levels.negatives > 0)
    finding.blocks.emplace_back(risk_impl::curve_of(levels, options_.level));
}

LogAuc::LogAuc(Options options) : RankMetric(options) {
  if (!(options.min_fpr < options.max_fpr))
    throw ValueError("LogAuc", "min_fpr < max_fpr",
                     std::to_string(options.min_fpr) + " and " + std::to_string(options.max_fpr),
                     "exchange them");
}
MetricInfo LogAuc::info() const {
  return {"log_auc",
          Better::higher,
          {0, 1},
          "",
          "area under the ROC curve over the logarithm of the false-positive rate",
          {"scores", "target"}};
}
RankRule LogAuc::rule() const {
  const auto value = [low = options_.min_fpr, high = options_.max_fpr](const stats::Levels& l) {
    return risk_impl::log_area(l, low, high);
  };
  return {"log_auc",
          [value](const stats::Levels& l, double level) {
            return stats::bootstrap_levels(l, value(l), value, level);
          },
          [value](const stats::Levels& l) { return stats::bounded_by_order(l, value(l), value); },
          1};
}

}  // namespace leadline::metrics

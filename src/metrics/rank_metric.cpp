#include "leadline/metrics/rank_metric.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "leadline/core/error.hpp"
#include "leadline/stats/delong.hpp"

namespace leadline::detail::rank_metric {

using metrics::RankFold;

std::string missing(const stats::Levels& levels) {
  if (!(levels.positives + levels.negatives > 0)) return "every weight is 0";
  return levels.positives > 0 ? "every sample is positive: ranking needs both classes"
                              : "no sample is positive: ranking needs both classes";
}

Estimate of_levels(const stats::Levels& levels, const metrics::RankRule& rule, bool exact,
                   double level) {
  if (!(levels.positives > 0) || !(levels.negatives > 0))
    return Estimate::absent(Status::undefined, missing(levels), levels.n);
  Estimate estimate = metrics::estimate_of(rule.exact(levels, level), levels.n, level);
  if (!exact) {
    metrics::widen_by_bound(estimate, rule.bounded(levels), rule.most);
  }
  estimate.facts["exact"] = exact ? 1 : 0;
  estimate.facts["n_positive"] = levels.positives;
  if (levels.weighted())
    estimate.facts["n_effective"] = levels.positives_effective + levels.negatives_effective;
  return estimate;
}

}  // namespace leadline::detail::rank_metric

namespace leadline::metrics {
namespace rank_impl = leadline::detail::rank_metric;

void widen_by_bound(Estimate& estimate, const stats::Bounded& found, double most) {
  const double value = std::clamp(found.value, 0.0, most), bound = found.error_bound;
  const double shift = value - estimate.value();
  Estimate wide =
      estimate.lower
          ? Estimate::with(value, std::clamp(*estimate.lower + shift - bound, 0.0, value),
                           std::clamp(*estimate.upper + shift + bound, value, most), estimate.n,
                           estimate.method + ", widened by the error bound", estimate.level)
          : Estimate::of(value, estimate.n, estimate.why);
  wide.error_bound = bound;
  wide.facts = estimate.facts;
  estimate = std::move(wide);
}

Estimate estimate_of(const stats::RankValue& found, std::int64_t n, double level) {
  Estimate estimate =
      found.method == "none"
          ? Estimate::of(found.value, n, "fewer than 2 samples in a class show no spread")
          : Estimate::with(found.value, std::min(found.interval.lower, found.value),
                           std::max(found.interval.upper, found.value), n,
                           std::string(found.method), level);
  if (found.threshold != 0 && std::isfinite(found.threshold))
    estimate.facts["threshold"] = found.threshold;
  return estimate;
}

Estimate rank_column(const RankFold& fold, const RankRule& rule, std::int64_t column,
                     double level) {
  if (fold.exact() && fold.n() > 0) {
    const auto ranked = fold.ranked(column);
    if (rule.counted && stats::RankSteps::can_hold(ranked)) {
      const stats::RankSteps steps(ranked);
      Estimate estimate = estimate_of(rule.counted(steps, level), fold.n(), level);
      estimate.facts["exact"] = 1;
      estimate.facts["n_positive"] = steps.positives();
      return estimate;
    }
    return rank_impl::of_levels(stats::levels_of(ranked), rule, true, level);
  }
  return rank_impl::of_levels(fold.levels(column), rule, fold.exact(), level);
}

Estimate rank_estimate(const RankFold& fold, const RankRule& rule, RankAverage average,
                       double level) {
  const std::int64_t n = fold.n();
  if (n == 0) return Estimate::absent(Status::empty, "no samples were seen");
  if (fold.layout() == RankFold::binary) return rank_column(fold, rule, 0, level);
  if (average == RankAverage::none)
    return Estimate::absent(Status::undefined,
                            "average 'none' gives one value a class: read describe()", n);
  double total = 0, value = 0, lower = 0, upper = 0, bound = 0;
  int averaged = 0;
  bool limits = true;
  std::string method;
  for (std::int64_t c = 0; c < fold.n_columns(); ++c) {
    const Estimate one = rank_column(fold, rule, c, level);
    if (!one.ok()) continue;
    const double weight = average == RankAverage::weighted ? one.facts.at("n_positive") : 1.0;
    ++averaged;
    total += weight;
    value += weight * one.value();
    bound += weight * one.error_bound;
    limits = limits && one.lower.has_value();
    lower += weight * one.lower.value_or(0);
    upper += weight * one.upper.value_or(0);
    method = one.method;
  }
  if (averaged == 0)
    return Estimate::absent(Status::undefined, "no class has samples in it and outside it", n);
  Estimate estimate =
      limits ? Estimate::with(value / total, std::min(lower, value) / total,
                              std::max(upper, value) / total, n,
                              "mean of the limits of the classes", level)
             : Estimate::of(value / total, n, "a class with one sample shows no spread");
  estimate.error_bound = bound / total;
  estimate.facts["exact"] = fold.exact() ? 1 : 0;
  estimate.facts["classes_averaged"] = averaged;
  estimate.facts["classes_undefined"] = static_cast<double>(fold.n_columns() - averaged);
  return estimate;
}

void rank_describe(Finding& finding, std::string_view prefix, const RankFold& fold,
                   const RankRule& rule, RankAverage average, double level, const MetricInfo& info,
                   Estimate headline, std::vector<Estimate> columns) {
  static_cast<void>(rule);
  static_cast<void>(level);
  const std::string name = std::string(prefix) + info.name;
  const bool many = fold.n_columns() > 1;
  std::vector<std::string> covers;
  const auto add = [&](const std::string& full, Estimate estimate) {
    covers.push_back(full);
    finding.add(full, std::move(estimate), info.better, info.label, info.unit);
  };
  const Estimate shown = headline;
  const bool single = !many || average != RankAverage::none;
  if (single)
    add(many ? name + "{average=" +
                   std::string(names_of(
                       std::type_identity<RankAverage>{})[static_cast<std::size_t>(average)]) +
                   "}"
             : name,
        std::move(headline));
  for (std::size_t c = 0; c < columns.size(); ++c)
    add(name + "{class=" + std::to_string(c) + "}", std::move(columns[c]));
  if (fold.n() == 0) return;
  const auto check = [&](const char* what, bool pass, std::string why, const char* remedy) {
    finding.checks.push_back({.name = std::string(prefix) + info.name + "_" + what,
                              .result = pass ? Check::pass : Check::fail,
                              .why = std::move(why),
                              .remedy = remedy,
                              .applies_to = covers});
  };
  constexpr double enough = 10;
  double least = INFINITY, defined = 0;
  bool differ = false;
  for (std::int64_t c = 0; c < fold.n_columns() && c < 64; ++c) {
    const auto support = fold.support(c);
    differ = differ || support.differ;
    if (!(support.positives > 0) || !(support.negatives > 0)) continue;
    ++defined;
    least = std::min({least, support.positives_effective, support.negatives_effective});
  }
  if (defined > 0)
    check("has_enough_of_each_class", least >= enough,
          fmt::format("{:.4g} samples of the smallest class; {} are wanted", least, enough),
          "collect more samples of the rare class: intervals do not hold at so few");
  check("scores_differ", differ,
        differ ? "the scores take more than one value" : "every score is the same",
        "a constant score ranks nothing: check that the outputs are not saturated");
  if (!fold.exact() && shown.ok() && shown.lower) {
    const double half = (*shown.upper - *shown.lower) / 2 - shown.error_bound;
    check("error_bound_is_small", shown.error_bound <= std::max(half, 1e-3),
          fmt::format("the histogram may be off by {:.2g}, the interval by {:.2g}",
                      shown.error_bound, half),
          "pass exact=True, more bits, or scale='probability' for probabilities");
  }
}

}  // namespace leadline::metrics

// Cost and net benefit as functions of the threshold.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "decisions/cells.hpp"
#include "decisions/threshold_points.hpp"
#include "leadline/core/error.hpp"
#include "leadline/stats/random.hpp"

namespace leadline {
namespace detail::curves {

constexpr std::size_t max_points = 200;  // of a drawn curve

}  // namespace detail::curves

namespace decisions {

Finding cost_curve(const Scored& samples, const OperatingPointOptions& given, std::int64_t folds) {
  namespace impl = detail::thresholds;
  OperatingPointOptions options = given;
  options.rule = Rule::least_cost;
  impl::check("cost_curve", samples, options);
  if (folds < 2 || folds > std::ssize(samples.scores))
    throw ValueError("cost_curve", "folds in [2, n]", std::to_string(folds), "5 is usual");
  const auto points = impl::points_of(samples);
  const impl::Point best = impl::chosen(points, options);
  // each part is paid for at the threshold that the other parts choose
  const stats::Permutation shuffle(std::ssize(samples.scores), 0, "cost_curve");
  impl::Counts paid;
  for (std::int64_t fold = 0; fold < folds; ++fold) {
    std::vector<double> fit, held;
    std::vector<std::int64_t> fit_target, held_target;
    for (std::int64_t i = 0; i < std::ssize(samples.scores); ++i) {
      const bool out = shuffle(i) % folds == fold;
      (out ? held : fit).push_back(samples.scores[static_cast<std::size_t>(i)]);
      (out ? held_target : fit_target).push_back(samples.target[static_cast<std::size_t>(i)]);
    }
    const double threshold = impl::chosen(impl::points_of({fit, fit_target}), options).threshold;
    const impl::Counts part = impl::counts_at({held, held_target}, threshold);
    paid.hits += part.hits;
    paid.misses += part.misses;
    paid.false_alarms += part.false_alarms;
    paid.rejections += part.rejections;
  }
  Finding finding;
  finding.probe = "cost_curve";
  finding.kind = "decisions.cost_curve";
  finding.question = "Where should one act, and what do the decisions cost?";
  finding.options = {{"false_alarm_cost", fmt::format("{:g}", options.false_alarm_cost)},
                     {"miss_cost", fmt::format("{:g}", options.miss_cost)},
                     {"folds", std::to_string(folds)}};
  const std::int64_t n = paid.n();
  if (std::isfinite(best.threshold))
    finding.add("threshold", Estimate::of(best.threshold, n, "a choice, not a measurement"));
  const double theory = options.false_alarm_cost / (options.false_alarm_cost + options.miss_cost);
  finding.add("theory", Estimate::of(theory, n, "best for calibrated probabilities"));
  finding.add("least_cost", impl::cost_of(paid, options), Better::lower,
              "mean cost at thresholds chosen on other samples");
  finding.add("cost_at_theory", impl::cost_of(impl::counts_at(samples, theory), options),
              Better::lower, "mean cost at the threshold of calibrated probabilities");
  finding.add("apparent_cost",
              Estimate::of(best.counts.cost(options), n, "read off the samples that chose it"),
              Better::lower, "least cost of the curve; too low");
  Curve curve;
  curve.title = "Cost against threshold";
  curve.x_label = "threshold";
  curve.y_label = "mean cost";
  Curve::Series line{"cost", {}, {}, {}, {}, Curve::Series::step};
  for (std::size_t i = 1; i < points.size();
       i += std::max<std::size_t>(1, points.size() / detail::curves::max_points)) {
    const auto& point = points[points.size() - i];
    const Estimate cost = impl::cost_of(point.counts, options);
    line.x.push_back(point.threshold);
    line.y.push_back(cost.value());
    line.lower.push_back(*cost.lower);
    line.upper.push_back(*cost.upper);
  }
  curve.series.push_back(std::move(line));
  curve.level = options.level;
  finding.blocks.emplace_back(std::move(curve));
  finding.headline = fmt::format("Acting from {:.4g} on costs {:.4g} a decision.", best.threshold,
                                 finding.at("least_cost").value());
  return finding;
}

Finding decision_curve(const Scored& samples, std::vector<double> thresholds, double level) {
  namespace impl = detail::thresholds;
  OperatingPointOptions options;
  options.level = level;
  impl::check("decision_curve", samples, options);
  for (const double p : samples.scores)
    if (!(p >= 0 && p <= 1))
      throw ValueError("decision_curve", "probabilities in [0, 1]", fmt::format("{:g}", p),
                       "apply sigmoid or softmax to logits");
  if (thresholds.empty())
    for (int i = 1; i < 100; ++i) thresholds.push_back(i / 100.0);
  std::sort(thresholds.begin(), thresholds.end());
  Curve curve;
  curve.title = "Decision curve";
  curve.x_label = "threshold probability";
  curve.y_label = "net benefit";
  curve.note = "Pointwise bands. Acting on nobody is 0.";
  curve.level = level;
  Curve::Series model{"model", {}, {}, {}, {}}, all{"act on all", {}, {}, {}, {}},
      none{"act on nobody", {}, {}, {}, {}};
  TableBlock table;
  table.title = "Net benefit";
  table.columns = {"threshold", "model", "model - act on all", "act on all"};
  Finding finding;
  finding.probe = "decision_curve";
  finding.kind = "decisions.decision_curve";
  finding.question = "At which thresholds is it worth acting on the model?";
  double first = 2, last = -1;
  for (const double t : thresholds) {
    if (!(t > 0 && t < 1))
      throw ValueError("decision_curve", "thresholds in (0, 1)", fmt::format("{:g}", t),
                       "a threshold is a probability");
    const impl::Counts c = impl::counts_at(samples, t);
    const double odds = t / (1 - t), n = static_cast<double>(c.n());
    const auto mean = [&](double hits, double alarms, double low, double high) {
      const double value = (hits - odds * alarms) / n;
      const double squares = std::abs(hits) + odds * odds * std::abs(alarms);
      return detail::decisions_cells::bounded_mean(
          value, std::max(0.0, squares - n * value * value), n, c.n(), low, high,
          metrics::MeanInterval::t, level);
    };
    const Estimate benefit =
        mean(static_cast<double>(c.hits), static_cast<double>(c.false_alarms), -odds, 1);
    // acting on all gains the misses and pays for the rejections besides
    const Estimate over_all =
        mean(-static_cast<double>(c.misses), -static_cast<double>(c.rejections), -1, odds);
    const double act_on_all = (static_cast<double>(c.hits + c.misses) -
                               odds * static_cast<double>(c.false_alarms + c.rejections)) /
                              n;
    finding.add(fmt::format("net_benefit{{threshold={:g}}}", t), benefit, Better::higher,
                "hits less false alarms at the odds of the threshold");
    table.rows.push_back({t, benefit, over_all, act_on_all});
    model.x.push_back(t);
    model.y.push_back(benefit.value());
    model.lower.push_back(*benefit.lower);
    model.upper.push_back(*benefit.upper);
    all.x.push_back(t);
    all.y.push_back(act_on_all);
    none.x.push_back(t);
    none.y.push_back(0);
    if (*benefit.lower > 0 && *over_all.lower > 0) {
      first = std::min(first, t);
      last = std::max(last, t);
    }
  }
  curve.series = {std::move(model), std::move(all), std::move(none)};
  finding.blocks.emplace_back(std::move(curve));
  finding.blocks.emplace_back(std::move(table));
  finding.headline = last < 0
                         ? "At no threshold is the model shown to beat acting on all or nobody."
                         : fmt::format(
                               "Acting on the model is worth it from threshold {:g} to "
                               "{:g}.",
                               first, last);
  return finding;
}

}  // namespace decisions
}  // namespace leadline

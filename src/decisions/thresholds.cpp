// Choosing a threshold on some samples, and judging it on others.
#include "leadline/decisions/thresholds.hpp"

#include <fmt/format.h>

#include <cmath>

#include "decisions/threshold_points.hpp"
#include "leadline/core/plain.hpp"

namespace leadline {
namespace detail::thresholds {

Estimate rate(std::int64_t k, std::int64_t n, double level, const char* why) {
  if (n == 0) return Estimate::absent(Status::undefined, why);
  return Estimate::rate(k, n, "clopper_pearson", level);
}

double value_of(const Counts& counts, const OperatingPointOptions& options) {
  switch (options.rule) {
    case Rule::least_cost:
      return counts.cost(options);
    case Rule::sensitivity:
      return counts.sensitivity();
    case Rule::specificity:
      return counts.specificity();
    case Rule::precision: {
      const auto alarms = counts.hits + counts.false_alarms;
      return alarms == 0 ? 1 : static_cast<double>(counts.hits) / static_cast<double>(alarms);
    }
    case Rule::youden:
      break;
  }
  return counts.sensitivity() + counts.specificity() - 1;
}

std::string rule_text(Rule rule) {
  return std::string(names_of(std::type_identity<Rule>{})[static_cast<std::size_t>(rule)]);
}

/// The estimate that the rule promised something about, or null.
const char* promised(Rule rule) {
  if (rule == Rule::sensitivity) return "sensitivity";
  if (rule == Rule::specificity) return "specificity";
  return rule == Rule::precision ? "precision" : nullptr;
}

void add_promise(Finding& finding, const OperatingPointOptions& options) {
  const char* name = promised(options.rule);
  if (name == nullptr) return;
  const Estimate& judged = finding.at(name);
  Check check{.name = "requirement_holds", .result = Check::pass, .applies_to = {"threshold"}};
  check.why =
      fmt::format("{} is {} where at least {:g} was asked", name, judged.text(), options.at_least);
  if (!judged.ok()) {
    check.result = Check::not_run;
  } else if (*judged.upper < options.at_least) {
    check.result = Check::fail;
    check.remedy = "choose on more samples, or ask for more than is needed";
  }
  check.evidence = judged;
  finding.checks.push_back(std::move(check));
}

}  // namespace detail::thresholds

namespace decisions {

double choose_threshold(const Scored& samples, const OperatingPointOptions& options) {
  detail::thresholds::check("choose_threshold", samples, options);
  return detail::thresholds::chosen(detail::thresholds::points_of(samples), options).threshold;
}

Finding operating_point(const Scored& choose, const Scored& judge,
                        const OperatingPointOptions& options) {
  namespace impl = detail::thresholds;
  impl::check("operating_point", choose, options);
  impl::check("operating_point", judge, options);
  const impl::Point point = impl::chosen(impl::points_of(choose), options);
  const impl::Counts judged = impl::counts_at(judge, point.threshold);
  Finding finding;
  finding.probe = "operating_point";
  finding.kind = "decisions.operating_point";
  finding.question = "What does the threshold do on samples that had no part in choosing it?";
  finding.options = {{"rule", impl::rule_text(options.rule)},
                     {"at_least", fmt::format("{:g}", options.at_least)},
                     {"false_alarm_cost", fmt::format("{:g}", options.false_alarm_cost)},
                     {"miss_cost", fmt::format("{:g}", options.miss_cost)}};
  if (!std::isfinite(point.threshold)) {
    finding.add("threshold", Estimate::absent(Status::undefined, "act on nobody", judged.n()));
    finding.warnings.push_back("the rule is met best by acting on nobody");
  } else {
    finding.add("threshold", Estimate::of(point.threshold, std::ssize(choose.scores),
                                          "a choice, not a measurement"));
  }
  const double level = options.level;
  finding.add("sensitivity",
              impl::rate(judged.hits, judged.hits + judged.misses, level, "no positive sample"),
              Better::higher, "share of positives found");
  finding.add("specificity",
              impl::rate(judged.rejections, judged.rejections + judged.false_alarms, level,
                         "no negative sample"),
              Better::higher, "share of negatives left alone");
  finding.add("false_alarm_rate",
              impl::rate(judged.false_alarms, judged.rejections + judged.false_alarms, level,
                         "no negative sample"),
              Better::lower, "share of negatives acted on");
  finding.add("precision",
              impl::rate(judged.hits, judged.hits + judged.false_alarms, level, "no alarm"),
              Better::higher, "share of alarms that are right");
  finding.add("cost", impl::cost_of(judged, options), Better::lower, "mean cost of a decision");
  const double sign = options.rule == Rule::least_cost ? -1 : 1;
  finding.add(
      "optimism",
      Estimate::of(sign * (impl::value_of(point.counts, options) - impl::value_of(judged, options)),
                   judged.n(), "a difference of two point values"),
      Better::lower, "by how much the choosing samples promised too much");
  impl::add_promise(finding, options);
  TableBlock table;
  table.title = "Decisions at the threshold";
  table.columns = {"samples", "hits", "misses", "false alarms", "rejections"};
  const auto row = [&](const char* name, const impl::Counts& c) {
    table.rows.push_back({std::string(name), c.hits, c.misses, c.false_alarms, c.rejections});
  };
  row("chosen on", point.counts);
  row("judged on", judged);
  finding.blocks.emplace_back(std::move(table));
  finding.headline = fmt::format(
      "Acting from {:.4g} on finds {} of the cases and disturbs {} of the others.", point.threshold,
      plain::share(finding.at("sensitivity")), plain::share(finding.at("false_alarm_rate")));
  return finding;
}

}  // namespace decisions
}  // namespace leadline

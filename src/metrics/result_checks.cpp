#include "leadline/metrics/result_checks.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "leadline/metrics/class_ratio.hpp"
#include "leadline/stats/coverage.hpp"
#include "leadline/stats/intervals.hpp"

namespace leadline::metrics {

static constexpr double least_class = 5, least_rate = 10, least_mean = 30;
static constexpr double surely_enough = 50;  // successes and failures: no need to look

namespace {

/// What is wrong with the interval of a rate at the counts that were seen; empty: nothing.
std::string doubt_of_rate(const Estimate& e, double n_effective) {
  const auto method = stats::proportion_method(e.method);
  const auto n = std::llround(n_effective), hits = std::llround(e.value() * n_effective);
  if (n < 1 || std::min(hits, n - hits) >= surely_enough) return {};
  const auto found = stats::interval_is_valid_here(method, std::clamp(hits, 0LL, n), n, e.level);
  if (found.valid) return {};
  return fmt::format("{} of {} leave true rates possible at which {} covers {:.3g} instead of {:g}",
                     hits, n, e.method, found.least_coverage, e.level);
}

std::string doubt_of_mean(const Estimate& e) {
  const auto skewness = e.facts.find("skewness"), kurtosis = e.facts.find("kurtosis");
  if (skewness == e.facts.end() || kurtosis == e.facts.end() || e.n < 2) return {};
  if (!std::isfinite(skewness->second) || !std::isfinite(kurtosis->second)) return {};
  const auto found =
      stats::mean_interval_is_valid_here(e.n, skewness->second, kurtosis->second, e.level);
  if (found.valid) return {};
  return fmt::format(
      "the values are skewed by {:.3g}: of {} such ones the t interval covers about "
      "{:.3g} instead of {:g}",
      skewness->second, e.n, found.least_coverage, e.level);
}

/// The check of a method at the numbers that were seen.
Check interval_check(const Estimate& e, std::string_view of, double n_effective) {
  Check check{.name = fmt::format("interval_valid{{of={}}}", of)};
  if (!e.lower) {
    check.result = Check::not_run;
    check.why = e.why.empty() ? "there is no interval" : e.why;
    return check;
  }
  const bool mean = e.method == "t" || e.method == "fisher_z";
  const bool sure = e.method == "empirical_bernstein" || e.method == "clopper_pearson";
  const bool rate = e.method == "wilson" || e.method == "jeffreys";
  const double needed = sure || rate ? 1 : mean ? least_mean : least_rate;
  check.why = fmt::format("method {} with {:.4g} effective samples, it needs {:g}", e.method,
                          n_effective, needed);
  if (n_effective < needed) {
    check.result = Check::fail;
    check.remedy = fmt::format("collect at least {:g} samples", needed);
    return check;
  }
  const std::string doubt = rate              ? doubt_of_rate(e, n_effective)
                            : e.method == "t" ? doubt_of_mean(e)
                                              : std::string();
  check.result = doubt.empty() ? Check::pass : Check::fail;
  if (doubt.empty()) return check;
  check.why = doubt;
  check.remedy = rate ? "set interval='clopper_pearson' where the metric has it, or collect more"
                      : "collect more samples; rare large values decide this mean";
  return check;
}

}  // namespace

void add_result_checks(Finding& finding, std::string_view of, const ResultFacts& facts,
                       const std::vector<std::string>& names) {
  if (facts.n == 0) return;
  const Named* first = names.empty() ? nullptr : finding.find(names.front());
  if (facts.least_support >= 0) {
    const bool few = facts.least_support < least_class;
    finding.checks.push_back(
        {.name = fmt::format("support{{of={}}}", of),
         .result = few ? Check::fail : Check::pass,
         .why = fmt::format("the smallest class, {}, holds {:g} samples", facts.smallest,
                            facts.least_support),
         .remedy =
             few ? fmt::format("collect at least {:g} samples of each class", least_class) : "",
         .applies_to = names});
  }
  if (first != nullptr && first->estimate.ok()) {
    const Estimate& e = first->estimate;
    Check check = interval_check(e, of, facts.n_effective);
    check.applies_to = names;
    check.why += facts.intervals > 1
                     ? fmt::format(
                           "; {} intervals, each at its own level, not corrected for their "
                           "number",
                           facts.intervals)
                     : "";
    if (facts.ties > 0) check.why += fmt::format("; {} samples share their score", facts.ties);
    check.why +=
        e.error_bound > 0 ? fmt::format("; bounded, within {:.2g}", e.error_bound) : "; exact";
    finding.checks.push_back(std::move(check));
  }
  if (facts.degenerate)
    finding.checks.push_back({.name = fmt::format("not_degenerate{{of={}}}", of),
                              .result = Check::fail,
                              .why = facts.degenerate_why,
                              .remedy = "look at the data before the number",
                              .applies_to = names});
}

void add_described(Finding& finding, std::string_view prefix, const MetricInfo& info,
                   const Estimate& estimate) {
  const std::string name = std::string(prefix) + info.name;
  ResultFacts facts;
  facts.n = estimate.n;
  const auto known = estimate.facts.find("n_effective");
  facts.n_effective =
      known == estimate.facts.end() ? static_cast<double>(estimate.n) : known->second;
  facts.degenerate = estimate.status == Status::undefined;
  facts.degenerate_why = estimate.why;
  finding.add(name, estimate, info.better, info.label, info.unit);
  add_result_checks(finding, name, facts, {name});
}

void add_class_checks(Finding& finding, std::string_view of, const Decisions& decisions,
                      const std::string& own, const std::vector<std::string>& classes) {
  const bool many = decisions.multilabel();
  const auto cells = many ? decisions.labels().cells() : one_against_rest(decisions.confusion());
  ResultFacts facts;
  facts.n = decisions.n();
  facts.n_effective = many ? decisions.labels().n_effective() : decisions.confusion().n_effective();
  facts.intervals = 1 + std::ssize(classes);
  std::int64_t occurring = 0, called = 0;
  for (std::size_t c = 0; c < cells.size(); ++c) {
    const double support = cells[c].tp + cells[c].fn;
    occurring += support > 0;
    called += cells[c].tp + cells[c].fp > 0;
    if (support <= 0 || (facts.least_support >= 0 && support >= facts.least_support)) continue;
    facts.least_support = support;
    facts.smallest = class_text(static_cast<std::int64_t>(c));
  }
  if (!many && facts.n > 0 && (occurring < 2 || called < 2)) {
    facts.degenerate = true;
    facts.degenerate_why = occurring < 2 ? "one class occurs" : "one class is predicted throughout";
  }
  std::vector<std::string> names;
  if (finding.find(own) != nullptr) names.push_back(own);
  names.insert(names.end(), classes.begin(), classes.end());
  add_result_checks(finding, of, facts, names);
}

}  // namespace leadline::metrics

#include "leadline/metrics/result_checks.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "leadline/metrics/class_ratio.hpp"

namespace leadline::metrics {

static constexpr double least_class = 5, least_rate = 10, least_mean = 30;

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
    const bool mean = e.method == "t" || e.method == "fisher_z";
    const double needed = e.method == "empirical_bernstein" || e.method == "clopper_pearson" ? 1
                          : mean ? least_mean
                                 : least_rate;
    Check check{.name = fmt::format("interval_valid{{of={}}}", of), .applies_to = names};
    if (!e.lower) {
      check.result = Check::not_run;
      check.why = e.why.empty() ? "there is no interval" : e.why;
    } else {
      const bool enough = facts.n_effective >= needed;
      check.result = enough ? Check::pass : Check::fail;
      check.why = fmt::format("method {} with {:.4g} effective samples, it needs {:g}", e.method,
                              facts.n_effective, needed);
      if (!enough) check.remedy = fmt::format("collect at least {:g} samples", needed);
    }
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

#include <fmt/format.h>

#include <cmath>

#include "failure_search_run.hpp"
#include "leadline/core/plain.hpp"
#include "leadline/stats/intervals.hpp"

namespace leadline::detail::failure_search {

using robustness::RegionFound;
using robustness::SearchMethod;

namespace {

std::string method_name(SearchMethod method) {
  return std::string(
      names_of(std::type_identity<SearchMethod>{})[static_cast<std::size_t>(method)]);
}

std::int64_t n_failed(const Estimate& rate) {
  return std::llround(rate.value() * static_cast<double>(rate.n));
}

/// The same counts with the interval of another level: a state keeps counts alone.
Estimate at_level(const Estimate& rate, double level) {
  return Estimate::rate(n_failed(rate), rate.n, "clopper_pearson", level);
}

}  // namespace

void FailureSearchRun::add_estimates(Finding& finding, double level) const {
  const double joint = 1 - (1 - level) / 3;
  const RegionFound& worst = result_.found[result_.worst];
  finding.add("worst_failure_rate", at_level(worst.failure_rate, joint), Better::lower,
              "share that fails in the worst region, on fresh draws");
  for (const RegionFound& found : result_.found)
    finding.add(fmt::format("failure_rate{{method={}}}", method_name(found.method)),
                at_level(found.failure_rate, joint), Better::lower,
                fmt::format("share that fails in the region of {}", method_name(found.method)));
  finding.add("overall_failure_rate", at_level(result_.overall, level), Better::lower,
              "share that fails over the whole space");
  finding.add("searched_rate",
              Estimate::of(worst.searched_rate, worst.rows,
                           "chosen for being high: read the rate on fresh draws"),
              Better::neither, "failure rate as the search saw it");
  const Estimate& random = result_.found.back().failure_rate;
  const auto difference = stats::newcombe_difference(
      static_cast<double>(n_failed(worst.failure_rate)), static_cast<double>(worst.failure_rate.n),
      static_cast<double>(n_failed(random)), static_cast<double>(random.n), joint);
  finding.add("gain_over_random",
              Estimate::with(worst.failure_rate.value() - random.value(), difference.lower,
                             difference.upper, random.n, "newcombe", joint),
              Better::neither, "worst failure rate minus that of random search at equal cost");
}

void FailureSearchRun::add_blocks(Finding& finding, double level) const {
  TableBlock table;
  table.title = "Regions found";
  table.columns = {
      "method", "region", "share of the space", "seen by the search", "failure rate on fresh draws",
      "rows"};
  table.note = fmt::format("The rates hold together with probability {:g}; {} rows in all.", level,
                           result_.rows);
  const double joint = 1 - (1 - level) / 3;
  Curve curve;
  curve.title = "The search";
  curve.x_label = "rows spent";
  curve.y_label = "failure rate of the best so far";
  curve.note = "as each search saw it: chosen, therefore too high";
  for (const RegionFound& found : result_.found) {
    table.rows.push_back({method_name(found.method), found.region.text(*parameters_),
                          found.region.volume, found.searched_rate,
                          at_level(found.failure_rate, joint), found.rows});
    curve.series.push_back({method_name(found.method), found.curve_rows, found.curve_rate, {}, {}});
  }
  table.rows.push_back({std::string("none"), std::string("the whole space"), 1.0, std::monostate{},
                        at_level(result_.overall, level), result_.overall.n});
  finding.blocks.emplace_back(std::move(table));
  finding.blocks.emplace_back(std::move(curve));
}

void FailureSearchRun::add_checks(Finding& finding) const {
  Check change;
  change.name = "simulation_changes_input";
  change.result = 2 * n_same_input_ > n_inputs_ ? Check::fail : Check::pass;
  change.why = fmt::format("{} of {} simulated inputs equal the sample that they come from",
                           n_same_input_, n_inputs_);
  change.remedy = "the parameters do nothing: repair the simulation";
  change.applies_to = {"*"};
  finding.checks.push_back(std::move(change));
  Check steady;
  steady.name = "answers_repeat";
  steady.result = n_unsteady_ > 0 ? Check::fail : Check::pass;
  steady.why =
      fmt::format("{} of {} inputs asked twice get another answer", n_unsteady_, n_repeated_);
  steady.remedy = "the model is random (dropout on?): a region of its own noise is no region";
  steady.applies_to = {"*"};
  finding.checks.push_back(std::move(steady));
  Check enough;
  const std::int64_t n = result_.overall.n;
  enough.name = "enough_fresh_samples";
  enough.result = n < 100 ? Check::fail : Check::pass;
  enough.why = fmt::format("{} fresh draws measure each region, 100 are asked for", n);
  enough.remedy =
      "raise the budget, or give more samples: half of them measure, each once a region";
  enough.applies_to = {"*"};
  finding.checks.push_back(std::move(enough));
}

Finding FailureSearchRun::finish(Session& session) {
  Finding finding;
  if (!done_) {
    finding.status = Status::empty;
    finding.why = "fewer than four samples to search and measure on, or stopped before the end";
    return finding;
  }
  add_estimates(finding, session.level());
  add_checks(finding);
  add_blocks(finding, session.level());
  const RegionFound& worst = result_.found[result_.worst];
  const Estimate &rate = finding.at("worst_failure_rate"),
                 &overall = finding.at("overall_failure_rate");
  const std::string region = worst.region.text(*parameters_);
  if (*rate.lower > *overall.upper) {
    finding.headline = fmt::format("It fails in {} when {}.", plain::share(rate), region);
    finding.consequence = fmt::format("Over all conditions it fails in {}: an average hides this.",
                                      plain::share(overall));
    finding.remedies.push_back(
        {"Add training data from this region, or keep the model out of it.", ""});
  } else {
    finding.headline =
        fmt::format("No region was found in which it fails more often than overall ({}).",
                    plain::share(overall));
    finding.remedies.push_back({"Search smaller regions, or with a larger budget.",
                                "leadline.robustness.FailureSearch(..., region_volume=0.005)"});
  }
  return finding;
}

}  // namespace leadline::detail::failure_search

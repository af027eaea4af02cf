#include <fmt/format.h>

#include <algorithm>

#include "expectations_run.hpp"
#include "leadline/core/error.hpp"
#include "leadline/core/plain.hpp"
#include "leadline/core/verdict.hpp"
#include "leadline/stats/intervals.hpp"

namespace leadline::detail::expectations {

void ExpectationsRun::merge(const ProbeRun& other) {
  const auto& run = dynamic_cast<const ExpectationsRun&>(other);
  next_case_ += run.next_case_;
  n_repeated_ += run.n_repeated_;
  n_unsteady_ += run.n_unsteady_;
  for (std::size_t t = 0; t < tallies_.size(); ++t) {
    tallies_[t].n_applies += run.tallies_[t].n_applies;
    tallies_[t].n_unchanged += run.tallies_[t].n_unchanged;
    tallies_[t].n += run.tallies_[t].n;
    tallies_[t].n_failed += run.tallies_[t].n_failed;
  }
  failures_.merge(run.failures_);
}

std::string ExpectationsRun::save() const {
  State state("expectations");
  std::vector<std::int64_t> counts{static_cast<std::int64_t>(passed_), next_case_, n_repeated_,
                                   n_unsteady_};
  for (const Tally& t : tallies_)
    counts.insert(counts.end(), {t.n_applies, t.n_unchanged, t.n, t.n_failed});
  state.set("counts", std::move(counts));
  failures_.save(state, "failures");
  return state.dump();
}

void ExpectationsRun::load(std::string_view text) {
  const State state = State::parse(text, "expectations");
  const auto& counts = state.integers("counts", 4 + 4 * std::ssize(tallies_));
  std::vector<Tally> tallies;
  bool agree = std::none_of(counts.begin(), counts.end(), [](std::int64_t c) { return c < 0; }) &&
               counts[3] <= counts[2];
  for (std::size_t k = 4; k < counts.size(); k += 4) {
    tallies.push_back({counts[k], counts[k + 1], counts[k + 2], counts[k + 3]});
    agree = agree && counts[k + 1] + counts[k + 2] == counts[k] && counts[k + 3] <= counts[k + 2];
  }
  if (!agree)
    throw StoreError("expectations.load", "counts that agree", "others",
                     "the saved state is damaged; run again");
  failures_.load(state, "failures");
  passed_ = counts[0] != 0;
  next_case_ = counts[1];
  n_repeated_ = counts[2];
  n_unsteady_ = counts[3];
  tallies_ = std::move(tallies);
}

void ExpectationsRun::add_estimates(Finding& finding, double level) const {
  TableBlock table;
  table.title = "Tests of behaviour";
  table.columns = {"test", "kind", "samples", "failed", "failure rate", "limit", "verdict"};
  table.note = fmt::format(
      "The intervals of this table are Clopper-Pearson at 1 - {:.2g} / {}: all verdicts hold "
      "together with probability {:g}.",
      1 - level, tests_->size(), level);
  const double joint = 1 - (1 - level) / static_cast<double>(tests_->size());
  std::int64_t n_not_met = 0;
  for (std::size_t t = 0; t < tests_->size(); ++t) {
    const auto& test = (*tests_)[t];
    const Tally& tally = tallies_[t];
    finding.add("failure_rate" + key(t),
                tally.n > 0
                    ? Estimate::rate(tally.n_failed, tally.n, "wilson", level)
                    : Estimate::absent(Status::empty, "no sample to which the test applies"),
                Better::lower, fmt::format("share that fails '{}'", test.name));
    TableBlock::Cell rate;
    std::string verdict = "not measured";
    if (tally.n > 0) {
      const Estimate all = Estimate::rate(tally.n_failed, tally.n, "clopper_pearson", joint);
      verdict = *all.lower > test.max_failure_rate    ? "not met"
                : *all.upper <= test.max_failure_rate ? "met"
                                                      : "undecided";
      rate = all;
    }
    n_not_met += verdict == "not met";
    const auto kind = names_of(
        std::type_identity<robustness::ExpectationKind>{})[static_cast<std::size_t>(test.kind)];
    table.rows.push_back({test.name, std::string(kind), tally.n, tally.n_failed, rate,
                          test.max_failure_rate, verdict});
  }
  finding.add("n_not_met",
              Estimate::of(static_cast<double>(n_not_met), std::ssize(*tests_),
                           "a count of tests, each decided by its own interval"),
              Better::lower, "tests that fail more often than their limit");
  finding.blocks.emplace_back(std::move(table));
}

void ExpectationsRun::add_checks(Finding& finding) const {
  for (std::size_t t = 0; t < tests_->size(); ++t) {
    const Tally& tally = tallies_[t];
    if ((*tests_)[t].change) {
      Check change;
      change.name = "perturbation_changes_input" + key(t);
      change.result = 2 * tally.n_unchanged > tally.n_applies ? Check::fail : Check::pass;
      change.why = fmt::format("{} of {} inputs to which it applies come back as they were",
                               tally.n_unchanged, tally.n_applies);
      change.remedy =
          "a change that changes nothing tests nothing: repair it, or say to which "
          "samples it applies";
      change.applies_to = {"failure_rate" + key(t)};
      finding.checks.push_back(std::move(change));
    }
    Check enough;
    enough.name = "enough_applicable_samples" + key(t);
    enough.result = tally.n < options_.min_samples ? Check::fail : Check::pass;
    enough.why = fmt::format("{} samples count, {} are asked for", tally.n, options_.min_samples);
    enough.remedy = "add data to which the test applies, or fixed cases";
    enough.applies_to = {"failure_rate" + key(t)};
    finding.checks.push_back(std::move(enough));
  }
  Check steady;
  steady.name = "answers_repeat";
  steady.result = n_repeated_ == 0 ? Check::not_run : n_unsteady_ > 0 ? Check::fail : Check::pass;
  steady.why =
      fmt::format("{} of {} inputs asked twice get another answer", n_unsteady_, n_repeated_);
  steady.remedy = "the model is random (dropout on?): its own noise is counted as failure";
  steady.applies_to = {"*"};
  finding.checks.push_back(std::move(steady));
}

Finding ExpectationsRun::finish(Session& session) {
  Finding finding;
  std::int64_t n = 0;
  for (const Tally& tally : tallies_) n += tally.n_applies;
  if (n == 0 && n_repeated_ == 0) {
    finding.status = Status::empty;
    finding.why = "no test applies to any sample";
    return finding;
  }
  add_estimates(finding, session.level());
  add_checks(finding);
  std::size_t worst = 0;
  const auto rate = [&](std::size_t t) {
    return tallies_[t].n == 0
               ? -1.0
               : static_cast<double>(tallies_[t].n_failed) / static_cast<double>(tallies_[t].n);
  };
  for (std::size_t t = 1; t < tallies_.size(); ++t)
    if (rate(t) > rate(worst)) worst = t;
  const auto n_not_met = static_cast<std::int64_t>(finding.at("n_not_met").value());
  finding.headline =
      rate(worst) < 0 ? std::string("No test of behaviour applies to any sample that it changes.")
                      : fmt::format(
                            "{} of {} tests of behaviour fail more often than allowed; worst: "
                            "'{}', failed by {} samples.",
                            n_not_met, tests_->size(), (*tests_)[worst].name,
                            plain::share(finding.at("failure_rate" + key(worst))));
  if (n_not_met > 0)
    finding.consequence =
        "It does what people would not expect, in cases that somebody thought of in advance.";
  finding.remedies.push_back(
      {"Look at the failed cases, add such cases to the training data, and test again.", ""});
  for (const Exhibit& failure : failures_.kept()) {
    if (failure.id >= 0) finding.flags.push_back({failure.id, failure.title, failure.severity});
    finding.blocks.emplace_back(failure);
  }
  return finding;
}

}  // namespace leadline::detail::expectations

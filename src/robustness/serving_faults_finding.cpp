#include <fmt/format.h>

#include <algorithm>

#include "leadline/core/error.hpp"
#include "leadline/core/plain.hpp"
#include "serving_faults_run.hpp"

namespace leadline::detail::serving_faults {

void ServingFaultsRun::merge(const ProbeRun& other) {
  const auto& run = dynamic_cast<const ServingFaultsRun&>(other);
  next_ += run.next_;
  n_unsteady_ += run.n_unsteady_;
  n_answered_ += run.n_answered_;
  for (std::size_t f = 0; f < tallies_.size(); ++f) {
    FaultTally& to = tallies_[f];
    const FaultTally& from = run.tallies_[f];
    to.n += from.n;
    to.n_same_input += from.n_same_input;
    to.n_detected += from.n_detected;
    to.n_silent += from.n_silent;
    to.n_recovered += from.n_recovered;
    to.n_right_before += from.n_right_before;
    to.n_silent_errors += from.n_silent_errors;
  }
  silent_.merge(run.silent_);
}

std::string ServingFaultsRun::save() const {
  State state("serving_faults");
  std::vector<std::int64_t> counts{next_, n_unsteady_, n_answered_};
  for (const FaultTally& t : tallies_)
    counts.insert(counts.end(), {t.n, t.n_same_input, t.n_detected, t.n_silent, t.n_recovered,
                                 t.n_right_before, t.n_silent_errors});
  state.set("counts", std::move(counts));
  silent_.save(state, "silent");
  return state.dump();
}

void ServingFaultsRun::load(std::string_view text) {
  const State state = State::parse(text, "serving_faults");
  const auto& counts = state.integers("counts", 3 + 7 * std::ssize(tallies_));
  bool agree = std::none_of(counts.begin(), counts.end(), [](std::int64_t c) { return c < 0; }) &&
               std::max(counts[1], counts[2]) <= counts[0];
  std::vector<FaultTally> tallies;
  for (std::size_t k = 3; k < counts.size(); k += 7) {
    const auto* c = counts.data() + k;
    tallies.push_back({c[0], c[1], c[2], c[3], c[4], c[5], c[6]});
    agree = agree && c[0] <= counts[2] && std::max({c[1], c[2] + c[3], c[4], c[5]}) <= c[0] &&
            c[6] <= std::min(c[3], c[5]);
  }
  if (!agree)
    throw StoreError("serving_faults.load", "counts that agree", "others",
                     "the saved state is damaged; run again");
  silent_.load(state, "silent");
  next_ = counts[0];
  n_unsteady_ = counts[1];
  n_answered_ = counts[2];
  tallies_ = std::move(tallies);
}

void ServingFaultsRun::add_fault(Finding& finding, std::size_t fault, double level) const {
  const FaultTally& t = tallies_[fault];
  const std::string of = key(fault);
  const auto rate = [&](std::int64_t k, std::int64_t n, const char* why) {
    return n > 0 ? Estimate::rate(k, n, "wilson", level)
                 : Estimate::absent(Status::not_measured, why);
  };
  const char* none = "the inputs are whole numbers: they have no NaN";
  finding.add("silent_change_rate" + of, rate(t.n_silent, t.n, none), Better::lower,
              "share of answers that change without notice");
  finding.add("silent_error_rate" + of,
              rate(t.n_silent_errors, t.n_right_before,
                   t.n == 0 ? none : "no labels, or none read correctly"),
              Better::lower, "share of correct answers that turn wrong without notice");
  finding.add("detected_rate" + of, rate(t.n_detected, t.n, none), Better::higher,
              "share of rows for which it raises or gives no finite answer");
  finding.add("recovery_rate" + of, rate(t.n_recovered, t.n, none), Better::higher,
              "share of rows answered as before once the fault is over");
  Check recovers;
  recovers.name = "recovers" + of;
  recovers.result = t.n == 0 ? Check::not_run : t.n_recovered < t.n ? Check::fail : Check::pass;
  recovers.why = t.n == 0 ? std::string(none)
                          : fmt::format("{} of {} rows are answered as before", t.n_recovered, t.n);
  recovers.remedy =
      "the model keeps a state that the fault poisons: reset it with each request; "
      "what was measured after the first fault speaks of a poisoned model";
  recovers.applies_to = {"*"};
  finding.checks.push_back(std::move(recovers));
  Check change;
  change.name = "fault_changes_input" + of;
  const bool halves = faults_[fault] == robustness::ServingFault::partial_batch;
  change.result = t.n == 0 || halves         ? Check::not_run
                  : 2 * t.n_same_input > t.n ? Check::fail
                                             : Check::pass;
  change.why = t.n == 0 ? std::string(none)
               : halves ? std::string("the rows stay as they are, the batch does not")
                        : fmt::format("{} of {} rows stay as they were", t.n_same_input, t.n);
  change.remedy = "a fault that changes nothing tests nothing: are the inputs constant, or zero?";
  change.applies_to = {"silent_change_rate" + of, "silent_error_rate" + of, "detected_rate" + of};
  finding.checks.push_back(std::move(change));
}

void ServingFaultsRun::add_blocks(Finding& finding) const {
  Grid grid;
  grid.title = "What happens under each fault";
  grid.row_label = "fault";
  grid.col_label = "share of the rows";
  grid.col_names = {"as before", "changed in silence", "detected", "not recovered"};
  for (std::size_t f = 0; f < faults_.size(); ++f) {
    const FaultTally& t = tallies_[f];
    if (t.n == 0) continue;
    grid.row_names.emplace_back(names_of(
        std::type_identity<robustness::ServingFault>{})[static_cast<std::size_t>(faults_[f])]);
    for (const std::int64_t k :
         {t.n - t.n_silent - t.n_detected, t.n_silent, t.n_detected, t.n - t.n_recovered})
      grid.values.push_back(static_cast<double>(k) / static_cast<double>(t.n));
  }
  finding.blocks.emplace_back(std::move(grid));
}

Finding ServingFaultsRun::finish(Session& session) {
  Finding finding;
  if (next_ == 0) {
    finding.status = Status::empty;
    finding.why = "no samples were visited";
    return finding;
  }
  if (n_answered_ == 0) {
    finding.status = Status::failed;
    finding.why = fmt::format("it raises, or gives no finite answer, on all {} whole rows", next_);
    return finding;
  }
  for (std::size_t f = 0; f < faults_.size(); ++f) add_fault(finding, f, session.level());
  Check steady;
  steady.name = "clean_answers_repeat";
  steady.result = n_unsteady_ > 0 ? Check::fail : Check::pass;
  steady.why =
      fmt::format("{} of {} whole rows asked twice get another answer", n_unsteady_, next_);
  steady.remedy =
      "the model is random, or keeps a state: without steady answers no fault can be told";
  steady.applies_to = {"*"};
  finding.checks.push_back(std::move(steady));
  if (n_answered_ < next_)
    finding.warnings.push_back(fmt::format(
        "{} of {} rows get no finite answer even from the whole path; they are left out",
        next_ - n_answered_, next_));
  add_blocks(finding);
  std::size_t worst = 0;
  const auto silent = [&](std::size_t f) {
    const FaultTally& t = tallies_[f];
    return t.n == 0 ? -1.0 : static_cast<double>(t.n_silent) / static_cast<double>(t.n);
  };
  for (std::size_t f = 1; f < faults_.size(); ++f)
    if (silent(f) > silent(worst)) worst = f;
  std::int64_t lost = 0;
  for (const FaultTally& t : tallies_) lost += t.n - t.n_recovered;
  finding.headline = fmt::format(
      "The worst fault of the path ({}) changes {} of its answers without notice; {}.",
      names_of(
          std::type_identity<robustness::ServingFault>{})[static_cast<std::size_t>(faults_[worst])],
      plain::share(finding.at("silent_change_rate" + key(worst))),
      lost == 0 ? "it recovers from each" : "it does not recover from all");
  finding.consequence = "Whoever uses the answer cannot tell that the input was broken.";
  finding.remedies.push_back(
      {"Refuse inputs that are not finite, out of range, or the same as the one before, in front "
       "of "
       "the model.",
       ""});
  for (const Exhibit& change : silent_.kept()) {
    finding.flags.push_back({change.id, change.title + ", " + change.caption, change.severity});
    if (!change.images.empty()) finding.blocks.emplace_back(change);
  }
  return finding;
}

}  // namespace leadline::detail::serving_faults

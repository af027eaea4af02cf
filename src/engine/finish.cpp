// Own loops, findings, the report.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <numeric>

#include "engine/family.hpp"
#include "engine/recording.hpp"
#include "engine/run.hpp"
#include "engine/text.hpp"
#include "leadline/core/error.hpp"

namespace leadline::detail::engine {

/// Turns the exception now handled into the finding of `slot`: a lack of access is not measured,
/// everything else failed. The run goes on.
void Run::fail(Slot& slot, std::string_view stage) {
  Status status = Status::failed;
  std::string why;
  std::vector<Remedy> remedies;
  try {
    throw;
  } catch (const CapabilityError& error) {
    status = Status::not_measured;
    why = fmt::format("it needs {}, got {}", error.expected(), error.got());
    if (error.remedy().starts_with("leadline."))
      remedies.push_back({"Give what it needs.", error.remedy()});
    else if (!error.remedy().empty())
      why += " (" + error.remedy() + ")";
  } catch (const Cancelled&) {
    session_.cancel();
    if (slot.run != nullptr) return;  // finished on what it has
    status = Status::cancelled;
  } catch (...) {
  }
  if (why.empty())
    why = status == Status::failed ? fmt::format("{} raised: {}", stage, current_message())
                                   : current_message();
  if (status == Status::not_measured && !slot.info.alternative.empty())
    remedies.push_back(
        {"Use a probe that needs less access.", "leadline." + slot.info.alternative});
  const std::string kind = slot.info.name.empty() ? slot.item.id : slot.info.name;
  settle(slot, absent_finding(slot.item.id, kind, slot.info.question, status, why, remedies));
}

/// Records the finding and lets the run go.
void Run::settle(Slot& slot, Finding finding) {
  finding.probe = slot.item.id;
  finding.kind = slot.info.name.empty() ? slot.item.id : slot.info.name;
  finding.question = slot.info.question;
  if (slot.item.probe != nullptr && finding.options.empty()) {
    try {
      finding.options = slot.item.probe->options();
    } catch (const std::exception& error) {
      finding.warnings.push_back(fmt::format("its options cannot be told: {}", error.what()));
    }
  }
  slot.finding = std::move(finding);
  slot.run.reset();
  slot.needs.reset();
  slot.cursor = 0;
}

/// Own loops, cheap probes first; each gets a fair share of the time that is left.
void Run::run_work() {
  std::vector<std::size_t> order(slots_.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [this](std::size_t a, std::size_t b) {
    return slots_[a].info.relative_cost < slots_[b].info.relative_cost;
  });
  std::erase_if(order, [this](std::size_t i) { return !slots_[i].live(); });
  for (std::size_t done = 0; done < order.size(); ++done) {
    session_.begin_stage(1.0 / static_cast<double>(order.size() - done));
    Slot& slot = slots_[order[done]];
    work_on(slot);
    if (options_.shard.count == 1) finish(slot);
    save();
  }
}

void Run::work_on(Slot& slot) {
  if (slot.worked || !slot.live()) return;
  session_.serve(slot.item.id, &slot.cost, slot.whole);
  if (session_.cancelled()) {
    (void)session_.stopping();
    freeze(slot);
    return;
  }
  session_.on_checkpoint = [this](const ProbeRun&) {
    try {
      save_if_due();
    } catch (...) {
      session_.interrupt(std::current_exception());  // not the probe's fault: ends the run
    }
  };
  const auto began = Clock::now();
  try {
    slot.run->work(session_);
  } catch (...) {
    fail(slot, "work");
  }
  session_.on_checkpoint = nullptr;
  slot.cost.seconds += seconds_since(began);
  if (!slot.live()) return;
  if (!session_.stop_reason().empty()) {
    freeze(slot);
    const std::string why = fmt::format(
        "{}: stopped before its own loop was through; the estimates are over the "
        "samples done, in keyed random order",
        session_.stop_reason());
    slot.warnings.push_back(why);
    trouble_.push_back(fmt::format("{}: '{}' was cut short", session_.stop_reason(), slot.item.id));
  }
  slot.worked = true;
}

void Run::finish(Slot& slot) {
  if (slot.finding || slot.run == nullptr) return;
  if (!slot.data_trouble.empty()) {
    settle(slot, absent_finding(slot.item.id, slot.info.name, slot.info.question, Status::failed,
                                slot.data_trouble,
                                {{"repair the data and run again with the same out=", ""}}));
    return;
  }
  session_.serve(slot.item.id, &slot.cost, slot.whole);
  const auto began = Clock::now();
  try {
    settle(slot, closing(slot));
  } catch (...) {
    fail(slot, "finish");
    if (!slot.finding)
      settle(slot, absent_finding(slot.item.id, slot.info.name, slot.info.question,
                                  Status::cancelled, "cancelled"));
  }
  slot.cost.seconds += seconds_since(began);
  slot.finding->cost = slot.cost;
  if (to_directory() && !slot.frozen)
    directory_->write("findings/" + slot.item.id + ".json", finding_to_json(*slot.finding) + "\n");
}

/// The answer of the run; when it was cut short before it could see anything, the reason.
Finding Run::closing(Slot& slot) {
  Finding finding = slot.run->finish(session_);
  finding.warnings.insert(finding.warnings.end(), slot.warnings.begin(), slot.warnings.end());
  const bool nothing = std::none_of(finding.estimates.begin(), finding.estimates.end(),
                                    [](const Named& named) { return named.estimate.ok(); });
  if (!slot.frozen || !nothing || finding.status != Status::ok) return finding;
  const bool by_user = session_.cancelled();
  return absent_finding(
      slot.item.id, slot.info.name, slot.info.question,
      by_user ? Status::cancelled : Status::not_measured,
      by_user ? "the run was cancelled before it could answer"
              : "the time budget was spent before it could answer",
      {{by_user ? "run again with the same out= to go on" : "give a larger time_budget, or none",
        ""}});
}

namespace {
/// Several probes of one question (three attacks, say) are told apart by their ids.
void tell_apart(std::vector<Finding>& findings) {
  std::map<std::string, int> asked;
  for (const Finding& finding : findings) ++asked[finding.question];
  for (Finding& finding : findings)
    if (!finding.question.empty() && asked[finding.question] > 1)
      finding.question += fmt::format(" ({})", finding.probe);
}
}  // namespace

Report Run::conclude() {
  for (auto& slot : slots_)
    if (slot.mine) finish(slot);
  Report report;
  report.title = options_.title;
  report.created = started_;
  for (const auto& slot : slots_) {
    if (slot.finding) {
      report.findings.push_back(*slot.finding);
      continue;
    }
    report.findings.push_back(
        absent_finding(slot.item.id, slot.info.name, slot.info.question, Status::not_measured,
                       fmt::format("another shard does it; this is shard {} of {}",
                                   options_.shard.rank, options_.shard.count)));
  }
  tell_apart(report.findings);
  if (session_.cancelled() && trouble_.empty()) trouble_.emplace_back("cancelled");
  report.partial = !trouble_.empty();
  report.partial_why = fmt::format("{}", fmt::join(trouble_, "; "));
  const auto n_statistical = control_family(report.findings);
  fill_provenance(report);
  if (const Batch* first = first_batch("test"))
    for (auto& fact : to_facts(category_names(*first))) report.provenance.push_back(fact);
  report.provenance.emplace_back(
      "checks.family", fmt::format("{} with a p-value, Holm at {}", n_statistical, family_level));
  judge(report);
  return report;
}

Report Run::evaluate() {
  const auto hold = subject_->hold();
  open_directory();
  begin();
  if (to_directory()) resume();
  run_passes();
  run_work();
  if (options_.shard.count > 1) return conclude_shard();
  Report report = conclude();
  save();
  if (session_.table_.size() > 0)
    report.samples = std::make_shared<SampleTable>(std::move(session_.table_));
  if (to_directory()) {
    report.save(directory_->path() + "/report.json");
  }
  session_.rethrow_interrupt();
  return report;
}

}  // namespace leadline::detail::engine

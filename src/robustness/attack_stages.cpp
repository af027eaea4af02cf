#include "attack_stages.hpp"

#include <algorithm>
#include <cmath>

namespace leadline::detail::attack_run {
namespace {

void take(Record& record, const AttackResult& result, std::size_t stage) {
  record.distance = std::min(record.distance, result.distance);
  record.forwards += result.forwards;
  record.backwards += result.backwards;
  record.zero_gradient = record.zero_gradient || result.zero_gradient;
  record.bad_gradient = record.bad_gradient || result.bad_gradient;
  record.saturated = record.saturated || result.saturated;
  if (std::isfinite(result.fooled_at) && record.fooled_stage < 0)
    record.fooled_stage = static_cast<std::int64_t>(stage);
  record.fooled_at = std::min(record.fooled_at, result.fooled_at);
}

/// Stage `at` on records that the same budgets fooled.
bool run_group(Model& model, const AttackPlan& plan, std::span<const AttackStage> stages,
               std::size_t at, std::span<Record* const> group, const StageIo& io) {
  const AttackStage& stage = stages[at];
  const auto rows = rows_of(stage, group);
  std::map<SampleId, Record*> by_id;
  std::map<SampleId, std::int64_t> open;  // alternatives in flight
  for (Record* record : group) by_id[record->id] = record;
  for (const AttackRow& row : rows) ++open[row.id];
  robustness::AttackIo engine;
  engine.fetch = io.fetch;
  engine.rng = [&](std::string_view stream, SampleId id, std::uint64_t extra) {
    return io.rng(stage, stream, id, extra);
  };
  engine.stop = io.stop;
  engine.count = [&](std::int64_t forwards, std::int64_t backwards) {
    io.count(at, forwards, backwards);
  };
  engine.note = io.note;
  const auto close = [&](Record& record) {
    const bool again = record.done;
    record.done = at + 1 == stages.size() || record.fooled_at <= plan.eps.front();
    if (!record.done) record.stage = static_cast<std::int64_t>(at) + 1;
    if (record.done && io.closed) io.closed(record, again);
  };
  engine.done = [&](const AttackResult& result, const Tensor& adversarial) {
    Record& record = *by_id.at(result.row.id);
    const bool fell = result.fooled_at < record.fooled_at;
    take(record, result, at);
    io.found(result, adversarial, fell);
    if (std::isfinite(result.fooled_at) || --open[result.row.id] == 0) close(record);
  };
  if (!run_attack(model, plan, stage.method, rows, engine)) return false;
  for (Record* record : group)
    if (!open.contains(record->id)) close(*record);  // no class to drive it to
  return true;
}

}  // namespace

bool run_stages(Model& model, const AttackPlan& plan, std::span<const AttackStage> stages,
                std::span<Record* const> records, std::span<StageTally> spent, const StageIo& io) {
  for (std::size_t at = 0; at < stages.size(); ++at) {
    std::map<double, std::vector<Record*>, std::greater<>> groups;
    for (Record* record : records)
      if (!record->done && record->stage == static_cast<std::int64_t>(at))
        groups[record->fooled_at].push_back(record);
    for (const auto& [fooled_at, group] : groups) {
      AttackPlan smaller = plan;
      std::erase_if(smaller.eps, [&](double eps) { return eps >= fooled_at; });
      spent[at].samples += std::ssize(group);
      if (!run_group(model, smaller, stages, at, group, io)) return false;
    }
  }
  return true;
}

}  // namespace leadline::detail::attack_run

// What survives a killed process.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <tuple>

#include "core/input_rows.hpp"
#include "engine/run.hpp"
#include "engine/text.hpp"
#include "leadline/core/error.hpp"

namespace leadline::detail::engine {

SavedSlot Run::saved(const Slot& slot) const {
  if (slot.frozen) return *slot.frozen;
  SavedSlot out{slot.item.id, slot.passes_done, slot.worked,   slot.needs,
                slot.cursor,  slot.seen,        slot.warnings, slot.failures,
                slot.cost,    std::string(),    std::string()};
  if (slot.finding) {
    out.finding = finding_to_json(*slot.finding);
  } else if (slot.run != nullptr) {
    out.state = slot.run->save();
  }
  return out;
}

/// From now on checkpoints hold the state of this moment.
void Run::freeze(Slot& slot) {
  if (!slot.frozen && to_directory()) slot.frozen = saved(slot);
  if (!slot.frozen) slot.frozen.emplace();
}

bool Run::complete() const {
  return std::none_of(slots_.begin(), slots_.end(), [](const Slot& slot) {
    return slot.frozen || (slot.mine && !slot.finding && !(slot.passes_done && slot.worked));
  });
}

Checkpoint Run::snapshot() {
  Checkpoint out;
  out.complete = complete();
  out.kind = session_.kind_;
  out.recorded = recorded_;
  out.pass_forwards = pass_forwards_;
  out.pass_rows = pass_rows_;
  out.seconds = seconds_before_ + session_.seconds();
  out.resumed = resumed_;
  for (auto& slot : slots_) {
    try {
      out.slots.push_back(saved(slot));
    } catch (...) {
      fail(slot, "save");
      out.slots.push_back(saved(slot));
    }
  }
  out.table = session_.table_.save();
  return out;
}

void Run::save() {
  if (!to_directory()) return;
  directory_->write("checkpoint.bin", encode(snapshot()));
  last_save_ = Clock::now();
}

void Run::save_if_due() {
  if (to_directory() && seconds_since(last_save_) >= options_.checkpoint_seconds) save();
}

/// Makes or re-opens the run directory; refuses one that holds another run.
void Run::open_directory() {
  if (options_.out.empty()) return;
  directory_ = std::make_unique<RunDirectory>(options_.out);
  const auto record = RunDirectory::record(options_.out);
  if (!record) return;
  const auto refuse = [&](std::string_view expected, std::string_view got) {
    throw StoreError("evaluate", expected, fmt::format("'{}', {}", options_.out, got),
                     "choose another out=, or delete that directory");
  };
  if (record->identity != identity())
    refuse("a run directory that is empty or holds this very run",
           fmt::format("which holds a run of model '{}' on data '{}' with suite '{}', identity {} "
                       "(this one: {})",
                       record->model, record->data, record->suite, record->identity, identity()));
  if (record->rank != options_.shard.rank || record->count != options_.shard.count)
    refuse(
        fmt::format("the directory of shard {} of {}", options_.shard.rank, options_.shard.count),
        fmt::format("of shard {} of {}", record->rank, record->count));
  started_ = record->started;
}

/// Goes on where the directory stands, or writes what this run is.
void Run::resume() {
  const auto record = RunDirectory::record(options_.out);
  if (!record) {
    RunRecord made{identity(),
                   started_,
                   LEADLINE_VERSION,
                   about_.name,
                   data_->info().name,
                   suite_name_,
                   options_.shard.rank,
                   options_.shard.count,
                   options_.batch_size,
                   !about_.digest.empty(),
                   {},
                   {}};
    if (!made.has_digest) std::tie(made.probe_ids, made.probe_outputs) = first_outputs();
    directory_->write("run.json", to_json(made));
    return;
  }
  const auto checkpoint = RunDirectory::checkpoint(options_.out);
  if (!checkpoint) return;
  if (!record->has_digest) compare_first_outputs(*record);
  if (is_stream(*data_) && record->batch_size != options_.batch_size)
    throw StoreError("evaluate", fmt::format("batch_size {}", record->batch_size),
                     std::to_string(options_.batch_size),
                     "a stream is resumed with the batch size it began with");
  restore(*checkpoint);
  ++resumed_;
}

void Run::restore(const Checkpoint& from) {
  const std::string where = options_.out + "/checkpoint.bin";
  if (from.slots.size() != slots_.size())
    throw StoreError(where, fmt::format("{} probes", slots_.size()),
                     std::to_string(from.slots.size()), "delete the run directory to start again");
  session_.kind_ = from.kind;
  recorded_ = from.recorded;
  pass_forwards_ = from.pass_forwards;
  pass_rows_ = from.pass_rows;
  seconds_before_ = from.seconds;
  resumed_ = static_cast<int>(from.resumed);
  session_.table_ = SampleTable::load(from.table);
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    Slot& slot = slots_[i];
    const SavedSlot& old = from.slots[i];
    if (old.id != slot.item.id)
      throw StoreError(where, "the state of probe '" + slot.item.id + "'", "'" + old.id + "'",
                       "delete the run directory to start again");
    restore(slot, old);
  }
}

/// What failed or was cancelled begins again, since data, machine or code may have been repaired;
/// everything else stands, or goes on.
void Run::restore(Slot& slot, const SavedSlot& old) {
  slot.failures = old.failures;
  slot.cost = old.cost;
  if (!old.finding.empty()) {
    Finding finding = finding_from_json(old.finding);
    const bool failed = finding.status == Status::failed;
    if (failed || finding.status == Status::cancelled) {
      if (failed) slot.failures.push_back(finding.why);
      return;
    }
    slot.finding = std::move(finding);
    slot.run.reset();
  } else if (slot.run != nullptr) {
    slot.run->load(old.state);
  }
  slot.passes_done = old.passes_done;
  slot.worked = old.worked;
  slot.needs = old.needs;
  slot.cursor = old.cursor;
  slot.seen = old.seen;
  slot.warnings = old.warnings;
}

/// Outputs on the first rows: they stand for the identity of a model without a digest.
std::pair<std::vector<SampleId>, std::vector<double>> Run::first_outputs() {
  const Batch* first = first_batch("test");
  auto* model = dynamic_cast<Model*>(subject_.get());
  if (first == nullptr || model == nullptr) return {};
  const auto n = std::min<std::int64_t>(8, first->size());
  std::vector<double> values;
  try {
    const Tensor output = model->forward(inputs::rows_of(first->inputs, 0, n)).output.host();
    const ArrayView view(output);
    for (std::int64_t i = 0; i < view.rows; ++i)
      for (std::int64_t c = 0; c < view.cols; ++c) {
        const double value = view.at(i, c);
        values.push_back(std::isfinite(value) ? value : 0);  // JSON has no other
      }
  } catch (const std::exception&) {
    values.clear();  // a model that raises: its probes will say so
  }
  return {{first->ids.begin(), first->ids.begin() + n}, std::move(values)};
}

void Run::compare_first_outputs(const RunRecord& record) {
  const auto [ids, now] = first_outputs();
  const auto refuse = [&](std::string got) {
    throw StoreError("evaluate", "the model that began the run in '" + options_.out + "'",
                     std::move(got),
                     "a model without a digest is known by its outputs; choose another out=");
  };
  if (ids == record.probe_ids && record.probe_outputs.empty()) {  // it raised when the run began
    RunRecord known = record;
    known.probe_outputs = now;
    directory_->write("run.json", to_json(known));
    return;
  }
  if (ids != record.probe_ids || now.size() != record.probe_outputs.size())
    refuse(fmt::format("other samples or another shape: {} outputs, then {}",
                       record.probe_outputs.size(), now.size()));
  for (std::size_t i = 0; i < now.size(); ++i) {
    const double then = record.probe_outputs[i];
    if (!(std::abs(now[i] - then) <= 1e-6 + 1e-4 * std::abs(then)))
      refuse(fmt::format("another output on sample {}: {} then, {} now",
                         ids[i * ids.size() / now.size()], then, now[i]));
  }
}

}  // namespace leadline::detail::engine

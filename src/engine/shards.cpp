// One run split over processes: each shard writes its states, one process joins and finishes them.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "engine/run.hpp"
#include "engine/text.hpp"
#include "leadline/core/error.hpp"

namespace leadline::detail::engine {

/// A shard answers nothing: it leaves its states for `merge_shards`.
Report Run::conclude_shard() {
  save();
  if (to_directory()) directory_->write("samples.bin", session_.table_.save());
  session_.rethrow_interrupt();
  Report report;
  report.title = options_.title;
  report.created = started_;
  report.partial = true;
  report.partial_why = fmt::format(
      "shard {} of {}{}", options_.shard.rank, options_.shard.count,
      complete() ? ": merge_shards finishes the run" : ", cut short: run it again to go on");
  for (const auto& slot : slots_) {
    report.findings.push_back(
        slot.finding ? *slot.finding
                     : absent_finding(slot.item.id, slot.info.name, slot.info.question,
                                      Status::not_measured, "it is answered by merge_shards"));
  }
  fill_provenance(report);
  return report;
}

namespace {

[[noreturn]] void refuse(std::string expected, std::string got, std::string remedy) {
  throw StoreError("merge_shards", expected, got, remedy);
}

/// Batch size decides which shard has which samples of a stream, and nothing else.
void check_equal(const ShardPart& first, const ShardPart& other, bool any_stream) {
  if (other.record.count != first.record.count)
    refuse(fmt::format("shards of a run cut in {}", first.record.count),
           fmt::format("'{}', of a run cut in {}", other.path, other.record.count),
           "do not mix runs");
  if (any_stream && other.record.batch_size != first.record.batch_size)
    refuse(fmt::format("shards of a stream with one batch_size, {} in '{}'",
                       first.record.batch_size, first.path),
           fmt::format("{} in '{}'", other.record.batch_size, other.path),
           "a stream is dealt out batch by batch: run the shards again with one batch_size");
  const auto a = first.saved.kind, b = other.saved.kind;
  if (a != b && a != OutputKind::unknown && b != OutputKind::unknown)
    refuse(fmt::format("shards that agree on what the model gives, {} in '{}'", name_of(a),
                       first.path),
           fmt::format("{} in '{}'", name_of(b), other.path),
           "each shard settled it on its own first batch: say output= and run them again");
}

std::vector<ShardPart> read_parts(const std::vector<std::string>& directories,
                                  const std::string& identity, bool any_stream) {
  std::vector<ShardPart> parts;
  for (const auto& path : directories) {
    auto record = RunDirectory::record(path);
    auto saved = RunDirectory::checkpoint(path);
    if (!record || !saved)
      refuse("a run directory with a checkpoint", "'" + path + "', which has none",
             "run the shard first, or leave it out for a partial report");
    if (record->identity != identity)
      refuse("shards of this very run",
             fmt::format("'{}', a run of model '{}' on data '{}' with suite '{}'", path,
                         record->model, record->data, record->suite),
             "pass the same subject, data, suite, seed and version as the shards");
    parts.push_back({path, std::move(*record), std::move(*saved)});
  }
  if (parts.empty()) refuse("at least one shard", "none", "pass the directories of the shards");
  std::sort(parts.begin(), parts.end(),
            [](const ShardPart& a, const ShardPart& b) { return a.record.rank < b.record.rank; });
  for (std::size_t i = 0; i < parts.size(); ++i) {
    check_equal(parts[0], parts[i], any_stream);
    if (i > 0 && parts[i].record.rank == parts[i - 1].record.rank)
      refuse("shards with disjoint samples",
             fmt::format("'{}' and '{}', both shard {}", parts[i - 1].path, parts[i].path,
                         parts[i].record.rank),
             "give each shard once");
  }
  return parts;
}

}  // namespace

void Run::join_tables(const std::vector<ShardPart>& parts) {
  std::set<SampleId> seen;
  for (const auto& part : parts) {
    const auto table = SampleTable::load(part.saved.table);
    for (const auto id : table.ids())
      if (table.has("prediction") && table.get("prediction", id) && !seen.insert(id).second)
        refuse("shards with disjoint samples", fmt::format("sample {} twice", id),
               "give each shard once");
    try {
      session_.table_.merge(table);
    } catch (const ValueError& error) {
      refuse("shards that agree where they overlap", error.what(), "give each shard once");
    }
  }
}

/// Adds the states of all shards into one run.
void Run::join(Slot& slot, const std::vector<ShardPart>& parts) {
  const auto index = static_cast<std::size_t>(&slot - slots_.data());
  const auto count = parts.front().record.count;
  bool first = true;
  for (const auto& part : parts) {
    if (!slot.info.shards && static_cast<std::int64_t>(index) % count != part.record.rank) continue;
    const SavedSlot& old = part.saved.slots.at(index);
    slot.cost.seconds += old.cost.seconds;
    slot.cost.forwards += old.cost.forwards;
    slot.cost.backwards += old.cost.backwards;
    slot.cost.peak_bytes = std::max(slot.cost.peak_bytes, old.cost.peak_bytes);
    slot.failures.insert(slot.failures.end(), old.failures.begin(), old.failures.end());
    if (slot.finding) continue;
    if (!old.finding.empty()) {
      Finding finding = finding_from_json(old.finding);
      finding.why = fmt::format("shard {}: {}", part.record.rank, finding.why);
      settle(slot, std::move(finding));
    } else if (first) {
      slot.run->load(old.state);
    } else {
      session_.serve(slot.item.id, &slot.cost, false);
      const auto other = slot.item.probe->start(session_);
      other->load(old.state);
      slot.run->merge(*other);
    }
    first = false;
    slot.seen += old.seen;
    slot.warnings.insert(slot.warnings.end(), old.warnings.begin(), old.warnings.end());
  }
  slot.passes_done = slot.worked = true;
  if (first && !slot.finding)
    settle(slot,
           absent_finding(slot.item.id, slot.info.name, slot.info.question, Status::not_measured,
                          fmt::format("shard {}, which does it alone, is missing",
                                      static_cast<std::int64_t>(index) % count)));
}

void Run::join(const std::vector<ShardPart>& parts) {
  const auto count = parts.front().record.count;
  std::set<std::int64_t> missing;
  for (std::int64_t rank = 0; rank < count; ++rank) missing.insert(rank);
  for (const auto& part : parts) {
    missing.erase(part.record.rank);
    started_ = std::min(started_, part.record.started);
    seconds_before_ += part.saved.seconds;
    pass_forwards_ += part.saved.pass_forwards;
    for (const auto& [role, rows] : part.saved.pass_rows) pass_rows_[role] += rows;
    if (part.saved.slots.size() != slots_.size())
      refuse(fmt::format("the states of {} probes", slots_.size()),
             fmt::format("{} in '{}'", part.saved.slots.size(), part.path), "run the shard again");
    if (!part.saved.complete)
      trouble_.push_back(fmt::format("shard {} of {} was cut short", part.record.rank, count));
  }
  for (const auto rank : missing)
    trouble_.push_back(fmt::format("shard {} of {} is missing", rank, count));
  if (parts.front().saved.kind != OutputKind::unknown) session_.kind_ = parts.front().saved.kind;
  join_tables(parts);
  for (auto& slot : slots_) join(slot, parts);
}

Report Run::merge(const std::vector<std::string>& directories) {
  const auto hold = subject_->hold();
  const auto roles = session_.roles();
  const bool any_stream = std::any_of(roles.begin(), roles.end(), [this](const auto& role) {
    return is_stream(session_.data(role));
  });
  const auto parts = read_parts(directories, identity(), any_stream);
  open_directory();
  begin();
  join(parts);
  Report report = conclude();
  if (session_.table_.size() > 0) report.samples = std::make_shared<SampleTable>(session_.table_);
  if (to_directory()) {
    RunRecord record = parts.front().record;
    record.rank = 0;
    record.count = 1;
    record.started = started_;
    directory_->write("run.json", to_json(record));
    save();
    report.save(directory_->path() + "/report.json");
  }
  return report;
}

}  // namespace leadline::detail::engine

/// What a run directory holds between attempts. The files are untrusted: every read checks.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "leadline/core/finding.hpp"
#include "leadline/core/probe.hpp"

namespace leadline::detail::engine {

struct SavedSlot {
  std::string id;
  bool passes_done = false, worked = false;
  std::optional<PassNeeds> needs;
  std::int64_t cursor = 0;  // samples done in that pass
  std::int64_t seen = 0;
  std::vector<std::string> warnings;
  std::vector<std::string> failures;  // why earlier attempts failed
  Cost cost;
  std::string state;    // ProbeRun::save(); "" when finished
  std::string finding;  // JSON; "" while it runs
};

/// The whole state of a run: one file, so that it is never half old and half new.
struct Checkpoint {
  bool complete = false;  // nothing is left to do, or, of a shard, nothing but the merge
  OutputKind kind = OutputKind::unknown;
  bool recorded = false;
  std::int64_t pass_forwards = 0;
  double seconds = 0;
  std::int64_t resumed = 0;
  std::map<std::string, std::int64_t> pass_rows;
  std::vector<SavedSlot> slots;
  std::string table;  // SampleTable::save()
};

/// Magic, version, length and XXH3-128 of the body, then the body.
[[nodiscard]] std::string encode(const Checkpoint& checkpoint);
/// Throws StoreError naming `where` on anything malformed.
[[nodiscard]] Checkpoint decode(std::string_view bytes, std::string_view where);

/// What was run: fixed when the directory is made.
struct RunRecord {
  std::string identity;  // "xxh3:..."
  std::string started;   // UTC, ISO 8601: the first look at data
  std::string version, model, data, suite;
  std::int64_t rank = 0, count = 1, batch_size = 0;
  bool has_digest = true;
  std::vector<SampleId> probe_ids;  // of the outputs kept in the place of a digest
  std::vector<double> probe_outputs;
};
[[nodiscard]] std::string to_json(const RunRecord& record);
[[nodiscard]] RunRecord record_from_json(std::string_view json, std::string_view where);

}  // namespace leadline::detail::engine

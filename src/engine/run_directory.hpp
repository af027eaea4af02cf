/// The directory of one run:
///
///     lock               held while a process works on it
///     run.json           what is run (RunRecord)
///     checkpoint.bin     the state, every `checkpoint_seconds` and after each finding
///     findings/<id>.json each finding as soon as it is finished
///     samples.bin        the SampleTable
///     artefacts/<id>/    what a probe keeps for people, listed in its finding
///     report.json        the report, partial ones too
///
/// Every file is replaced atomically; a killed process leaves the last complete ones.
#pragma once

#include <optional>
#include <string>

#include "engine/checkpoint.hpp"

namespace leadline::detail::engine {

class RunDirectory {
 public:
  /// Makes the directory where it is missing and locks it. Throws StoreError when it cannot be
  /// written or another run holds it.
  explicit RunDirectory(std::string path);
  ~RunDirectory();
  RunDirectory(const RunDirectory&) = delete;
  RunDirectory& operator=(const RunDirectory&) = delete;

  [[nodiscard]] const std::string& path() const { return path_; }
  void write(std::string_view name, std::string_view content) const;

  /// What a directory holds, locked or not; nullopt where there is no such file yet.
  [[nodiscard]] static std::optional<RunRecord> record(const std::string& path);
  [[nodiscard]] static std::optional<Checkpoint> checkpoint(const std::string& path);

 private:
  std::string path_;
  int lock_ = -1;
};

/// A shard as `merge_shards` reads it.
struct ShardPart {
  std::string path;
  RunRecord record;
  Checkpoint saved;
};

}  // namespace leadline::detail::engine

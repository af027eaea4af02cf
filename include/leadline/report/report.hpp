/// All that is saved is a Report: provenance, findings, verdicts. Plain values; strict JSON with
/// a versioned, published schema (docs/report-schema.json).
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "leadline/core/finding.hpp"
#include "leadline/core/sample_table.hpp"
#include "leadline/core/verdict.hpp"

namespace leadline {

/// The limits a report was judged by.
struct PolicyRecord {
  std::string name;
  std::string hash;       // "xxh3:..." of the canonical requirements
  std::string locked_at;  // UTC, ISO 8601; "" : never locked
  /// Whether the limits were set before the run first looked at data: "before", "after", "unknown".
  std::string timing = "unknown";
};

struct LEADLINE_API Report {
  static constexpr int schema_version = 1;

  int schema = schema_version;    // of the file it came from
  std::string kind = "evaluate";  // "evaluate", "compare", "data.check", ...
  std::string title;
  std::string created;   // UTC, ISO 8601
  bool partial = false;  // cancelled, out of time, or a shard missing
  std::string partial_why;
  /// Ordered facts: "leadline.version", "model.name", "model.digest", "data.test.fingerprint",
  /// "seed", "device", "run.forwards", "seconds.total", "torch.version", ...
  std::vector<std::pair<std::string, std::string>> provenance;
  std::vector<Finding> findings;
  std::optional<PolicyRecord> policy;
  std::vector<Verdict> verdicts;
  /// Results by sample of the test role, what `compare` reads; null when there are none in memory.
  std::shared_ptr<const SampleTable> samples;
  /// Where they lie beside the report that was loaded; read by `sample_table`.
  struct SamplesFile {
    std::string path;         // "" : the report was not read from a file
    std::string name;         // of the file, beside the report
    std::string fingerprint;  // the checksum it ends with
  };
  std::optional<SamplesFile> samples_file;

  /// `samples`, or those of `samples_file`. Throws StoreError when there are none, the file is gone
  /// or belongs to another report; `who` names the caller.
  [[nodiscard]] std::shared_ptr<const SampleTable> sample_table(
      std::string_view who = "Report.sample_table") const;

  [[nodiscard]] const Finding* find(std::string_view probe_id) const;
  /// By full name `<probe id>.<estimate>`. Throws ValueError naming the nearest estimate.
  [[nodiscard]] const Estimate& operator[](std::string_view full_name) const;
  [[nodiscard]] const Named* find_estimate(std::string_view full_name) const;
  [[nodiscard]] std::vector<std::string> estimate_names() const;
  /// The failed checks that cover an estimate.
  [[nodiscard]] std::vector<const Check*> doubts(std::string_view full_name) const;
  [[nodiscard]] std::string fact(std::string_view key) const;  // provenance; "" when absent

  [[nodiscard]] std::string to_json(int indent = 1) const;
  /// Reads every schema version up to `schema_version`. Throws StoreError with the place.
  static Report from_json(std::string_view json);
  [[nodiscard]] std::string to_markdown() const;
  /// A screenful for a terminal: verdicts, then one sentence a question.
  [[nodiscard]] std::string summary() const;

  /// Writes JSON or Markdown by the ending of `path`, atomically; beside the JSON file `a.json` the
  /// results by sample as `a.samples.bin` (`samples.bin` beside `report.json`). Throws StoreError.
  void save(const std::string& path) const;
  static Report load(const std::string& path);
};

/// One finding as JSON text, and back: what a run directory holds.
[[nodiscard]] LEADLINE_API std::string finding_to_json(const Finding& finding);
[[nodiscard]] LEADLINE_API Finding finding_from_json(std::string_view json);

}  // namespace leadline

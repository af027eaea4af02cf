/// The one-pass engine: runs a suite of probes over a subject and data, and reports.
#pragma once

#include <concepts>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "leadline/core/catalog.hpp"
#include "leadline/core/probe.hpp"
#include "leadline/core/progress.hpp"
#include "leadline/engine/policy.hpp"
#include "leadline/report/report.hpp"

namespace leadline {

/// An ordered set of probes with unique ids.
class LEADLINE_API Suite {
 public:
  struct Item {
    std::string id;
    std::shared_ptr<const Probe> probe;  // null: known by name only (`missing` says why)
    std::string missing;
  };

  Suite() = default;
  explicit Suite(std::string name) : name_(std::move(name)) {}
  /// `id` defaults to the catalog name. Throws ValueError on a duplicate or malformed id.
  Suite& add(std::shared_ptr<const Probe> probe, std::string id = {});
  template <class P>
  requires std::derived_from<P, Probe> Suite& add(P probe, std::string id = {}) {
    return add(std::static_pointer_cast<const Probe>(std::make_shared<P>(std::move(probe))),
               std::move(id));
  }
  /// Records a probe that this build cannot make: it is reported as not measured.
  Suite& add_missing(std::string id, std::string why);
  [[nodiscard]] std::span<const Item> items() const { return items_; }
  [[nodiscard]] const std::string& name() const { return name_; }

  /// "quick", "standard" or "deep" for a modality, from the data in engine/suites. Entries that
  /// `catalog` lacks are added as missing.
  static Suite named(std::string_view name, Modality modality, const Catalog& catalog);

 private:
  std::string name_ = "custom";
  std::vector<Item> items_;
};

using DatasetPtr = std::shared_ptr<const Dataset>;

struct Shard {
  std::int64_t rank = 0, count = 1;
};

struct EvaluateOptions {
  std::map<std::string, DatasetPtr> also{};  // role -> data
  std::uint64_t seed = 0;
  std::int64_t batch_size = 128;
  double level = 0.95;
  /// Seconds for the whole run; when spent, probes answer on the samples done.
  std::optional<double> time_budget{};
  /// Run directory: findings as they finish, states every `checkpoint_seconds`, the report. An
  /// unfinished run of the same identity found there is resumed, another one is a StoreError.
  std::string out{};
  double checkpoint_seconds = 30;
  Shard shard{};
  std::optional<Policy> policy{};
  std::string title{};
  ProgressCallback on_progress{};
  CancelToken cancel{};
  /// Facts of the caller for the provenance: "torch.version", "python.version", ...
  std::vector<std::pair<std::string, std::string>> provenance{};
  /// Output kind when the subject does not know its own; unknown: settled on the first batch and
  /// reported by the attach checks.
  OutputKind output = OutputKind::unknown;
};

/// Runs `suite`. A probe that raises gives a failed finding and the run goes on; a cancelled run
/// returns the partial report.
[[nodiscard]] LEADLINE_API Report evaluate(std::shared_ptr<Subject> subject, DatasetPtr data,
                                           const Suite& suite, const EvaluateOptions& options = {});

/// Joins the run directories of all shards of one run and finishes the probes once. A missing
/// shard gives a partial report; overlapping ids are a StoreError.
[[nodiscard]] LEADLINE_API Report merge_shards(std::shared_ptr<Subject> subject, DatasetPtr data,
                                               const Suite& suite,
                                               const std::vector<std::string>& directories,
                                               const EvaluateOptions& options = {});

}  // namespace leadline

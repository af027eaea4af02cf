/// A probe is an immutable recipe that answers one safety question; a `ProbeRun` is its state in
/// one run. States form a commutative monoid: that is what makes a run shard and resume.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "leadline/core/context.hpp"
#include "leadline/core/finding.hpp"
#include "leadline/core/session.hpp"
#include "leadline/core/subject.hpp"

namespace leadline {

/// What one pass over a role needs. Runs that ask for the same role share the pass and its
/// forwards.
struct PassNeeds {
  std::string over = "test";
  std::vector<std::string> layers;  // activations to record
};

class LEADLINE_API ProbeRun {
 public:
  virtual ~ProbeRun();
  /// Asked before the first pass and after each pass until it gives nullopt: fit first, score
  /// next. Default: no pass.
  [[nodiscard]] virtual std::optional<PassNeeds> next_pass();
  /// One batch of the pass last asked for.
  virtual void observe(Context& context);
  /// Own loops (attacks, latency, permutation) over this shard's ids, after the passes. Polls
  /// `session.stopping()` and offers `session.checkpoint(*this)`; continues from its loaded state.
  virtual void work(Session& session);
  /// Adds the state of another shard or part. Commutative.
  virtual void merge(const ProbeRun& other) = 0;
  /// The state as text (`State`), and back. `load` throws StoreError.
  [[nodiscard]] virtual std::string save() const = 0;
  virtual void load(std::string_view state) = 0;
  /// Once, after the last merge, on one process. The engine fills probe, kind, question, options
  /// and cost.
  [[nodiscard]] virtual Finding finish(Session& session) = 0;
};

struct ProbeInfo {
  std::string name;                  // catalog name, default id: "pgd"
  std::string question;              // "How often can a small change of the input mislead it?"
  Access access = Access::outputs;   // without it the finding is not_measured
  std::vector<std::string> roles{};  // data roles needed besides "test"; "ood" means any "ood/..."
  bool needs_target = true;
  bool needs_random_access = false;  // re-reads samples: cannot run on a stream
  double relative_cost = 1;          // in passes over the data: cheap probes run first
  std::string alternative{};         // what to use when access is missing: "robustness.Square"
  bool shards = true;  // false: fits before it scores, or times; one shard does it all
};

class LEADLINE_API Probe {
 public:
  virtual ~Probe();
  [[nodiscard]] virtual ProbeInfo info() const = 0;
  /// Options as run, name -> JSON text; part of the run identity and the report.
  [[nodiscard]] virtual std::vector<std::pair<std::string, std::string>> options() const;
  /// A fresh state. May throw CapabilityError: the finding is then not_measured with its text.
  [[nodiscard]] virtual std::shared_ptr<ProbeRun> start(Session& session) const = 0;
};

}  // namespace leadline

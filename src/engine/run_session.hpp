/// The services of one run: roles and visiting orders, deadlines, counts, the sample table.
#pragma once

#include <algorithm>
#include <chrono>
#include <exception>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "leadline/core/artefacts.hpp"
#include "leadline/core/memory.hpp"
#include "leadline/core/probe.hpp"
#include "leadline/core/session.hpp"
#include "leadline/core/shared_data.hpp"
#include "leadline/engine/evaluate.hpp"

namespace leadline::detail::engine {

using Clock = std::chrono::steady_clock;

/// Seconds since `start`.
[[nodiscard]] double seconds_since(Clock::time_point start);

class RunSession final : public Session,
                         public SharedData,
                         public KeepsArtefacts,
                         public LimitsRows {
 public:
  RunSession(std::shared_ptr<Subject> subject, DatasetPtr data, const EvaluateOptions& options);

  const std::shared_ptr<Subject>& subject_handle() override { return subject_; }
  OutputKind output_kind() override { return kind_; }
  bool has(std::string_view role) const override { return roles_.contains(role); }
  const Dataset& data(std::string_view role) const override { return *data_handle(role); }
  DatasetPtr data_handle(std::string_view role) const override;
  std::vector<std::string> roles() const override;
  std::span<const SampleId> ids(std::string_view role) override { return order(role, whole_); }
  SampleTable& table() override { return table_; }

  const std::string& probe_id() const override { return probe_id_; }
  std::uint64_t seed() const override { return options_.seed; }
  stats::Rng rng(std::string_view stream, SampleId id) const override;
  std::int64_t batch_size() const override { return std::min(options_.batch_size, limit_.rows()); }
  RowLimit& row_limit() override { return limit_; }
  double level() const override { return options_.level; }

  bool stopping() override;
  std::string_view stop_reason() const override { return reason_; }
  void checkpoint(const ProbeRun& run) override;
  void progress(std::int64_t done, std::int64_t total) override;
  std::string artefact_folder() override;
  void count_forwards(std::int64_t rows) override;
  void count_backwards(std::int64_t rows) override;

  // ---- for the engine only

  /// Whose calls come next; `cost` takes its counts. `whole`: it sees every id of a role, not
  /// this shard's alone.
  void serve(const std::string& probe_id, Cost* cost, bool whole);
  /// Visiting order of a role: all ids or this shard's; empty for a stream.
  std::span<const SampleId> order(std::string_view role, bool whole);
  /// Grants the next stage `share` of the time that is left.
  void begin_stage(double share);
  /// Reports progress; an exception of the callback is kept, and the run is cancelled.
  void report_progress(std::string_view stage, std::int64_t done, std::int64_t total);
  [[nodiscard]] bool cancelled() const { return interrupted_ || options_.cancel.cancelled(); }
  [[nodiscard]] bool out_of_time() const { return out_of_time_; }
  void rethrow_interrupt() const;
  void cancel() { interrupted_ = true; }
  /// Ends the run soon, in order; `rethrow_interrupt` throws `error` then.
  void interrupt(std::exception_ptr error);
  [[nodiscard]] double seconds() const { return seconds_since(start_); }

  OutputKind kind_ = OutputKind::unknown;
  SampleTable table_;
  std::function<void(const ProbeRun&)> on_checkpoint;

 private:
  std::shared_ptr<Subject> subject_;
  std::map<std::string, DatasetPtr, std::less<>> roles_;
  const EvaluateOptions& options_;
  std::map<std::string, std::vector<SampleId>, std::less<>> whole_orders_, shard_orders_;
  RowLimit limit_;
  std::string probe_id_;
  Cost* cost_ = nullptr;
  bool whole_ = false;
  Clock::time_point start_;
  std::optional<Clock::time_point> deadline_;
  std::string_view reason_;
  bool out_of_time_ = false, interrupted_ = false;
  std::exception_ptr interrupt_;
};

}  // namespace leadline::detail::engine

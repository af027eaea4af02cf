/// One evaluation from the first look to the report; `evaluate` and `merge_shards` drive it.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/run_directory.hpp"
#include "engine/run_session.hpp"

namespace leadline::detail::engine {

/// One probe of the suite and how far it is.
struct Slot {
  Suite::Item item;
  ProbeInfo info;
  std::shared_ptr<ProbeRun> run;   // null before the start and after the finding
  std::optional<PassNeeds> needs;  // the pass it waits for or takes part in
  bool passes_done = false;
  bool whole = false;  // of a sharded run: one shard shows it every sample
  bool mine = true;    // false: another shard does it
  bool worked = false;
  std::int64_t cursor = 0;  // samples done in the pass under way
  std::int64_t seen = 0;    // samples observed in all
  std::vector<std::string> warnings;
  std::vector<std::string> failures;  // why earlier attempts failed; this one tries again
  Cost cost;
  std::optional<Finding> finding;
  std::string data_trouble;  // why the data failed under it in this attempt
  /// What a checkpoint holds from now on: the probe was cut short, this attempt answers on what
  /// it has, and a resumed one goes on from here.
  std::optional<SavedSlot> frozen;

  [[nodiscard]] bool live() const { return mine && run != nullptr && data_trouble.empty(); }
};

/// The pass under way.
struct Pass {
  std::string role;
  bool whole = false;
  std::int64_t cursor = 0;  // samples done
  std::vector<std::size_t> slots;
};

/// A first look at a role, kept so that a stream loses nothing.
struct Source {
  std::optional<Batch> first;
  std::unique_ptr<Dataset::Cursor> cursor;  // of a stream
  bool looked = false;
  bool after_first = false;  // `cursor` stands behind `first`, which no pass has read yet
};

class Run {
 public:
  Run(std::shared_ptr<Subject> subject, DatasetPtr data, const Suite& suite,
      const EvaluateOptions& options);

  Report evaluate();
  Report merge(const std::vector<std::string>& directories);

 private:
  // begin.cpp: what can run, on what
  void begin();
  void settle_output_kind();
  Outputs forward_first();
  void start(Slot& slot);
  std::optional<Finding> cannot_run(const Slot& slot);
  void restore(const Checkpoint& saved);
  void restore(Slot& slot, const SavedSlot& old);
  [[nodiscard]] std::string identity() const;
  void compare_first_outputs(const RunRecord& record);

  // passes.cpp: one forward a batch and role
  void run_passes();
  void ask(Slot& slot);
  [[nodiscard]] std::optional<Pass> next_group();
  void run_pass(Pass pass);
  std::optional<Batch> read();
  std::optional<Batch> read_stream();
  const Batch* first_batch(const std::string& role);
  void serve_batch(Batch batch);
  void record(Context& context);
  void end_pass(bool complete);
  void note_memory();
  void data_failed(const std::string& why);
  [[nodiscard]] std::string where_it_failed();

  // finish.cpp: own loops, findings, report
  void run_work();
  void work_on(Slot& slot);
  void finish(Slot& slot);
  void fail(Slot& slot, std::string_view stage);
  void settle(Slot& slot, Finding finding);
  [[nodiscard]] Finding closing(Slot& slot);
  Report conclude();
  void fill_provenance(Report& report) const;
  void judge(Report& report);

  // saving.cpp
  void open_directory();
  void save();
  void save_if_due();
  [[nodiscard]] Checkpoint snapshot();
  [[nodiscard]] SavedSlot saved(const Slot& slot) const;
  void freeze(Slot& slot);
  [[nodiscard]] bool complete() const;
  void resume();
  [[nodiscard]] std::pair<std::vector<SampleId>, std::vector<double>> first_outputs();

  // shards.cpp
  Report conclude_shard();
  void join(const std::vector<ShardPart>& parts);
  void join(Slot& slot, const std::vector<ShardPart>& parts);
  void join_tables(const std::vector<ShardPart>& parts);
  [[nodiscard]] bool to_directory() const { return directory_ != nullptr; }

  std::shared_ptr<Subject> subject_;
  DatasetPtr data_;
  EvaluateOptions options_;
  std::string suite_name_;
  SubjectInfo about_;
  RunSession session_;
  std::vector<Slot> slots_;
  std::map<std::string, Source, std::less<>> sources_;
  Pass pass_;              // under way
  std::string noted_;      // of the memory of the model, in warnings already
  bool recorded_ = false;  // target, prediction, ... are in the table
  std::int64_t pass_forwards_ = 0;
  std::map<std::string, std::int64_t> pass_rows_;  // role -> samples passed over
  std::vector<std::string> trouble_;               // why the report is partial
  std::unique_ptr<RunDirectory> directory_;
  std::string started_;        // UTC, of the first look
  double seconds_before_ = 0;  // of earlier attempts
  int resumed_ = 0;
  Clock::time_point last_save_;
};

}  // namespace leadline::detail::engine

/// A session of one probe over one data set, without the engine: tests stop it, split it, resume
/// it.
#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "leadline/core/context.hpp"
#include "leadline/core/probe.hpp"
#include "leadline/stats/random.hpp"

namespace leadline::test {

class LoneSession : public Session {
 public:
  LoneSession(std::shared_ptr<Subject> subject, std::shared_ptr<const Dataset> data)
      : subject_(std::move(subject)), data_(std::move(data)) {
    for (std::int64_t i = 0; i < *data_->info().size; ++i) order.push_back(i);
  }

  const std::shared_ptr<Subject>& subject_handle() override { return subject_; }
  bool has(std::string_view role) const override { return role == "test"; }
  const Dataset& data(std::string_view) const override { return *data_; }
  std::vector<std::string> roles() const override { return {"test"}; }
  std::span<const SampleId> ids(std::string_view) override { return order; }
  SampleTable& table() override { return table_; }
  const std::string& probe_id() const override { return id; }
  std::uint64_t seed() const override { return seed_value; }
  stats::Rng rng(std::string_view stream, SampleId sample) const override {
    return stats::Rng(seed_value, id + "/" + std::string(stream), sample);
  }
  std::int64_t batch_size() const override { return batch; }
  double level() const override { return 0.95; }
  bool stopping() override { return stop && stop(); }
  std::string_view stop_reason() const override { return stop && stop() ? "cancelled" : ""; }
  void checkpoint(const ProbeRun& run) override {
    if (on_checkpoint) on_checkpoint(run);
  }
  void progress(std::int64_t, std::int64_t) override {}
  void count_forwards(std::int64_t rows) override { forwards += rows; }
  void count_backwards(std::int64_t rows) override { backwards += rows; }

  std::vector<SampleId> order;
  std::string id = "pgd";
  std::uint64_t seed_value = 0;
  std::int64_t batch = 16;
  std::int64_t forwards = 0, backwards = 0;
  std::function<bool()> stop;
  std::function<void(const ProbeRun&)> on_checkpoint;

 private:
  std::shared_ptr<Subject> subject_;
  std::shared_ptr<const Dataset> data_;
  SampleTable table_;
};

/// The clean pass of `run`, in batches.
inline void pass_over(ProbeRun& run, LoneSession& session) {
  while (run.next_pass()) {
    for (std::size_t first = 0; first < session.order.size(); first += 16) {
      const auto n = std::min<std::size_t>(16, session.order.size() - first);
      const std::vector<SampleId> ids(
          session.order.begin() + static_cast<std::ptrdiff_t>(first),
          session.order.begin() + static_cast<std::ptrdiff_t>(first + n));
      Context context(session, session.data("test").batch(ids), session.output_kind(), {});
      run.observe(context);
    }
  }
}

/// Pass, work, finish.
inline Finding run_probe(const Probe& probe, LoneSession& session) {
  const auto held = session.subject().hold();
  const auto run = probe.start(session);
  pass_over(*run, session);
  run->work(session);
  return run->finish(session);
}

inline const Check& check_of(const Finding& finding, std::string_view name) {
  const auto found = std::find_if(finding.checks.begin(), finding.checks.end(),
                                  [&](const Check& c) { return c.name == name; });
  if (found == finding.checks.end()) throw std::runtime_error("no check " + std::string(name));
  return *found;
}

}  // namespace leadline::test

/// Small analytic subjects, data and probes for the tests of the engine: no torch, known answers.
#pragma once

#include <atomic>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "catch.hpp"
#include "leadline/core/each_sample.hpp"
#include "leadline/core/error.hpp"
#include "leadline/core/fingerprint.hpp"
#include "leadline/core/metrics_probe.hpp"
#include "leadline/core/state.hpp"
#include "leadline/engine/evaluate.hpp"
#include "leadline/stats/moments.hpp"
#include "leadline/stats/random.hpp"

namespace toys {

using namespace leadline;

/// Two classes in the plane by the sign of x: logits (-x, x), one layer "hidden" = the input.
class HalfPlane : public Model {
 public:
  SubjectInfo info() const override {
    return {.name = "half plane",
            .backend = "toy",
            .digest = digest,
            .access = access,
            .output = output,
            .layers = {"hidden"}};
  }
  std::shared_ptr<void> hold() override {
    ++held;
    return {nullptr, [this](void*) { --held; }};
  }
  Outputs forward(const Inputs& inputs, std::span<const std::string> taps) override {
    ++calls;
    const Tensor host = inputs.primary.host(DType::f64);
    const auto x = host.matrix<double>();
    rows += x.rows();
    if (before) before();
    std::vector<double> logits;
    for (Eigen::Index i = 0; i < x.rows(); ++i) {
      const double right = probabilities ? (x(i, 0) > 0 ? 0.9 : 0.1) : scale * x(i, 0);
      logits.push_back(probabilities ? 1 - right : -right);
      logits.push_back(right);
    }
    Outputs out;
    out.output = Tensor::own(std::move(logits), {x.rows(), 2});
    for (const auto& tap : taps) out.activations[tap] = host;
    return out;
  }

  Access access = Access::labels | Access::outputs | Access::activations;
  OutputKind output = OutputKind::logits;
  std::string digest = "xxh3:half-plane";
  double scale = 1;
  bool probabilities = false;  // gives 0.1 and 0.9 in their place
  std::function<void()> before;
  std::atomic<int> calls{0}, held{0};
  std::atomic<std::int64_t> rows{0};
};

/// n points: x, y standard normal around (shift, 0); label = x > 0, of which each tenth is wrong.
inline std::shared_ptr<TensorDataset> points(std::int64_t n, double shift = 0,
                                             std::uint64_t seed = 1,
                                             std::shared_ptr<const Table> table = nullptr) {
  std::vector<double> xy;
  std::vector<std::int64_t> labels;
  for (std::int64_t i = 0; i < n; ++i) {
    stats::Rng rng(seed, "points", i);
    xy.push_back(shift + rng.normal());
    xy.push_back(rng.normal());
    labels.push_back((xy[2 * i] > 0) != (i % 10 == 0));
  }
  return std::make_shared<TensorDataset>(
      Tensor::own(std::move(xy), {n, 2}), Tensor::own(std::move(labels), {n}),
      TensorDataset::Options{.name = "points", .class_names = {"left", "right"}}, table);
}

/// The same data as something that can only be read forward, of unknown length.
class Stream : public Dataset {
 public:
  explicit Stream(std::shared_ptr<const TensorDataset> data) : data_(std::move(data)) {}
  DataInfo info() const override {
    DataInfo about = data_->info();
    about.name = "stream";
    about.size.reset();
    about.random_access = false;
    return about;
  }
  Batch batch(std::span<const SampleId>) const override {
    throw CapabilityError("Stream.batch", "data that can be re-read", "a stream", "hold it");
  }
  std::unique_ptr<Cursor> open(SampleId first) const override {
    ++opened;
    return data_->open(first);
  }
  mutable int opened = 0;

 private:
  std::shared_ptr<const TensorDataset> data_;
};

/// The toy metric: share of right decisions.
class ToyAccuracy : public Metric {
 public:
  MetricInfo info() const override {
    return {
        .name = "right", .unit = {}, .label = "share of points told right", .reads = {"correct"}};
  }
  void update(const Rows& rows) override {
    const ArrayView& correct = rows.at("correct", "ToyAccuracy.update");
    std::int64_t right = 0;
    for (std::int64_t i = 0; i < correct.rows; ++i) {
      const double value = correct.at(i);
      if (value != 0 && value != 1)
        throw ValueError("ToyAccuracy.update", "0 or 1", std::to_string(value), "");
      right += value == 1;
    }
    right_ += right;
    n_ += correct.rows;
  }
  void merge(const Metric& other) override {
    const auto* same = dynamic_cast<const ToyAccuracy*>(&other);
    if (same == nullptr) throw ValueError("ToyAccuracy.merge", "its own kind", "another", "");
    right_ += same->right_;
    n_ += same->n_;
  }
  Estimate compute() const override { return Estimate::rate(right_, n_); }
  std::shared_ptr<Metric> fresh() const override { return std::make_shared<ToyAccuracy>(); }
  std::string save() const override {
    return State("toys.Accuracy").set("right", right_).set("n", n_).dump();
  }
  void load(std::string_view text) override {
    const State state = State::parse(text, "toys.Accuracy");
    const auto right = state.integer("right"), n = state.integer("n");
    right_ = right;
    n_ = n;
  }

 private:
  std::int64_t right_ = 0, n_ = 0;
};

/// Toy probe 1, fit then score: the centre of "train", then the distances of "test" and of every
/// "ood/..." from it, and how often foreign samples lie farther out than the median test sample.
class Centre : public Probe {
 public:
  ProbeInfo info() const override {
    ProbeInfo about;
    about.name = "centre";
    about.question = "Does it notice foreign samples?";
    about.access = Access::activations;
    about.roles = {"train", "ood"};
    about.needs_target = false;
    about.shards = false;
    return about;
  }
  std::shared_ptr<ProbeRun> start(Session& session) const override;
};

class CentreRun : public ProbeRun {
 public:
  explicit CentreRun(std::vector<std::string> roles) : roles_(std::move(roles)) {}
  std::optional<PassNeeds> next_pass() override {
    if (stage_ == std::ssize(roles_)) return std::nullopt;
    return PassNeeds{roles_[stage_++], {"hidden"}};
  }
  void observe(Context& context) override {
    const Tensor host = context.activation("hidden").host(DType::f64);
    const auto hidden = host.matrix<double>();
    for (Eigen::Index i = 0; i < hidden.rows(); ++i) {
      if (stage_ == 1) {
        for (int d : {0, 1}) sum_[d].add(hidden(i, d));
        ++n_;
        continue;
      }
      const double dx = hidden(i, 0) - sum_[0].value() / n_,
                   dy = hidden(i, 1) - sum_[1].value() / n_;
      scores_.push_back(dx * dx + dy * dy);
      role_of_.push_back(stage_);
      if (stage_ == 2) {
        context.session().table().put(context.session().probe_id() + ".score",
                                      context.batch().ids[i], scores_.back());
      }
    }
  }
  void merge(const ProbeRun& other) override {
    const auto& same = dynamic_cast<const CentreRun&>(other);
    stage_ = std::max(stage_, same.stage_);
    for (int d : {0, 1}) sum_[d].merge(same.sum_[d]);
    n_ += same.n_;
    scores_.insert(scores_.end(), same.scores_.begin(), same.scores_.end());
    role_of_.insert(role_of_.end(), same.role_of_.begin(), same.role_of_.end());
  }
  std::string save() const override {
    std::vector<std::int64_t> words;
    for (const auto& sum : sum_) words.insert(words.end(), {sum.save()[0], sum.save()[1]});
    return State("toys.Centre")
        .set("stage", stage_)
        .set("words", words)
        .set("n", n_)
        .set("scores", scores_)
        .set("roles", role_of_)
        .dump();
  }
  void load(std::string_view text) override {
    const State state = State::parse(text, "toys.Centre");
    const auto& words = state.integers("words", 4);
    stage_ = state.integer("stage");
    if (stage_ < 0 || stage_ > std::ssize(roles_))
      throw StoreError("Centre.load", "a stage of its own", std::to_string(stage_), "");
    for (int d : {0, 1}) sum_[d] = stats::FixedSum::load({words[2 * d], words[2 * d + 1]});
    n_ = state.integer("n");
    scores_ = state.numbers("scores");
    role_of_ = state.integers("roles", std::ssize(scores_));
  }
  Finding finish(Session&) override {
    std::vector<double> test;
    for (std::size_t i = 0; i < scores_.size(); ++i)
      if (role_of_[i] == 2) test.push_back(scores_[i]);
    Finding finding;
    finding.headline = "Distances from the centre were compared.";
    if (test.empty()) {
      finding.add("noticed", Estimate::absent(Status::empty, "no test sample was scored"));
      return finding;
    }
    std::nth_element(test.begin(), test.begin() + test.size() / 2, test.end());
    const double median = test[test.size() / 2];
    for (std::int64_t r = 3; r <= std::ssize(roles_); ++r) {
      std::int64_t far = 0, n = 0;
      for (std::size_t i = 0; i < scores_.size(); ++i)
        if (role_of_[i] == r) {
          ++n;
          far += scores_[i] > median;
        }
      finding.add("noticed{role=" + roles_[r - 1] + "}",
                  n > 0 ? Estimate::rate(far, n) : Estimate::absent(Status::empty, "none seen"),
                  Better::higher);
    }
    return finding;
  }

 private:
  std::vector<std::string> roles_;
  std::int64_t stage_ = 0, n_ = 0;
  stats::FixedSum sum_[2];
  std::vector<double> scores_;
  std::vector<std::int64_t> role_of_;
};

inline std::shared_ptr<ProbeRun> Centre::start(Session& session) const {
  std::vector<std::string> roles{"train", "test"};
  for (const auto& role : session.roles())
    if (role.starts_with("ood/")) roles.push_back(role);
  return std::make_shared<CentreRun>(std::move(roles));
}

/// Toy probe 2, an own loop: pushes each rightly decided sample at random until the decision
/// flips, at most `steps` times; flipped samples are dropped and the batch is refilled.
struct PushOptions {
  double step = 0.25;
  int steps = 8;
  static Fields fields() {
    return {field("step", &PushOptions::step, "Length of one push.").above(0),
            field("steps", &PushOptions::steps, "Pushes a sample.").at_least(1)};
  }
};

class Push : public Probe {
 public:
  using Options = PushOptions;
  explicit Push(Options options = {}) : options_(options) { check_options("Push", options_); }
  ProbeInfo info() const override {
    ProbeInfo about;
    about.name = "push";
    about.question = "Does a small push flip the decision?";
    about.access = Access::labels;
    about.needs_random_access = true;
    about.relative_cost = options_.steps;
    return about;
  }
  std::vector<std::pair<std::string, std::string>> options() const override {
    return options_text(options_);
  }
  std::shared_ptr<ProbeRun> start(Session& session) const override;

 private:
  Options options_;
};

class PushRun : public ProbeRun {
 public:
  explicit PushRun(PushOptions options) : options_(options) {}
  /// The pass writes "correct" into the sample table; nothing is observed.
  std::optional<PassNeeds> next_pass() override {
    return std::exchange(asked_, true) ? std::nullopt : std::optional(PassNeeds{});
  }
  void work(Session& session) override {
    struct Row {
      SampleId id;
      double x, y;
      int step;
    };
    std::vector<Row> batch;
    const auto ids = session.ids();
    for (std::int64_t next = done_; next < std::ssize(ids) || !batch.empty();) {
      if (session.stopping()) return;
      while (std::ssize(batch) < session.batch_size() && next < std::ssize(ids)) {
        const SampleId id = ids[next++];
        if (session.table().get("correct", id).value_or(0) != 1) continue;
        const Tensor row = session.data().batch(std::span(&id, 1)).inputs.primary.host(DType::f64);
        batch.push_back({id, row.data<double>()[0], row.data<double>()[1], 0});
      }
      if (batch.empty()) break;
      std::vector<double> moved;
      for (auto& row : batch) {
        auto rng = session.rng("push/" + std::to_string(row.step++), row.id);
        moved.push_back(row.x += options_.step * rng.normal());
        moved.push_back(row.y += options_.step * rng.normal());
      }
      const auto n = std::ssize(batch);
      const auto seen = predictions_of(
          session.subject_as<Model>().forward({Tensor::own(std::move(moved), {n, 2})}, {}).output,
          session.output_kind(), {}, {});
      session.count_forwards(n);
      std::vector<Row> kept;
      for (std::int64_t i = 0; i < n; ++i) {
        const auto target = session.table().get("target", batch[i].id).value();
        const bool flipped = static_cast<double>(seen.label[i]) != target;
        if (!flipped && batch[i].step < options_.steps) {
          kept.push_back(batch[i]);
          continue;
        }
        session.table().put(session.probe_id() + ".robust", batch[i].id, flipped ? 0 : 1);
        pending_robust_ += !flipped;
        ++pending_n_;
      }
      batch = std::move(kept);
      if (batch.empty()) {  // nothing is half done: a state to go on from
        commit(next);
        session.checkpoint(*this);
      }
      session.progress(next, std::ssize(ids));
    }
    commit(std::ssize(ids));
  }
  void merge(const ProbeRun& other) override {
    const auto& same = dynamic_cast<const PushRun&>(other);
    robust_ += same.robust_;
    n_ += same.n_;
    done_ += same.done_;
    asked_ |= same.asked_;
  }
  std::string save() const override {
    return State("toys.Push")
        .set("asked", static_cast<int>(asked_))
        .set("done", done_)
        .set("robust", robust_)
        .set("n", n_)
        .dump();
  }
  void load(std::string_view text) override {
    const State state = State::parse(text, "toys.Push");
    const auto done = state.integer("done"), robust = state.integer("robust"),
               n = state.integer("n");
    asked_ = state.integer("asked") != 0;
    done_ = done;
    robust_ = robust;
    n_ = n;
  }
  Finding finish(Session&) override {
    Finding finding;
    finding.add("robust", Estimate::rate(robust_ + pending_robust_, n_ + pending_n_),
                Better::higher, "share that stays right");
    finding.headline = "Small pushes were tried.";
    return finding;
  }

 private:
  void commit(std::int64_t done) {
    done_ = done;
    robust_ += std::exchange(pending_robust_, 0);
    n_ += std::exchange(pending_n_, 0);
  }

  PushOptions options_;
  bool asked_ = false;
  std::int64_t done_ = 0, robust_ = 0, n_ = 0;
  // Of samples whose batch is still in work: counted in the answer of a run cut short, not saved.
  std::int64_t pending_robust_ = 0, pending_n_ = 0;
};

inline std::shared_ptr<ProbeRun> Push::start(Session&) const {
  return std::make_shared<PushRun>(options_);
}

/// Toy probe 3, a function of a batch: the margin |x| of each sample.
inline EachSample margin(std::string name = "margin") {
  return EachSample({.name = std::move(name), .question = "How clear are the decisions?"},
                    [](Context& context) {
                      const auto& seen = context.predictions();
                      std::vector<double> margins;
                      for (std::int64_t i = 0; i < seen.n; ++i)
                        margins.push_back(std::abs(seen.scores[2 * i]));
                      return EachSample::Columns{{"margin", std::move(margins)}};
                    });
}

inline Metrics right() {
  return Metrics({std::make_shared<ToyAccuracy>()},
                 {.name = "task", .question = "How often right?"});
}

/// All toys.
inline Suite suite() {
  Suite all("toys");
  all.add(right()).add(margin()).add(Push{}).add(Centre{});
  return all;
}

/// A directory that goes away with the test.
class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    // Memory where there is some: flushing to a disk is slow, and not what is tested.
    const std::filesystem::path memory = "/dev/shm";
    const auto root =
        std::filesystem::is_directory(memory) ? memory : std::filesystem::temp_directory_path();
    std::string name = (root / "leadline-XXXXXX").string();
    path_ = ::mkdtemp(name.data());
  }
  ~TemporaryDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  [[nodiscard]] std::string operator/(std::string_view name) const {
    return path_ + "/" + std::string(name);
  }

 private:
  std::string path_;
};

/// A report without what may differ between two runs of the same thing: times.
inline std::string without_times(Report report) {
  std::erase_if(report.provenance, [](const auto& fact) {
    return fact.first.starts_with("seconds") || fact.first == "run.resumed" ||
           fact.first == "batch_size";
  });
  report.created.clear();
  for (auto& finding : report.findings) finding.cost.seconds = 0;
  return report.to_json();
}

}  // namespace toys

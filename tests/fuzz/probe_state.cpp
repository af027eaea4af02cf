#include <unistd.h>

#include <filesystem>
#include <map>

#include "engine/run_directory.hpp"
#include "fuzz.hpp"
#include "leadline/core/catalog.hpp"
#include "leadline/core/probe.hpp"
#include "leadline/engine/evaluate.hpp"
#include "leadline/stats/random.hpp"

namespace leadline::fuzz_probe_state {

constexpr std::int64_t n_samples = 24, n_classes = 3;

inline DatasetPtr data() {
  static const DatasetPtr made = [] {
    std::vector<float> x;
    std::vector<std::int64_t> y;
    for (std::int64_t i = 0; i < n_samples; ++i) {
      stats::Rng rng(1, "fuzz", i);
      for (std::int64_t c = 0; c < n_classes; ++c) x.push_back(static_cast<float>(rng.normal()));
      y.push_back(i % n_classes);
    }
    return std::make_shared<TensorDataset>(Tensor::own(std::move(x), {n_samples, n_classes}),
                                           Tensor::own(std::move(y), {n_samples}),
                                           TensorDataset::Options{});
  }();
  return made;
}

inline std::shared_ptr<Subject> subject() {
  static const auto made = [] {
    SubjectInfo info;
    info.name = "echo";
    info.digest = "xxh3:echo";
    info.output = OutputKind::logits;
    return std::make_shared<FunctionModel>(
        [](const Inputs& x) {
          return Outputs{x.primary, {}, {}};
        },
        info);
  }();
  return made;
}

/// As little of a run as a probe needs to be started, loaded and asked.
class SmallSession final : public Session {
 public:
  const std::shared_ptr<Subject>& subject_handle() override { return subject_; }
  bool has(std::string_view role) const override { return role != "ood/absent"; }
  const Dataset& data(std::string_view) const override { return *data_; }
  std::vector<std::string> roles() const override { return {"test", "train", "ood/far"}; }
  std::span<const SampleId> ids(std::string_view) override { return ids_; }
  SampleTable& table() override { return table_; }
  const std::string& probe_id() const override { return id_; }
  std::uint64_t seed() const override { return 0; }
  stats::Rng rng(std::string_view stream, SampleId id) const override {
    return stats::Rng(0, stream, id);
  }
  std::int64_t batch_size() const override { return 8; }
  double level() const override { return 0.95; }
  bool stopping() override { return true; }
  std::string_view stop_reason() const override { return "cancelled"; }
  void checkpoint(const ProbeRun&) override {}
  void progress(std::int64_t, std::int64_t) override {}
  void count_forwards(std::int64_t) override {}
  void count_backwards(std::int64_t) override {}

 private:
  std::shared_ptr<Subject> subject_ = fuzz_probe_state::subject();
  DatasetPtr data_ = fuzz_probe_state::data();
  std::vector<SampleId> ids_{0, 1, 2, 3, 4, 5};
  SampleTable table_;
  std::string id_ = "fuzz";
};

}  // namespace leadline::fuzz_probe_state

/// "<probe>\n<saved state>": what was loaded is saved again, merges, works on and answers.
LEADLINE_FUZZ(probe_state, input) {
  using namespace leadline;
  const auto end = input.find('\n');
  if (end == std::string_view::npos) return;
  const auto* entry = core_catalog().find(input.substr(0, end));
  if (entry == nullptr || entry->kind == Kind::metric) return;
  fuzz_probe_state::SmallSession session;
  std::shared_ptr<ProbeRun> run, again;
  if (fuzz::refused([&] {
        const auto probe = entry->make_probe();
        run = probe->start(session);
        again = probe->start(session);
      }))
    return;
  if (fuzz::refused([&] { run->load(input.substr(end + 1)); })) return;
  (void)fuzz::refused([&] {
    const std::string saved = run->save();
    again->load(saved);
    fuzz::expect(again->save() == saved, "a probe does not come back");
  });
  (void)fuzz::refused([&] { run->merge(*again); });
  (void)fuzz::refused([&] { run->work(session); });
  (void)fuzz::refused([&] { (void)finding_to_json(run->finish(session)); });
}

/// What the probes of the core leave behind in a shard.
LEADLINE_FUZZ_SEEDS(probe_state) {
  using namespace leadline;
  using namespace fuzz_probe_state;
  const auto folder =
      std::filesystem::temp_directory_path() / ("leadline-fuzz-" + std::to_string(::getpid()));
  Suite suite;
  std::map<std::string, std::string> names;
  for (const auto& entry : core_catalog().entries()) {
    if (entry.kind == Kind::metric) continue;
    (void)fuzz::refused([&] {
      const auto probe = entry.make_probe();
      suite.add(probe);
      names[probe->info().name] = entry.name;
    });
  }
  EvaluateOptions options;
  options.also = {{"train", data()}, {"ood/far", data()}};
  options.batch_size = 8;
  options.out = folder.string();
  options.shard = {0, 1};
  std::vector<std::string> seeds;
  for (const std::int64_t rank : {0, 1}) {
    options.shard = {rank, 2};
    (void)fuzz::refused([&] { (void)evaluate(subject(), data(), suite, options); });
    if (const auto saved = detail::engine::RunDirectory::checkpoint(options.out))
      for (const auto& slot : saved->slots)
        if (!slot.state.empty() && names.contains(slot.id))
          seeds.push_back(names[slot.id] + "\n" + slot.state);
    std::filesystem::remove_all(folder);
  }
  return seeds;
}

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <thread>

#include "engine/toys.hpp"

using namespace leadline;
using namespace toys;

namespace {

EvaluateOptions to(std::string out) {
  EvaluateOptions options;
  options.also = {{"train", points(60, 0, 7)}, {"ood/far", points(30, 6, 9)}};
  options.batch_size = 8;
  options.out = std::move(out);
  options.checkpoint_seconds = 0;  // at every offer
  return options;
}

Report run(EvaluateOptions options, std::shared_ptr<HalfPlane> model = {}) {
  if (model == nullptr) model = std::make_shared<HalfPlane>();
  return evaluate(model, points(80), suite(), options);
}

std::string bytes_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void write(const std::string& path, std::string_view bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

/// Runs `body` in a child process; what waitpid says.
template <class Body>
int in_child(Body&& body) {
  const pid_t child = ::fork();
  if (child == 0) {
    try {
      body();
    } catch (...) {
      ::_exit(3);
    }
    ::_exit(0);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return status;
}

/// Data that fails from one sample on, until it is repaired.
class Failing : public Dataset {
 public:
  DataInfo info() const override { return data_->info(); }
  Batch batch(std::span<const SampleId> ids) const override {
    if (++reads > broken_at) throw std::runtime_error("disk error");
    return data_->batch(ids);
  }
  mutable int reads = 0;
  int broken_at = 6;

 private:
  std::shared_ptr<TensorDataset> data_ = points(80);
};

}  // namespace

TEST_CASE("a run killed at 50 moments resumes to the same report", "[engine][directory]") {
  TemporaryDirectory folder;
  const std::string expected = without_times(run(to(folder / "whole")));
  int killed = 0;
  stats::Rng rng(5, "kill");
  for (int trial = 0; trial < 50; ++trial) {
    const std::string out = folder / ("run" + std::to_string(trial));
    // The model kills its own process at a random forward: passes, own loops, in between.
    const auto moment = static_cast<int>(1 + rng.below(70));
    const int status = in_child([&] {
      auto model = std::make_shared<HalfPlane>();
      model->before = [&, calls = 0]() mutable {
        if (++calls == moment) ::kill(::getpid(), SIGKILL);
      };
      (void)run(to(out), model);
    });
    killed += WIFSIGNALED(status) ? 1 : 0;
    const Report resumed = run(to(out));
    REQUIRE(without_times(resumed) == expected);
    REQUIRE(bytes_of(out + "/samples.bin") == bytes_of(folder / "whole/samples.bin"));
  }
  REQUIRE(killed >= 30);  // the rest finished before their moment
}

TEST_CASE("a run killed by the clock resumes to the same report", "[engine][directory]") {
  TemporaryDirectory folder;
  const std::string expected = without_times(run(to(folder / "whole")));
  stats::Rng rng(6, "kill");
  for (int trial = 0; trial < 6; ++trial) {
    const std::string out = folder / ("run" + std::to_string(trial));
    const pid_t child = ::fork();
    if (child == 0) {
      auto model = std::make_shared<HalfPlane>();
      model->before = [] { ::usleep(500); };
      (void)run(to(out), model);
      ::_exit(0);
    }
    ::usleep(static_cast<useconds_t>(rng.below(60000)));
    ::kill(child, SIGKILL);
    int status = 0;
    ::waitpid(child, &status, 0);
    REQUIRE(without_times(run(to(out))) == expected);
  }
}

TEST_CASE("a finished run is read back, not run again", "[engine][directory]") {
  TemporaryDirectory folder;
  const Report first = run(to(folder / "run"));
  auto model = std::make_shared<HalfPlane>();
  REQUIRE(without_times(run(to(folder / "run"), model)) == without_times(first));
  REQUIRE(model->rows == 0);
}

TEST_CASE("another run in the directory is refused and left alone", "[engine][directory]") {
  TemporaryDirectory folder;
  (void)run(to(folder / "run"));
  const std::string before = bytes_of(folder / "run/checkpoint.bin");
  auto other = to(folder / "run");
  other.seed = 1;
  REQUIRE_THROWS_AS(run(other), StoreError);
  REQUIRE_THROWS_WITH(run(other), ContainsSubstring("choose another out="));
  auto shard = to(folder / "run");
  shard.shard = {0, 2};
  REQUIRE_THROWS_WITH(run(shard), ContainsSubstring("shard 0 of 2"));
  REQUIRE(bytes_of(folder / "run/checkpoint.bin") == before);
}

TEST_CASE("a model without a digest is known by its outputs", "[engine][directory]") {
  TemporaryDirectory folder;
  const auto nameless = [](double scale) {
    auto model = std::make_shared<HalfPlane>();
    model->digest.clear();
    model->scale = scale;
    return model;
  };
  (void)run(to(folder / "run"), nameless(1));
  REQUIRE_NOTHROW(run(to(folder / "run"), nameless(1)));
  REQUIRE_THROWS_AS(run(to(folder / "run"), nameless(1.1)), StoreError);
  REQUIRE_THROWS_WITH(run(to(folder / "run"), nameless(1.1)),
                      ContainsSubstring("another output on sample"));
}

TEST_CASE("two runs cannot write one directory", "[engine][directory]") {
  TemporaryDirectory folder;
  auto outer = std::make_shared<HalfPlane>();
  std::string inner;
  outer->before = [&] {
    if (!inner.empty()) return;
    try {
      (void)run(to(folder / "run"));
    } catch (const StoreError& error) {
      inner = error.what();
    }
  };
  const Report report = run(to(folder / "run"), outer);
  REQUIRE_THAT(inner, ContainsSubstring("no other run holds"));
  REQUIRE(report["task.right"].n == 80);
}

TEST_CASE("a directory that cannot be made is a StoreError before anything runs",
          "[engine][directory]") {
  TemporaryDirectory folder;
  write(folder / "file", "not a directory");
  auto model = std::make_shared<HalfPlane>();
  REQUIRE_THROWS_AS(run(to(folder / "file/run"), model), StoreError);
  REQUIRE(model->rows == 0);
}

TEST_CASE("a disk that fills up loses nothing that was saved", "[engine][directory]") {
  TemporaryDirectory folder;
  const std::string expected = without_times(run(to(folder / "whole")));
  const int status = in_child([&] {
    ::signal(SIGXFSZ, SIG_IGN);
    const struct rlimit small { 2500, 2500 };
    ::setrlimit(RLIMIT_FSIZE, &small);
    try {
      (void)run(to(folder / "run"));
    } catch (const StoreError& error) {
      ::_exit(error.remedy().empty() ? 4 : 7);
    }
  });
  REQUIRE(WIFEXITED(status));
  REQUIRE(WEXITSTATUS(status) == 7);
  REQUIRE(without_times(run(to(folder / "run"))) == expected);
}

TEST_CASE("data that fails names the batch, and repaired data goes on there",
          "[engine][directory]") {
  TemporaryDirectory folder;
  auto data = std::make_shared<Failing>();
  Suite two;
  two.add(right()).add(margin());
  EvaluateOptions options{.batch_size = 8, .out = folder / "run", .checkpoint_seconds = 1000};
  auto model = std::make_shared<HalfPlane>();
  const Report broken = evaluate(model, data, two, options);
  REQUIRE(broken.partial);
  REQUIRE(broken.find("task")->status == Status::failed);
  REQUIRE_THAT(broken.find("task")->why, ContainsSubstring("at batch 5"));
  REQUIRE_THAT(broken.find("task")->why, ContainsSubstring("disk error"));
  REQUIRE_THAT(broken.find("task")->why, ContainsSubstring("ids "));
  REQUIRE(model->held == 0);
  data->broken_at = 1000;
  const auto rows_before = model->rows.load();
  const Report repaired = evaluate(model, data, two, options);
  REQUIRE_FALSE(repaired.partial);
  REQUIRE(repaired["task.right"].n == 80);
  REQUIRE(model->rows - rows_before == 40);  // five batches were not done again
}

TEST_CASE("files of a run directory that were changed give a StoreError or the same report",
          "[engine][directory][fuzz]") {
  TemporaryDirectory folder;
  const std::string out = folder / "run";
  // Half a run: states, not findings, are what is read.
  (void)in_child([&] {
    auto model = std::make_shared<HalfPlane>();
    model->before = [calls = 0]() mutable {
      if (++calls == 25) ::kill(::getpid(), SIGKILL);
    };
    (void)run(to(out), model);
  });
  const std::string checkpoint = bytes_of(out + "/checkpoint.bin"),
                    record = bytes_of(out + "/run.json");
  const std::string expected = without_times(run(to(folder / "whole")));
  REQUIRE(checkpoint.size() > 200);
  stats::Rng rng(1, "fuzz");
  int refused = 0;
  for (int trial = 0; trial < 120; ++trial) {
    std::string bytes = trial % 2 == 0 ? checkpoint : record;
    const auto at = rng.below(bytes.size());
    switch (trial % 3) {
      case 0:
        bytes[at] = static_cast<char>(rng.next_u32());
        break;
      case 1:
        bytes.resize(at);
        break;
      default:
        bytes.insert(at, 3, static_cast<char>(rng.next_u32()));
    }
    write(out + "/checkpoint.bin", trial % 2 == 0 ? bytes : checkpoint);
    write(out + "/run.json", trial % 2 == 0 ? record : bytes);
    std::string got = expected;
    try {
      got = without_times(run(to(out)));
    } catch (const Error&) {
      ++refused;
    }
    REQUIRE(got == expected);
  }
  REQUIRE(refused > 60);
}

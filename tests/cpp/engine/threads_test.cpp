// What a server does: several runs at once in one process. ThreadSanitizer watches these (make
// tsan).
#include <thread>

#include "engine/toys.hpp"

using namespace leadline;
using namespace toys;

namespace {

/// Runs `work(k)` on `n` threads at once.
void on_threads(int n, const std::function<void(int)>& work) {
  std::vector<std::thread> threads;
  for (int k = 0; k < n; ++k) threads.emplace_back(work, k);
  for (std::thread& thread : threads) thread.join();
}

}  // namespace

TEST_CASE("runs of several threads over the same data do not disturb each other",
          "[engine][threads]") {
  const auto data = points(120);
  const Suite toys = suite(), shipped = Suite::named("standard", Modality::table, core_catalog());
  const auto run = [&](const Suite& suite, std::uint64_t seed) {
    EvaluateOptions options;
    options.also = {{"train", points(80, 0, 7)}, {"ood/far", points(60, 6, 9)}};
    options.seed = seed;
    return evaluate(std::make_shared<HalfPlane>(), data, suite, options);
  };
  std::vector<std::string> alone, together(4);
  for (std::uint64_t seed = 0; seed < 4; ++seed) alone.push_back(without_times(run(toys, seed)));
  std::vector<double> accuracy(4);
  on_threads(4, [&](int k) {
    const auto at = static_cast<std::size_t>(k);
    together[at] = without_times(run(toys, at));
    accuracy[at] = run(shipped, at)["task.accuracy"].value();
  });
  REQUIRE(together == alone);
  REQUIRE(accuracy == std::vector<double>(4, 0.9));
}

TEST_CASE("runs of several threads write directories side by side", "[engine][threads]") {
  const TemporaryDirectory folder;
  on_threads(4, [&](int k) {
    EvaluateOptions options;
    options.out = folder / std::to_string(k);
    options.checkpoint_seconds = 0;
    (void)evaluate(std::make_shared<HalfPlane>(), points(60), suite(), options);
  });
  for (int k = 0; k < 4; ++k)
    REQUIRE(Report::load(folder / (std::to_string(k) + "/report.json"))["task.right"].value() ==
            0.9);
}

TEST_CASE("a token held by another thread ends a run", "[engine][threads]") {
  auto model = std::make_shared<HalfPlane>();
  EvaluateOptions options;
  options.batch_size = 1;
  std::atomic<bool> begun{false};
  model->before = [&] {
    begun = true;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  };
  std::thread other([&] {
    while (!begun) std::this_thread::yield();
    options.cancel.cancel();
  });
  const Report report = evaluate(model, points(1000), suite(), options);
  other.join();
  REQUIRE(report.partial);
  REQUIRE(model->rows < 1000);
}

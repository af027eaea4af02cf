#include <unistd.h>

#include "engine/toys.hpp"

using namespace leadline;
using namespace toys;

namespace {

std::shared_ptr<HalfPlane> slow(int microseconds) {
  auto model = std::make_shared<HalfPlane>();
  model->before = [microseconds] { ::usleep(microseconds); };
  return model;
}

}  // namespace

TEST_CASE("a spent time budget gives a partial report over a random part", "[engine][budget]") {
  Suite one;
  one.add(right());
  const Report report =
      evaluate(slow(4000), points(2000), one, {.batch_size = 10, .time_budget = 0.1});
  REQUIRE(report.partial);
  REQUIRE_THAT(report.partial_why, ContainsSubstring("time budget"));
  const Estimate& right = report["task.right"];
  REQUIRE(right.n > 0);
  REQUIRE(right.n < 2000);
  REQUIRE_THAT(report.find("task")->warnings.at(0), ContainsSubstring("drawn at random"));
}

TEST_CASE("ids are visited in keyed random order, the same for any batch size",
          "[engine][budget]") {
  const auto order_of = [](std::uint64_t seed, std::int64_t batch_size) {
    std::vector<SampleId> order;
    Suite one;
    one.add(EachSample({.name = "order", .question = "?"}, [&](Context& context) {
      const auto& ids = context.batch().ids;
      order.insert(order.end(), ids.begin(), ids.end());
      return EachSample::Columns{{"one", std::vector<double>(ids.size(), 1.0)}};
    }));
    (void)evaluate(std::make_shared<HalfPlane>(), points(500), one,
                   {.seed = seed, .batch_size = batch_size});
    return order;
  };
  const auto a = order_of(1, 7);
  REQUIRE(a == order_of(1, 100));
  REQUIRE(a != order_of(2, 7));
  std::vector<SampleId> sorted = a;
  std::sort(sorted.begin(), sorted.end());
  for (std::int64_t i = 0; i < 500; ++i) REQUIRE(sorted[i] == i);
  // The mean id of the first fifth: uniform, deviation 144 / sqrt(100); 4 deviations.
  double mean = 0;
  for (int i = 0; i < 100; ++i) mean += static_cast<double>(a[i]) / 100;
  REQUIRE(std::abs(mean - 249.5) < 4 * 14.4);
}

TEST_CASE("a part of a run is an unbiased sample: its intervals cover the whole",
          "[engine][budget]") {
  int covered = 0;
  constexpr int trials = 60;
  for (int seed = 0; seed < trials; ++seed) {
    Suite one;
    one.add(right());
    EvaluateOptions options{.seed = static_cast<std::uint64_t>(seed), .batch_size = 20};
    options.on_progress = [&](const Progress& progress) {
      if (progress.done >= 100) options.cancel.cancel();
    };
    const Report report = evaluate(std::make_shared<HalfPlane>(), points(1000), one, options);
    REQUIRE(report.partial);
    const Estimate& right = report["task.right"];
    REQUIRE(right.n == 100);
    covered += *right.lower <= 0.9 && 0.9 <= *right.upper;
  }
  REQUIRE(covered >= 50);  // 95 % of 60 is 57; P(fewer than 50) < 1e-4
}

TEST_CASE("cheap probes run first, and a probe that gets no time says so", "[engine][budget]") {
  Suite all;
  all.add(Push{{.step = 0.001, .steps = 400}}).add(right());
  const Report report =
      evaluate(slow(300), points(300), all, {.batch_size = 32, .time_budget = 0.15});
  REQUIRE(report["task.right"].n > 0);
  const Finding* push = report.find("push");
  REQUIRE(report.partial);
  REQUIRE((push->status == Status::not_measured || push->at("robust").n < 270));
}

TEST_CASE("a cancelled run returns what is finished, and goes on later", "[engine][budget]") {
  TemporaryDirectory folder;
  EvaluateOptions options{.batch_size = 10, .out = folder / "run"};
  options.on_progress = [&](const Progress& progress) {
    if (progress.done == 50) options.cancel.cancel();
  };
  auto model = std::make_shared<HalfPlane>();
  Suite two;
  two.add(right()).add(Push{});
  const Report part = evaluate(model, points(100), two, options);
  REQUIRE(part.partial);
  REQUIRE_THAT(part.partial_why, ContainsSubstring("cancelled"));
  REQUIRE(part["task.right"].n == 50);
  REQUIRE(part.find("push")->status == Status::cancelled);
  REQUIRE(model->held == 0);
  const Report rest = evaluate(model, points(100), two, {.batch_size = 10, .out = folder / "run"});
  REQUIRE_FALSE(rest.partial);
  REQUIRE(rest["task.right"].n == 100);
  REQUIRE(without_times(rest) ==
          without_times(evaluate(std::make_shared<HalfPlane>(), points(100), two,
                                 {.batch_size = 10, .out = folder / "fresh"})));
}

TEST_CASE("an exception of the progress callback ends the run in order", "[engine][budget]") {
  TemporaryDirectory folder;
  auto model = std::make_shared<HalfPlane>();
  EvaluateOptions options{.batch_size = 10, .out = folder / "run"};
  options.on_progress = [](const Progress& progress) {
    if (progress.done == 30) throw std::runtime_error("the bar broke");
  };
  REQUIRE_THROWS_WITH(evaluate(model, points(100), suite(), options), "the bar broke");
  REQUIRE(model->held == 0);
  REQUIRE(Report::load(folder / "run/report.json").partial);
}

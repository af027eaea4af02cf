#include "leadline/cost/latency.hpp"

#include <chrono>
#include <thread>

#include "catch.hpp"
#include "leadline/cost/model_size.hpp"
#include "support/toys.hpp"

using namespace leadline;
using cost::Latency;

namespace {

DatasetPtr small_data() { return toys::dataset(toys::calibrated(100, 3, 1, 1)); }

/// Spins for `microseconds(call)` at each forward.
template <class Duration>
std::shared_ptr<Subject> spinning(Duration microseconds) {
  SubjectInfo info;
  info.name = "spinning";
  info.output = OutputKind::logits;
  auto calls = std::make_shared<int>(0);
  return std::make_shared<FunctionModel>(
      [calls, microseconds](const Inputs& x) {
        const auto until =
            std::chrono::steady_clock::now() + std::chrono::microseconds(microseconds((*calls)++));
        while (std::chrono::steady_clock::now() < until) {
        }
        return Outputs{x.primary, {}, {}};
      },
      info);
}

std::shared_ptr<Latency> latency(cost::LatencyOptions options) {
  return std::make_shared<Latency>(options);
}

}  // namespace

TEST_CASE("latency finds the time that a model takes", "[cost][latency]") {
  const Finding finding = toys::run(latency({.queries = 700, .warm_up = 4, .batch_size = 50}),
                                    spinning([](int) { return 300; }), small_data());
  INFO(finding.why);
  REQUIRE(finding.status == Status::ok);
  const Estimate& median = finding.at("latency{percentile=50}");
  CHECK(median.value() >= 300e-6);  // never faster than it spins
  CHECK(*median.lower >= 300e-6);
  CHECK(median.method == "order_statistics");
  const Estimate& slow = finding.at("latency{percentile=99}");
  CHECK(slow.value() >= median.value());
  CHECK(slow.facts.at("early_stopping") >= slow.value());
  CHECK(finding.at("throughput").value() <= 50 / 300e-6);
  CHECK(finding.at("throughput").facts.at("batch_size") == 50);
  CHECK(finding.at("parameters").status == Status::not_measured);
  CHECK(toys::check_of(finding, "clock_resolves_latency").result == Check::pass);
}

TEST_CASE("too few queries give no percentile, and say how many are missing", "[cost][latency]") {
  const Finding finding = toys::run(latency({.queries = 63, .warm_up = 0}),
                                    spinning([](int) { return 5; }), small_data());
  CHECK(finding.at("latency{percentile=50}").ok());
  CHECK(finding.at("latency{percentile=90}").status == Status::not_measured);
  CHECK_THAT(finding.at("latency{percentile=90}").why,
             ContainsSubstring("63 queries were timed; 1 more"));
  CHECK_THAT(finding.at("latency{percentile=99}").why, ContainsSubstring("599 more"));
  CHECK(toys::check_of(finding, "latency_is_steady").result == Check::not_run);
}

TEST_CASE("a model that slows down is caught", "[cost][latency][check]") {
  const Finding tired =
      toys::run(latency({.queries = 200, .warm_up = 0}),
                spinning([](int call) { return call < 100 ? 100 : 900; }), small_data());
  CHECK(toys::check_of(tired, "latency_is_steady").result == Check::fail);
  CHECK(tired.doubts("latency{percentile=50}").size() == 1);
}

TEST_CASE("a subject that knows its size reports it", "[cost][latency]") {
  struct Sized : FunctionModel, cost::SizedSubject {
    using FunctionModel::FunctionModel;
    cost::ModelSize model_size(const Inputs& one) override {
      CHECK(one.primary.size(0) == 1);
      return {10, 40, 30, "matrix products only", {"softmax"}};
    }
  };
  SubjectInfo info;
  info.name = "sized";
  info.output = OutputKind::logits;
  const auto model = std::make_shared<Sized>(
      [](const Inputs& x) {
        return Outputs{x.primary, {}, {}};
      },
      info);
  const Finding finding = toys::run(latency({.queries = 10}), model, small_data());
  CHECK(finding.at("parameters").value() == 10);
  CHECK(finding.at("parameter_bytes").value() == 40);
  CHECK(finding.at("multiply_adds").value() == 30);
  bool said = false;
  for (const auto& warning : finding.warnings) said |= warning == "not in multiply_adds: softmax";
  CHECK(said);
}

TEST_CASE("latency stops at its time limit", "[cost][latency]") {
  const auto start = std::chrono::steady_clock::now();
  const Finding finding = toys::run(latency({.queries = 100000, .seconds = 0.05}),
                                    spinning([](int) { return 500; }), small_data());
  CHECK(finding.at("latency{percentile=50}").n < 1000);
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(5));
}

TEST_CASE("an answer quicker than the clock can tell is caught", "[cost][latency][check]") {
  const auto one = std::make_shared<TensorDataset>(
      Tensor::own(std::vector<float>(20, 1.0F), {20, 1}), Tensor{}, TensorDataset::Options{});
  for (int run = 0; run < 20; ++run) {
    const Finding free = toys::run(latency({.queries = 100, .seconds = 1}), toys::echo(), one);
    const Check& clock = toys::check_of(free, "clock_resolves_latency");
    INFO(clock.why);
    CHECK(clock.result == Check::fail);
    CHECK_THAT(clock.remedy, ContainsSubstring("throughput"));
    CHECK(free.doubts("latency{percentile=50}").size() >= 1);
  }
}

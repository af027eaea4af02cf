#include "leadline/robustness/query_model.hpp"

#include <memory>
#include <stdexcept>
#include <thread>

#include "blackbox_toys.hpp"
#include "leadline/robustness/hop_skip_jump.hpp"
#include "leadline/robustness/nes.hpp"

using namespace blackbox_toys;

namespace {

/// Fails on calls listed; keeps the sizes of all calls.
class Flaky : public Plane {
 public:
  using Plane::Plane;
  std::vector<std::int64_t> sizes;
  std::vector<int> fails;
  std::function<void()> error = [] { throw std::runtime_error("timed out"); };
  Outputs forward(const Inputs& inputs, std::span<const std::string> taps = {}) override {
    sizes.push_back(inputs.primary.size(0));
    const int call = static_cast<int>(sizes.size());
    if (std::find(fails.begin(), fails.end(), call) != fails.end()) error();
    return Plane::forward(inputs, taps);
  }
};

Tensor column(std::vector<float> values) {
  const auto n = std::ssize(values);
  return Tensor::own(std::move(values), {n, 1});
}

}  // namespace

TEST_CASE("a query model asks at most a batch a call and gives what the model gives",
          "[robustness][query_model]") {
  auto inner = std::make_shared<Flaky>(std::vector<double>{2});
  QueryModel model(inner, {.batch_size = 4});
  const Tensor x = column({1, 2, 3, 4, 5, 6, 7, 8, 9, 10});
  const Tensor out = model.forward(Inputs(x)).output;
  CHECK(inner->sizes == std::vector<std::int64_t>{4, 4, 2});
  REQUIRE(out.n_elements() == 20);
  for (int i = 0; i < 10; ++i) CHECK(out.data<double>()[2 * i + 1] == 2.0 * (i + 1));
  CHECK(model.counts().asked == 10);
  CHECK(model.counts().calls == 3);
}

TEST_CASE("calls of several threads are answered one after another", "[robustness][query_model]") {
  auto inner = std::make_shared<Flaky>(std::vector<double>{2});
  QueryModel model(inner, {.batch_size = 8});
  std::vector<double> answers(8);
  std::vector<std::thread> threads;
  for (int k = 0; k < 8; ++k)
    threads.emplace_back([&, k] {
      for (int i = 0; i < 20; ++i) {
        const Tensor out = model.forward(Inputs(column({static_cast<float>(k % 4), 9}))).output;
        answers[static_cast<std::size_t>(k)] = out.data<double>()[1];
        (void)model.counts();
      }
    });
  for (std::thread& thread : threads) thread.join();
  for (int k = 0; k < 8; ++k) CHECK(answers[static_cast<std::size_t>(k)] == 2.0 * (k % 4));
  CHECK(model.counts().asked == 5);
  CHECK(model.counts().asked + model.counts().cached == 8 * 20 * 2);
}

TEST_CASE("a query model answers rows it knows from memory", "[robustness][query_model]") {
  auto inner = std::make_shared<Flaky>(std::vector<double>{2});
  QueryModel model(inner, {.batch_size = 8, .cache_rows = 3});
  const Tensor out = model.forward(Inputs(column({1, 2, 1, 1}))).output;
  CHECK(inner->sizes == std::vector<std::int64_t>{2});
  CHECK(out.data<double>()[5] == 2.0);
  CHECK(out.data<double>()[3] == 4.0);
  CHECK(model.counts().cached == 2);
  (void)model.forward(Inputs(column({1, 3})));     // 1 is the most recent again
  (void)model.forward(Inputs(column({4})));        // 2 is forgotten
  (void)model.forward(Inputs(column({1, 3, 4})));  // all known
  CHECK(inner->sizes == std::vector<std::int64_t>{2, 1, 1});
  (void)model.forward(Inputs(column({2})));
  CHECK(model.counts().asked == 5);
  CHECK(model.counts().cached == 6);
  QueryModel open(inner, {.cache_rows = 0});
  (void)open.forward(Inputs(column({1, 1, 1})));
  CHECK(open.counts().asked == 3);
}

TEST_CASE("a query model tells rows apart by dtype and named inputs", "[robustness][query_model]") {
  auto inner = std::make_shared<Flaky>(std::vector<double>{2});
  QueryModel model(inner);
  (void)model.forward(Inputs(column({1})));
  (void)model.forward(Inputs(Tensor::own(std::vector<double>{1}, {1, 1})));
  Inputs named(column({1}));
  named.extras["mask"] = column({1});
  (void)model.forward(named);
  CHECK(model.counts().asked == 3);
}

TEST_CASE("a query model calls again after an error, waiting longer each time",
          "[robustness][query_model]") {
  auto inner = std::make_shared<Flaky>(std::vector<double>{2});
  inner->fails = {1, 2, 3};
  std::vector<double> waits;
  QueryModel model(inner, {.retries = 3, .wait = 2, .longest_wait = 5, .sleep = [&](double s) {
                             waits.push_back(s);
                           }});
  CHECK(model.forward(Inputs(column({1, 2}))).output.size(0) == 2);
  CHECK(waits == std::vector<double>{2, 4, 5});
  CHECK(model.counts().calls == 4);
  CHECK(model.counts().asked == 2);
  CHECK(model.counts().retried == 6);
  CHECK_THAT(model.notes().at(0), ContainsSubstring("2 rows were asked of the model in 4 calls"));
}

TEST_CASE("a query model passes the last error on, and what no call can cure at once",
          "[robustness][query_model]") {
  auto inner = std::make_shared<Flaky>(std::vector<double>{2});
  inner->fails = {1, 2, 3, 4};
  int waits = 0;
  QueryModel model(inner, {.retries = 1, .sleep = [&](double) { ++waits; }});
  CHECK_THROWS_WITH(model.forward(Inputs(column({1}))), "timed out");
  CHECK(waits == 1);
  inner->error = [] { throw ShapeError("x", "a", "b", ""); };
  CHECK_THROWS_AS(model.forward(Inputs(column({1}))), ShapeError);
  CHECK(waits == 1);
}

TEST_CASE("a query model hides scores when told to, and always gradients",
          "[robustness][query_model]") {
  auto inner = std::make_shared<Plane>(plane_weights(12));
  auto scores = QueryModel(inner);
  QueryModel labels(inner, {.labels_only = true});
  CHECK(scores.info().access == (Access::labels | Access::outputs));
  CHECK(labels.info().access == Access::labels);
  CHECK(labels.info().output == OutputKind::labels);
  const Tensor x = points_at(*inner, 3, 0.4, {12});
  CHECK(labels.forward(Inputs(x)).output.data<std::int64_t>()[2] == 1);
  CHECK_THROWS_AS(Nes().perturb(labels, x, ones(3)), CapabilityError);
  const double exact = exact_distance(*inner, Norm::l2, 0.4);
  const auto found =
      HopSkipJump({.threat = {.norm = Norm::l2, .eps = 0.01 * exact}, .queries = 2000})
          .attack(labels, x, ones(3));
  CHECK(median_ratio(found, exact) < 1.05);
  std::int64_t asked = 3;
  for (const auto& result : found.results) asked += result.forwards;
  CHECK(labels.counts().asked + labels.counts().cached == asked);
}

TEST_CASE("a query model refuses answers that are not one a row", "[robustness][query_model]") {
  auto wrong = std::make_shared<FunctionModel>(
      [](const Inputs&) {
        return Outputs{Tensor::own(std::vector<float>(6), {3, 2}), {}, {}};
      },
      SubjectInfo{.name = "wrong"});
  CHECK_THROWS_AS(QueryModel(wrong).forward(Inputs(column({1, 2}))), ShapeError);
  CHECK_THROWS_AS(QueryModel(nullptr), TypeError);
  CHECK_THROWS_AS(QueryModel(wrong, {.batch_size = 0}), ValueError);
}

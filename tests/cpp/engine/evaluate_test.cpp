#include "engine/toys.hpp"

using namespace leadline;
using namespace toys;

namespace {

EvaluateOptions with_roles(std::int64_t batch_size = 32) {
  EvaluateOptions options;
  options.also = {{"train", points(200, 0, 7)}, {"ood/far", points(80, 6, 9)}};
  options.batch_size = batch_size;
  return options;
}

/// A probe that raises where it is told to.
class Thrower : public Probe {
 public:
  explicit Thrower(std::string where) : where_(std::move(where)) {}
  ProbeInfo info() const override { return {.name = "thrower", .question = "?"}; }
  std::shared_ptr<ProbeRun> start(Session&) const override;

 private:
  std::string where_;
};

class ThrowerRun : public ProbeRun {
 public:
  explicit ThrowerRun(std::string where) : where_(std::move(where)) { at("start"); }
  std::optional<PassNeeds> next_pass() override {
    at("next_pass");
    return std::exchange(asked_, true) ? std::nullopt : std::optional(PassNeeds{});
  }
  void observe(Context&) override {
    if (++batches_ == 2) at("observe");
  }
  void work(Session&) override { at("work"); }
  void merge(const ProbeRun&) override {}
  std::string save() const override { return State("Thrower").dump(); }
  void load(std::string_view) override {}
  Finding finish(Session&) override {
    at("finish");
    Finding finding;
    finding.add("seen", Estimate::of(batches_, batches_, "a count"));
    return finding;
  }

 private:
  void at(std::string_view here) const {
    if (where_ == here) throw std::runtime_error("planted in " + where_);
  }
  std::string where_;
  bool asked_ = false;
  int batches_ = 0;
};

std::shared_ptr<ProbeRun> Thrower::start(Session&) const {
  return std::make_shared<ThrowerRun>(where_);
}

}  // namespace

TEST_CASE("one forward a batch and role serves every probe", "[engine][evaluate]") {
  auto model = std::make_shared<HalfPlane>();
  Suite all;
  all.add(right()).add(margin()).add(margin("again")).add(Centre{});
  const Report report = evaluate(model, points(100), all, with_roles());
  REQUIRE(model->rows == 100 + 200 + 80);  // test, train, ood/far: once each
  REQUIRE(report.fact("run.forwards") == "380");
  REQUIRE(report.fact("run.rows.test") == "100");
  REQUIRE(report["task.right"].value() == 0.9);
  REQUIRE(report["task.right"].n == 100);
  REQUIRE(report["margin.margin"].value() == report["again.margin"].value());
  REQUIRE(report["centre.noticed{role=ood/far}"].value() == 1.0);
  REQUIRE_FALSE(report.partial);
  REQUIRE(model->held == 0);
}

TEST_CASE("an own loop drops what is decided, refills, and counts its forwards",
          "[engine][evaluate]") {
  auto model = std::make_shared<HalfPlane>();
  Suite all;
  all.add(right()).add(Push{{.step = 0.5, .steps = 6}});
  EvaluateOptions options;
  options.batch_size = 16;
  const Report report = evaluate(model, points(100), all, options);
  const Finding* push = report.find("push");
  REQUIRE(push->status == Status::ok);
  REQUIRE(report["push.robust"].n == 90);  // wrong samples are not pushed
  REQUIRE(report["push.robust"].value() > 0.2);
  REQUIRE(report["push.robust"].value() < 0.9);
  REQUIRE(push->cost.forwards < 90 * 6);  // flipped ones were dropped
  REQUIRE(model->rows == 100 + push->cost.forwards);
  REQUIRE(push->options ==
          std::vector<std::pair<std::string, std::string>>{{"step", "0.5"}, {"steps", "6"}});
}

TEST_CASE("results do not depend on the batch size or on the other probes", "[engine][evaluate]") {
  const auto run = [](std::int64_t batch_size, const Suite& suite) {
    return evaluate(std::make_shared<HalfPlane>(), points(150), suite, with_roles(batch_size));
  };
  const Report a = run(7, suite()), b = run(64, suite());
  REQUIRE(without_times(a) == without_times(b));
  Suite alone;
  alone.add(Push{});
  const Report c = run(150, alone);
  REQUIRE(c["push.robust"].value() == a["push.robust"].value());
  REQUIRE(c.find("push")->cost.forwards == a.find("push")->cost.forwards);
}

TEST_CASE("a probe that raises gives a failed finding and the run goes on", "[engine][evaluate]") {
  const std::string where = GENERATE("start", "next_pass", "observe", "work", "finish");
  auto model = std::make_shared<HalfPlane>();
  Suite all;
  all.add(Thrower(where)).add(right());
  const Report report = evaluate(model, points(100), all, {.batch_size = 10});
  REQUIRE(report.find("thrower")->status == Status::failed);
  REQUIRE_THAT(report.find("thrower")->why, ContainsSubstring("planted in " + where));
  REQUIRE_THAT(report.find("thrower")->why, ContainsSubstring(where));
  REQUIRE(report["task.right"].n == 100);
  REQUIRE(model->held == 0);
}

TEST_CASE("what a subject or data cannot give is not measured, with the remedy",
          "[engine][evaluate]") {
  auto model = std::make_shared<HalfPlane>();
  const Report no_roles = evaluate(model, points(20), suite(), {});
  REQUIRE(no_roles.find("centre")->status == Status::not_measured);
  REQUIRE_THAT(no_roles.find("centre")->why, ContainsSubstring("'train'"));
  REQUIRE_THAT(no_roles.find("centre")->remedies.at(0).call, ContainsSubstring("also="));

  model->access = Access::labels | Access::outputs;
  const Report no_layers = evaluate(model, points(20), suite(), with_roles());
  REQUIRE_THAT(no_layers.find("centre")->why, ContainsSubstring("needs activations"));

  auto unlabelled =
      std::make_shared<TensorDataset>(points(20)->inputs(), Tensor{}, TensorDataset::Options{});
  const Report no_labels = evaluate(model, unlabelled, suite(), {});
  REQUIRE(no_labels.find("task")->status == Status::not_measured);
  REQUIRE_THAT(no_labels.find("task")->why, ContainsSubstring("labels"));
  REQUIRE(no_labels.find("margin")->status == Status::ok);

  Suite missing;
  missing.add_missing("pgd", "this build has no LibTorch half").add(right());
  const Report lacks = evaluate(model, points(20), missing, {});
  REQUIRE(lacks.find("pgd")->status == Status::not_measured);
  REQUIRE(lacks.find("pgd")->why == "this build has no LibTorch half");
}

TEST_CASE("a layer that the model lacks stops one probe, not the pass", "[engine][evaluate]") {
  Suite all;
  all.add(EachSample(
      {.name = "deep", .question = "?", .access = Access::activations, .layers = {"layer9"}},
      [](Context&) { return EachSample::Columns{}; }));
  all.add(right());
  const Report report = evaluate(std::make_shared<HalfPlane>(), points(20), all, {});
  REQUIRE(report.find("deep")->status == Status::not_measured);
  REQUIRE_THAT(report.find("deep")->why, ContainsSubstring("layer9"));
  REQUIRE(report["task.right"].n == 20);
}

TEST_CASE("a stream runs in its order, once, and says what it cannot do", "[engine][evaluate]") {
  auto stream = std::make_shared<Stream>(points(100));
  const Report report =
      evaluate(std::make_shared<HalfPlane>(), stream, suite(), {.batch_size = 16});
  REQUIRE(stream->opened == 1);
  REQUIRE(report["task.right"].n == 100);
  REQUIRE(report["task.right"].value() == 0.9);
  REQUIRE(report.find("push")->status == Status::not_measured);
  REQUIRE_THAT(report.find("push")->why, ContainsSubstring("cannot be re-read"));
  REQUIRE(report.fact("data.test.size") == "stream");
}

TEST_CASE("an unknown output kind is settled on the first batch", "[engine][evaluate]") {
  auto model = std::make_shared<HalfPlane>();
  model->output = OutputKind::unknown;
  const Report report = evaluate(model, points(50), suite(), {});
  REQUIRE(report.fact("model.output") == "logits");

  const auto sure = [](const Inputs& x) {
    const Tensor host = x.primary.host(DType::f64);
    std::vector<double> p;
    for (std::int64_t i = 0; i < host.size(0); ++i) {
      const double right = host.matrix<double>()(i, 0) > 0 ? 0.8 : 0.3;
      p.insert(p.end(), {1 - right, right});
    }
    return Outputs{Tensor::own(std::move(p), {host.size(0), 2}), {}, {}};
  };
  const auto box = std::make_shared<FunctionModel>(sure, SubjectInfo{.name = "box"});
  Suite one;
  one.add(right());
  REQUIRE(evaluate(box, points(50), one, {}).fact("model.output") == "probabilities");
}

TEST_CASE("a model that raises or returns nonsense fails its probes with the reason",
          "[engine][evaluate]") {
  auto model = std::make_shared<HalfPlane>();
  model->before = [] { throw std::runtime_error("out of memory"); };
  const Report raised = evaluate(model, points(50), suite(), {});
  REQUIRE(raised.find("task")->status == Status::failed);
  REQUIRE_THAT(raised.find("task")->why, ContainsSubstring("out of memory"));
  REQUIRE(model->held == 0);

  auto nan = std::make_shared<HalfPlane>();
  nan->scale = std::nan("");
  const Report report = evaluate(nan, points(50), suite(), {});
  REQUIRE_THAT(report.find("task")->why, ContainsSubstring("finite scores, got"));
}

TEST_CASE("evaluate refuses arguments that cannot work", "[engine][evaluate]") {
  auto model = std::make_shared<HalfPlane>();
  REQUIRE_THROWS_AS(evaluate(nullptr, points(5), suite(), {}), TypeError);
  REQUIRE_THROWS_AS(evaluate(model, nullptr, suite(), {}), TypeError);
  REQUIRE_THROWS_AS(evaluate(model, points(5), Suite{}, {}), ValueError);
  REQUIRE_THROWS_WITH(evaluate(model, points(5), suite(), {.batch_size = 0}),
                      ContainsSubstring("batch_size >= 1, got 0"));
  EvaluateOptions options;
  options.also = {{"tset", points(5)}};
  REQUIRE_THROWS_WITH(evaluate(model, points(5), suite(), options), ContainsSubstring("'tset'"));
  options.also = {{"train", nullptr}};
  REQUIRE_THROWS_AS(evaluate(model, points(5), suite(), options), TypeError);
  REQUIRE_THROWS_AS(evaluate(model, points(5), suite(), {.shard = {2, 2}}), ValueError);
  REQUIRE_THROWS_AS(evaluate(model, points(5), suite(), {.level = 1.0}), ValueError);
  Suite twice;
  twice.add(right());
  REQUIRE_THROWS_WITH(twice.add(right()), ContainsSubstring("'task' twice"));
  REQUIRE_THROWS_AS(twice.add(right(), "a/b"), ValueError);
}

TEST_CASE("the sample table holds what every later stage reads", "[engine][evaluate]") {
  TemporaryDirectory folder;
  const Report report = evaluate(std::make_shared<HalfPlane>(), points(60), suite(),
                                 {.also = with_roles().also, .out = folder / "run"});
  std::ifstream file(folder / "run/samples.bin", std::ios::binary);
  const std::string bytes((std::istreambuf_iterator<char>(file)), {});
  const SampleTable table = SampleTable::load(bytes);
  REQUIRE(table.size() == 60);
  for (const auto* column : {"target", "prediction", "confidence", "loss", "correct",
                             "margin.margin", "push.robust", "centre.score"})
    CHECK(table.has(column));
  REQUIRE(Report::load(folder / "run/report.json").to_json() == report.to_json());
}

#include "engine/toys.hpp"

using namespace leadline;
using namespace toys;

namespace {

/// Fails at one batch until it is repaired; how often it was started.
struct Fault {
  bool broken = true;
  int started = 0;
};

class Fragile : public Probe {
 public:
  explicit Fragile(std::shared_ptr<Fault> fault) : fault_(std::move(fault)) {}
  ProbeInfo info() const override {
    ProbeInfo about = margin().info();
    about.name = "fragile";
    return about;
  }
  std::shared_ptr<ProbeRun> start(Session& session) const override {
    ++fault_->started;
    return std::make_shared<Run>(fault_, margin("fragile").start(session));
  }

 private:
  class Run : public ProbeRun {
   public:
    Run(std::shared_ptr<Fault> fault, std::shared_ptr<ProbeRun> inner)
        : fault_(std::move(fault)), inner_(std::move(inner)) {}
    std::optional<PassNeeds> next_pass() override { return inner_->next_pass(); }
    void observe(Context& context) override {
      if (++batches_ == 3 && fault_->broken) throw std::runtime_error("out of memory");
      inner_->observe(context);
    }
    void merge(const ProbeRun& other) override {
      inner_->merge(*dynamic_cast<const Run&>(other).inner_);
    }
    std::string save() const override { return inner_->save(); }
    void load(std::string_view text) override { inner_->load(text); }
    Finding finish(Session& session) override { return inner_->finish(session); }

   private:
    std::shared_ptr<Fault> fault_;
    std::shared_ptr<ProbeRun> inner_;
    int batches_ = 0;
  };
  std::shared_ptr<Fault> fault_;
};

std::string fact(const Report& report, std::string_view name) {
  for (const auto& [key, value] : report.provenance)
    if (key == name) return value;
  return {};
}

Suite two(const std::shared_ptr<Fault>& fault) {
  Suite both;
  both.add(std::make_shared<Fragile>(fault)).add(right());
  return both;
}

}  // namespace

TEST_CASE("a probe that failed is tried again when the run is resumed", "[engine][directory]") {
  TemporaryDirectory folder;
  const auto fault = std::make_shared<Fault>();
  EvaluateOptions options{.batch_size = 8, .out = folder / "run"};
  auto model = std::make_shared<HalfPlane>();
  const Report first = evaluate(model, points(80), two(fault), options);
  REQUIRE(first.find("fragile")->status == Status::failed);
  REQUIRE_THAT(first.find("fragile")->why,
               ContainsSubstring("batch 2 of 'test', 8 samples with ids "));
  REQUIRE_THAT(first.find("fragile")->why, ContainsSubstring("out of memory"));
  REQUIRE(first["task.right"].n == 80);

  // Still broken: failed again, both failures are told.
  const Report second = evaluate(model, points(80), two(fault), options);
  REQUIRE(second.find("fragile")->status == Status::failed);
  REQUIRE_THAT(fact(second, "run.retried.fragile"), ContainsSubstring("out of memory"));

  fault->broken = false;
  const Report third = evaluate(model, points(80), two(fault), options);
  REQUIRE(third.find("fragile")->status == Status::ok);
  REQUIRE(third["fragile.margin"].n == 80);
  REQUIRE(std::count_if(third.provenance.begin(), third.provenance.end(),
                        [](const auto& f) { return f.first == "run.retried.fragile"; }) == 2);
  const Report whole = evaluate(std::make_shared<HalfPlane>(), points(80), two(fault),
                                EvaluateOptions{.batch_size = 8});
  REQUIRE(third["fragile.margin"].value() == whole["fragile.margin"].value());

  // Whole now: read back, and what failed on the way is still told.
  const auto rows = model->rows.load();
  const Report fourth = evaluate(model, points(80), two(fault), options);
  REQUIRE(model->rows == rows);
  REQUIRE_THAT(fact(fourth, "run.retried.fragile"), ContainsSubstring("out of memory"));
}

TEST_CASE("what the other probes found stands while one is tried again", "[engine][directory]") {
  TemporaryDirectory folder;
  const auto fault = std::make_shared<Fault>();
  EvaluateOptions options{.batch_size = 8, .out = folder / "run"};
  auto model = std::make_shared<HalfPlane>();
  (void)evaluate(model, points(80), two(fault), options);
  fault->broken = false;
  const auto before = model->rows.load();
  const Report again = evaluate(model, points(80), two(fault), options);
  REQUIRE(model->rows - before == 80);  // one pass, for the one that failed
  REQUIRE(again["task.right"].n == 80);
}

TEST_CASE("a model without a digest that raised at first is known from when it answers",
          "[engine][directory]") {
  TemporaryDirectory folder;
  EvaluateOptions options{.batch_size = 8, .out = folder / "run"};
  Suite one;
  one.add(right());
  auto model = std::make_shared<HalfPlane>();
  model->digest.clear();
  model->before = [] { throw std::runtime_error("no licence"); };
  REQUIRE(evaluate(model, points(80), one, options).find("task")->status == Status::failed);
  model->before = nullptr;
  REQUIRE(evaluate(model, points(80), one, options)["task.right"].n == 80);
  model->scale = 2;
  REQUIRE_THROWS_WITH(evaluate(model, points(80), one, options),
                      ContainsSubstring("another output on sample"));
}

TEST_CASE("a shard tries again too, and the merge tells what failed", "[engine][shards]") {
  TemporaryDirectory folder;
  const auto fault = std::make_shared<Fault>();
  std::vector<std::string> paths;
  const auto shard = [&](std::int64_t rank) {
    EvaluateOptions options{.batch_size = 8};
    options.out = folder / ("shard" + std::to_string(rank));
    options.shard = {rank, 2};
    (void)evaluate(std::make_shared<HalfPlane>(), points(80), two(fault), options);
    return options.out;
  };
  paths.push_back(shard(0));
  fault->broken = false;
  paths.push_back(shard(1));
  const auto merge = [&] {
    return merge_shards(std::make_shared<HalfPlane>(), points(80), two(fault), paths, {});
  };
  REQUIRE(merge().find("fragile")->status == Status::failed);
  (void)shard(0);
  const Report merged = merge();
  REQUIRE(merged["fragile.margin"].n == 80);
  REQUIRE_THAT(fact(merged, "run.retried.fragile"), ContainsSubstring("out of memory"));
}

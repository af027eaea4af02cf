// Flows that shaped the interface, one test each. Fit and score, dropping and refill are in
// evaluate_test.cpp, streams too; resume in directory_test.cpp, shards in shard_test.cpp.
#include <atomic>
#include <cstdlib>
#include <limits>
#include <new>

#include "engine/toys.hpp"
#include "leadline/core/exhibits.hpp"

using namespace leadline;
using namespace toys;

namespace {
std::atomic<std::int64_t> n_allocations{0};
}
// All forms that are freed by the two below: std::stable_sort allocates by the one that does not
// throw.
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  ++n_allocations;
  return std::malloc(size);
}
void* operator new(std::size_t size) {
  if (void* memory = operator new(size, std::nothrow)) return memory;
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

namespace {

/// A probe from functions; its state lives in their closures.
class FromFunctions : public Probe {
 public:
  ProbeInfo about;
  bool pass = true;
  std::function<void(Context&)> observe = [](Context&) {};
  std::function<void(Session&)> work = [](Session&) {};
  std::function<void(Session&, Finding&)> finish;

  ProbeInfo info() const override { return about; }
  std::shared_ptr<ProbeRun> start(Session&) const override {
    struct OneRun : ProbeRun {
      explicit OneRun(const FromFunctions& from) : probe(from) {}
      std::optional<PassNeeds> next_pass() override {
        return std::exchange(asked, true) || !probe.pass ? std::nullopt
                                                         : std::optional(PassNeeds{});
      }
      void observe(Context& context) override { probe.observe(context); }
      void work(Session& session) override { probe.work(session); }
      void merge(const ProbeRun&) override {}
      std::string save() const override { return State("FromFunctions").dump(); }
      void load(std::string_view) override {}
      Finding finish(Session& session) override {
        Finding finding;
        probe.finish(session, finding);
        return finding;
      }
      FromFunctions probe;
      bool asked = false;
    };
    return std::make_shared<OneRun>(*this);
  }
};

ProbeInfo named(std::string name, Access access = Access::labels) {
  ProbeInfo about;
  about.name = std::move(name);
  about.question = "?";
  about.access = access;
  about.needs_target = false;
  return about;
}

SampleTable samples_of(const std::string& directory) {
  std::ifstream file(directory + "/samples.bin", std::ios::binary);
  return SampleTable::load(std::string(std::istreambuf_iterator<char>(file), {}));
}

}  // namespace

TEST_CASE("flow: one column shuffled by key, a model that is not torch", "[engine][flows]") {
  // Decides by column 0: shuffling it halves the accuracy, shuffling column 1 changes nothing.
  const auto importance = [](int column) {
    FromFunctions probe;
    probe.about = named("shuffled");
    probe.about.needs_random_access = true;
    auto right = std::make_shared<std::int64_t>(0);
    probe.work = [right, column](Session& session) {
      const auto ids = session.ids();
      const stats::Permutation shuffle(std::ssize(ids), session.seed(),
                                       "column" + std::to_string(column));
      for (const SampleId id : ids) {
        const SampleId donor = shuffle(id);
        const SampleId pair[] = {id, donor};
        const Batch batch = session.data().batch(pair);
        const Tensor host = batch.inputs.primary.host(DType::f64);
        const double* x = host.data<double>();
        std::vector<double> row{x[0], x[1]};
        row[column] = x[2 + column];
        const auto out = session.subject_as<Model>().forward({Tensor::own(row, {1, 2})}, {});
        const SampleId one[] = {id};
        *right += predictions_of(out.output, session.output_kind(), batch.target.rows(0, 1), one)
                      .correct[0];
      }
      session.count_forwards(std::ssize(ids));
    };
    probe.finish = [right](Session& session, Finding& finding) {
      finding.add("accuracy", Estimate::rate(*right, std::ssize(session.ids())));
    };
    Suite one;
    one.add(probe);
    return evaluate(std::make_shared<HalfPlane>(), points(400), one, {})["shuffled.accuracy"]
        .value();
  };
  REQUIRE(importance(1) == 0.9);
  REQUIRE(std::abs(importance(0) - 0.5) < 0.1);  // four deviations of 400 coins
}

TEST_CASE("flow: two models on the same samples are joined by id", "[engine][flows]") {
  TemporaryDirectory folder;
  Suite one;
  one.add(right());
  auto old = std::make_shared<HalfPlane>(), other = std::make_shared<HalfPlane>();
  other->scale = -1;
  (void)evaluate(old, points(100), one, {.batch_size = 8, .out = folder / "old"});
  (void)evaluate(other, points(100), one, {.seed = 5, .batch_size = 30, .out = folder / "new"});
  const SampleTable a = samples_of(folder / "old"), b = samples_of(folder / "new");
  std::int64_t only_first = 0, only_second = 0;
  for (const SampleId id : a.ids()) {
    const bool first = a.get("correct", id) == 1.0, second = b.get("correct", id) == 1.0;
    only_first += first && !second;
    only_second += second && !first;
  }
  REQUIRE(only_first == 90);
  REQUIRE(only_second == 10);
}

TEST_CASE("flow: text to text, prompts in the table", "[engine][flows]") {
  class Echo : public TextModel {
   public:
    SubjectInfo info() const override {
      return {.name = "echo", .backend = "toy", .access = Access::text};
    }
    std::vector<Response> generate(std::span<const Prompt> prompts, const Decoding&) override {
      std::vector<Response> out;
      for (const auto& prompt : prompts)
        out.push_back({prompt.id, prompt.id % 4 == 0 ? "" : prompt.user, "end",
                       prompt.id % 4 == 0 ? "refused" : ""});
      return out;
    }
  };
  auto table = std::make_shared<Table>();
  std::vector<std::string> prompts;
  for (int i = 0; i < 40; ++i) prompts.push_back("question " + std::to_string(i));
  table->add("prompt", std::move(prompts));
  FromFunctions probe;
  probe.about = named("answers", Access::text);
  auto answered = std::make_shared<std::int64_t>(0), errors = std::make_shared<std::int64_t>(0);
  probe.observe = [=](Context& context) {
    const Batch& batch = context.batch();
    std::vector<Prompt> asked;
    for (std::int64_t i = 0; i < batch.size(); ++i)
      asked.push_back({batch.ids[i], "", batch.table->text("prompt", i)});
    for (const auto& response : context.session().subject_as<TextModel>().generate(asked, {})) {
      *answered += response.text == "question " + std::to_string(response.id);
      *errors += !response.error.empty();
    }
  };
  probe.finish = [=](Session&, Finding& finding) {
    finding.add("answered", Estimate::rate(*answered, *answered + *errors));
  };
  Suite two;
  two.add(probe).add(right());
  const Report report = evaluate(std::make_shared<Echo>(), points(40, 0, 1, table), two, {});
  REQUIRE(report["answers.answered"].value() == 0.75);  // an error of one item is data
  REQUIRE(report["answers.answered"].n == 40);
  REQUIRE(report.find("task")->status == Status::not_measured);
  REQUIRE_THAT(report.find("task")->why, ContainsSubstring("offers text only"));
}

TEST_CASE("flow: a metric in a service folds borrowed rows without an allocation",
          "[engine][flows]") {
  ToyAccuracy metric;
  const std::vector<std::uint8_t> correct(100, 1);
  const Column columns[] = {{"correct", ArrayView(correct)}};
  const Rows rows{{}, {}, columns};
  metric.update(rows);
  const std::int64_t before = n_allocations;
  for (int i = 0; i < 1000; ++i) metric.update(rows);
  REQUIRE(n_allocations == before);
  REQUIRE(metric.compute().n == 100100);
}

TEST_CASE("flow: pictures of a stream are copied when flagged, few and the worst",
          "[engine][flows]") {
  FromFunctions probe;
  probe.about = named("worst", Access::outputs);
  auto kept = std::make_shared<Exhibits>(0, 24);
  probe.observe = [kept](Context& context) {
    const auto& seen = context.predictions();
    for (std::int64_t i = 0; i < seen.n; ++i) {
      const SampleId id = context.batch().ids[i];
      if (!kept->wants(id, seen.confidence[i])) continue;
      Exhibit exhibit;
      exhibit.id = id;
      exhibit.severity = seen.confidence[i];
      exhibit.images.push_back({1, 1, 1, {static_cast<std::uint8_t>(id)}});
      kept->add(std::move(exhibit));
    }
  };
  probe.finish = [kept](Session&, Finding& finding) {
    finding.add("kept", Estimate::of(static_cast<double>(kept->kept().size()), 1, "a count"));
    for (const auto& exhibit : kept->kept()) finding.blocks.emplace_back(exhibit);
  };
  Suite one;
  one.add(probe);
  const Report report =
      evaluate(std::make_shared<HalfPlane>(), std::make_shared<Stream>(points(200)), one, {});
  const auto& blocks = report.find("worst")->blocks;
  REQUIRE(blocks.size() == 24);
  double last = 1;
  for (const auto& block : blocks) {
    const auto& exhibit = std::get<Exhibit>(block);
    REQUIRE(exhibit.severity <= last);
    REQUIRE(exhibit.images[0].pixels[0] == static_cast<std::uint8_t>(exhibit.id));
    last = exhibit.severity;
  }
}

TEST_CASE("flow: smallest changes are a column, infinite when there is none, and a curve",
          "[engine][flows]") {
  TemporaryDirectory folder;
  FromFunctions probe;
  probe.about = named("minimal", Access::outputs);
  auto distances = std::make_shared<std::vector<double>>();
  probe.observe = [distances](Context& context) {
    // The distance to the border x = 0 is |x|; beyond 1 the search gives up.
    const auto& seen = context.predictions();
    for (std::int64_t i = 0; i < seen.n; ++i) {
      const double x = std::abs(seen.scores[2 * i]);
      const double distance = seen.correct[i] == 0 ? 0
                              : x <= 1             ? x
                                                   : std::numeric_limits<double>::infinity();
      distances->push_back(distance);
      context.session().table().put(context.session().probe_id() + ".distance",
                                    context.batch().ids[i], distance);
    }
  };
  probe.finish = [distances](Session&, Finding& finding) {
    const auto n = std::ssize(*distances);
    Curve curve;
    curve.series.push_back({"accuracy", {}, {}, {}, {}, Curve::Series::step});
    for (const double eps : {0.25, 0.5, 1.0}) {
      const auto left =
          std::count_if(distances->begin(), distances->end(), [eps](double d) { return d > eps; });
      char name[64];
      std::snprintf(name, sizeof name, "accuracy{norm=l2,eps=%g}", eps);
      finding.add(name, Estimate::rate(left, n), Better::higher);
      curve.series[0].x.push_back(eps);
      curve.series[0].y.push_back(static_cast<double>(left) / static_cast<double>(n));
    }
    finding.blocks.emplace_back(std::move(curve));
  };
  Suite one;
  one.add(probe);
  Policy policy;
  policy.require({{}, "minimal.accuracy{norm=l2,eps=0.5}", Comparison::at_least, 0.99, {}, {}});
  const Report report = evaluate(std::make_shared<HalfPlane>(), points(300), one,
                                 {.out = folder / "run", .policy = policy});
  REQUIRE(report.verdicts[0].outcome == Outcome::not_met);
  REQUIRE(report["minimal.accuracy{norm=l2,eps=0.25}"].value() >
          report["minimal.accuracy{norm=l2,eps=1}"].value());
  const SampleTable table = samples_of(folder / "run");
  std::int64_t without = 0;
  for (const SampleId id : table.ids()) without += std::isinf(*table.get("minimal.distance", id));
  REQUIRE(without > 50);
  REQUIRE(Report::load(folder / "run/report.json").to_json() == report.to_json());
}

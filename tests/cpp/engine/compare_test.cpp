#include <cmath>
#include <filesystem>
#include <functional>

#include "engine/compare_toys.hpp"
#include "leadline/core/metrics_probe.hpp"
#include "leadline/engine/nightly_gate.hpp"
#include "leadline/metrics/accuracy.hpp"
#include "leadline/stats/intervals.hpp"

using namespace leadline;
using namespace compare_toys;

namespace {

std::string message_of(const std::function<void()>& body) {
  try {
    body();
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

struct Folder {
  std::filesystem::path path;
  explicit Folder(const std::string& name)
      : path(std::filesystem::temp_directory_path() / ("leadline_compare_" + name)) {
    std::filesystem::remove_all(path);
    std::filesystem::create_directories(path);
  }
  ~Folder() { std::filesystem::remove_all(path); }
  std::string operator/(const std::string& name) const { return (path / name).string(); }
};

Report evaluated(const Says& model, const DatasetPtr& data) {
  Suite suite;
  suite.add(Metrics({std::make_shared<metrics::Accuracy>()}));
  return evaluate(model.model, data, suite);
}

}  // namespace

TEST_CASE("ten lost and two won give McNemar's p of the closed form", "[engine][compare]") {
  const auto found = compared(counts(80, 10, 2, 8));
  const Compared accuracy = found["task.accuracy"];
  REQUIRE(accuracy.a.value() == 0.9);
  REQUIRE(accuracy.b.value() == 0.82);
  REQUIRE_THAT(accuracy.difference.value(), WithinAbs(-0.08, 1e-15));
  // 2 * (1 + 12 + 66) / 4096, and that less the probability of the outcome
  REQUIRE_THAT(*accuracy.p_value, WithinAbs(2 * 79 / 4096.0 - 66 / 4096.0, 1e-12));
  const auto exact = compared(counts(80, 10, 2, 8), {.test = McNemarTest::exact});
  REQUIRE_THAT(*exact["task.accuracy"].p_value, WithinAbs(2 * 79 / 4096.0, 1e-12));
  REQUIRE(exact["task.accuracy"].test == "McNemar exact");
  const auto interval = stats::paired_difference({80, 2, 10, 8});
  REQUIRE(*accuracy.difference.lower == interval.lower);
  REQUIRE(*accuracy.difference.upper == interval.upper);
  REQUIRE(found.verdict() == Change::worse);
}

TEST_CASE("the verdict follows the interval and the margin", "[engine][compare]") {
  const auto compared = [](const std::vector<Case>& cases, CompareOptions options = {}) {
    options.replicates = 100;
    return compare_toys::compared(cases, options);
  };
  REQUIRE(compared(counts(80, 2, 10, 8)).verdict() == Change::better);
  REQUIRE(compared(counts(940, 10, 10, 40)).verdict() == Change::undecided);
  REQUIRE(compared(counts(940, 10, 10, 40), {.margin = 0.02}).verdict() == Change::equivalent);
  REQUIRE(compared(counts(940, 10, 10, 40), {.margin = 0.005}).verdict() == Change::undecided);
  // shown worse, and shown to be within the margin: the margin was declared
  REQUIRE(compared(counts(9000, 60, 20, 920), {.margin = 0.01}).verdict() == Change::equivalent);
  REQUIRE(compared(counts(9000, 60, 20, 920)).verdict() == Change::worse);
  const auto open = compared(counts(940, 10, 10, 40), {.margin = 0.005});
  REQUIRE(open.more_samples());
  const auto more = *open.more_samples() / 1000 + 2;
  const int k = static_cast<int>(more);
  REQUIRE(compared(counts(940 * k, 10 * k, 10 * k, 40 * k), {.margin = 0.005}).verdict() ==
          Change::equivalent);
  REQUIRE(open.report().verdicts.at(0).outcome == Outcome::undecided);
  REQUIRE(open.report().verdicts.at(0).requirement.limit == -0.005);
}

TEST_CASE("flips name the samples that got worse and better", "[engine][compare]") {
  std::vector<Case> cases = {{0, 0, 0}, {1, 1, 0}, {2, 0, 2}, {1, 0, 2}, {0, 1, 1}, {2, 2, 1}};
  const auto found = compared(cases);
  const Flips flips = found.flips();
  REQUIRE(flips.worse == std::vector<SampleId>{1, 5});
  REQUIRE(flips.better == std::vector<SampleId>{2});
  REQUIRE(flips.both_wrong == std::vector<SampleId>{3});
  REQUIRE(found.report()["flips.negative_flip_rate"].value() == 2 / 6.0);
  REQUIRE(found.report()["flips.broken_rate"].value() == 2 / 3.0);
  REQUIRE(found.report()["flips.disagreement"].value() == 4 / 6.0);
  REQUIRE(found.report().find("flips")->flags.size() == 2);
}

TEST_CASE("both models see each batch once", "[engine][compare]") {
  const auto data = dataset(counts(90, 5, 3, 2), {});
  const Says a = says(0, "net"), b = says(1, "net");
  const auto found = compare(a.model, b.model, data, {.batch_size = 7});
  REQUIRE(*a.rows == 100);
  REQUIRE(*b.rows == 100);
  REQUIRE(found.report().fact("run.forwards") == "200");
  REQUIRE(found.report().fact("model.a") == "net (a)");
  const auto other = compare(a.model, b.model, data, {.batch_size = 100});
  REQUIRE(found["task.f1{average=macro}"].difference.text() ==
          other["task.f1{average=macro}"].difference.text());
}

TEST_CASE("a model against itself differs by exactly nothing", "[engine][compare]") {
  auto cases = counts(40, 0, 0, 10);
  for (std::size_t i = 0; i < 25; ++i) cases[i].target = cases[i].a = cases[i].b = 0;
  const auto found = compared(cases);
  for (const char* name : {"task.balanced_accuracy", "task.f1{average=macro}"}) {
    const Compared one = found[name];
    REQUIRE(one.difference.value() == 0);
    REQUIRE(*one.difference.lower == 0);
    REQUIRE(*one.difference.upper == 0);
    REQUIRE(*one.p_value == 1);
    REQUIRE(*one.a.lower < *one.a.upper);
  }
  REQUIRE(found.verdict() == Change::undecided);
  REQUIRE_THAT(found.report().find("task")->warnings.at(0), ContainsSubstring("identically"));
}

TEST_CASE("a group that got worse is found beneath an equal average", "[engine][compare]") {
  std::vector<Case> cases;
  for (int i = 0; i < 1000; ++i) {
    const std::int32_t group = i % 20;
    Case one{1, 1, 1, group};
    if (group == 3 && i % 40 == 3) one.b = 0;  // 25 of 50 lost in g3
    if (group != 3 && i % 38 == 0) one.a = 0;  // as many won elsewhere
    cases.push_back(one);
  }
  const auto found = compared(cases, {.margin = 0.02}, group_names(20));
  REQUIRE(found["task.accuracy"].difference.value() > -0.01);
  REQUIRE(found.verdict() == Change::worse);
  REQUIRE_THAT(found.why(), ContainsSubstring("group=g3"));
  const Compared slice = found["slices.accuracy@group=g3"];
  REQUIRE(slice.difference.value() == -0.5);
  REQUIRE(*slice.p_value_adjusted < 1e-4);
  REQUIRE(*found["slices.accuracy@group=g4"].p_value_adjusted > 0.05);
}

TEST_CASE("runs over other samples, labels or data are refused with numbers", "[engine][compare]") {
  const auto cases = counts(8, 1, 1, 0);
  auto fewer = cases, relabelled = cases;
  fewer.resize(7);
  relabelled[2].target = 0;
  relabelled[4].target = 0;
  const Report a = evaluated(says(0, "old"), dataset(cases, {}));
  REQUIRE(message_of([&] { (void)compare(a, evaluated(says(1, "new"), dataset(fewer, {}))); }) ==
          "compare: expected the same samples in both runs, got 3 samples only in 'old' (ids 7, 8, "
          "9) (evaluate both models on the same data set)");
  REQUIRE(
      message_of([&] { (void)compare(a, evaluated(says(1, "new"), dataset(relabelled, {}))); }) ==
      "compare: expected the same labels in both runs, got 2 of 10 samples with different labels "
      "(first: sample 2, 1 in 'old' and 0 in 'new') (evaluate both models on the same version of "
      "the data)");
  auto other = cases;
  other[0].b = 0;  // another input, the same label
  REQUIRE_THAT(message_of([&] { (void)compare(a, evaluated(says(1, "new"), dataset(other, {}))); }),
               ContainsSubstring("expected the same data in both runs, got data 'data' xxh3:"));
  Report bare = a;
  bare.samples.reset();
  REQUIRE(
      message_of([&] { (void)compare(bare, a); }) ==
      "compare: expected a report with results by sample, got 'old' without them (evaluate again "
      "and save the report as .json)");
  REQUIRE(message_of([&] { (void)compared(cases, {.margin = -0.01}); }) ==
          "compare: expected margin >= 0, got -0.01 (it is how much worse the second model may be, "
          "e.g. 0.01 for a point)");
  REQUIRE_THAT(message_of([&] { (void)compared(cases, {.metric = "acuracy"}); }),
               ContainsSubstring("did you mean 'accuracy'?"));
  REQUIRE_THAT(message_of([&] { (void)compared(cases, {.slices = {"sex"}}); }),
               ContainsSubstring("'sex', and the data has no table"));
}

TEST_CASE("stored runs compare as the models do", "[engine][compare]") {
  const Folder folder("stored");
  const auto data = dataset(drawn(300, 0.8, 0.05, 0, 3, 5), group_names(3));
  const Says a = says(0, "old"), b = says(1, "new");
  evaluated(a, data).save(folder / "a.json");
  evaluated(b, data).save(folder / "b.json");
  REQUIRE(std::filesystem::exists(folder / "a.samples.bin"));
  const auto stored = compare(Report::load(folder / "a.json"), Report::load(folder / "b.json"));
  const auto direct = compare(a.model, b.model, data);
  REQUIRE(stored.metrics() == direct.metrics());
  for (const auto& name : stored.metrics())
    REQUIRE(stored[name].difference.text() == direct[name].difference.text());
  REQUIRE(stored.flips().worse == direct.flips().worse);
  stored.report().save(folder / "ab.json");
  const auto read = ModelComparison::load(folder / "ab.json");
  REQUIRE(read.verdict() == stored.verdict());
  REQUIRE(read.flips().better == direct.flips().better);
  std::filesystem::remove(folder / "b.samples.bin");
  const Report lost = Report::load(folder / "b.json");
  REQUIRE_THAT(message_of([&] { (void)compare(lost, lost); }),
               ContainsSubstring("no file '" + (folder / "b.samples.bin") + "'"));
  std::filesystem::copy(folder / "a.samples.bin", folder / "b.samples.bin");
  REQUIRE_THAT(message_of([&] { (void)compare(lost, lost); }), ContainsSubstring("others in '"));
}

TEST_CASE("models of numbers are compared by their errors", "[engine][compare]") {
  std::vector<float> x;
  std::vector<double> y;
  for (int i = 0; i < 60; ++i) {
    x.push_back(static_cast<float>(i));
    y.push_back(i + (i % 2 ? 0.5 : -0.5));
  }
  const auto data =
      std::make_shared<TensorDataset>(Tensor::own(std::move(x), {60, 1}),
                                      Tensor::own(std::move(y), {60}), TensorDataset::Options{});
  const auto model = [](double shift) {
    SubjectInfo info;
    info.name = "shift " + std::to_string(static_cast<int>(shift));
    info.output = OutputKind::values;
    return std::make_shared<FunctionModel>(
        [shift](const Inputs& inputs) {
          const Tensor host = inputs.primary.host(DType::f64);
          std::vector<double> out;
          for (Eigen::Index i = 0; i < host.size(0); ++i)
            out.push_back(host.matrix<double>()(i, 0) + shift);
          const std::int64_t n = std::ssize(out);
          return Outputs{Tensor::own(std::move(out), {n}), {}, {}};
        },
        info);
  };
  const auto found = compare(model(0), model(2), data);
  REQUIRE_THAT(found["task.mae"].difference.value(), WithinAbs(1.5, 1e-12));
  REQUIRE(found.verdict() == Change::worse);
  REQUIRE(found.report().find("flips")->status == Status::not_measured);
  REQUIRE_THAT(message_of([&] { (void)found.flips(); }), ContainsSubstring("models of numbers"));
}

TEST_CASE("a nightly gate alarms on evidence and not on honest nights", "[engine][compare][gate]") {
  NightlyGate gate({.margin = 0, .alpha = 0.05});
  for (int night = 0; night < 50; ++night)
    REQUIRE(gate.add({1000, 10, 10, 30}, "data " + std::to_string(night)).alarm.empty());
  REQUIRE(gate.add({950, 60, 10, 30}, "data 50").alarm == "evidence");
  REQUIRE(gate.alarmed());
  NightlyGate same({.margin = 0});
  for (int night = 0; night < 20; ++night)
    REQUIRE(same.add({1000, 10, 10, 30}, "test set").alarm.empty());
  REQUIRE(!same.nights()[5].fresh);
  REQUIRE(same.add({950, 90, 10, 30}, "test set").alarm == "same data");
  REQUIRE(NightlyGate().add({990, 5, 5, 0}, "", 1e-4).alarm == "group");
  const NightlyGate read = NightlyGate::from_json(gate.to_json());
  REQUIRE(read.to_json() == gate.to_json());
  REQUIRE(
      message_of([] { NightlyGate({.margin = -0.1}); }) ==
      "NightlyGate: expected margin in [0, 1), got -0.1 (it is how much worse is still accepted, "
      "e.g. 0.01 for a point)");
  REQUIRE_THAT(message_of([] { NightlyGate::from_json("{}"); }), ContainsSubstring("another file"));
  std::string damaged = gate.to_json();
  damaged.replace(damaged.find("\"only_a\": 10"), 12, "\"only_a\": 1.5");
  REQUIRE_THAT(message_of([&] { NightlyGate::from_json(damaged); }),
               ContainsSubstring("an integer 'only_a' in nights[0], got number"));
  NightlyGate odd;
  odd.add({9, 1, 0, 0}, "\xff");
  REQUIRE(NightlyGate::from_json(odd.to_json()).nights().size() == 1);
}

TEST_CASE("with a history the verdict worse needs evidence over all nights",
          "[engine][compare][gate]") {
  const Folder folder("history");
  const CompareOptions options{.replicates = 100, .history = folder / "gate.json"};
  const auto slightly = counts(930, 22, 8, 40);  // one night alone: p = 0.01
  REQUIRE(compared(slightly).verdict() == Change::worse);
  const auto first = compared(slightly, options);
  REQUIRE(first.verdict() == Change::undecided);
  REQUIRE_THAT(first.why(), ContainsSubstring("not yet evidence"));
  REQUIRE(first.report().find("gate") != nullptr);
  REQUIRE(NightlyGate::load(options.history).nights().size() == 1);
  const auto second = compared(counts(880, 80, 8, 40), options);
  REQUIRE(second.verdict() == Change::worse);
  REQUIRE_THAT(message_of([&] {
                 (void)compared(slightly, {.margin = 0.01, .history = folder / "gate.json"});
               }),
               ContainsSubstring("limits stay as they were declared"));
}

TEST_CASE("many models are ranked with a critical difference", "[engine][compare]") {
  std::vector<float> said;
  std::vector<std::int64_t> target;
  for (int i = 0; i < 200; ++i) {
    target.push_back(1);
    said.push_back(i % 20 == 0 ? 0.f : 1.f);  // 0.95
    said.push_back(i % 20 == 1 ? 0.f : 1.f);  // 0.95
    said.push_back(i % 2 == 0 ? 0.f : 1.f);   // 0.5
  }
  const auto data = std::make_shared<TensorDataset>(Tensor::own(std::move(said), {200, 3}),
                                                    Tensor::own(std::move(target), {200}),
                                                    TensorDataset::Options{});
  const Report report = compare_many(
      {{"x", says(0, "").model}, {"y", says(1, "").model}, {"z", says(2, "").model}}, data);
  REQUIRE(report["ranking.accuracy{model=z}"].value() == 0.5);
  REQUIRE(report["pairs.accuracy_difference{first=x,second=z}"].value() == -0.45);
  // ten against ten: mid-p is 1 less half the probability of a tie
  REQUIRE_THAT(report["pairs.accuracy_difference{first=x,second=y}"].facts.at("p_value_adjusted"),
               WithinAbs(1 - 0.5 * 184756 / 1048576.0, 1e-12));
  REQUIRE(report["ranking.friedman"].facts.at("p_value") < 1e-6);
  REQUIRE_THAT(report["ranking.critical_difference"].value(),
               WithinAbs(2.343 * std::sqrt(12.0 / 1200), 1e-3));
  REQUIRE_THAT(report.find("ranking")->headline, ContainsSubstring("not separated"));
}

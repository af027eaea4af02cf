// Everything in the catalog keeps the contract of its kind.
#include <algorithm>
#include <set>
#include <string_view>

#include "catch.hpp"
#include "engine/toys.hpp"
#include "leadline/core/catalog.hpp"
#include "leadline/testing/contracts.hpp"

using namespace leadline;

namespace {

/// A table of normal features, three classes by the largest feature, and a linear model of it.
class Linear : public Model {
 public:
  SubjectInfo info() const override {
    return {.name = "linear",
            .backend = "toy",
            .digest = "xxh3:linear",
            .access = Access::labels | Access::outputs | Access::activations | Access::gradients,
            .output = OutputKind::logits,
            .layers = {"input", "features"}};
  }
  Outputs forward(const Inputs& inputs, std::span<const std::string> taps) override {
    Outputs out{inputs.primary, {}, {}};
    for (const auto& tap : taps) {
      if (tap != "features" && tap != "input")
        throw CapabilityError("Linear.forward", "the layers 'input', 'features'", "'" + tap + "'",
                              "");
      out.activations[tap] = inputs.primary;
    }
    return out;
  }
  Pullback pullback(const Inputs& inputs, std::span<const std::string> taps) override {
    return {forward(inputs, taps), [](const Tensor& d) { return d; }};
  }
};

/// The sums of the three rows of a picture [1, 3, 3] as scores.
class RowSums : public Model {
 public:
  SubjectInfo info() const override {
    return {.name = "row sums",
            .backend = "toy",
            .digest = "xxh3:row-sums",
            .access = Access::labels | Access::outputs | Access::gradients,
            .output = OutputKind::logits};
  }
  Outputs forward(const Inputs& inputs, std::span<const std::string>) override {
    const Tensor x = inputs.primary.host(DType::f64);
    std::vector<double> sums(static_cast<std::size_t>(3 * x.size(0)), 0.0);
    for (std::int64_t i = 0; i < x.n_elements(); ++i)
      sums[static_cast<std::size_t>(i / 3)] += x.data<double>()[i];
    return {Tensor::own(std::move(sums), {x.size(0), 3}), {}, {}};
  }
  Pullback pullback(const Inputs& inputs, std::span<const std::string> taps) override {
    return {forward(inputs, taps), [](const Tensor& back) {
              const Tensor d = back.host(DType::f64);
              std::vector<double> out;
              for (std::int64_t i = 0; i < d.n_elements(); ++i)
                out.insert(out.end(), 3, d.data<double>()[i]);
              return Tensor::own(std::move(out), {d.size(0), 1, 3, 3});
            }};
  }
};

/// Pictures [1, 3, 3] whose brighter row is the class.
DatasetPtr row_pictures(std::int64_t n) {
  std::vector<double> x;
  std::vector<std::int64_t> labels;
  for (std::int64_t i = 0; i < n; ++i) {
    stats::Rng rng(1, "pictures", i);
    for (int row = 0; row < 3; ++row)
      for (int column = 0; column < 3; ++column)
        x.push_back(rng.uniform(0, 0.6) + (i % 3 == row ? 0.3 : 0.0));
    labels.push_back(i % 3);
  }
  return std::make_shared<TensorDataset>(
      Tensor::own(std::move(x), {n, 1, 3, 3}), Tensor::own(std::move(labels), {n}),
      TensorDataset::Options{.name = "pictures", .bounds = std::pair(0.0, 1.0)});
}

/// Attacks whose threat is one of pictures.
const std::set<std::string_view> of_pictures{"patch_attack", "spatial_attack"};

DatasetPtr normal(std::int64_t n, double shift, std::uint64_t seed) {
  std::vector<double> x;
  std::vector<std::int64_t> labels;
  Categories half{{}, {"even", "odd"}};
  for (std::int64_t i = 0; i < n; ++i) {
    stats::Rng rng(seed, "contract", i);
    double row[3];
    for (int c = 0; c < 3; ++c) row[c] = rng.normal() + (i % 3 == c ? 1.5 : 0) + shift;
    x.insert(x.end(), row, row + 3);
    labels.push_back(i % 3);
    half.codes.push_back(static_cast<std::int32_t>(i % 2));
  }
  auto groups = std::make_shared<Table>();
  groups->add("half", std::move(half));
  return std::make_shared<TensorDataset>(Tensor::own(std::move(x), {n, 3}),
                                         Tensor::own(std::move(labels), {n}),
                                         TensorDataset::Options{.name = "normal",
                                                                .class_names = {"a", "b", "c"},
                                                                .bounds = std::pair(-20.0, 20.0),
                                                                .feature_names = {"p", "q", "r"}},
                                         groups);
}

/// Metrics that are of two classes unless they are told more.
const std::set<std::string_view> of_two_classes{"expected_cost", "net_benefit",
                                                "severity_weighted_error"};

/// Metrics of samples that have several labels at once.
const std::set<std::string_view> of_many_labels{"coverage_error", "label_ranking_average_precision",
                                                "label_ranking_loss", "ndcg"};

/// Metrics of a row of numbers a sample.
const std::set<std::string_view> of_vectors{"cosine_similarity", "kl_divergence",
                                            "jensen_shannon_divergence"};

/// Metrics that keep every sample, as their headers say: what depends on the order of all of them.
const std::set<std::string_view> keeps_every_sample{
    "kendall_tau", "spearman_correlation", "concordance_index", "median_absolute_error",
    "max_error",   "pinball_skill",        "tweedie_skill",     "brier_decomposition"};

/// The metric in its constant-memory form: histograms small enough to be full after 1000 samples.
std::shared_ptr<Metric> streaming(const Entry& entry) {
  std::vector<NamedOption> given;
  for (const auto& option : entry.options) {
    if (option.name == "keep") given.push_back({"keep", std::int64_t{0}});
    if (option.name == "bits") given.push_back({"bits", std::int64_t{8}});
  }
  return entry.make_metric(given);
}

/// Bytes of the saved state after 1000 samples, and after `n`.
std::pair<std::size_t, std::size_t> state_bytes(const Entry& entry, std::int64_t n) {
  constexpr std::int64_t few = 1000, batch = 10'000;
  const auto reads = entry.make_metric()->info().reads;
  const bool numbers = std::find(reads.begin(), reads.end(), "predicted") != reads.end() ||
                       std::find(reads.begin(), reads.end(), "ensemble") != reads.end();
  static const auto two = testing::ExampleRows::classification(batch, 2);
  static const auto many = testing::ExampleRows::classification(batch, 8);
  static const auto regression = testing::ExampleRows::regression(batch);
  static const auto labels = testing::ExampleRows::labels(batch);
  static const auto distributions = testing::ExampleRows::distributions(batch);
  const auto& rows = of_vectors.contains(entry.name)       ? distributions
                     : numbers                             ? regression
                     : of_two_classes.contains(entry.name) ? two
                     : of_many_labels.contains(entry.name) ? labels
                                                           : many;
  const auto metric = streaming(entry);
  rows.with(0, few, [&](const Rows& part) { metric->update(part); });
  const std::size_t before = metric->save().size();
  for (std::int64_t seen = few; seen < n; seen += batch)
    rows.with(0, std::min(batch, n - seen), [&](const Rows& part) { metric->update(part); });
  return {before, metric->save().size()};
}

/// A state may grow by the digits of its counts, and by histogram bins that fill.
void check_memory(std::int64_t n) {
  for (const auto& entry : core_catalog().entries()) {
    if (entry.kind != Kind::metric) continue;
    const auto [few, many] = state_bytes(entry, n);
    INFO(entry.name << ": " << few << " bytes at 1000 samples, " << many << " at " << n);
    if (keeps_every_sample.contains(entry.name))
      CHECK(many > 8 * static_cast<std::size_t>(n));  // the list is not longer than it must be
    else
      CHECK(many < 2 * few + 1024);
  }
}

bool takes_eight_classes(const Metric& metric) {
  const auto rows = testing::ExampleRows::of(metric.info().reads);
  try {
    rows.with(0, rows.size(), [&](const Rows& all) { metric.fresh()->update(all); });
  } catch (const Error&) {
    return false;
  }
  return true;
}

}  // namespace

TEST_CASE("every metric of the catalog keeps the contract of metrics", "[contract][metric]") {
  int n = 0;
  for (const auto& entry : core_catalog().entries()) {
    if (entry.kind != Kind::metric) continue;
    const auto metric = entry.make_metric();
    const auto contract = testing::check_metric(*metric);
    INFO(contract.text());
    CHECK(contract.ok());
    CHECK(takes_eight_classes(*metric) !=
          (of_two_classes.contains(entry.name) || of_many_labels.contains(entry.name) ||
           of_vectors.contains(entry.name)));
    ++n;
  }
  REQUIRE(n > 5);
}

TEST_CASE("the state of a streaming metric does not grow with the samples", "[contract][metric]") {
  check_memory(50'000);
}

TEST_CASE("the state of a streaming metric does not grow up to a million samples",
          "[contract][metric][.full]") {
  check_memory(1'000'000);
}

TEST_CASE("every probe of the catalog keeps the contract of probes", "[contract][probe]") {
  const auto model = std::make_shared<Linear>();
  const auto data = normal(120, 0, 1);
  testing::ProbeContract options;
  options.also = {{"train", normal(120, 0, 2)}, {"ood/far", normal(60, 5, 3)}};
  for (const auto& entry : core_catalog().entries()) {
    if (entry.kind != Kind::probe) continue;
    if (entry.name == "corruption_benchmark") continue;  // pictures: corruption_benchmark_test.cpp
    options.timed = entry.name == "latency";
    std::vector<NamedOption> given;  // splitting with its defaults asks a million rows a run
    if (entry.name == "failure_rate")
      for (const auto& [name, value] :
           {std::pair("max_samples", 5), std::pair("draws", 100), std::pair("particles", 40),
            std::pair("moves", 2), std::pair("repeats", 4)})
        given.push_back({name, std::int64_t{value}});
    // Attacks ask for many rows a sample: a few samples show the contract as well as all.
    const bool attack = std::any_of(entry.options.begin(), entry.options.end(),
                                    [](const OptionSpec& o) { return o.record == "threat"; });
    if (attack) {
      given.push_back({"max_samples", std::int64_t{6}});
      given.push_back({"check_samples", std::int64_t{2}});
    }
    if (of_pictures.contains(entry.name)) {
      if (entry.name == "patch_attack") given.push_back({"eps", 0.12});
      const auto contract = testing::check_probe(entry.make_probe(given),
                                                 std::make_shared<RowSums>(), row_pictures(60), {});
      INFO(contract.text());
      CHECK(contract.ok());
      continue;
    }
    const auto contract = testing::check_probe(entry.make_probe(given), model, data, options);
    INFO(contract.text());
    CHECK(contract.ok());
  }
}

TEST_CASE("models and data sets of the core keep their contracts", "[contract]") {
  Linear model;
  const SampleId ids[] = {0, 1, 2, 3};
  const auto contract = testing::check_model(model, normal(10, 0, 1)->batch(ids).inputs);
  INFO(contract.text());
  CHECK(contract.ok());
  for (const auto& data :
       {normal(20, 0, 1), DatasetPtr(std::make_shared<toys::Stream>(toys::points(20)))}) {
    const auto found = testing::check_dataset(*data);
    INFO(found.text());
    CHECK(found.ok());
  }
}

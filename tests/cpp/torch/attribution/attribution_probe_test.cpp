#include <ATen/ATen.h>

#include <set>

#include "../small_models.hpp"
#include "catch.hpp"
#include "leadline/core/error.hpp"
#include "leadline/engine/evaluate.hpp"
#include "leadline/stats/random.hpp"
#include "leadline/testing/contracts.hpp"
#include "leadline/torch/attribution/integrated_gradients.hpp"
#include "leadline/torch/attribution/saliency.hpp"

namespace test = leadline::test;
using namespace leadline;
using attribution::IntegratedGradients;
using attribution::Saliency;

namespace {

constexpr int n_features = 20;

/// n rows of standard normal features; no labels: what is explained is the prediction.
DatasetPtr rows_of(std::uint64_t seed, std::int64_t n) {
  std::vector<float> x;
  for (std::int64_t i = 0; i < n; ++i) {
    stats::Rng rng(seed, "attribution rows", i);
    for (int j = 0; j < n_features; ++j) x.push_back(static_cast<float>(rng.normal()));
  }
  return std::make_shared<TensorDataset>(Tensor::own(std::move(x), {n, n_features}), Tensor{},
                                         TensorDataset::Options{});
}

std::shared_ptr<models::TorchModel> of_rows(std::function<at::Tensor(at::Tensor)> f) {
  return models::from_function(std::move(f),
                               {.name = "rows", .output = OutputKind::logits, .dtype = at::kFloat});
}

at::Tensor random_weight(std::uint64_t seed, std::int64_t rows, std::int64_t cols) {
  std::vector<float> w;
  stats::Rng rng(seed, "attribution weights", 0);
  for (std::int64_t i = 0; i < rows * cols; ++i)
    w.push_back(static_cast<float>(rng.normal() / std::sqrt(static_cast<double>(cols))));
  return at::tensor(w).view({rows, cols});
}

/// A network with kinks on 20 features, 3 classes.
std::shared_ptr<models::TorchModel> honest(std::uint64_t seed) {
  const auto w1 = random_weight(seed, 32, n_features), w2 = random_weight(seed + 1000, 3, 32);
  return of_rows([=](at::Tensor x) { return at::linear(at::linear(x, w1).relu(), w2) * 2; });
}

template <class P>
Finding run(P probe, std::shared_ptr<models::TorchModel> model, DatasetPtr data,
            const EvaluateOptions& options = {}) {
  const std::string id = probe.info().name;
  Suite suite;
  suite.add(std::move(probe));
  const Report report = evaluate(std::move(model), std::move(data), suite, options);
  (void)Report::from_json(report.to_json());  // throws on what a report cannot hold
  return *report.find(id);
}

const Check& check_of(const Finding& finding, std::string_view name) {
  for (const auto& check : finding.checks)
    if (check.name == name) return check;
  throw std::runtime_error("no check " + std::string(name) + " in: " + finding.why);
}

std::string failures(const Finding& finding) {
  std::string text = finding.why;
  for (const auto& check : finding.checks)
    if (check.result != Check::pass) text += check.name + ": " + check.why + "; ";
  return text;
}

}  // namespace

TEST_CASE("a finding tells what was explained and shows pictures", "[attribution][probe]") {
  const auto model = test::small_cnn();
  const at::Tensor x = (0.5 + test::fixed_tensor({60, 1, 8, 8}, 0.5, 7)).to(at::kFloat);
  at::Tensor y = model->call(x).output.argmax(1);
  for (std::int64_t i = 0; i < 60; i += 10) y[i] = (y[i] + 1) % 3;
  TensorDataset::Options options;
  options.class_names = {"ship", "buoy", "rock"};
  options.bounds = std::pair{0.0, 1.0};
  const auto data = std::make_shared<TensorDataset>(from_aten(x), from_aten(y), options);
  const Finding finding = run(IntegratedGradients({.max_samples = 0}), model, data);
  CHECK(failures(finding).empty());
  CHECK(finding.at("completeness_residual").value() < 1e-4);
  CHECK(finding.at("completeness_residual").method == "delta");
  CHECK(finding.at("faithfulness").n == 60);
  CHECK_THAT(
      finding.at("faithfulness").value(),
      WithinAbs(finding.at("deletion_drop").value() - finding.at("random_drop").value(), 1e-12));
  CHECK_THAT(finding.headline, ContainsSubstring("do matter"));
  CHECK(finding.cost.backwards == 60 * 50);
  CHECK(finding.cost.forwards == 60 * (50 + 4));
  std::vector<const Exhibit*> shown;
  for (const Block& block : finding.blocks)
    if (const auto* exhibit = std::get_if<Exhibit>(&block)) shown.push_back(exhibit);
  REQUIRE(std::ssize(shown) == Finding::max_exhibits);
  for (std::size_t i = 0; i < 6; ++i) {  // mistakes first
    CHECK(shown[i]->id % 10 == 0);
    CHECK_THAT(shown[i]->caption, ContainsSubstring("in truth"));
  }
  CHECK(shown[0]->kind == Exhibit::image);
  CHECK(shown[0]->overlay.size() == 64);
  const auto id = shown[0]->id;
  const at::Tensor one = x.narrow(0, id, 1);
  const auto alone =
      attribution::integrated_gradients(*model, one, model->call(one).output.argmax(1)).values;
  CHECK_THAT(shown[0]->overlay[9], WithinAbs(alone.flatten()[9].item<double>(), 1e-6));
}

TEST_CASE("rows are shown field by field", "[attribution][probe]") {
  const Finding finding = run(Saliency({.max_samples = 10}), honest(1), rows_of(1, 30));
  CHECK(finding.at("faithfulness").n == 10);
  const auto& exhibit = std::get<Exhibit>(finding.blocks.at(0));
  CHECK(exhibit.kind == Exhibit::row);
  CHECK(exhibit.labels.size() == n_features);
  CHECK(exhibit.values.size() == n_features);
  CHECK(exhibit.overlay.size() == n_features);
}

TEST_CASE("honest networks pass every check of integrated gradients", "[attribution][honest]") {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    INFO("seed " << seed);
    CHECK(failures(run(IntegratedGradients(), honest(seed), rows_of(seed, 100))).empty());
  }
}

TEST_CASE("honest networks pass every check of saliency", "[attribution][honest]") {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    INFO("seed " << seed);
    CHECK(failures(run(Saliency(), honest(seed), rows_of(seed, 100))).empty());
  }
}

TEST_CASE("attributions_add_up catches too few steps on a saturating model",
          "[attribution][checks]") {
  const at::Tensor w = random_weight(3, 2, n_features);
  const auto model = of_rows([w](at::Tensor x) { return at::tanh(at::linear(x, w) * 4); });
  const auto coarse = run(IntegratedGradients({.steps = 1}), model, rows_of(3, 100));
  CHECK(check_of(coarse, "attributions_add_up").result == Check::fail);
  CHECK(coarse.at("completeness_residual").value() > 0.2);
  CHECK_THAT(check_of(coarse, "attributions_add_up").remedy, ContainsSubstring("above 1"));
  CHECK_THAT(coarse.headline, ContainsSubstring("could not be shown"));
  CHECK(coarse.doubts("faithfulness").size() == 1);
  const auto fine = run(IntegratedGradients({.steps = 50}), model, rows_of(3, 100));
  CHECK(failures(fine).empty());
}

TEST_CASE("gradients_are_alive catches a model that rounds its input", "[attribution][checks]") {
  const at::Tensor w = random_weight(4, 3, n_features);
  const auto model = of_rows([w](at::Tensor x) { return at::linear(at::round(x * 8) / 8, w); });
  const auto not_finite = of_rows([w](at::Tensor x) {
    return at::linear(x, w) + at::sqrt(x.sum(1, true) * 0);  // its gradient is NaN
  });
  for (const auto& bad : {model, not_finite})
    for (const bool complete : {true, false}) {
      const auto finding = complete ? run(IntegratedGradients(), bad, rows_of(4, 40))
                                    : run(Saliency(), bad, rows_of(4, 40));
      CHECK(check_of(finding, "gradients_are_alive").result == Check::fail);
      CHECK(check_of(finding, "gradients_are_alive").evidence.value() == 1);
      if (complete) CHECK(check_of(finding, "attributions_add_up").result == Check::fail);
    }
}

TEST_CASE("important_parts_matter catches a gradient that is not that of the score",
          "[attribution][checks]") {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    INFO("seed " << seed);
    // The score reads the last ten features; the gradient is that of a score on the first ten.
    at::Tensor real = random_weight(seed, 3, n_features),
               shown = random_weight(seed, 3, n_features);
    real.narrow(1, 0, 10).zero_();
    shown.narrow(1, 10, 10).zero_();
    const auto liar = of_rows([=](at::Tensor x) {
      const at::Tensor other = at::linear(x, shown);
      return at::linear(x.detach(), real) + other - other.detach();
    });
    const auto finding = run(Saliency({.max_samples = 0}), liar, rows_of(seed, 200));
    CHECK(check_of(finding, "important_parts_matter").result == Check::fail);
    CHECK(check_of(finding, "gradients_are_alive").result == Check::pass);
    CHECK_THAT(finding.at("deletion_drop").value(), WithinAbs(0, 1e-6));
  }
}

TEST_CASE("important_parts_matter catches attributions drawn at random", "[attribution][checks]") {
  // A gradient drawn anew on each call. Passes by chance in 1 of 100: 20 draws, at most 2.
  int passed = 0;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const at::Tensor w = random_weight(seed, 3, n_features);
    const auto call = std::make_shared<std::int64_t>(0);
    const auto noisy = of_rows([=](at::Tensor x) {
      std::vector<float> noise;
      stats::Rng rng(seed, "noise", ++*call);
      for (std::int64_t i = 0; i < x.numel(); ++i)
        noise.push_back(static_cast<float>(rng.normal()));
      const at::Tensor other = (x * at::tensor(noise).view(x.sizes())).sum(1, true);
      return at::linear(x.detach(), w) + (other - other.detach()) * at::ones({3});
    });
    passed +=
        check_of(run(Saliency(), noisy, rows_of(seed, 64)), "important_parts_matter").result ==
        Check::pass;
  }
  CHECK(passed <= 2);
}

TEST_CASE("few samples leave the deletion test open", "[attribution][checks]") {
  const auto finding = run(Saliency({.max_samples = 7}), honest(1), rows_of(1, 30));
  CHECK(check_of(finding, "important_parts_matter").result == Check::not_run);
  CHECK_THAT(finding.headline, ContainsSubstring("could not be shown"));
}

TEST_CASE("a model whose score never changes is not said to add up", "[attribution][checks]") {
  const auto flat = of_rows([](at::Tensor x) { return x.narrow(1, 0, 3) * 0; });
  const auto finding = run(IntegratedGradients(), flat, rows_of(1, 30));
  CHECK(finding.at("completeness_residual").status == Status::undefined);
  CHECK(check_of(finding, "attributions_add_up").result == Check::fail);
}

TEST_CASE("a subject without gradients is not measured, with the alternative",
          "[attribution][probe]") {
  const auto model = models::from_function(
      [](at::Tensor x) { return x.narrow(1, 0, 3); },
      {.name = "box", .output = OutputKind::logits, .dtype = at::kFloat, .gradients = false});
  const Finding finding = run(Saliency(), model, rows_of(1, 30));
  CHECK(finding.status == Status::not_measured);
  CHECK_FALSE(finding.remedies.empty());
}

TEST_CASE("the seed chooses the samples, the same for both methods", "[attribution][probe]") {
  const auto model = honest(5);
  const auto data = rows_of(5, 300);
  const auto ids = [&](const auto& probe, std::uint64_t seed) {
    EvaluateOptions options;
    options.seed = seed;
    std::set<SampleId> out;
    for (const Block& block : run(probe, model, data, options).blocks)
      out.insert(std::get<Exhibit>(block).id);
    return out;
  };
  const auto first = ids(IntegratedGradients({.max_samples = 20}), 1);
  CHECK(first.size() == 20);
  CHECK(ids(Saliency({.max_samples = 20}), 1) == first);
  CHECK(ids(Saliency({.max_samples = 20}), 2) != first);
}

TEST_CASE("attribution probes keep the contract: seed, batches, resume, shards",
          "[attribution][contract]") {
  const auto data = rows_of(6, 90);
  testing::ProbeContract options;
  options.relative_tolerance = 1e-5;  // floats of a model whose batch differs with the shard
  testing::check_probe(std::make_shared<IntegratedGradients>(
                           attribution::IntegratedGradientsOptions{.steps = 8, .max_samples = 40}),
                       honest(6), data, options)
      .require();
  testing::check_probe(std::make_shared<Saliency>(attribution::SaliencyOptions{.max_samples = 40}),
                       honest(6), data, options)
      .require();
}

TEST_CASE("an input of one value has nothing to compare with", "[attribution][checks]") {
  const at::Tensor w = random_weight(1, 3, 1);
  const auto model = of_rows([w](at::Tensor x) { return at::linear(x, w); });
  const auto x = std::make_shared<TensorDataset>(
      Inputs(from_aten(test::fixed_tensor({40, 1}, 1).to(at::kFloat))), Tensor{},
      TensorDataset::Options{});
  for (const bool complete : {true, false}) {
    const auto finding =
        complete ? run(IntegratedGradients(), model, x) : run(Saliency(), model, x);
    const Check& check = check_of(finding, "important_parts_matter");
    CHECK(check.result == Check::not_run);
    CHECK_THAT(check.why, ContainsSubstring("removes 1 of 1 input values"));
    CHECK_THAT(finding.headline, ContainsSubstring("could not be shown"));
  }
}

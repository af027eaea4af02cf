#include "leadline/metrics/task.hpp"

#include "catch.hpp"
#include "leadline/core/plain.hpp"
#include "leadline/metrics/f1.hpp"
#include "leadline/metrics/log_loss.hpp"
#include "leadline/stats/random.hpp"
#include "support/toys.hpp"

using namespace leadline;
using metrics::Task;

namespace {
const auto task = std::make_shared<Task>();
}

TEST_CASE("task gives what the metrics give", "[metrics][task]") {
  const auto scored = toys::calibrated(900, 8, 2.5, 1);
  const Finding finding = toys::run(task, toys::echo(), toys::dataset(scored));
  INFO(finding.why);
  REQUIRE(finding.status == Status::ok);
  ArrayView view(scored.logits);
  view.rows = 900;
  view.cols = view.row_stride = 8;
  view.rank = 2;
  metrics::F1 f1;
  metrics::LogLoss loss({.input = metrics::ScoreInput::logits});
  f1.update(view, scored.target);
  loss.update(view, scored.target);
  CHECK(finding.at("f1{average=macro}").value() == f1.compute().value());
  CHECK_THAT(finding.at("log_loss").value(), WithinRel(loss.compute().value(), 1e-12));
  CHECK(finding.at("accuracy").n == 900);
  CHECK(finding.at("top_k_accuracy{k=5}").value() > finding.at("accuracy").value());
  CHECK(finding.at("recall{class=3}").ok());
  CHECK(finding.at("brier").ok());
  CHECK(finding.flags.size() == 24);
  CHECK(finding.flags.front().severity >= finding.flags.back().severity);
  CHECK_THAT(finding.headline, ContainsSubstring("in 100 (between"));
  for (const Check& check : finding.checks) {
    INFO(check.name << ": " << check.why);
    CHECK(check.result == Check::pass);
  }
}

TEST_CASE("task on a labels-only model says what it cannot measure", "[metrics][task]") {
  const auto scored = toys::calibrated(400, 7, 3, 2);
  const auto data = toys::dataset(scored);
  const Finding full = toys::run(task, toys::echo(), data);
  const Finding labels = toys::run(task, toys::labels_only(toys::echo()), data);
  CHECK(labels.at("accuracy").value() == full.at("accuracy").value());
  CHECK(labels.at("f1{average=weighted}").value() == full.at("f1{average=weighted}").value());
  CHECK(labels.at("log_loss").status == Status::not_measured);
  CHECK(labels.at("top_k_accuracy{k=5}").status == Status::not_measured);
  CHECK(labels.flags.size() == 24);
}

TEST_CASE("task finds labels that are off by one, swapped or permuted, and honest ones pass",
          "[metrics][task][check]") {
  for (int seed = 0; seed < 20; ++seed) {
    auto scored = toys::calibrated(300, 5, 3, 100 + seed);
    const auto result = [&] {
      return toys::check_of(toys::run(task, toys::echo(), toys::dataset(scored)),
                            "labels_match_outputs")
          .result;
    };
    INFO(seed);
    CHECK(result() == Check::pass);
    const auto honest = scored.target;
    for (auto& label : scored.target) label = (label + 1) % 5;  // off by one
    CHECK(result() == Check::fail);
    scored.target = honest;
    for (auto& label : scored.target) label = label == 1 ? 3 : label == 3 ? 1 : label;  // swapped
    CHECK(result() == Check::fail);
  }
}

TEST_CASE("task sees a model that always says the same and classes too small to judge",
          "[metrics][task][check]") {
  auto scored = toys::calibrated(300, 4, 2, 9);
  for (std::size_t i = 0; i < scored.logits.size(); i += 4) scored.logits[i + 2] = 99;
  const Finding stuck = toys::run(task, toys::echo(), toys::dataset(scored));
  CHECK(toys::check_of(stuck, "predicts_more_than_one_class").result == Check::fail);
  CHECK(stuck.doubts("accuracy").size() >= 1);

  scored = toys::calibrated(100, 4, 2, 10);
  for (auto& label : scored.target) label = label == 3 ? 0 : label;
  scored.target[7] = 3;
  TensorDataset::Options named;
  named.class_names = {"ankle", "boot", "coat", "T-shirt, red"};
  const Finding small = toys::run(task, toys::echo(), toys::dataset(scored, named));
  const Check& support = toys::check_of(small, "enough_samples_per_class");
  CHECK(support.result == Check::fail);
  CHECK_THAT(support.why, ContainsSubstring("T-shirt, red (1)"));
  CHECK(small.doubts("recall{class=T-shirt_ red}").size() == 1);
  CHECK(small.find("recall{class=ankle}") != nullptr);
}

TEST_CASE("task gives no interval of a log loss that hangs on rare mistakes, and marks nothing",
          "[metrics][task][interval]") {
  auto scored = toys::calibrated(600, 3, 12, 4);
  for (std::size_t i = 0; i < 600; ++i)  // right everywhere
    scored.target[i] = std::distance(
        scored.logits.begin() + 3 * i,
        std::max_element(scored.logits.begin() + 3 * i, scored.logits.begin() + 3 * i + 3));
  const Finding right = toys::run(task, toys::echo(), toys::dataset(scored));
  CHECK(right.at("accuracy").value() == 1.0);
  CHECK_FALSE(right.at("log_loss").lower.has_value());
  CHECK_THAT(right.at("log_loss").why, ContainsSubstring("no interval"));
  CHECK(right.at("log_loss").facts.count("skewness") == 1);
  CHECK(right.at("brier").lower.has_value());
  for (const Check& check : right.checks) CHECK(check.result != Check::fail);
  CHECK_THAT(right.consequence, ContainsSubstring("not none"));

  const Finding graded =
      toys::run(task, toys::echo(), toys::dataset(toys::calibrated(900, 3, 2, 4)));
  CHECK(graded.at("log_loss").lower.has_value());
  CHECK(graded.at("brier").method == "t");
}

TEST_CASE("task says that errors are uneven only where the data show it",
          "[metrics][task][words]") {
  const auto consequence = [](std::uint64_t seed, bool uneven) {
    auto scored = toys::calibrated(2000, 10, 40, seed);
    stats::Rng rng(seed, "uneven");
    for (std::size_t i = 0; i < 2000; ++i) {
      const auto row = scored.logits.begin() + 10 * i;
      const auto best = std::distance(row, std::max_element(row, row + 10));
      scored.target[i] = best;
      const bool wrong = rng.uniform() < (uneven && best == 4 ? 0.4 : 0.1);
      if (wrong) std::swap(row[best], row[(best + 1) % 10]);
    }
    return toys::run(task, toys::echo(), toys::dataset(scored)).consequence;
  };
  int claimed = 0;
  for (std::uint64_t seed = 0; seed < 20; ++seed)
    claimed += consequence(seed, false).find("not spread evenly") != std::string::npos;
  CHECK(claimed <= 2);  // at most 2.5 % of honest data sets, corrected for 10 classes
  CHECK_THAT(consequence(1, false), ContainsSubstring("No class is shown"));
  CHECK_THAT(consequence(1, true), ContainsSubstring("not spread evenly: of class '4'"));
}

TEST_CASE("task shows the most confident mistakes as pictures scaled by the declared bounds",
          "[metrics][task][exhibit]") {
  const std::int64_t n = 40;
  std::vector<float> pixels;
  for (std::int64_t i = 0; i < n; ++i)
    for (int p = 0; p < 4; ++p) pixels.push_back(p == 0 ? static_cast<float>(i) / 40 : 1.0F);
  std::vector<std::int64_t> target(static_cast<std::size_t>(n), 1);
  TensorDataset::Options options;
  options.bounds = {0.0, 1.0};
  const auto data = std::make_shared<TensorDataset>(Tensor::own(pixels, {n, 1, 2, 2}),
                                                    Tensor::own(target, {n}), options);
  const auto model = toys::rowwise(2, [](const float* x, float* out) {
    out[0] = 1 + x[0];  // always class 0, the surer the brighter
    out[1] = 0;
  });
  const Finding finding = toys::run(task, model, data);
  std::vector<const Exhibit*> shown;
  for (const Block& block : finding.blocks)
    if (const auto* exhibit = std::get_if<Exhibit>(&block)) shown.push_back(exhibit);
  REQUIRE(shown.size() == 24);
  CHECK(shown[0]->id == 39);
  REQUIRE(shown[0]->images.size() == 1);
  CHECK(shown[0]->images[0].height == 2);
  CHECK(shown[0]->images[0].pixels == std::vector<std::uint8_t>{249, 255, 255, 255});
}

TEST_CASE("task is the same for any batch size and for merged shards", "[metrics][task]") {
  const auto data = toys::dataset(toys::calibrated(350, 6, 2, 4));
  EvaluateOptions small;
  small.batch_size = 7;
  const Finding a = toys::run(task, toys::echo(), data),
                b = toys::run(task, toys::echo(), data, small);
  REQUIRE(a.estimates.size() == b.estimates.size());
  for (std::size_t i = 0; i < a.estimates.size(); ++i) {
    INFO(a.estimates[i].name);
    CHECK_THAT(a.estimates[i].estimate.value(), WithinRel(b.estimates[i].estimate.value(), 1e-12));
  }
  CHECK(a.flags.size() == b.flags.size());
  for (std::size_t i = 0; i < a.flags.size(); ++i) CHECK(a.flags[i].id == b.flags[i].id);
}

TEST_CASE("task refuses to score a regression", "[metrics][task]") {
  const auto data = toys::dataset(toys::calibrated(10, 3, 2, 4));
  const Finding finding = toys::run(task, toys::echo(OutputKind::values), data);
  CHECK(finding.status == Status::not_measured);
  CHECK_THAT(finding.why, ContainsSubstring("returns values"));
}

TEST_CASE("shares are told in plain words", "[core][plain]") {
  CHECK(plain::share(0.0912) == "about 9 in 100");
  CHECK(plain::share(0.0031) == "about 3 in 1000");
  CHECK(plain::share(Estimate::rate(9, 100)) == "about 9 in 100 (between 5 and 16)");
  CHECK(plain::share(Estimate::rate(0, 1000)) == "none (at most 4 in 1000)");
  CHECK(plain::share(Estimate::rate(50, 50)) == "all (at least 93 in 100)");
}

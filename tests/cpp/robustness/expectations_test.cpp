#include "leadline/robustness/expectations.hpp"

#include "catch.hpp"
#include "leadline/core/error.hpp"
#include "leadline/robustness/text_rows.hpp"
#include "leadline/stats/intervals.hpp"
#include "leadline/testing/contracts.hpp"
#include "support/toys.hpp"

using namespace leadline;
using robustness::Expect;
using robustness::Expectation;
using robustness::ExpectationKind;
using robustness::Expectations;

namespace {

/// n rows (a, b), both standard normal; the label is a > 0.
DatasetPtr behaviour_rows(std::int64_t n, std::uint64_t seed = 1) {
  std::vector<float> x;
  std::vector<std::int64_t> target;
  for (std::int64_t i = 0; i < n; ++i) {
    stats::Rng rng(seed, "behaviour", i);
    x.push_back(static_cast<float>(rng.normal()));
    x.push_back(static_cast<float>(rng.normal()));
    target.push_back(x[x.size() - 2] > 0);
  }
  return std::make_shared<TensorDataset>(Tensor::own(x, {n, 2}), Tensor::own(target, {n}),
                                         TensorDataset::Options{.feature_names = {"a", "b"}});
}

/// Reads the first column, and a little of the second where `leak` is not 0.
std::shared_ptr<Subject> first_column(float leak = 0) {
  return toys::rowwise(2, [leak](const float* x, float* out) {
    out[0] = 0;
    out[1] = x[0] + leak * x[1];
  });
}

Finding expect(std::vector<Expectation> tests, std::shared_ptr<Subject> model, DatasetPtr data,
               EvaluateOptions options = {}) {
  const Finding finding =
      toys::run(std::make_shared<Expectations>(std::move(tests)), std::move(model), data, options);
  INFO(finding.why);
  REQUIRE(finding.status == Status::ok);
  return finding;
}

}  // namespace

TEST_CASE("the three kinds of tests count what they name", "[robustness][expectations]") {
  const auto negate = robustness::edit("b", [](double v) { return -v; });
  const auto raise = robustness::edit(0, [](double v) { return v + 1; });
  const auto data = behaviour_rows(400);
  const Finding finding = expect({{.name = "labels", .kind = ExpectationKind::minimum_function},
                                  {.name = "b does not matter", .change = negate},
                                  {.name = "a raises class 1",
                                   .kind = ExpectationKind::direction,
                                   .change = raise,
                                   .of_class = 1},
                                  {.name = "a does not raise class 1",
                                   .kind = ExpectationKind::direction,
                                   .change = raise,
                                   .expect = Expect::not_rise,
                                   .of_class = 1}},
                                 first_column(), data);
  CHECK(finding.at("failure_rate{test=labels}").value() == 0);
  CHECK(finding.at("failure_rate{test=b does not matter}").value() == 0);
  CHECK(finding.at("failure_rate{test=a raises class 1}").value() == 0);
  CHECK(finding.at("failure_rate{test=a does not raise class 1}").value() == 1);
  CHECK(finding.at("n_not_met").value() == 1);
  // one pass for all, one forward a test with a change, one row in eight again
  CHECK(finding.cost.forwards >= 3 * 400 + 20);
  CHECK(finding.cost.forwards <= 3 * 400 + 90);
}

TEST_CASE("the failure rate of an invariance test is the share of answers that it flips",
          "[robustness][expectations]") {
  const auto data = behaviour_rows(500);
  const auto model = first_column(0.5F);
  const Finding finding = expect(
      {{.name = "b", .change = robustness::edit("b", [](double v) { return -v; })}}, model, data);
  const auto& set = dynamic_cast<const TensorDataset&>(*data);
  const auto x = set.inputs().primary.matrix<float>();
  std::int64_t flips = 0;
  for (Eigen::Index i = 0; i < x.rows(); ++i)
    flips += (x(i, 0) + 0.5F * x(i, 1) > 0) != (x(i, 0) - 0.5F * x(i, 1) > 0);
  const Estimate& rate = finding.at("failure_rate{test=b}");
  CHECK(rate.value() == static_cast<double>(flips) / 500);
  const auto wilson = stats::proportion_interval(static_cast<double>(flips), 500);
  CHECK(*rate.lower == wilson.lower);
  CHECK(*rate.upper == wilson.upper);
  CHECK(finding.flags.size() == 24);
}

TEST_CASE("a tolerance is in probability and its edge counts as held",
          "[robustness][expectations]") {
  // logits (0, a): p1 = sigmoid(a); a = 0 -> 1/2, a = log 3 -> 3/4
  const auto data = std::make_shared<TensorDataset>(
      Tensor::own(std::vector<float>(40, 0.0F), {40, 1}), Tensor(), TensorDataset::Options{});
  const auto model = toys::rowwise(2, [](const float* x, float* out) {
    out[0] = 0;
    out[1] = x[0];
  });
  const auto change = robustness::edit(0, [](double) { return -std::log(3.0); });
  const Finding finding = expect({{.name = "loose", .change = change, .tolerance = 0.2501},
                                  {.name = "tight", .change = change, .tolerance = 0.2499}},
                                 model, data);
  CHECK(finding.at("failure_rate{test=loose}").value() == 0);
  CHECK(finding.at("failure_rate{test=tight}").value() == 1);
}

TEST_CASE("rows that a change does not apply to or leaves alone do not count",
          "[robustness][expectations]") {
  const auto some = robustness::on_rows([](std::span<double> row, stats::Rng&) {
    row[1] += 1;
    return row[0] > 0;
  });
  const auto idle = robustness::edit("b", [](double v) { return v; });
  const Finding finding =
      expect({{.name = "some", .change = some}, {.name = "idle", .change = idle}}, first_column(),
             behaviour_rows(400));
  const std::int64_t n = finding.at("failure_rate{test=some}").n;
  CHECK(n > 150);
  CHECK(n < 250);
  CHECK(finding.at("failure_rate{test=idle}").status == Status::empty);
  CHECK(toys::check_of(finding, "perturbation_changes_input{test=some}").result == Check::pass);
  CHECK(toys::check_of(finding, "perturbation_changes_input{test=idle}").result == Check::fail);
  CHECK(toys::check_of(finding, "enough_applicable_samples{test=idle}").result == Check::fail);
  CHECK(toys::check_of(finding, "answers_repeat").result == Check::pass);
}

TEST_CASE("texts are tested with the same syntax, from templates and fixed cases",
          "[robustness][expectations][text]") {
  const auto texts = robustness::fill_template(
      "a {mood} day, {who}", {{"mood", {"good", "bad"}},
                              {"who",
                               {"Ann", "Bo", "Cy", "Di", "Ed", "Flo", "Gus", "Hal", "Ida", "Jo",
                                "Kim", "Lea", "Max", "Ned", "Ole", "Pam", "Quin"}}});
  REQUIRE(texts.size() == 34);
  CHECK(texts.front() == "a good day, Ann");
  CHECK(texts[1] == "a good day, Bo");
  CHECK(robustness::texts_of(robustness::text_rows(texts)) == texts);
  SubjectInfo info;
  info.name = "word";
  info.output = OutputKind::labels;
  const auto model = std::make_shared<robustness::TextClassifier>(
      [](const std::vector<std::string>& given) {
        std::vector<std::int64_t> labels;
        for (const auto& text : given) labels.push_back(text.find("good") != std::string::npos);
        const auto n = static_cast<std::int64_t>(labels.size());
        return Outputs{Tensor::own(std::move(labels), {n}), {}, {}};
      },
      info);
  std::vector<std::int64_t> target;
  for (const auto& text : texts) target.push_back(text.find("good") != std::string::npos);
  const auto cases = std::make_shared<TensorDataset>(
      robustness::text_rows(texts), Tensor::own(target, {34}), TensorDataset::Options{});
  const auto louder = robustness::on_text(
      [](const std::string& text, stats::Rng&) { return std::optional(text + "!"); });
  const auto capitals = robustness::on_text([](std::string text, stats::Rng&) {
    for (char& c : text) c = static_cast<char>(std::toupper(c));
    return std::optional(text);
  });
  const Finding finding =
      expect({{.name = "template", .kind = ExpectationKind::minimum_function, .cases = cases},
              {.name = "louder", .change = louder, .cases = cases},
              {.name = "capitals", .change = capitals}},
             model, cases);
  CHECK(finding.at("failure_rate{test=template}").value() == 0);
  CHECK(finding.at("failure_rate{test=louder}").value() == 0);
  CHECK(finding.at("failure_rate{test=capitals}").value() == 0.5);
  const bool shown = std::any_of(finding.blocks.begin(), finding.blocks.end(), [](const Block& b) {
    const auto* exhibit = std::get_if<Exhibit>(&b);
    return exhibit != nullptr && exhibit->values.size() == 2 &&
           exhibit->values[1].find("GOOD") != std::string::npos;
  });
  CHECK(shown);
}

TEST_CASE("a text model answers through a reader of labels", "[robustness][text]") {
  struct Echo : TextModel {
    SubjectInfo info() const override { return {.name = "echo", .access = Access::text}; }
    std::vector<Response> generate(std::span<const Prompt> prompts, const Decoding&) override {
      std::vector<Response> out;
      for (const Prompt& prompt : prompts)
        out.push_back({prompt.id, prompt.user + " yes", "end", ""});
      return out;
    }
  };
  robustness::TextClassifier model(std::make_shared<Echo>(), [](const std::string& text) {
    return static_cast<std::int64_t>(text.find("q yes") != std::string::npos);
  });
  const std::vector<std::string> texts{"q", "r"};
  const Tensor labels = model.forward(Inputs(robustness::text_rows(texts))).output;
  CHECK(labels.data<std::int64_t>()[0] == 1);
  CHECK(labels.data<std::int64_t>()[1] == 0);
}

TEST_CASE("verdicts of many tests hold together", "[robustness][expectations]") {
  // a model that fails 8 of 100: its own interval exceeds 5 % less often jointly over 20 tests
  std::vector<Expectation> tests;
  for (int k = 0; k < 20; ++k)
    tests.push_back({.name = "t" + std::to_string(k), .kind = ExpectationKind::minimum_function});
  const auto data = behaviour_rows(60);
  const Finding finding = expect(std::move(tests), first_column(1.0F), data);
  const auto& table = std::get<TableBlock>(finding.blocks.front());
  const auto& joint = std::get<Estimate>(table.rows.front()[4]);
  const Estimate& alone = finding.at("failure_rate{test=t0}");
  CHECK_THAT(joint.level, WithinAbs(1 - 0.05 / 20, 1e-12));
  CHECK(*joint.lower < *alone.lower);
  CHECK(*joint.upper > *alone.upper);
}

TEST_CASE("expectations keep the contract of probes, with cases and without",
          "[robustness][expectations][contract]") {
  const auto noise = robustness::on_rows([](std::span<double> row, stats::Rng& random) {
    row[0] += 0.5 * random.normal();
    return true;
  });
  for (const bool fixed : {false, true}) {
    const auto probe = std::make_shared<Expectations>(std::vector<Expectation>{
        {.name = "noise", .change = noise, .cases = fixed ? behaviour_rows(50, 7) : nullptr},
        {.name = "labels", .kind = ExpectationKind::minimum_function}});
    const auto contract = testing::check_probe(probe, first_column(), behaviour_rows(90));
    INFO(contract.text());
    CHECK(contract.ok());
  }
}

TEST_CASE("the checks of expectations catch a random model", "[robustness][expectations][check]") {
  int calls = 0;
  const auto random = toys::rowwise(2, [&calls](const float* x, float* out) {
    out[0] = 0;
    out[1] = x[0] + (++calls % 7 == 0 ? 3.0F : 0.0F);
  });
  const Finding finding = expect({{.name = "labels", .kind = ExpectationKind::minimum_function}},
                                 random, behaviour_rows(300));
  CHECK(toys::check_of(finding, "answers_repeat").result == Check::fail);
}

TEST_CASE("expectations refuse what they cannot mean", "[robustness][expectations][error]") {
  using Tests = std::vector<Expectation>;
  const auto idle = robustness::edit(0, [](double v) { return v; });
  CHECK_THROWS_AS(Expectations(Tests{}), ValueError);
  CHECK_THROWS_AS(Expectations(Tests{{.name = "x"}}), ValueError);
  CHECK_THROWS_AS(Expectations(Tests{{.name = "x", .change = idle}, {.name = "x", .change = idle}}),
                  ValueError);
  CHECK_THROWS_AS(Expectations(Tests{{.name = "x", .change = idle, .tolerance = -1}}), ValueError);
  CHECK_THROWS_AS(robustness::fill_template("a {b", {}), ValueError);
  CHECK_THROWS_AS(robustness::fill_template("a {b}", {}), ValueError);
  CHECK_THROWS_AS(robustness::fill_template("a", {{"b", {"c"}}}), ValueError);
  const auto wrong = toys::run(
      std::make_shared<Expectations>(
          Tests{{.name = "x", .change = robustness::edit("c", [](double v) { return v; })}}),
      first_column(), behaviour_rows(40));
  CHECK(wrong.status == Status::failed);
  CHECK(wrong.why.find("a column of the data") != std::string::npos);
  const auto blind =
      toys::run(std::make_shared<Expectations>(
                    Tests{{.name = "x", .kind = ExpectationKind::direction, .change = idle}}),
                toys::labels_only(first_column()), behaviour_rows(40));
  CHECK(blind.status == Status::not_measured);
}

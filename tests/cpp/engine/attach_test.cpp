#include "leadline/engine/attach.hpp"

#include "engine/toys.hpp"

using namespace leadline;
using namespace toys;

namespace {

std::shared_ptr<TensorDataset> images(double low, double high, std::pair<double, double> bounds,
                                      std::int64_t n = 60) {
  std::vector<float> values;
  for (std::int64_t i = 0; i < n; ++i) {
    stats::Rng rng(3, "images", i);
    for (int p = 0; p < 4; ++p) values.push_back(static_cast<float>(rng.uniform(low, high)));
  }
  return std::make_shared<TensorDataset>(
      Tensor::own(std::move(values), {n, 4}), Tensor::own(std::vector<std::int64_t>(n, 0), {n}),
      TensorDataset::Options{.class_names = {"a", "b"}, .bounds = bounds});
}

using Rule = std::function<void(const Eigen::ArrayXXd& x, Eigen::ArrayXXd& logits)>;
/// Two logits (-s, s) with s = mean of the inputs - 0.5, then `rule`.
std::shared_ptr<FunctionModel> model(Rule rule, SubjectInfo info = {.name = "planted",
                                                                    .output = OutputKind::logits}) {
  return std::make_shared<FunctionModel>(
      [rule](const Inputs& inputs) {
        const Eigen::ArrayXXd x = inputs.primary.host().matrix<float>().cast<double>();
        Eigen::ArrayXXd logits(x.rows(), 2);
        logits.col(1) = x.rowwise().mean() - 0.5;
        logits.col(0) = -logits.col(1);
        rule(x, logits);
        std::vector<float> out;
        for (Eigen::Index i = 0; i < logits.rows(); ++i)
          for (Eigen::Index c = 0; c < logits.cols(); ++c)
            out.push_back(static_cast<float>(logits(i, c)));
        return Outputs{Tensor::own(std::move(out), {logits.rows(), logits.cols()}), {}, {}};
      },
      info);
}
void honest(const Eigen::ArrayXXd&, Eigen::ArrayXXd&) {}

Finding attach(std::shared_ptr<Model> model, DatasetPtr data) {
  Suite suite;
  suite.add(Attach{});
  const Report report = evaluate(std::move(model), std::move(data), suite, {.batch_size = 20});
  REQUIRE(report.find("attach")->why == "");
  return *report.find("attach");
}

const Check& check(const Finding& finding, std::string_view name) {
  for (const auto& one : finding.checks)
    if (one.name == name) return one;
  throw std::runtime_error("no check of this name");
}

}  // namespace

TEST_CASE("an honest attachment passes every check", "[engine][attach]") {
  for (int seed = 0; seed < 20; ++seed) {
    const double scale = 1 + seed;
    const Finding found = attach(model([scale](const auto&, auto& logits) { logits *= scale; }),
                                 images(0, 1, {0.0, 1.0}, 40 + seed));
    for (const auto& one : found.checks) {
      INFO(one.name << ": " << one.why);
      CHECK(one.result == Check::pass);
    }
    CHECK(found.at("batch_size_change").value() == 0);
    CHECK(found.at("decisions_within_margin").value() == 0);
    CHECK(found.at("n_outputs").value() == 2);
  }
}

TEST_CASE("inputs outside their bounds are named with the likely cause", "[engine][attach]") {
  const auto why = [](double low, double high, std::pair<double, double> bounds,
                      std::string_view name) {
    const Finding found = attach(model(honest), images(low, high, bounds));
    INFO(check(found, name).why);
    CHECK(check(found, name).result == Check::fail);
    return check(found, name).remedy;
  };
  CHECK_THAT(why(0, 255, {0.0, 1.0}, "inputs_within_bounds"), ContainsSubstring("divide by 255"));
  CHECK_THAT(why(-2, 2, {0.0, 1.0}, "inputs_within_bounds"),
             ContainsSubstring("normalised by mean"));
  CHECK_THAT(why(0, 1.5, {-0.5, 0.5}, "inputs_within_bounds"), ContainsSubstring("plain values"));
  CHECK_THAT(why(0, 1.0 / 255, {0.0, 1.0}, "inputs_fill_bounds"), ContainsSubstring("twice"));
  CHECK_THAT(why(0, 1, {0.0, 255.0}, "inputs_fill_bounds"), ContainsSubstring("multiply by 255"));
}

TEST_CASE("outputs that are not finite are counted and the first is named", "[engine][attach]") {
  const Finding found = attach(model([](const auto& x, auto& logits) {
                                 for (Eigen::Index i = 0; i < x.rows(); ++i)
                                   if (x(i, 0) > 0.9) logits(i, 0) = std::nan("");
                               }),
                               images(0, 1, {0.0, 1.0}));
  CHECK(check(found, "outputs_finite").result == Check::fail);
  CHECK(check(found, "outputs_finite").evidence.value() > 0);
  CHECK_THAT(found.headline, ContainsSubstring("not finite"));
}

TEST_CASE("rows that depend on their batch are found", "[engine][attach]") {
  const Finding mixed = attach(model([](const auto&, auto& logits) {
                                 const Eigen::ArrayXd mean = logits.colwise().mean();
                                 logits.rowwise() -= mean.transpose();
                               }),
                               images(0, 1, {0.0, 1.0}));
  CHECK(check(mixed, "rows_independent").result == Check::fail);
  CHECK(check(mixed, "deterministic").result == Check::pass);
}

TEST_CASE("rounding that changes with the batch size passes and is quantified",
          "[engine][attach]") {
  // Each score moves by 1e-5 when it is alone; gaps below 2e-5 could turn.
  const Finding found = attach(model([](const auto& x, auto& logits) {
                                 if (x.rows() == 1) logits.col(0) += 1e-5;
                               }),
                               images(0, 1, {0.0, 1.0}, 400));
  CHECK(check(found, "rows_independent").result == Check::pass);
  CHECK(found.at("batch_size_change").value() > 1e-5);
  CHECK(found.at("batch_size_change").value() < 1e-3);
  CHECK(found.at("decisions_within_margin").n == 400);
}

TEST_CASE("every decision within the margin is counted", "[engine][attach]") {
  const Finding found = attach(model([](const auto& x, auto& logits) {
                                 logits.col(0) = 1;
                                 logits.col(1) = 1 + 1e-6;
                                 if (x.rows() == 1) logits.col(0) += 1e-4;
                               }),
                               images(0, 1, {0.0, 1.0}));
  CHECK(found.at("decisions_within_margin").value() == 1);
}

TEST_CASE("a model that draws at random is found", "[engine][attach]") {
  auto calls = std::make_shared<int>(0);
  const Finding found =
      attach(model([calls](const auto&, auto& logits) { logits += 0.1 * (++*calls % 7); }),
             images(0, 1, {0.0, 1.0}));
  CHECK(check(found, "deterministic").result == Check::fail);
  CHECK(check(found, "rows_independent").result == Check::not_run);
}

TEST_CASE("a model declared stochastic is not accused of it", "[engine][attach]") {
  auto calls = std::make_shared<int>(0);
  const SubjectInfo declared{.name = "declared", .output = OutputKind::logits, .stochastic = true};
  const Finding found = attach(
      model([calls](const auto&, auto& logits) { logits += 0.1 * (++*calls % 7); }, declared),
      images(0, 1, {0.0, 1.0}));
  CHECK(check(found, "deterministic").result == Check::not_run);
  CHECK_THAT(check(found, "deterministic").why, ContainsSubstring("declared stochastic"));
  CHECK(check(found, "rows_independent").result == Check::not_run);
  CHECK_THAT(found.headline, ContainsSubstring("fit together as declared"));
}

TEST_CASE("a model that refuses a sample alone is found to need the others", "[engine][attach]") {
  const Finding found = attach(model([](const auto& x, auto&) {
                                 if (x.rows() == 1)
                                   throw std::runtime_error("one row, no variance");
                               }),
                               images(0, 1, {0.0, 1.0}));
  CHECK(check(found, "deterministic").result == Check::pass);
  CHECK(check(found, "rows_independent").result == Check::fail);
  CHECK_THAT(check(found, "rows_independent").why, ContainsSubstring("one row, no variance"));
  CHECK(found.at("decisions_within_margin").status == Status::not_measured);
  CHECK(found.at("batch_size_change").status == Status::not_measured);
  CHECK(found.at("inputs_max").ok());
}

TEST_CASE("probabilities declared as logits are found", "[engine][attach]") {
  const Rule softmax = [](const auto&, auto& logits) {
    const Eigen::ArrayXXd e = logits.exp();
    logits = e.colwise() / e.rowwise().sum();
  };
  CHECK(check(attach(model(softmax), images(0, 1, {0.0, 1.0})), "logits_are_not_probabilities")
            .result == Check::fail);
  const SubjectInfo declared{.name = "declared", .output = OutputKind::probabilities};
  CHECK(check(attach(model(softmax, declared), images(0, 1, {0.0, 1.0})),
              "logits_are_not_probabilities")
            .result == Check::not_run);
}

TEST_CASE("a number of outputs that is not the number of classes is found", "[engine][attach]") {
  auto data = images(0, 1, {0.0, 1.0});
  auto named = std::make_shared<TensorDataset>(
      data->inputs(), data->target(),
      TensorDataset::Options{.class_names = {"a", "b", "c"}, .bounds = std::pair(0.0, 1.0)});
  const Finding found = attach(model(honest), named);
  CHECK(check(found, "outputs_match_classes").result == Check::fail);
  CHECK_THAT(check(found, "outputs_match_classes").why, ContainsSubstring("2 outputs"));
}

TEST_CASE("without bounds the range is reported and the checks say why they did not run",
          "[engine][attach]") {
  const Finding found = attach(std::make_shared<HalfPlane>(), points(50));
  CHECK(check(found, "inputs_within_bounds").result == Check::not_run);
  CHECK(check(found, "inputs_within_bounds").why == "no bounds are declared");
  CHECK(found.at("inputs_min").value() < 0);
  CHECK(found.at("reachable_layers").value() == 1);
}

// One change for all samples, on planes where the best one is known.
#include <memory>

#include "blackbox_toys.hpp"
#include "leadline/engine/evaluate.hpp"
#include "leadline/robustness/universal_perturbation.hpp"
#include "src/robustness/universal.hpp"

using namespace blackbox_toys;

namespace universal_test {

/// Points of class 1 with margins from just above 0 to `most`.
Tensor spread_points(const Plane& model, std::int64_t n, double most) {
  std::vector<float> all;
  std::vector<std::int64_t> shape;
  for (std::int64_t i = 0; i < n; ++i) {
    const double margin = most * (static_cast<double>(i) + 0.5) / static_cast<double>(n);
    const Tensor one =
        points_at(model, 1, margin, {std::ssize(model.w)}, static_cast<std::uint64_t>(i) + 1);
    all.insert(all.end(), one.data<float>(), one.data<float>() + one.n_elements());
  }
  return Tensor::own(std::move(all), {n, std::ssize(model.w)});
}

double sum_of_sizes(const Plane& model) {
  double sum = 0;
  for (const double v : model.w) sum += std::abs(v);
  return sum;
}

DatasetPtr data_of(const Tensor& x) {
  return std::make_shared<TensorDataset>(Inputs(x), ones(x.size(0)),
                                         TensorDataset::Options{.bounds = std::pair{0.0, 1.0}});
}

Finding universal_finding(const std::shared_ptr<Plane>& model, const DatasetPtr& data,
                          const UniversalPerturbationOptions& options,
                          const EvaluateOptions& how = {}) {
  Suite suite("universal");
  suite.add(UniversalPerturbation(options));
  return evaluate(model, data, suite, how).findings.front();
}

const Check& universal_check(const Finding& finding, std::string_view name) {
  for (const Check& check : finding.checks)
    if (check.name == name) return check;
  throw std::runtime_error("no such check");
}

}  // namespace universal_test

using namespace universal_test;

TEST_CASE("on a plane the change for all is the steepest one", "[robustness][universal]") {
  Plane model(plane_weights(20));
  const double reach = 0.1 * sum_of_sizes(model);
  const Tensor x = spread_points(model, 60, 2 * reach);  // half of them are out of reach
  const UniversalPerturbation linf({.threat = {.norm = Norm::linf, .eps = 0.1}});
  const Tensor delta = linf.fit(model, x);
  REQUIRE(delta.size(0) == 1);
  for (std::size_t j = 0; j < 20; ++j)
    CHECK(delta.data<double>()[j] == (model.w[j] > 0 ? -0.1 : 0.1));

  const Tensor steep =
      UniversalPerturbation({.threat = {.norm = Norm::l2, .eps = 0.2}}).fit(model, x);
  double along = 0, square = 0, weights = 0;
  for (std::size_t j = 0; j < 20; ++j) {
    along -= steep.data<double>()[j] * model.w[j];
    square += steep.data<double>()[j] * steep.data<double>()[j];
    weights += model.w[j] * model.w[j];
  }
  CHECK_THAT(std::sqrt(square), WithinAbs(0.2, 1e-9));
  CHECK(along / std::sqrt(square * weights) > 0.9999);
}

TEST_CASE("a patch for all takes the value that hurts at any place", "[robustness][universal]") {
  Plane model(std::vector<double>(64, 1.0));
  model.b = -30;
  const Tensor x = points_at(model, 12, 1.5, {1, 8, 8});
  const Tensor patch =
      UniversalPerturbation({.threat = {.norm = Norm::patch, .eps = 9.0 / 64}}).fit(model, x);
  CHECK(patch.n_elements() == 9);
  CHECK(patch.size(2) == 3);
  for (std::int64_t i = 0; i < 9; ++i) CHECK(patch.data<double>()[i] == 0.0);
}

TEST_CASE("the fooling rate is that of samples it was not fitted on", "[robustness][universal]") {
  const auto model = std::make_shared<Plane>(plane_weights(20));
  const double reach = 0.1 * sum_of_sizes(*model);
  const Tensor x = spread_points(*model, 200, 2 * reach);
  const UniversalPerturbationOptions options{.threat = {.norm = Norm::linf, .eps = {0.02, 0.1}},
                                             .fit_share = 0.25};
  const Finding finding = universal_finding(model, data_of(x), options);
  const Estimate& rate = finding.at("fooling_rate{norm=linf,eps=0.1}");
  CHECK(rate.n == 150);
  CHECK(rate.method == "wilson");
  CHECK_THAT(rate.value(), WithinAbs(0.5, 0.08));
  CHECK_THAT(finding.at("fooling_rate{norm=linf,eps=0.02}").value(), WithinAbs(0.1, 0.06));
  CHECK(finding.at("fitted_fooling_rate{norm=linf,eps=0.1}").n == 50);
  CHECK(finding.at("random_fooling_rate{norm=linf,eps=0.1}").value() < 0.3);
  CHECK(finding.at("accuracy{norm=linf,eps=0.1}").value() == 1 - rate.value());
  CHECK(finding.at("clean_accuracy").value() == 1.0);
  for (const Check& check : finding.checks) CHECK(check.result == Check::pass);
  CHECK_THAT(finding.headline, ContainsSubstring("the same for all"));
  CHECK_FALSE(finding.consequence.empty());
  CHECK_FALSE(finding.remedies.empty());

  const Finding small = universal_finding(model, data_of(x), options, {.batch_size = 7});
  CHECK(small.at("fooling_rate{norm=linf,eps=0.1}").value() == rate.value());
}

TEST_CASE("all test data are judged where data of the role fit are given",
          "[robustness][universal]") {
  const auto model = std::make_shared<Plane>(plane_weights(20));
  const double reach = 0.1 * sum_of_sizes(*model);
  EvaluateOptions how;
  how.also = {{"fit", data_of(spread_points(*model, 30, 2 * reach))}};
  const Finding finding = universal_finding(model, data_of(spread_points(*model, 80, 2 * reach)),
                                            {.threat = {.norm = Norm::linf, .eps = 0.1}}, how);
  CHECK(finding.at("fooling_rate{norm=linf,eps=0.1}").n == 80);
  CHECK(finding.at("fitted_fooling_rate{norm=linf,eps=0.1}").n == 30);
}

TEST_CASE("any of the classes counts, and samples that are there already do not",
          "[robustness][universal]") {
  const auto model = std::make_shared<Plane>(plane_weights(20));
  const double reach = 0.1 * sum_of_sizes(*model);
  UniversalPerturbationOptions options{
      .threat = {.norm = Norm::linf, .eps = 0.1, .goal = Goal::any_of, .classes = {0}}};
  const auto data = data_of(spread_points(*model, 60, reach));
  CHECK(universal_finding(model, data, options).at("fooling_rate{norm=linf,eps=0.1}").value() >
        0.9);
  options.threat.classes = {1};  // where all of them are
  const Estimate none =
      universal_finding(model, data, options).at("fooling_rate{norm=linf,eps=0.1}");
  CHECK(none.n == 0);
  CHECK_FALSE(none.ok());
}

TEST_CASE("rounded inputs have no gradient, and the check says so", "[robustness][universal]") {
  const auto model = std::make_shared<Plane>(plane_weights(20));
  model->quantum = 0.01;
  const auto data = data_of(spread_points(*model, 80, 0.1 * sum_of_sizes(*model)));
  const Finding finding =
      universal_finding(model, data, {.threat = {.norm = Norm::linf, .eps = 0.1}});
  CHECK(universal_check(finding, "gradients_not_zero").result == Check::fail);
}

TEST_CASE("a change beyond its budget is counted as too far", "[robustness][universal]") {
  Plane model(plane_weights(20));
  const Tensor x = points_at(model, 4, 0.1, {20});
  const std::vector<SampleId> ids{0, 1, 2, 3};
  for (const Norm norm : {Norm::linf, Norm::l2}) {
    AttackPlan plan{.norm = norm, .eps = {0.1}};
    leadline::detail::universal::Canvas canvas(x, plan, 0);
    const auto change = canvas.random(stats::Rng(1, "change"));
    CHECK(canvas.n_too_far(x, canvas.put(x, ids, change, 0)) == 0);
    std::vector<double> larger = change;
    for (double& v : larger) v *= 1.1;
    CHECK(canvas.n_too_far(x, canvas.put(x, ids, larger, 0)) == 4);
  }
}

TEST_CASE("a universal perturbation refuses what it cannot do", "[robustness][universal]") {
  CHECK_THROWS_AS(UniversalPerturbation({.threat = {.norm = Norm::l0, .eps = 3}}), ValueError);
  CHECK_THROWS_WITH(UniversalPerturbation({.threat = {.goal = Goal::targeted}}),
                    ContainsSubstring("goal='any_of'"));
  Plane model(plane_weights(64));
  const Tensor x = points_at(model, 4, 0.1, {1, 8, 8});
  CHECK_THROWS_WITH(
      UniversalPerturbation({.threat = {.norm = Norm::patch, .eps = 0.001}}).fit(model, x),
      ContainsSubstring("at least a pixel"));
  CHECK_THROWS_AS(UniversalPerturbation().fit(model, x, {.bounds = {0.6, 1}}), ValueError);
  model.output = OutputKind::labels;
  CHECK_THROWS_AS(UniversalPerturbation().fit(model, x), CapabilityError);
}

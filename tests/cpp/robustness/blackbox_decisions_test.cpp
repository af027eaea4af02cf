// Attacks on decisions: HopSkipJump, BoundaryAttack, GeoDa, SignOpt.
#include <algorithm>
#include <memory>
#include <numeric>

#include "blackbox_toys.hpp"
#include "leadline/robustness/boundary_attack.hpp"
#include "leadline/robustness/geoda.hpp"
#include "leadline/robustness/hop_skip_jump.hpp"
#include "leadline/robustness/sign_opt.hpp"

using namespace blackbox_toys;

namespace {

struct DecisionCase {
  const char* name;
  Norm norm;
  double within;  // of the exact distance, after 5000 queries in 12 dimensions
  std::function<std::shared_ptr<Attack>(Threat, std::int64_t queries)> make;
};

std::vector<DecisionCase> decision_cases() {
  const auto hop = [](Threat t, std::int64_t q) {
    return std::make_shared<HopSkipJump>(HopSkipJumpOptions{.threat = std::move(t), .queries = q});
  };
  const auto walk = [](Threat t, std::int64_t q) {
    return std::make_shared<BoundaryAttack>(
        BoundaryAttackOptions{.threat = std::move(t), .queries = q});
  };
  const auto geoda = [](Threat t, std::int64_t q) {
    return std::make_shared<GeoDa>(GeoDaOptions{.threat = std::move(t), .queries = q});
  };
  const auto sign_opt = [](Threat t, std::int64_t q) {
    return std::make_shared<SignOpt>(SignOptOptions{.threat = std::move(t), .queries = q});
  };
  return {{"hop_skip_jump", Norm::l2, 1.02, hop},   {"hop_skip_jump", Norm::linf, 1.02, hop},
          {"boundary_attack", Norm::l2, 1.1, walk}, {"geoda", Norm::l2, 1.02, geoda},
          {"geoda", Norm::linf, 1.02, geoda},       {"geoda", Norm::l1, 1.02, geoda},
          {"sign_opt", Norm::l2, 1.02, sign_opt},   {"sign_opt", Norm::linf, 1.2, sign_opt}};
}

}  // namespace

TEST_CASE("attacks on decisions find the exact distance of a plane", "[robustness][blackbox]") {
  Plane model(plane_weights(12));
  model.output = OutputKind::labels;
  const double margin = 0.4;
  const Tensor x = points_at(model, 6, margin, {12});
  for (const auto& one : decision_cases()) {
    INFO(one.name << " in " << name_of(one.norm));
    const double exact = exact_distance(model, one.norm, margin);
    const auto found =
        one.make({.norm = one.norm, .eps = 0.01 * exact}, 5000)->attack(model, x, ones(6));
    INFO("median " << median_ratio(found, exact) << ", worst " << worst_ratio(found, exact));
    CHECK(median_ratio(found, exact) < one.within);
    for (const auto& result : found.results) CHECK(result.distance >= exact * (1 - 1e-5));
  }
}

TEST_CASE("attacks on decisions ask no more than they are given", "[robustness][blackbox]") {
  Plane model(plane_weights(12));
  model.output = OutputKind::labels;
  const Tensor x = points_at(model, 3, 0.4, {12});
  for (const auto& one : decision_cases())
    for (const std::int64_t queries : {3, 60, 777}) {
      INFO(one.name << " in " << name_of(one.norm) << ", " << queries);
      model.rows = 0;
      const auto found =
          one.make({.norm = one.norm, .eps = 1e-4}, queries)->attack(model, x, ones(3));
      CHECK(most_queries(found) <= queries);
      CHECK(most_queries(found) > queries - 3);
      std::int64_t sum = 0;
      for (const auto& result : found.results) sum += result.forwards;
      CHECK(model.rows == sum);
    }
}

TEST_CASE("attacks on decisions end when a point lies within the budget",
          "[robustness][blackbox]") {
  Plane model(plane_weights(12));
  model.output = OutputKind::labels;
  const Tensor x = points_at(model, 3, 0.4, {12});
  for (const auto& one : decision_cases()) {
    INFO(one.name << " in " << name_of(one.norm));
    const double exact = exact_distance(model, one.norm, 0.4);
    const auto found = one.make({.norm = one.norm, .eps = {1.5 * exact, 3 * exact}}, 5000)
                           ->attack(model, x, ones(3));
    CHECK(most_queries(found) < 4000);
    for (const auto& result : found.results) CHECK(result.fooled_at == 1.5 * exact);
  }
}

TEST_CASE("attacks on decisions do not depend on batch size", "[robustness][blackbox]") {
  Plane model(plane_weights(24));
  model.output = OutputKind::labels;
  const Tensor x = points_at(model, 4, 0.4, {2, 3, 4});
  for (const auto& one : decision_cases()) {
    INFO(one.name << " in " << name_of(one.norm));
    const auto attack = one.make({.norm = one.norm, .eps = 1e-4}, 400);
    const auto whole = attack->attack(model, x, ones(4));
    for (const std::int64_t batch : {1, 7, 1000})
      for (std::size_t i = 0; i < 4; ++i)
        CHECK(attack->attack(model, x, ones(4), {.batch_size = batch}).results[i].distance ==
              whole.results[i].distance);
    CHECK(std::isfinite(whole.results[0].distance));
  }
}

TEST_CASE("attacks on decisions do not mind gradients that are zero", "[robustness][blackbox]") {
  Plane model(plane_weights(12));
  model.output = OutputKind::labels;
  model.scale = 1e6;
  model.quantum = 1.0 / 256;
  const Tensor x = points_at(model, 3, 0.4, {12});
  for (const auto& one : decision_cases()) {
    if (one.name == std::string_view("sign_opt")) continue;
    INFO(one.name << " in " << name_of(one.norm));
    const double exact = exact_distance(model, one.norm, 0.4);
    CHECK(n_fooled(
              one.make({.norm = one.norm, .eps = 1.5 * exact}, 5000)->attack(model, x, ones(3))) ==
          3);
  }
  // Turned by less than the rounding of the inputs, a ray decides as before.
  const double exact = exact_distance(model, Norm::l2, 0.4);
  const SignOpt turned({.threat = {.norm = Norm::l2, .eps = 1.5 * exact}, .smoothing = 0.2});
  CHECK(n_fooled(turned.attack(model, x, ones(3))) == 3);
}

TEST_CASE("a model that cannot be fooled costs the first tries only", "[robustness][blackbox]") {
  Plane model(std::vector<double>(12, 1.0));
  model.output = OutputKind::labels;
  model.b = 1;  // class 1 everywhere in the box
  const Tensor x = Tensor::own(std::vector<float>(12, 0.5F), {1, 12});
  for (const auto& one : decision_cases()) {
    INFO(one.name << " in " << name_of(one.norm));
    const auto found = one.make({.norm = one.norm, .eps = 0.5}, 5000)->attack(model, x, ones(1));
    CHECK(n_fooled(found) == 0);
    CHECK(found.results[0].forwards == 100);
  }
}

TEST_CASE("sign-opt looks along other rays once one has come to rest", "[robustness][blackbox]") {
  // Noise is brighter than the row and meets the far boundary, at 0.52; a dark first value is near.
  const FunctionModel::Function decide = [](const Inputs& inputs) {
    const Tensor x = inputs.primary.host(DType::f64);
    std::vector<std::int64_t> labels(static_cast<std::size_t>(x.size(0)));
    for (std::size_t i = 0; i < labels.size(); ++i) {
      const double* row = x.data<double>() + 12 * i;
      const double mean = std::accumulate(row, row + 12, 0.0) / 12;
      labels[i] = mean > 0.45 || row[0] < 0.05 ? 0 : 1;
    }
    return Outputs{Tensor::own(std::move(labels), {x.size(0)}), {}, {}};
  };
  SubjectInfo info{.name = "two boundaries", .output = OutputKind::labels};
  FunctionModel model(decide, info);
  const Tensor x = Tensor::own(std::vector<float>(96, 0.3F), {8, 12});
  const SignOpt attack({.threat = {.norm = Norm::l2, .eps = 0.27}, .queries = 4000});
  CHECK(n_fooled(attack.attack(model, x, ones(8))) == 8);
}

TEST_CASE("attacks on decisions refuse norms they do not know", "[robustness][blackbox]") {
  CHECK_THROWS_WITH(
      HopSkipJump({.threat = {.norm = Norm::l1}}),
      ContainsSubstring("HopSkipJump: expected a threat with norm='l2' or 'linf', got "
                        "'l1' (use GeoDa for the norm l1)"));
  CHECK_THROWS_AS(BoundaryAttack({.threat = {.norm = Norm::linf}}), ValueError);
  CHECK_THROWS_AS(GeoDa({.threat = {.norm = Norm::l0, .eps = 2}}), ValueError);
  CHECK_THROWS_AS(SignOpt({.threat = {.norm = Norm::l1}}), ValueError);
}

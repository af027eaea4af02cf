// Attacks on scores: Square, Nes, Spsa, Zoo, SimBa.
#include <algorithm>
#include <memory>

#include "blackbox_toys.hpp"
#include "leadline/robustness/nes.hpp"
#include "leadline/robustness/simba.hpp"
#include "leadline/robustness/spsa.hpp"
#include "leadline/robustness/square.hpp"
#include "leadline/robustness/zoo.hpp"
#include "src/robustness/attack_basis.hpp"
#include "src/robustness/square_window.hpp"

using namespace blackbox_toys;

namespace {

using AttackOf = std::function<std::shared_ptr<Attack>(Threat, std::int64_t queries)>;

struct ScoreCase {
  const char* name;
  AttackOf make;
  std::vector<Norm> norms;
  std::vector<double> factors{};  // of the exact distance at which it succeeds; empty: 2
  [[nodiscard]] double factor(std::size_t k) const { return factors.empty() ? 2 : factors[k]; }
};

std::vector<ScoreCase> score_cases() {
  return {
      {"square",
       [](Threat t, std::int64_t q) {
         return std::make_shared<Square>(
             SquareOptions{.threat = std::move(t), .queries = q, .rescale_schedule = true});
       },
       {Norm::linf, Norm::l2, Norm::l1},
       {2, 3, 8}},  // windows of at least 3 x 3 cannot follow single weights
      {"nes",
       [](Threat t, std::int64_t q) {
         return std::make_shared<Nes>(NesOptions{.threat = std::move(t), .queries = q});
       },
       {Norm::linf, Norm::l2, Norm::l1}},
      {"spsa",
       [](Threat t, std::int64_t q) {
         return std::make_shared<Spsa>(
             SpsaOptions{.threat = std::move(t), .queries = q, .pairs = 16});
       },
       {Norm::linf, Norm::l2}},
      {"zoo",
       [](Threat t, std::int64_t q) {
         return std::make_shared<Zoo>(ZooOptions{.threat = std::move(t), .queries = q});
       },
       {Norm::l2}},
      {"simba",
       [](Threat t, std::int64_t q) {
         return std::make_shared<SimBa>(SimBaOptions{.threat = std::move(t), .queries = q});
       },
       {Norm::linf, Norm::l2, Norm::l1}},
      {"simba dct",
       [](Threat t, std::int64_t q) {
         return std::make_shared<SimBa>(SimBaOptions{
             .threat = std::move(t), .queries = q, .basis = SimBaBasis::dct, .low_frequencies = 1});
       },
       {Norm::l2}},
  };
}

/// A picture of 1 x 6 x 4: no square.
const std::vector<std::int64_t> picture{1, 6, 4};

}  // namespace

TEST_CASE("attacks on scores succeed beyond the exact distance of a plane and never below it",
          "[robustness][blackbox]") {
  Plane model(plane_weights(24));
  const double margin = 0.4;
  const Tensor x = points_at(model, 6, margin, picture);
  for (const auto& one : score_cases())
    for (std::size_t k = 0; k < one.norms.size(); ++k) {
      const Norm norm = one.norms[k];
      INFO(one.name << " in " << name_of(norm));
      const double exact = exact_distance(model, norm, margin);
      const auto far = one.make({.norm = norm, .eps = one.factor(k) * exact}, 3000);
      const auto near = one.make({.norm = norm, .eps = 0.97 * exact}, 300);
      CHECK(n_fooled(far->attack(model, x, ones(6))) == 6);
      CHECK(n_fooled(near->attack(model, x, ones(6))) == 0);
    }
}

TEST_CASE("attacks on scores ask exactly the queries they are given where they fail",
          "[robustness][blackbox]") {
  Plane model(plane_weights(24));
  const Tensor x = points_at(model, 3, 0.4, picture);
  for (const auto& one : score_cases())
    for (const std::int64_t queries : {40, 137}) {
      INFO(one.name << ", " << queries);
      const double eps = 0.3 * exact_distance(model, one.norms.front(), 0.4);
      const auto attack = one.make({.norm = one.norms.front(), .eps = eps}, queries);
      model.rows = 0;
      const auto found = attack->attack(model, x, ones(3));
      CHECK(most_queries(found) <= queries);
      CHECK(model.rows == 3 * most_queries(found));
      if (std::string_view(one.name).starts_with("s") && one.name != std::string_view("spsa"))
        CHECK(most_queries(found) == queries);
      else
        CHECK(most_queries(found) > queries - 12);  // searches and pairs do not divide it
    }
}

TEST_CASE("attacks on scores do not depend on batch size or order", "[robustness][blackbox]") {
  Plane model(plane_weights(24));
  const Tensor x = points_at(model, 5, 0.4, picture);
  for (const auto& one : score_cases()) {
    INFO(one.name);
    const double eps = 1.3 * exact_distance(model, one.norms.back(), 0.4);
    const auto attack = one.make({.norm = one.norms.back(), .eps = eps}, 400);
    const Tensor whole = attack->perturb(model, x, ones(5));
    for (const std::int64_t batch : {1, 3, 100})
      CHECK(same_values(whole, attack->perturb(model, x, ones(5), {.batch_size = batch})));
    if (one.name != std::string_view("zoo"))  // moves all 24 values at once: nothing is drawn
      CHECK_FALSE(same_values(whole, attack->perturb(model, x, ones(5), {.seed = 1})));
  }
}

TEST_CASE("attacks on scores see through rounded inputs, whose gradients are zero",
          "[robustness][blackbox]") {
  Plane model(plane_weights(24));
  model.quantum = 1.0 / 64;
  const Tensor x = points_at(model, 4, 0.6, picture);
  const double eps = 3 * exact_distance(model, Norm::linf, 0.6);
  const Threat threat{.norm = Norm::linf, .eps = eps};
  CHECK(n_fooled(Square({.threat = threat, .queries = 2000, .rescale_schedule = true})
                     .attack(model, x, ones(4))) == 4);
  CHECK(
      n_fooled(Nes({.threat = threat, .queries = 3000, .sigma = 0.05}).attack(model, x, ones(4))) ==
      4);
  CHECK(n_fooled(
            Spsa({.threat = threat, .queries = 3000, .delta = 0.05}).attack(model, x, ones(4))) ==
        4);
}

TEST_CASE("attacks on scores go on where float32 probabilities are saturated",
          "[robustness][blackbox]") {
  Plane model(plane_weights(24));
  model.scale = 60;  // p = 1 - 4e-11: within float32 of 1, not within float64
  model.output = OutputKind::probabilities;
  const Tensor x = points_at(model, 4, 0.4, picture);
  const double eps = 3 * exact_distance(model, Norm::l2, 0.4);
  for (const auto& one : score_cases()) {
    if (one.norms.size() == 1 && one.name == std::string_view("zoo")) continue;
    INFO(one.name);
    const bool l2 = std::find(one.norms.begin(), one.norms.end(), Norm::l2) != one.norms.end();
    REQUIRE(l2);
    CHECK(n_fooled(one.make({.norm = Norm::l2, .eps = eps}, 3000)->attack(model, x, ones(4))) == 4);
  }
}

TEST_CASE("zoo comes near the exact distance", "[robustness][blackbox]") {
  Plane model(plane_weights(24));
  const Tensor x = points_at(model, 5, 0.4, {24});
  const double exact = exact_distance(model, Norm::l2, 0.4);
  const auto found = Zoo({.threat = {.norm = Norm::l2, .eps = 0.01 * exact},
                          .queries = 40000,
                          .searches = 6,
                          .step_size = 0.002})
                         .attack(model, x, ones(5));
  INFO(worst_ratio(found, exact));
  CHECK(worst_ratio(found, exact) < 1.05);
  for (const auto& result : found.results) CHECK(result.distance >= exact * (1 - 1e-5));
}

TEST_CASE("simba in l0 changes as few values as the plane allows", "[robustness][blackbox]") {
  Plane model({4, 0.1, 0.1, 0.1, 0.1, 0.1});
  model.b = -1.9;  // the first value alone can cross: from 0.5 to 0
  const Tensor x = points_at(model, 4, 0.4, {6});
  CHECK(n_fooled(SimBa({.threat = {.norm = Norm::l0, .eps = 1}, .queries = 60})
                     .attack(model, x, ones(4))) == 4);
}

TEST_CASE("a bump of the square attack is two pyramids of opposite sign and length 1",
          "[robustness][blackbox]") {
  for (const auto& [h, w] : std::vector<std::pair<std::int64_t, std::int64_t>>{
           {3, 3}, {5, 5}, {7, 3}, {1, 6}, {4, 1}, {2, 9}}) {
    std::vector<double> out(static_cast<std::size_t>(h * w));
    stats::Rng rng(1, "bump", h * 10 + w);
    leadline::detail::square_window::bump(h, w, rng, out);
    double square = 0, low = 0, high = 0;
    for (const double v : out) {
      square += v * v;
      low = std::min(low, v);
      high = std::max(high, v);
    }
    CHECK_THAT(square, WithinAbs(1, 1e-12));
    CHECK(low < 0);
    CHECK(high > 0);
  }
}

TEST_CASE("the published bump of side 3 is reproduced", "[robustness][blackbox]") {
  // eta(3) of the authors' code: rectangles 1 x 3 and 2 x 3, pyramids 1 + 1/4 around the centre.
  std::vector<double> wanted{0.25, 1.25, 0.25, -0.25, -0.25, -0.25, -0.25, -1.25, -0.25};
  double square = 0;
  for (const double v : wanted) square += v * v;
  bool upright = false, turned = false;
  for (std::int64_t i = 0; i < 20; ++i) {
    std::vector<double> out(9);
    stats::Rng rng(1, "bump", i);
    leadline::detail::square_window::bump(3, 3, rng, out);
    bool as_is = true, transposed = true;
    for (std::size_t r = 0; r < 3; ++r)
      for (std::size_t c = 0; c < 3; ++c) {
        as_is &= std::abs(out[3 * r + c] - wanted[3 * r + c] / std::sqrt(square)) < 1e-12;
        transposed &= std::abs(out[3 * c + r] - wanted[3 * r + c] / std::sqrt(square)) < 1e-12;
      }
    CHECK((as_is || transposed));
    upright |= as_is;
    turned |= transposed;
  }
  CHECK(upright);
  CHECK(turned);
}

TEST_CASE("attacks on scores refuse what they cannot do", "[robustness][blackbox]") {
  CHECK_THROWS_WITH(Square({.threat = {.norm = Norm::l0, .eps = 3}}),
                    ContainsSubstring("Square: expected a threat with norm='linf' or 'l2' or 'l1', "
                                      "got 'l0'"));
  CHECK_THROWS_AS(Spsa({.threat = {.norm = Norm::l1}}), ValueError);
  CHECK_THROWS_AS(Zoo({.threat = {.norm = Norm::linf}}), ValueError);
  CHECK_THROWS_AS(SimBa({.threat = {.norm = Norm::l0, .eps = 3}, .basis = SimBaBasis::dct}),
                  ValueError);
  CHECK_THROWS_WITH(Nes({.threat = {.knowledge = Knowledge::labels}}),
                    ContainsSubstring("HopSkipJump"));
  CHECK_THROWS_AS(Square({.queries = 1}), ValueError);
  Plane model(plane_weights(4));
  model.output = OutputKind::labels;
  const Tensor x = points_at(model, 2, 0.4, {4});
  CHECK_THROWS_WITH(Nes().perturb(model, x, ones(2)),
                    ContainsSubstring("expected a model that gives scores, which 'nes' needs"));
}

TEST_CASE("square walks at random where there are labels only", "[robustness][blackbox]") {
  // Four values of one weight: of the 16 corners of the ball one misleads, from eps = 0.05 on.
  Plane model({0.25, 0.25, 0.25, 0.25});
  model.b = -0.5;
  const Tensor x = points_at(model, 20, 0.05, {4});
  model.output = OutputKind::labels;
  const auto square = [](double eps) {
    return Square({.threat = {.norm = Norm::linf, .eps = eps, .knowledge = Knowledge::labels},
                   .queries = 1000});
  };
  CHECK(n_fooled(square(0.06).attack(model, x, ones(20))) == 20);
  const Perturbed below = square(0.04).attack(model, x, ones(20));
  CHECK(n_fooled(below) == 0);
  CHECK(most_queries(below) == 1000);
}

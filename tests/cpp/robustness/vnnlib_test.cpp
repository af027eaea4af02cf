#include "leadline/robustness/vnnlib.hpp"

#include "catch.hpp"
#include "leadline/core/error.hpp"
#include "leadline/stats/random.hpp"

using namespace leadline;
using robustness::from_vnnlib;
using robustness::LocalProblem;
using robustness::to_vnnlib;

TEST_CASE("a problem in vnnlib reads as the language has it", "[robustness][vnnlib]") {
  CHECK(to_vnnlib({{0.25, 0}, {0.5, 1e-7}, 1, 3}, "sample 7\nlinf") ==
        "; sample 7\n; linf\n"
        "(declare-const X_0 Real)\n(declare-const X_1 Real)\n"
        "(declare-const Y_0 Real)\n(declare-const Y_1 Real)\n(declare-const Y_2 Real)\n"
        "(assert (>= X_0 0.25))\n(assert (<= X_0 0.5))\n"
        "(assert (>= X_1 0))\n(assert (<= X_1 0.0000001))\n"
        "(assert (or\n  (and (>= Y_0 Y_1))\n  (and (>= Y_2 Y_1))\n))\n");
  CHECK(to_vnnlib({{0}, {1}, 1, 1}).find("(assert (<= Y_0 0.0))") != std::string::npos);
}

TEST_CASE("bounds come back from vnnlib bit for bit", "[robustness][vnnlib]") {
  LocalProblem problem;
  problem.label = 2;
  problem.n_outputs = 4;
  stats::Rng rng(1, "vnnlib");
  for (int i = 0; i < 500; ++i) {
    const double at = std::ldexp(rng.normal(), static_cast<int>(rng.below(600)) - 300);
    problem.lower.push_back(at);
    problem.upper.push_back(at + std::abs(at) * rng.uniform());
  }
  CHECK(from_vnnlib(to_vnnlib(problem)) == problem);
  for (const std::int64_t label : {0, 1}) {
    const LocalProblem binary{{-0.5}, {0.5}, label, 1};
    CHECK(from_vnnlib(to_vnnlib(binary)) == binary);
  }
}

TEST_CASE("a problem that is none is refused", "[robustness][vnnlib]") {
  CHECK_THROWS_AS(to_vnnlib({{1}, {0}, 0, 2}), ValueError);
  CHECK_THROWS_AS(to_vnnlib({{0}, {1}, 2, 2}), ValueError);
  CHECK_THROWS_AS(to_vnnlib({{}, {}, 0, 2}), ValueError);
  const std::string good = to_vnnlib({{0}, {1}, 0, 2});
  CHECK_THROWS_AS(from_vnnlib(good.substr(0, good.size() - 4)), ValueError);
  CHECK_THROWS_AS(from_vnnlib(good + "(assert (<= X_0 2))"), ValueError);
  CHECK_THROWS_AS(from_vnnlib(""), ValueError);
}

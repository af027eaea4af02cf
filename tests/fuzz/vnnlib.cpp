#include "leadline/robustness/vnnlib.hpp"

#include "fuzz.hpp"

LEADLINE_FUZZ(vnnlib, input) {
  using namespace leadline::robustness;
  (void)fuzz::refused([&] {
    const LocalProblem problem = from_vnnlib(input);
    const std::string text = to_vnnlib(problem);
    fuzz::expect(from_vnnlib(text) == problem, "a problem does not come back");
  });
}

LEADLINE_FUZZ_SEEDS(vnnlib) {
  using leadline::robustness::to_vnnlib;
  return {to_vnnlib({{0.1, -2}, {0.3, 1e-300}, 1, 3}, "sample 4"), to_vnnlib({{0}, {1}, 0, 1})};
}

// Losses by hand and their gradients by differences.
#include <cmath>

#include "catch.hpp"
#include "leadline/robustness/attack_loss.hpp"

using namespace leadline;
using namespace leadline::robustness;

TEST_CASE("the targeted logit ratio is its formula", "[robustness][loss]") {
  const std::vector<double> z{3.0, 1.0, -1.0, 0.5, 2.0};
  std::vector<double> dz(5);
  // -(z_y - z_t) / (z_(1) - (z_(3) + z_(4)) / 2) with y = 0, t = 2.
  CHECK_THAT(targeted_dlr(0, 2)(z, dz), WithinAbs(-4.0 / (3.0 - (1.0 + 0.5) / 2), 1e-10));
  // Fewer than four classes: the margin.
  const std::vector<double> three{3.0, 1.0, -1.0};
  std::vector<double> d3(3);
  CHECK(targeted_dlr(0, 2)(three, d3) == -4.0);
}

TEST_CASE("gradients of the losses agree with differences", "[robustness][loss]") {
  const std::vector<double> z{1.2, 0.4, -0.8, 0.9, 2.1, -1.7};
  for (const Objective& objective : {targeted_dlr(4, 1), score_difference(2, 3)}) {
    std::vector<double> dz(6), unused(6);
    (void)objective(z, dz);
    for (std::size_t i = 0; i < 6; ++i) {
      auto up = z, down = z;
      up[i] += 1e-6;
      down[i] -= 1e-6;
      CHECK_THAT(dz[i], WithinAbs((objective(up, unused) - objective(down, unused)) / 2e-6, 1e-6));
    }
  }
}

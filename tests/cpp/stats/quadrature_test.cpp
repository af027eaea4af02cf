#include "leadline/stats/quadrature.hpp"

#include <cmath>

#include "catch.hpp"
#include "leadline/core/error.hpp"

using namespace leadline;

TEST_CASE("gauss-legendre integrates polynomials of degree 2n - 1 exactly", "[stats][quadrature]") {
  for (const int n : {1, 2, 3, 5, 8, 50}) {
    const auto rule = stats::gauss_legendre(n);
    REQUIRE(rule.nodes.size() == static_cast<std::size_t>(n));
    for (int degree = 0; degree <= 2 * n - 1; ++degree) {
      double sum = 0;
      for (int i = 0; i < n; ++i) sum += rule.weights[i] * std::pow(rule.nodes[i], degree);
      REQUIRE_THAT(sum, WithinAbs(1.0 / (degree + 1), 1e-13));
    }
  }
  REQUIRE_THROWS_AS(stats::gauss_legendre(0), ValueError);
}

/// Quadrature nodes.
#pragma once

#include <vector>

#include "leadline/config.hpp"

namespace leadline::stats {

struct Quadrature {
  std::vector<double> nodes, weights;  // on [0, 1]; weights sum to 1
};

/// Gauss-Legendre on [0, 1]: exact for polynomials of degree 2n - 1. Throws ValueError for n < 1.
[[nodiscard]] LEADLINE_API Quadrature gauss_legendre(int n);

}  // namespace leadline::stats

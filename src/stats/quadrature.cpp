#include "leadline/stats/quadrature.hpp"

#include <boost/math/special_functions/legendre.hpp>
#include <string>

#include "leadline/core/error.hpp"

namespace leadline::stats {

Quadrature gauss_legendre(int n) {
  if (n < 1) throw ValueError("gauss_legendre", "at least one node", std::to_string(n), "");
  const auto positive = boost::math::legendre_p_zeros<double>(n);  // 0 first when n is odd
  std::vector<double> zeros;
  for (auto z = positive.rbegin(); z != positive.rend(); ++z) zeros.push_back(-*z);
  for (const double z : positive)
    if (z > 0) zeros.push_back(z);
  Quadrature out;
  for (const double z : zeros) {
    const double slope = boost::math::legendre_p_prime<double>(n, z);
    out.nodes.push_back((z + 1) / 2);
    out.weights.push_back(1 / ((1 - z * z) * slope * slope));
  }
  return out;
}

}  // namespace leadline::stats

// The trust-region problem of a step along the boundary, solved through its dual.
#pragma once

#include <span>
#include <vector>

#include "leadline/robustness/threat.hpp"

namespace leadline::detail::boundary_step {

struct Problem {
  robustness::Norm norm = robustness::Norm::l2;
  std::span<const double> clean, lower, upper;
  std::span<const double> slope;  // of length 1, in l2
  double gap = 0;                 // slope . (q - x) = gap
  double radius = 0;              // |q - x|_2 at most
};

/// q <- the point nearest to `clean` in the norm, on the plane, within radius and bounds. Where the
/// radius does not reach the plane: as far towards its nearest point as the radius allows; where
/// the bounds do not: as near to it as they allow.
///
/// For a pull p towards the clean point, the minimiser of the Lagrangian is, value by value, the
/// point v = x + lambda * slope drawn towards `clean` and clipped: to a share p of the way (l2), to
/// a cube about it (linf), by a soft (l1) or hard threshold (l0). lambda puts it on the plane, the
/// largest p that the radius allows is optimal.
LEADLINE_API void solve(const Problem& problem, std::span<const double> x, std::vector<double>& q);

}  // namespace leadline::detail::boundary_step

// The windows of the Square attack.
#pragma once

#include <span>

#include "attack_basis.hpp"

namespace leadline::detail::square_window {

/// x <- the first point: vertical stripes on the faces of the ball (linf), a grid of bumps of the
/// size of the ball (l2, l1).
void start(const robustness::Row& row, const attack_basis::Planes& planes, double eps,
           stats::Rng& rng, std::span<double> x);

/// x <- x with one window changed: pushed to another face (linf); given a bump and the budget of
/// a second window, which loses its own (l2, l1). Within ball and bounds.
void propose(const robustness::Row& row, const attack_basis::Planes& planes, double share,
             double eps, stats::Rng& rng, std::span<double> x);

/// The bump of the l2 and l1 attacks: two pyramids of opposite sign side by side, along the width
/// or the height at random. out [height * width], Euclidean length 1.
LEADLINE_API void bump(std::int64_t height, std::int64_t width, stats::Rng& rng,
                       std::span<double> out);

}  // namespace leadline::detail::square_window

// The geometry of an attack in its coordinates: distances, balls, boxes, directions of ascent.
#pragma once

#include <span>
#include <vector>

#include "leadline/robustness/attack_row.hpp"

namespace leadline::detail::attack_geometry {

using robustness::Norm;
using robustness::Row;

/// The size of b - a in `norm`, one of a ball (spatial: of coordinates).
[[nodiscard]] double distance(Norm norm, std::span<const double> a, std::span<const double> b);
/// The same in any norm of a threat.
[[nodiscard]] double distance(const robustness::AttackSpace& space, Norm norm,
                              std::span<const double> a, std::span<const double> b);
/// The size of a gradient in the dual norm: what a unit of budget can gain to first order.
[[nodiscard]] double dual_norm(Norm norm, std::span<const double> gradient);

/// x <- the nearest point of the ball of radius eps about the clean point (Euclidean projection;
/// Duchi et al. 2008 for l1, the eps largest changes for l0), clipped to the bounds. Norm patch:
/// the bounds alone; an attack keeps to its square.
void project(const Row& row, double eps, std::span<double> x);
/// x <- clipped to the bounds.
void clip(const Row& row, std::span<double> x);

/// out <- the direction of length 1 (in the threat's norm) of steepest ascent along `gradient` from
/// x: sign (linf), normalised (l2), the share `sparsity` of the values that can still move, by the
/// size of their slope (l1, l0; Tramer and Boneh 2019). Zeros where the gradient is zero.
void steepest(const Row& row, std::span<const double> x, std::span<const double> gradient,
              std::span<double> out, double sparsity = 0.05);
/// x <- project(x + step * steepest(gradient)).
void ascend(const Row& row, std::span<const double> gradient, double step, double eps,
            std::span<double> x);

/// x <- a point drawn in the ball about the clean point (linf: uniform in each value; l2, l1:
/// uniform in volume; l0: eps values drawn anew; patch: the values of a place drawn anew), clipped
/// to the bounds.
void draw_in_ball(const Row& row, double eps, stats::Rng& rng, std::span<double> x);

/// The budget that holds the whole box: nothing is out of reach.
[[nodiscard]] double unbounded(const robustness::AttackSpace& space, Norm norm);

}  // namespace leadline::detail::attack_geometry

// What the minimum-norm attacks share: the boundaries to try and a last local search.
#pragma once

#include <cmath>
#include <limits>
#include <numbers>
#include <span>
#include <vector>

#include "leadline/robustness/attack_engine.hpp"
#include "leadline/robustness/attack_loss.hpp"
#include "leadline/robustness/plane_projector.hpp"

namespace leadline::detail::minimum_norm {

using robustness::Norm;
using robustness::Objective;
using robustness::PlaneProjector;
using robustness::Row;
using robustness::Slope;
using robustness::Task;

/// `project` within the norm and the bounds of the row.
bool project_on(PlaneProjector& project, const Row& row, std::span<const double> x,
                std::span<const double> w, double gap, std::span<double> out);

/// w . (b - a).
[[nodiscard]] double dot_gap(std::span<const double> w, std::span<const double> a,
                             std::span<const double> b);

/// With `to_budget` the row ends at the first point within the smallest budget, else it looks for
/// the nearest point whatever the budgets.
void begin(Row& row, std::span<const double> budgets, bool to_budget);

/// Functions of the scores that are 0 on the boundaries of the row's class: the score of a wrong
/// class less the label's, for the `most` likeliest ones (0: all) or, with `own_target`, for
/// row.target(); the margin for other goals than untargeted.
[[nodiscard]] Task<std::vector<Objective>> boundaries(Row& row, std::int64_t most, bool own_target);

/// The objective of `slope`, taken at `x`, whose plane is nearest to `x` inside the bounds;
/// out <- the point of the plane.
[[nodiscard]] std::size_t nearest_plane(const Row& row, std::span<const double> x,
                                        const Slope& slope, PlaneProjector& project,
                                        std::span<double> out);

/// The length of the change that reaches the tangent plane of the boundary at the clean point (in
/// l2, but for the attack's own norm it is the nearest such change); where the slope is zero, a
/// tenth of the box. Asks for the gradient at the clean point.
[[nodiscard]] Task<double> first_distance(Row& row);

/// The weight of the margin against the distance: tenfold until a search succeeds, then bisected.
struct WeightSearch {
  double weight, low = 0, high = std::numeric_limits<double>::infinity();
  void next(bool success) {
    (success ? high : low) = weight;
    weight = std::isfinite(high) ? (low + high) / 2 : 10 * weight;
  }
};

/// Falls from 1 at step 0 to `last` at step n by half a cosine.
[[nodiscard]] inline double cosine(int step, int n, double last) {
  return last + (1 - last) * (1 + std::cos(std::numbers::pi * step / n)) / 2;
}

/// Shortens the nearest adversarial found: along its line to the clean point by secants, then
/// `rounds` times to the point nearest to the clean one on the plane that touches the boundary
/// there, or part of the way. The first round compares the planes of the likeliest classes. Never
/// worse; about 7 looks, and a gradient and 2 looks a round.
[[nodiscard]] Task<> polish(Row& row, int rounds);

}  // namespace leadline::detail::minimum_norm

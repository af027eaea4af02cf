// What attacks on decisions have in common: asking whether a point fools, counting, a first point
// that does, and the way from it to the boundary.
#pragma once

#include <span>
#include <vector>

#include "leadline/robustness/attack_row.hpp"

namespace leadline::detail::decision {

using robustness::Row;
using robustness::Task;

/// What a row may still ask. Lives in the frame of the attack.
struct Purse {
  std::int64_t left = 0;
};

/// Whether `x` reaches the goal; false when nothing is left to ask with.
[[nodiscard]] Task<bool> fools(Row& row, Purse& purse, std::span<double> x);

/// x <- a point of the box: uniform noise, or (odd numbers) a corner.
void draw_start(const Row& row, std::uint64_t number, std::vector<double>& x);

/// x <- a point of the box that reaches the goal: uniform noise and, in turn, corners of the box,
/// at most `tries` of them, numbered from `first`. False when none does.
[[nodiscard]] Task<bool> find_start(Row& row, Purse& purse, int tries, std::vector<double>& x,
                                    std::uint64_t first = 0);

/// x, which reaches the goal, <- the last point that does on the way to the clean one: along the
/// segment, or within ever smaller cubes (linf). `tolerance` is relative to the distance of x.
[[nodiscard]] Task<> bisect(Row& row, Purse& purse, double tolerance, std::vector<double>& x);

/// |b - a| in Euclidean length.
[[nodiscard]] double length(std::span<const double> a, std::span<const double> b);
/// Euclidean length 1; zeros stay.
void normalise(std::span<double> v);

}  // namespace leadline::detail::decision

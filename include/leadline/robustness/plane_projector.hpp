/// Nearest points on a plane inside a box: what minimum-norm attacks do at each linearised
/// boundary.
#pragma once

#include <span>
#include <vector>

#include "leadline/config.hpp"
#include "leadline/robustness/threat.hpp"

namespace leadline::robustness {

/// Exact in all four norms (Croce and Hein 2020, section 3, arXiv:1907.02044). Holds scratch space:
/// one a thread.
///
///     PlaneProjector project;
///     const bool reached = project(Norm::l2, x, w, gap, lower, upper, nearest);
class LEADLINE_API PlaneProjector {
 public:
  /// out [d] <- the point of the box [lower, upper] nearest to `x` [d] (itself inside) in `norm`
  /// with w . (out - x) = gap; where the box does not reach the plane, its corner nearest to it,
  /// and false. linf, l2: each value moves by its level or to its bound; l1: the steepest values
  /// first; l0: those that gain most, the last one in part. O(d log d) at worst, O(d) as a rule.
  bool operator()(Norm norm, std::span<const double> x, std::span<const double> w, double gap,
                  std::span<const double> lower, std::span<const double> upper,
                  std::span<double> out);

 private:
  struct Item {
    double slope, cap;  // gains min(level * slope, cap)
    std::size_t at;
  };
  double level(double gap);
  void greedy(Norm norm, double way, std::span<const double> w, double gap, std::span<double> out);

  std::vector<Item> items_;
};

}  // namespace leadline::robustness

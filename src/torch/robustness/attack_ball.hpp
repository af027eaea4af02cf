/// The geometry of an attack: where a row starts, one step of ascent, and the way back into the
/// ball and the bounds. Plain loops on host floats, ATen for other devices and dtypes.
#pragma once

#include <ATen/core/Tensor.h>

#include <memory>
#include <vector>

#include "leadline/torch/robustness/attack_loop.hpp"

namespace leadline::detail::attack_ball {

/// One row's part in a step.
struct Move {
  std::int64_t row = 0;  // of the buffers
  double eps = 0, step = 0;
  bool zero = false, bad = false;  // out: gradient exactly zero; NaN or infinite (left out)
};

/// Buffers [batch, ...] of one attack: `x` is where the rows stand.
class Ball {
 public:
  virtual ~Ball() = default;
  /// Puts row `row` at its start: the clean point, or (with `rng`) uniform in the ball; then clips.
  virtual void start(std::int64_t row, double eps, stats::Rng* rng) = 0;
  /// x += step * direction(gradient), back into ball and bounds. `gradient` has x's layout; it
  /// may be overwritten. The norm of x - x0 in float64 is at most eps * (1 + 5e-7) for floats
  /// (half types: at most eps).
  virtual void step(at::Tensor& gradient, std::vector<Move>& moves) = 0;

  /// Row from[i] becomes row to[i], all of it.
  virtual void move(const std::vector<std::int64_t>& to, const std::vector<std::int64_t>& from);

  at::Tensor x, x0;
};

/// For samples like `example` [n, ...].
[[nodiscard]] std::unique_ptr<Ball> make_ball(const at::Tensor& example, std::int64_t rows,
                                              robustness::Norm norm,
                                              std::pair<double, double> bounds);

/// dst[to[i]] = src[from[i]].
void copy_rows(at::Tensor& dst, const std::vector<std::int64_t>& to, const at::Tensor& src,
               const std::vector<std::int64_t>& from);

}  // namespace leadline::detail::attack_ball

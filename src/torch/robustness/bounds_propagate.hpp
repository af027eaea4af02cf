/// Bounds of a network's values over a ball around each row: intervals forward, linear functions
/// backward.
#pragma once

#include <optional>
#include <utility>
#include <vector>

#include "bounds_net.hpp"
#include "leadline/robustness/threat.hpp"

namespace leadline::detail::bounds {

/// {x' : |x' - x| <= eps, low <= x' <= high}, a row each; everything float64.
struct Ball {
  at::Tensor x;    // [B, in...]
  at::Tensor eps;  // [B], at least 0
  robustness::Norm norm = robustness::Norm::linf;
  std::optional<std::pair<double, double>> bounds{};
};

struct Box {
  at::Tensor lower, upper;  // [B, shape...]
};

/// x - eps and x + eps, cut to the bounds: the ball lies in it. `x` and `eps` broadcast.
[[nodiscard]] Box box_around(const Ball& ball, const at::Tensor& x, const at::Tensor& eps);

/// lower_slope * z + lower_offset <= f(z) <= upper_slope * z + upper_offset inside a box.
struct Lines {
  at::Tensor lower_slope, lower_offset, upper_slope, upper_offset;
};
[[nodiscard]] Lines lines_of(const Activation& activation, const Box& box);
[[nodiscard]] Box range_of(const Activation& activation, const Box& box);

/// Least value of a . x' over the ball for each of a [B, K, in] -> [B, K]. `tight`: with the dual
/// problem of ball and box together for l2 and l1, else the better of the two alone.
[[nodiscard]] at::Tensor least_over(const Ball& ball, const at::Tensor& a, bool tight);

enum class Tighten : std::uint8_t {
  none,    // interval bounds (IBP)
  linear,  // those of CROWN for every value that is not settled by an interval
};

class Propagation {
 public:
  /// Bounds of every value that a nonlinear node reads.
  Propagation(const Net& net, Ball ball, Tighten tighten);

  /// Lower bounds [B, K] of rows [B, K, out] times the output: through affine nodes only, to the
  /// interval bounds of what they read (IBP with the last layers merged).
  [[nodiscard]] at::Tensor merged(const at::Tensor& rows) const;
  /// The same through every node, to the input (CROWN).
  [[nodiscard]] at::Tensor linear(const at::Tensor& rows) const;
  /// The same with the lower slopes of unsettled ReLUs learnt, the best of `steps` + 1
  /// (alpha-CROWN); `inner`: those behind the bounds of inner layers too.
  [[nodiscard]] at::Tensor learnt(const at::Tensor& rows, int steps, bool inner) const;
  /// How far the outputs [B, out] of a model that rounds each operation by `unit` may lie from
  /// those of real arithmetic, whatever the order of its sums.
  [[nodiscard]] at::Tensor rounding(double unit) const;
  [[nodiscard]] const Box& box(int node) const { return boxes_[static_cast<std::size_t>(node)]; }

 private:
  /// Lower slopes of ReLU nodes [B, K, n]; undefined: those of `lines_`.
  struct Slopes {
    std::vector<at::Tensor> of;  // by node
  };
  class Backward;
  class Learner;
  [[nodiscard]] at::Tensor backward(int target, const at::Tensor& rows, bool stop_at_nonlinear,
                                    const Slopes* slopes) const;
  void tighten(int node, bool only_unsettled);
  [[nodiscard]] bool reads_input_only(int node) const;
  /// Rows [B, 2 m, n] that pick the values `some` of a node, then minus those.
  [[nodiscard]] at::Tensor unit_rows(int node, const at::Tensor& some) const;
  /// How many values of a node are bounded at once.
  [[nodiscard]] std::int64_t at_once(int node) const;
  [[nodiscard]] at::Tensor rounding_of(const Node& node, const std::vector<at::Tensor>& error,
                                       double unit) const;
  [[nodiscard]] static at::Tensor largest(const Box& box);

  const Net& net_;
  Ball ball_;
  std::vector<Box> boxes_;
  std::vector<Lines> lines_;  // of elementwise nodes
};

}  // namespace leadline::detail::bounds

// Between the values of a sample, in their dtype, and the coordinates in which an attack works.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "leadline/core/tensor.hpp"
#include "leadline/robustness/attack_engine.hpp"

namespace leadline::detail::attack_space {

/// For samples like those of `inputs` [n, ...]. Throws ValueError when frozen positions or feature
/// budgets do not fit a sample, or nothing is left to change; ShapeError for a picture's threat on
/// what is none.
[[nodiscard]] robustness::AttackSpace make_space(const Tensor& inputs,
                                                 const robustness::AttackPlan& plan);

/// Throws CapabilityError for dtypes that no attack can change, ValueError for values outside the
/// bounds (a few float32 steps are let pass).
void check_inputs(const Tensor& inputs, std::int64_t n, const robustness::AttackPlan& plan);

/// Coordinates of row `row` of `inputs` (host, contiguous); zero where they are a motion.
[[nodiscard]] std::vector<double> coordinates(const robustness::AttackSpace& space,
                                              const Tensor& inputs, std::int64_t row);

/// The gradient by the values of a sample at the point `x`, in coordinates: `out` [space.size()].
/// Row `row` of `inputs` is the clean sample.
void pull_gradient(const robustness::AttackSpace& space, const Tensor& inputs, std::int64_t row,
                   std::span<const double> x, std::span<const double> by_value,
                   std::span<double> out);

/// Rows of one dtype under construction: the batch that goes to the model.
class RowBuffer {
 public:
  virtual ~RowBuffer() = default;
  /// Begins n rows.
  virtual void reset(std::int64_t n) = 0;
  /// Row `i` := sample `row` of `inputs` with the free values at `x` (or moved by it). `x` is first
  /// rounded in place to what the dtype can hold, each value towards `x0`.
  virtual void place(std::int64_t i, const Tensor& inputs, std::int64_t row,
                     std::span<const double> x0, std::span<double> x) = 0;
  /// The rows [n, ...], handed over.
  [[nodiscard]] virtual Tensor take() = 0;
};
[[nodiscard]] std::unique_ptr<RowBuffer> make_buffer(const robustness::AttackSpace& space,
                                                     DType dtype);

/// Rows [1, ...] of one shape and dtype as one tensor.
[[nodiscard]] Tensor join_rows(std::span<const Tensor> rows);

}  // namespace leadline::detail::attack_space

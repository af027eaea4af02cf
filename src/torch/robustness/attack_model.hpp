/// What an attack asks of the model, and what it refuses before it asks.
#pragma once

#include <cstdint>

#include "leadline/torch/robustness/attack_loop.hpp"

namespace leadline::detail::attack_model {

/// Throws ValueError for budgets, steps or bounds that no attack can use.
void check_plan(const robustness::AttackPlan& plan);
/// Throws CapabilityError for rows without gradients, ShapeError for another number than `n`,
/// ValueError for values outside the bounds.
void check_rows(const at::Tensor& x, std::int64_t n, const robustness::AttackPlan& plan);
/// Throws ValueError for a label or target that is none of the classes of `n_scores` scores.
void check_class(const robustness::AttackRow& row, const robustness::AttackPlan& plan,
                 std::int64_t n_scores);

/// Scores as [n, k] float64 on the host; [n] of a binary model gives k = 1.
[[nodiscard]] at::Tensor host_scores(const at::Tensor& output, std::int64_t n);

/// The model with its forwards and backwards counted.
class Scorer {
 public:
  Scorer(models::TorchModel& model, const robustness::AttackIo& io) : model_(model), io_(io) {}

  /// Of x [n, ...] with the first n rows of `extras`.
  [[nodiscard]] at::Tensor forward(const at::Tensor& x, const models::NamedTensors& extras) {
    return call(x, extras, false);
  }
  /// The same, keeping the graph to `leaf`.
  [[nodiscard]] at::Tensor forward_graph(at::Tensor& leaf, const models::NamedTensors& extras);
  /// d (output . slope) / d leaf; zeros where the graph does not reach the input.
  [[nodiscard]] at::Tensor input_gradient(at::Tensor& leaf, const at::Tensor& output,
                                          const at::Tensor& slope);

 private:
  at::Tensor call(const at::Tensor& x, const models::NamedTensors& extras, bool graph);

  models::TorchModel& model_;
  const robustness::AttackIo& io_;
};

}  // namespace leadline::detail::attack_model

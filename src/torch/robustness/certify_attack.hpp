/// A plain gradient attack of our own on the margin: the upper side of a certificate, and its
/// contradiction if it is wrong.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>
#include <utility>

#include "leadline/robustness/threat.hpp"
#include "leadline/torch/models/torch_model.hpp"

namespace leadline::detail::certify {

struct InnerAttack {
  robustness::Norm norm = robustness::Norm::linf;
  std::pair<double, double> bounds{0, 1};
  OutputKind output = OutputKind::logits;
  int steps = 20;
};

/// Whether the answer of each row differs from `y`, [n] bool; what is not finite does.
[[nodiscard]] at::Tensor misread(const at::Tensor& output, const at::Tensor& y, OutputKind kind);

/// Whether some point of the steps within `eps` [n] of each row is misread, [n] bool. `count` is
/// told the rows put forward and backward.
[[nodiscard]] at::Tensor falls(models::TorchModel& model, const InnerAttack& how,
                               const at::Tensor& x, const at::Tensor& y, const at::Tensor& eps,
                               const std::function<void(std::int64_t, std::int64_t)>& count);

}  // namespace leadline::detail::certify

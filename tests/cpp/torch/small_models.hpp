/// Small LibTorch models whose answers are known; for the tests of every torch room.
#pragma once

#include <ATen/ATen.h>

#include <limits>
#include <memory>
#include <vector>

#include "leadline/torch/models/backends.hpp"

namespace leadline::test {

/// logits = x W^T + b, with x [n, 3], W [2, 3] and b [2] fixed:
/// W = [[1, -2, 0.5], [-1, 0, 2]], b = [0.25, -0.5].
inline at::Tensor linear_weight(at::ScalarType dtype = at::kFloat) {
  return at::tensor({1.0, -2.0, 0.5, -1.0, 0.0, 2.0}, at::kDouble).view({2, 3}).to(dtype);
}
inline at::Tensor linear_bias(at::ScalarType dtype = at::kFloat) {
  return at::tensor({0.25, -0.5}, at::kDouble).to(dtype);
}
inline std::shared_ptr<models::TorchModel> linear_model(at::ScalarType dtype = at::kFloat) {
  return models::from_function([w = linear_weight(dtype), b = linear_bias(dtype)](
                                   at::Tensor x) { return at::linear(x, w, b); },
                               {.name = "linear", .output = OutputKind::logits, .dtype = dtype});
}

/// A fixed pseudo-random tensor in [-scale, scale], without torch's generator: values of sin(k^2).
inline at::Tensor fixed_tensor(at::IntArrayRef shape, double scale, double phase = 0) {
  std::int64_t n = 1;
  for (const auto size : shape) n *= size;
  const at::Tensor k = at::arange(n, at::kDouble) + phase;
  return (at::sin(k * k * 0.7 + 1.3) * scale).view(shape);
}

/// Two convolutions and a linear layer on images [n, 1, 8, 8] in [0, 1], 3 classes; smooth
/// activations, so that gradients can be checked by differences.
inline std::shared_ptr<models::TorchModel> small_cnn(at::ScalarType dtype = at::kFloat) {
  const auto w1 = fixed_tensor({4, 1, 3, 3}, 0.5).to(dtype);
  const auto w2 = fixed_tensor({6, 4, 3, 3}, 0.4, 100).to(dtype);
  const auto w3 = fixed_tensor({3, 6 * 4 * 4}, 0.6, 1000).to(dtype);
  return models::from_function(
      [=](at::Tensor x) {
        at::Tensor h = at::tanh(at::conv2d(x, w1, {}, 1, 1));
        h = at::avg_pool2d(at::tanh(at::conv2d(h, w2, {}, 1, 1)), 2);
        return at::linear(h.flatten(1), w3);
      },
      {.name = "small_cnn", .output = OutputKind::logits, .dtype = dtype});
}

/// `linear_model` behind dropout that is always on.
inline std::shared_ptr<models::TorchModel> stochastic_model() {
  return models::from_function(
      [](at::Tensor x) {
        return at::linear(at::dropout(x, 0.5, true), linear_weight(), linear_bias());
      },
      {.name = "stochastic", .output = OutputKind::logits, .dtype = at::kFloat});
}

/// `linear_model` behind a ReLU that writes into its input.
inline std::shared_ptr<models::TorchModel> in_place_model() {
  return models::from_function(
      [](at::Tensor x) { return at::linear(x.relu_(), linear_weight(), linear_bias()); },
      {.name = "in_place", .output = OutputKind::logits, .dtype = at::kFloat});
}

/// `linear_model` whose logits are NaN where the first feature is negative.
inline std::shared_ptr<models::TorchModel> nan_model() {
  return models::from_function(
      [](at::Tensor x) {
        const at::Tensor logits = at::linear(x, linear_weight(), linear_bias());
        return at::where(x.select(1, 0).lt(0).unsqueeze(1), at::full_like(logits, NAN), logits);
      },
      {.name = "nan", .output = OutputKind::logits, .dtype = at::kFloat});
}

}  // namespace leadline::test

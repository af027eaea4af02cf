/// Data and models whose attacks must fail a check, and honest ones that must not.
#pragma once

#include <ATen/ATen.h>

#include <memory>

#include "leadline/torch/models/backends.hpp"
#include "torch/small_models.hpp"

namespace leadline::test {

/// Rows of 16 values near 0.5; every model below reads them through their mean.
inline at::Tensor near_half(std::int64_t n, double phase) {
  return (0.5 + fixed_tensor({n, 16}, 0.01, phase)).to(at::kFloat);
}

inline std::shared_ptr<models::TorchModel> two_class(std::function<at::Tensor(at::Tensor)> score,
                                                     OutputKind kind = OutputKind::logits) {
  return models::from_function(
      [score = std::move(score)](at::Tensor x) {
        const at::Tensor s = score(std::move(x));
        return at::stack({at::zeros_like(s), s}, 1);
      },
      {.name = "planted", .output = kind, .dtype = at::kFloat});
}
inline at::Tensor shift(const at::Tensor& x) { return x.mean(1) - 0.5; }

/// Class 0 near the data; class 1 beyond a shift of 0.03.
inline std::shared_ptr<models::TorchModel> honest_mean() {
  return two_class([](at::Tensor x) { return 20 * (shift(x) - 0.03); });
}
/// The same behind 8 levels of grey: the gradient is zero everywhere.
inline std::shared_ptr<models::TorchModel> quantised() {
  return two_class([](at::Tensor x) { return 20 * (shift(at::round(x * 32) / 32) - 0.03); });
}
/// The same behind preprocessing that leaves the graph.
inline std::shared_ptr<models::TorchModel> detached() {
  return two_class([](at::Tensor x) { return 20 * (shift(x.detach()) - 0.03) + 0 * x.sum(1); });
}
/// The same with a saturated unit before the decision.
inline std::shared_ptr<models::TorchModel> saturated_unit() {
  return two_class([](at::Tensor x) { return at::tanh(4e3 * (shift(x) - 0.03)); });
}
/// The same with noise added inside.
inline std::shared_ptr<models::TorchModel> noisy() {
  return two_class([](at::Tensor x) { return 20 * (shift(x) - 0.03) + at::randn({x.size(0)}); });
}
/// The same with noise that drowns the score.
inline std::shared_ptr<models::TorchModel> drowned() {
  return two_class([](at::Tensor x) { return shift(x) - 0.03 + at::randn({x.size(0)}); });
}
/// Right in one run of four.
inline std::shared_ptr<models::TorchModel> lucky() {
  return two_class([](at::Tensor x) { return shift(x) + 0.7 + at::randn({x.size(0)}); });
}
/// A square root at 0 whose gradient is not finite.
inline std::shared_ptr<models::TorchModel> infinite_gradient() {
  return two_class([](at::Tensor x) { return 20 * (shift(x) - 0.03) + at::sqrt(0 * shift(x)); });
}
/// Class 1 only in a thin shell at a shift of 0.1: larger steps jump over it.
inline std::shared_ptr<models::TorchModel> thin_shell() {
  return two_class([](at::Tensor x) {
    const at::Tensor t = shift(x);
    return -1 + 0.1 * t + 2 * ((t > 0.097) & (t < 0.103)).to(at::kFloat);
  });
}
/// A dip that small steps fall into at a shift of 0.03 and one large step clears.
inline std::shared_ptr<models::TorchModel> trap() {
  return two_class([](at::Tensor x) {
    const at::Tensor t = shift(x);
    const at::Tensor inner = -1 + at::where(t < 0.03, t, 0.06 - t);
    return at::where(t > 0.08, 1 + t, inner);
  });
}

/// A ripple that turns the gradient every few thousandths of the way.
inline std::shared_ptr<models::TorchModel> shattered() {
  return two_class([](at::Tensor x) { return 20 * (shift(x + 0.004 * at::sin(4000 * x)) - 0.03); });
}
/// The mean of the batch leaks into every row.
inline std::shared_ptr<models::TorchModel> company() {
  return two_class([](at::Tensor x) {
    const at::Tensor t = shift(x);
    return 20 * (t - 0.03) + 5 * t.abs().mean();
  });
}

}  // namespace leadline::test

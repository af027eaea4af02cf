// The least value of a linear function over a ball inside a box.
#include <ATen/ATen.h>

#include "bounds_propagate.hpp"

namespace leadline::detail::bounds {
namespace ball_dual {

/// |a|_2, whose gradient is 0 where a is, not 0 / 0.
at::Tensor length(const at::Tensor& a, bool keep) {
  return a.square().sum(-1, keep).clamp_min(1e-300).sqrt();
}

/// min a . d over |d|_2 <= eps and low <= d <= high: for any m > 0 the Lagrangian
/// min_d a . d + (m / 2) (|d|^2 - eps^2) over the box is a lower bound; m by bisection on |d| =
/// eps.
at::Tensor l2_in_box(const at::Tensor& a, const at::Tensor& low, const at::Tensor& high,
                     const at::Tensor& eps) {
  const at::Tensor norm = length(a, true);
  const at::Tensor safe_eps = eps.clamp_min(1e-30);
  const auto step = [&](const at::Tensor& m) {
    return at::minimum(at::maximum(-a / m.clamp_min(1e-300), low), high);
  };
  at::Tensor small = at::full_like(norm, 0), large = (norm / safe_eps).clamp_min(1e-300);
  for (int i = 0; i < 40; ++i) {
    const at::Tensor m = 0.5 * (small + large);
    const at::Tensor outside = step(m).square().sum(-1, true).gt(eps.square());
    small = at::where(outside, m, small);
    large = at::where(outside, large, m);
  }
  const at::Tensor d = step(large);
  const at::Tensor dual =
      (a * d + 0.5 * large * d.square()).sum(-1, true) - 0.5 * large * eps.square();
  return dual.squeeze(-1);
}

/// min a . d over |d|_1 <= eps and the box: the steepest coordinates first, each as far as it goes.
at::Tensor l1_in_box(const at::Tensor& a, const at::Tensor& low, const at::Tensor& high,
                     const at::Tensor& eps) {
  const at::Tensor room = at::where(a.gt(0), -low, high).clamp_min(0);
  const auto [steep, order] = a.abs().sort(-1, /*descending=*/true);
  const at::Tensor reach = room.expand_as(a).gather(-1, order);
  const at::Tensor before = reach.cumsum(-1) - reach;
  const at::Tensor used = at::minimum(reach, (eps - before).clamp_min(0));
  return -(steep * used).sum(-1);
}

}  // namespace ball_dual

Box box_around(const Ball& ball, const at::Tensor& x, const at::Tensor& eps) {
  if (!ball.bounds) return {x - eps, x + eps};
  const auto [low, high] = *ball.bounds;  // a point that rounding left outside stays in
  return {at::minimum((x - eps).clamp_min(low), x), at::maximum((x + eps).clamp_max(high), x)};
}

at::Tensor least_over(const Ball& ball, const at::Tensor& a, bool tight) {
  using namespace ball_dual;
  const std::int64_t b = a.size(0), d = a.size(2);
  const at::Tensor x = ball.x.reshape({b, 1, d}), eps = ball.eps.view({b, 1, 1});
  const Box box = box_around(ball, x, eps);
  const at::Tensor by_box = (a.clamp_min(0) * box.lower + a.clamp_max(0) * box.upper).sum(-1);
  if (ball.norm == robustness::Norm::linf) return by_box;
  const bool euclid = ball.norm == robustness::Norm::l2;  // else l1
  const at::Tensor here = (a * x).sum(-1), far = ball.eps.view({b, 1});
  const at::Tensor dual = euclid ? length(a, false) : a.abs().amax(-1);
  at::Tensor best = at::maximum(by_box, here - far * dual);
  if (!tight || !ball.bounds) return best;
  const at::Tensor low = box.lower - x, high = box.upper - x;
  const at::Tensor both = euclid ? l2_in_box(a, low, high, eps) : l1_in_box(a, low, high, eps);
  return at::maximum(best, here + both);
}

}  // namespace leadline::detail::bounds

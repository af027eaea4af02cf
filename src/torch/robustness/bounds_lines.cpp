// Two lines around an elementwise function.
#include <ATen/ATen.h>

#include "bounds_propagate.hpp"

namespace leadline::detail::bounds {
namespace lines {

constexpr double narrow = 1e-9;  // narrower boxes get level lines: a chord has no slope there
constexpr int pieces = 32;       // of a box, for curved functions

Lines relu(const Box& box) {
  const at::Tensor &l = box.lower, &u = box.upper;
  const at::Tensor zero = at::zeros_like(l), one = at::ones_like(l);
  const at::Tensor on = l.ge(0), off = u.le(0), open = on.logical_or(off).logical_not();
  const at::Tensor slope =
      at::where(open, u / at::where(open, u - l, one), at::where(on, one, zero));
  Lines out;
  out.upper_slope = slope;
  out.upper_offset = at::where(open, -slope * l, zero);
  // The smaller area of the two (Zhang et al. 2018).
  out.lower_slope = at::where(open, at::where(u.gt(-l), one, zero), slope);
  out.lower_offset = zero;
  return out;
}

/// A line above a rising function that is convex below 0 and concave above.
std::pair<at::Tensor, at::Tensor> above(const Activation& a, const at::Tensor& l,
                                        const at::Tensor& u) {
  const at::Tensor width = u - l, thin = width.lt(narrow);
  const at::Tensor fl = a.f(l), fu = a.f(u);
  const at::Tensor chord = (fu - fl) / at::where(thin, at::ones_like(l), width);
  // The tangent at d >= 0 lies above the function right of 0; left of 0 it does where it is above
  // at l. That holds from some d on: the right end of the bisection always keeps it.
  at::Tensor low = at::clamp_min(l, 0), high = at::clamp_min(u, 0);
  const auto clears = [&](const at::Tensor& d) { return (a.f(d) + a.slope(d) * (l - d)).ge(fl); };
  const at::Tensor touches = clears(high);
  for (int i = 0; i < 60; ++i) {
    const at::Tensor middle = 0.5 * (low + high), good = clears(middle);
    high = at::where(good, middle, high);
    low = at::where(good, low, middle);
  }
  const at::Tensor d = at::where(l.ge(0), 0.5 * (l + u), high);
  const at::Tensor tangent = a.slope(d), at_zero = a.f(d) - tangent * d;
  const at::Tensor by_chord = u.le(0).logical_or(l.lt(0).logical_and(touches.logical_not()));
  at::Tensor slope = at::where(by_chord, chord, tangent);
  at::Tensor offset = at::where(by_chord, fl - chord * l, at_zero);
  slope = at::where(thin, at::zeros_like(l), slope);
  offset = at::where(thin, fu, offset);
  return {slope, offset + 1e-12};
}

Lines s_shaped(const Activation& a, const Box& box) {
  Lines out;
  std::tie(out.upper_slope, out.upper_offset) = above(a, box.lower, box.upper);
  const auto [slope, offset] = above(a, -box.upper, -box.lower);
  out.lower_slope = slope;  // f(x) = 2 f(0) - f(-x)
  out.lower_offset = 2 * a.f(at::zeros_like(box.lower)) - offset;
  return out;
}

/// Least and greatest value of f(z) - slope z over the box: at its ends, at the breaks, and between
/// points so near that the function cannot bend further than curvature h^2 / 8.
std::pair<at::Tensor, at::Tensor> extremes(const Activation& a, const Box& box,
                                           const at::Tensor& slope) {
  at::Tensor least, most;
  const auto look = [&](const at::Tensor& z) {
    const at::Tensor value = a.f(z) - slope * z;
    least = least.defined() ? at::minimum(least, value) : value;
    most = most.defined() ? at::maximum(most, value) : value;
  };
  const at::Tensor width = box.upper - box.lower;
  const int n = a.curvature > 0 ? pieces : 1;
  for (int i = 0; i <= n; ++i) look(box.lower + width * (static_cast<double>(i) / n));
  look(box.upper);
  for (const double b : a.breaks)
    look(at::minimum(at::maximum(at::full_like(box.lower, b), box.lower), box.upper));
  const at::Tensor bend = a.curvature / 8 * (width / n).square() + 1e-12;
  return {least - bend, most + bend};
}

Lines general(const Activation& a, const Box& box) {
  const at::Tensor width = box.upper - box.lower, thin = width.lt(narrow);
  const at::Tensor slope =
      at::where(thin, at::zeros_like(width),
                (a.f(box.upper) - a.f(box.lower)) / at::where(thin, at::ones_like(width), width));
  const auto [least, most] = extremes(a, box, slope);
  return {slope, least, slope, most};
}

}  // namespace lines

Lines lines_of(const Activation& activation, const Box& box) {
  if (activation.kind == Activation::relu) return lines::relu(box);
  if (activation.kind == Activation::s_shaped) return lines::s_shaped(activation, box);
  return lines::general(activation, box);
}

Box range_of(const Activation& activation, const Box& box) {
  if (activation.kind != Activation::general)
    return {activation.f(box.lower), activation.f(box.upper)};
  const auto [least, most] = lines::extremes(activation, box, at::zeros_like(box.lower));
  return {least, most};
}

}  // namespace leadline::detail::bounds

#include "leadline/torch/robustness/certify.hpp"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <cmath>

#include "bounds_propagate.hpp"
#include "leadline/core/error.hpp"

namespace leadline::detail::certify {

using bounds::Ball;
using bounds::Propagation;
using bounds::Tighten;
using robustness::BoundMethod;

/// [n] float64 on the device of the net; a single number is for all rows.
at::Tensor radii(const at::Tensor& eps, std::int64_t n, const at::TensorOptions& options) {
  at::Tensor wide = eps.to(options).reshape({-1});
  if (wide.size(0) == 1) wide = wide.expand({n});
  if (wide.size(0) != n || !wide.ge(0).logical_and(wide.isfinite()).all().item<bool>())
    throw ValueError("certify", "a radius of at least 0 for each of " + std::to_string(n) + " rows",
                     c10::str(eps.sizes()), "give the radius in the units of the inputs");
  return wide.contiguous();
}

/// Score of the label minus each other score, as rows [n, n_classes - 1, n_outputs].
at::Tensor margin_rows(const at::Tensor& y, std::int64_t n_outputs,
                       const at::TensorOptions& options) {
  const std::int64_t n = y.size(0), classes = n_outputs == 1 ? 2 : n_outputs;
  const at::Tensor label = y.to(options.device()).to(at::kLong);
  if (y.dim() != 1 || label.lt(0).logical_or(label.ge(classes)).any().item<bool>())
    throw ValueError("certify",
                     "labels [n] below the number of classes, " + std::to_string(classes),
                     c10::str(y.sizes()), "count classes from 0");
  if (n_outputs == 1) return (2 * label - 1).to(options).view({n, 1, 1});
  const at::Tensor others =
      (at::arange(classes - 1, label.options()).unsqueeze(0) + label.unsqueeze(1) + 1)
          .remainder(classes);
  const at::Tensor order = std::get<0>(others.sort(1));
  at::Tensor rows = at::zeros({n, classes - 1, classes}, options);
  rows.scatter_(2, order.unsqueeze(2), -1.0);
  rows.scatter_add_(2, label.view({n, 1, 1}).expand({n, classes - 1, 1}),
                    at::ones({n, classes - 1, 1}, options));
  return rows;
}

}  // namespace leadline::detail::certify

namespace leadline::robustness {

LinearBounds::LinearBounds(models::TorchModel& model, const at::Tensor& example) {
  const auto held = model.hold();
  net_ = std::make_shared<const detail::bounds::Net>(
      detail::bounds::read_net(model, example.detach(), {}));
  const at::ScalarType dtype = model.dtype().value_or(example.scalar_type());
  unit_ = dtype == at::kDouble ? 0x1p-53 : dtype == at::kFloat ? 0x1p-24 : 0;
  if (unit_ == 0)
    throw CapabilityError("certify", "a model in float32 or float64", c10::toString(dtype),
                          "certify it before it is converted");
}

at::Tensor LinearBounds::bound(const at::Tensor& x, const at::Tensor& rows, const at::Tensor& eps,
                               const BoundOptions& options) const {
  using namespace detail::certify;
  if (options.norm == Norm::l0 || !is_ball(options.norm))
    throw ValueError("certify", "norm linf, l2 or l1", std::string(name_of(options.norm)),
                     "only their balls have linear bounds");
  const BoundMethod method = options.method;
  const bool inner = method == BoundMethod::crown || method == BoundMethod::alpha_crown;
  const Propagation all(*net_,
                        Ball{x.detach().to(net_->options), eps, options.norm, options.bounds},
                        inner ? Tighten::linear : Tighten::none);
  at::Tensor lower = all.merged(rows);
  if (method != BoundMethod::ibp) lower = at::maximum(lower, all.linear(rows));
  if (method == BoundMethod::crown || method == BoundMethod::alpha_crown) {
    const Propagation plain(*net_,
                            Ball{x.detach().to(net_->options), eps, options.norm, options.bounds},
                            Tighten::none);
    lower = at::maximum(lower, plain.linear(rows));
  }
  if (method == BoundMethod::alpha_crown)
    lower = at::maximum(lower, all.learnt(rows, options.alpha_steps, options.alpha_inner));
  if (options.rounding)
    lower = lower - at::matmul(rows.abs(), all.rounding(unit_).unsqueeze(-1)).squeeze(-1);
  return lower;
}

at::Tensor LinearBounds::margins(const at::Tensor& x, const at::Tensor& y, const at::Tensor& eps,
                                 const BoundOptions& options) const {
  using namespace detail::certify;
  const at::NoGradGuard no_grad;
  if (y.dim() != 1 || y.size(0) != x.size(0) || !at::isIntegralType(y.scalar_type(), false))
    throw ShapeError("certify", "labels as integers [" + std::to_string(x.size(0)) + "]",
                     c10::str(y.sizes()), "pass one class number a row");
  const std::int64_t n_outputs = net_->size_of(net_->output);
  return bound(x, margin_rows(y, n_outputs, net_->options), radii(eps, x.size(0), net_->options),
               options);
}

std::pair<at::Tensor, at::Tensor> LinearBounds::outputs(const at::Tensor& x, const at::Tensor& eps,
                                                        const BoundOptions& options) const {
  const at::NoGradGuard no_grad;
  const std::int64_t n = x.size(0), k = net_->size_of(net_->output);
  const at::Tensor unit = at::eye(k, net_->options);
  const at::Tensor rows = at::cat({unit, -unit}).unsqueeze(0).expand({n, 2 * k, k});
  const at::Tensor all = bound(x, rows, detail::certify::radii(eps, n, net_->options), options);
  return {all.narrow(1, 0, k), -all.narrow(1, k, k)};
}

at::Tensor LinearBounds::radius(const at::Tensor& x, const at::Tensor& y, double largest, int steps,
                                const BoundOptions& options) const {
  if (!(std::isfinite(largest) && largest > 0) || steps < 1)
    throw ValueError("certify", "a largest radius above 0 and at least one step",
                     std::to_string(largest) + " and " + std::to_string(steps), "");
  const at::NoGradGuard no_grad;
  const auto holds = [&](const at::Tensor& eps) {
    return margins(x, y, eps, options).amin(1).gt(0);
  };
  at::Tensor low = at::zeros({x.size(0)}, net_->options), high = at::full_like(low, largest);
  const at::Tensor all = holds(high);
  low = at::where(all, high, low);
  for (int i = 0; i < steps; ++i) {
    const at::Tensor middle = 0.5 * (low + high), good = holds(middle);
    low = at::where(good, middle, low);
    high = at::where(good, high, middle);
  }
  return low;
}

at::Tensor LinearBounds::forward(const at::Tensor& x) const {
  const at::NoGradGuard no_grad;
  return detail::bounds::with_end(*net_, net_->forward(x)).reshape({x.size(0), -1});
}

std::int64_t LinearBounds::n_classes() const {
  return std::max<std::int64_t>(2, net_->size_of(net_->output));
}

}  // namespace leadline::robustness

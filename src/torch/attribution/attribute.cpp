#include "leadline/torch/attribution/attribute.hpp"

#include <ATen/ATen.h>
#include <torch/csrc/autograd/autograd.h>

#include <algorithm>
#include <vector>

#include "leadline/core/error.hpp"
#include "leadline/stats/quadrature.hpp"

namespace leadline::attribution {
namespace detail::attribute {

/// d score / d output: one-hot rows, or +1 and -1 for a single column.
at::Tensor seed_of(const at::Tensor& output, const at::Tensor& target) {
  if (output.dim() == 1 || output.size(1) == 1)
    return (target * 2 - 1).to(output.scalar_type()).view(output.sizes());
  if (output.dim() != 2)
    throw ShapeError("attribution", "class scores [n, n_classes]",
                     from_aten(output.detach()).describe(),
                     "explain a model with one row of scores a sample");
  return at::zeros_like(output).scatter_(1, target.view({-1, 1}), 1);
}

at::Tensor selected(const at::Tensor& output, const at::Tensor& target) {
  return (output * seed_of(output, target)).to(at::kDouble).reshape({output.size(0), -1}).sum(1);
}

void check(const at::Tensor& x, const at::Tensor& target) {
  if (!at::isFloatingType(x.scalar_type()))
    throw CapabilityError("attribution", "floating inputs", from_aten(x).describe(),
                          "integers have no gradient: explain the embedding instead");
  if (x.dim() < 1 || target.dim() != 1 || target.size(0) != x.size(0))
    throw ShapeError("attribution", "one target a sample", from_aten(target).describe(), "");
}

/// The extras of the samples `rows`, each repeated `times` times.
models::NamedTensors repeated(const models::NamedTensors* extras, const at::Tensor& rows) {
  models::NamedTensors out;
  if (extras != nullptr)
    for (const auto& [name, value] : *extras) out[name] = value.index_select(0, rows);
  return out;
}

struct Gradient {
  at::Tensor gradient, output;
};

Gradient gradient_at(models::TorchModel& model, at::Tensor points, const at::Tensor& target,
                     const models::NamedTensors& extras) {
  points.requires_grad_(true);
  const auto result = model.call(points, {.extras = &extras, .graph = true});
  if (!result.output.requires_grad())
    throw CapabilityError("attribution", "an output that depends on the input through the graph",
                          "'" + model.info().name + "', whose output carries none",
                          "remove detach() or NumPy from the model, or use a black-box method such "
                          "as 'permutation_importance'");
  const auto gradients =
      torch::autograd::grad({result.output}, {points}, {seed_of(result.output.detach(), target)},
                            false, false, /*allow_unused=*/true);
  return {gradients[0].defined() ? gradients[0] : at::zeros_like(points.detach()),
          result.output.detach()};
}

std::int64_t chunk_of(const at::Tensor& x, std::int64_t asked) {
  if (asked > 0) return asked;
  const auto row_bytes =
      std::max<std::int64_t>(1, x.numel() / std::max<std::int64_t>(1, x.size(0)) *
                                    static_cast<std::int64_t>(x.element_size()));
  return std::clamp<std::int64_t>(400'000 / row_bytes, 64, 4096);
}

}  // namespace detail::attribute

at::Tensor class_score(models::TorchModel& model, const at::Tensor& x, const at::Tensor& target,
                       const models::NamedTensors* extras) {
  return detail::attribute::selected(model.call(x.detach().clone(), {.extras = extras}).output,
                                     target);
}

Attribution saliency(models::TorchModel& model, const at::Tensor& x, const at::Tensor& target,
                     bool absolute, const models::NamedTensors* extras) {
  namespace impl = detail::attribute;
  impl::check(x, target);
  const auto hold = model.hold();
  const models::NamedTensors none;
  const auto found = impl::gradient_at(model, x.detach().clone(), target, extras ? *extras : none);
  Attribution out;
  out.values = absolute ? found.gradient.abs() : found.gradient;
  out.score = impl::selected(found.output, target);
  return out;
}

Attribution integrated_gradients(models::TorchModel& model, const at::Tensor& x,
                                 const at::Tensor& target, const PathOptions& options,
                                 const models::NamedTensors* extras) {
  namespace impl = detail::attribute;
  impl::check(x, target);
  const auto hold = model.hold();
  const auto rule = stats::gauss_legendre(options.steps);
  const auto n = x.size(0), steps = static_cast<std::int64_t>(options.steps);
  const auto chunk = impl::chunk_of(x, options.chunk_rows);
  const auto wide = at::TensorOptions().dtype(at::kDouble);
  const auto nodes = at::tensor(rule.nodes, wide).to(x.options());
  const auto weights = at::tensor(rule.weights, wide).to(x.options());
  const at::Tensor from = at::full_like(x, options.baseline), path = x.detach() - from;
  at::Tensor mean = at::zeros({n, x.numel() / std::max<std::int64_t>(1, n)}, x.options());
  const auto rows_a_call = std::max<std::int64_t>(1, chunk / steps);
  const auto steps_a_call = std::min(steps, chunk);
  for (std::int64_t row = 0; row < n; row += rows_a_call) {
    const auto k = std::min(rows_a_call, n - row);
    const at::Tensor start = from.narrow(0, row, k).flatten(1).unsqueeze(1);
    const at::Tensor along = path.narrow(0, row, k).flatten(1).unsqueeze(1);
    for (std::int64_t s = 0; s < steps; s += steps_a_call) {
      const auto m = std::min(steps_a_call, steps - s);
      auto shape = x.sizes().vec();
      shape[0] = k * m;
      const at::Tensor points =
          at::addcmul(start, along, nodes.narrow(0, s, m).view({1, m, 1})).view(shape);
      const at::Tensor of_row = at::arange(row, row + k, target.options()).repeat_interleave(m);
      const auto found = impl::gradient_at(model, points, target.index_select(0, of_row),
                                           impl::repeated(extras, of_row));
      const at::Tensor sum =
          at::matmul(weights.narrow(0, s, m).view({1, 1, m}), found.gradient.view({k, m, -1}));
      mean.narrow(0, row, k).add_(sum.squeeze(1));
    }
  }
  Attribution out;
  out.values = mean.view(x.sizes()).mul_(path);
  out.score = class_score(model, x, target, extras);
  out.baseline_score = class_score(model, from, target, extras);
  out.residual =
      out.values.flatten(1).sum(1, false, at::kDouble) - (out.score - out.baseline_score);
  return out;
}

}  // namespace leadline::attribution

#include "leadline/torch/attribution/attribute.hpp"

#include <ATen/ATen.h>
#include <torch/csrc/autograd/autograd.h>

#include <algorithm>
#include <vector>

#include "leadline/core/error.hpp"
#include "leadline/stats/quadrature.hpp"

namespace leadline::attribution {
namespace detail::attribute {

bool one_column(const at::Tensor& output) { return output.dim() == 1 || output.size(1) == 1; }

/// d score / d output: one-hot rows, or +1 and -1 for a single column.
at::Tensor seed_of(const at::Tensor& output, const at::Tensor& target) {
  if (one_column(output)) return (target * 2 - 1).to(output.scalar_type()).view(output.sizes());
  return at::zeros_like(output).scatter_(1, target.view({-1, 1}), 1);
}

/// Score [n] float64 of `target` in checked class scores.
at::Tensor selected(const at::Tensor& output, const at::Tensor& target) {
  const at::Tensor wide = output.detach().to(at::kDouble);
  if (one_column(output)) return wide.reshape({-1}) * (target * 2 - 1);
  return wide.gather(1, target.view({-1, 1})).squeeze(1);
}

/// `target` as int64 on the device of `x`.
at::Tensor checked_target(const models::TorchModel& model, const at::Tensor& x,
                          const at::Tensor& target) {
  if (!at::isFloatingType(x.scalar_type()))
    throw CapabilityError("attribution", "floating inputs", from_aten(x).describe(),
                          "integers have no gradient: explain the embedding instead");
  if (x.device() != model.device() || (model.dtype() && x.scalar_type() != *model.dtype()))
    throw TypeError("attribution",
                    std::string("inputs of dtype ") +
                        c10::toString(model.dtype().value_or(x.scalar_type())) + " on " +
                        model.device().str(),
                    from_aten(x).describe(), "convert the inputs, or use models::input_for");
  if (!at::isIntegralType(target.scalar_type(), false))
    throw TypeError("attribution", "integer class numbers as target", from_aten(target).describe(),
                    "pass labels, not scores");
  if (x.dim() < 1 || target.dim() != 1 || target.size(0) != x.size(0))
    throw ShapeError("attribution", "one target for each row of " + from_aten(x).describe(),
                     from_aten(target).describe(), "pass target [n]");
  return target.to(x.device(), at::kLong);
}

/// Throws unless `output` holds class scores that have the classes `target`.
void check_scores(const at::Tensor& output, const at::Tensor& target) {
  if (output.dim() > 2)
    throw ShapeError("attribution", "class scores [n, n_classes]",
                     from_aten(output.detach()).describe(),
                     "explain a model with one row of scores a sample");
  if (target.numel() == 0) return;
  const auto n_classes = one_column(output) ? 2 : output.size(1);
  const auto low = target.min().item<std::int64_t>(), high = target.max().item<std::int64_t>();
  if (low < 0 || high >= n_classes)
    throw ValueError("attribution", "class numbers in [0, " + std::to_string(n_classes) + ")",
                     std::to_string(low < 0 ? low : high), "pass the class to explain");
}

/// The extras of the samples `rows`.
models::NamedTensors chosen(const models::NamedTensors* extras, const at::Tensor& rows) {
  models::NamedTensors out;
  if (extras != nullptr)
    for (const auto& [name, value] : *extras) out[name] = value.index_select(0, rows);
  return out;
}

struct Gradient {
  at::Tensor gradient, output;
};

/// d score / d points. `points` is written to by models that work in place.
Gradient gradient_at(models::TorchModel& model, at::Tensor points, const at::Tensor& target,
                     const models::NamedTensors& extras, bool check = false) {
  points.requires_grad_(true);
  const auto result = model.call(points, {.extras = &extras, .graph = true});
  if (!result.output.requires_grad())
    throw CapabilityError("attribution", "an output that depends on the input through the graph",
                          "'" + model.info().name + "', whose output carries none",
                          "remove detach() or NumPy from the model, or use a black-box method such "
                          "as 'permutation_importance'");
  const at::Tensor output = result.output.detach();
  if (check) check_scores(output, target);
  const auto gradients =
      torch::autograd::grad({result.output}, {points}, {seed_of(output, target)}, false, false,
                            /*allow_unused=*/true);
  return {gradients[0].defined() ? gradients[0] : at::zeros_like(points.detach()), output};
}

std::int64_t width_of(const at::Tensor& x) {
  return x.numel() / std::max<std::int64_t>(1, x.size(0));
}

std::int64_t chunk_of(const at::Tensor& x, std::int64_t asked) {
  if (asked > 0) return asked;
  const auto row_bytes =
      std::max<std::int64_t>(1, width_of(x) * static_cast<std::int64_t>(x.element_size()));
  return std::clamp<std::int64_t>(400'000 / row_bytes, 64, 4096);
}

/// Class scores at the baseline. Without extras all rows are the same: one is asked.
at::Tensor baseline_output(models::TorchModel& model, const at::Tensor& from,
                           const models::NamedTensors* extras) {
  if (extras != nullptr && !extras->empty())
    return model.call(from.clone(), {.extras = extras}).output.detach();
  const at::Tensor one =
      model.call(from.narrow(0, 0, std::min<std::int64_t>(1, from.size(0))).clone())
          .output.detach();
  auto shape = one.sizes().vec();
  shape[0] = from.size(0);
  return one.expand(shape);
}

/// Mean of the gradient on the path from `from` to `x`, [n, width].
at::Tensor mean_gradient(models::TorchModel& model, const at::Tensor& x, const at::Tensor& from,
                         const at::Tensor& target, const PathOptions& options,
                         const models::NamedTensors* extras) {
  const auto rule = stats::gauss_legendre(options.steps);
  const auto n = x.size(0), steps = static_cast<std::int64_t>(options.steps), width = width_of(x);
  const auto wide = at::TensorOptions().dtype(at::kDouble);
  const auto nodes = at::tensor(rule.nodes, wide).to(x.options());
  const auto weights = at::tensor(rule.weights, wide).to(x.options());
  const at::Tensor begin = from.reshape({n, 1, width});
  const at::Tensor way = (x - from).reshape({n, 1, width});
  at::Tensor mean = at::zeros({n, width}, x.options().memory_format(at::MemoryFormat::Contiguous));
  const auto chunk = chunk_of(x, options.chunk_rows);
  const auto rows_a_call = std::max<std::int64_t>(1, chunk / steps);
  const auto steps_a_call = std::min(steps, chunk);
  for (std::int64_t row = 0; row < n; row += rows_a_call) {
    const auto k = std::min(rows_a_call, n - row);
    for (std::int64_t s = 0; s < steps; s += steps_a_call) {
      const auto m = std::min(steps_a_call, steps - s);
      auto shape = x.sizes().vec();
      shape[0] = k * m;
      const at::Tensor points = at::addcmul(begin.narrow(0, row, k), way.narrow(0, row, k),
                                            nodes.narrow(0, s, m).view({1, m, 1}))
                                    .view(shape);
      const at::Tensor of_row = at::arange(row, row + k, target.options()).repeat_interleave(m);
      const auto found =
          gradient_at(model, points, target.index_select(0, of_row), chosen(extras, of_row));
      mean.narrow(0, row, k).add_(
          at::matmul(weights.narrow(0, s, m).view({1, 1, m}), found.gradient.reshape({k, m, width}))
              .squeeze(1));
    }
  }
  return mean;
}

}  // namespace detail::attribute

at::Tensor class_score(models::TorchModel& model, const at::Tensor& x, const at::Tensor& target,
                       const models::NamedTensors* extras) {
  namespace impl = detail::attribute;
  const at::Tensor classes = impl::checked_target(model, x, target);
  const at::Tensor output = model.call(x.detach().clone(), {.extras = extras}).output;
  impl::check_scores(output, classes);
  return impl::selected(output, classes);
}

Attribution saliency(models::TorchModel& model, const at::Tensor& x, const at::Tensor& target,
                     bool absolute, const models::NamedTensors* extras) {
  namespace impl = detail::attribute;
  const at::Tensor classes = impl::checked_target(model, x, target);
  const auto hold = model.hold();
  const models::NamedTensors none;
  const auto found = impl::gradient_at(model, x.detach().clone(), classes,
                                       extras != nullptr ? *extras : none, true);
  Attribution out;
  out.score = impl::selected(found.output, classes);
  out.values = absolute ? found.gradient.abs() : found.gradient;
  return out;
}

Attribution integrated_gradients(models::TorchModel& model, const at::Tensor& x,
                                 const at::Tensor& target, const PathOptions& options,
                                 const models::NamedTensors* extras) {
  namespace impl = detail::attribute;
  if (options.chunk_rows < 0)
    throw ValueError("integrated_gradients", "chunk_rows >= 0", std::to_string(options.chunk_rows),
                     "pass 0 for about 400 kB of input a call");
  const auto hold = model.hold();
  Attribution out;
  out.score = class_score(model, x, target, extras);
  const at::Tensor classes = impl::checked_target(model, x, target);
  const at::Tensor to = x.detach(), from = at::full_like(to, options.baseline);
  out.baseline = options.baseline;
  out.baseline_score = impl::selected(impl::baseline_output(model, from, extras), classes);
  const at::Tensor mean = impl::mean_gradient(model, to, from, classes, options, extras);
  out.values = (to - from).mul_(mean.view(x.sizes()));
  out.residual = out.values.reshape({x.size(0), impl::width_of(x)}).sum(1, false, at::kDouble) -
                 (out.score - out.baseline_score);
  return out;
}

}  // namespace leadline::attribution

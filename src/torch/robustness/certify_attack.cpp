#include "certify_attack.hpp"

#include <ATen/ATen.h>
#include <torch/csrc/autograd/autograd.h>

namespace leadline::detail::certify {
namespace inner_attack {

/// Score of the label minus the best other, [n].
at::Tensor margin(const at::Tensor& output, const at::Tensor& y, OutputKind kind) {
  const at::Tensor scores = output.dim() == 2 && output.size(1) > 1 ? output : output.reshape({-1});
  if (scores.dim() == 1) {
    const at::Tensor above = kind == OutputKind::probabilities ? scores - 0.5 : scores;
    return above * (2 * y - 1);
  }
  const at::Tensor own = scores.gather(1, y.unsqueeze(1));
  const at::Tensor others = scores.scatter(1, y.unsqueeze(1), -1e30);
  return (own - others.amax(1, true)).squeeze(1);
}

at::Tensor per_row(const at::Tensor& values, const at::Tensor& like) {
  std::vector<std::int64_t> shape(static_cast<std::size_t>(like.dim()), 1);
  shape[0] = values.size(0);
  return values.view(shape);
}

/// The nearest point of the l1 ball (Duchi et al. 2008), [n, d].
at::Tensor onto_l1(const at::Tensor& d, const at::Tensor& eps) {
  const at::Tensor size = d.abs();
  const at::Tensor sorted = std::get<0>(size.sort(1, true));
  const at::Tensor k = at::arange(1, d.size(1) + 1, d.options()).unsqueeze(0);
  const at::Tensor over = (sorted.cumsum(1) - eps) / k;
  const at::Tensor cut = at::where(sorted.gt(over), over, at::full_like(over, -1e30)).amax(1, true);
  const at::Tensor inside = d.sign() * (size - cut.clamp_min(0)).clamp_min(0);
  return at::where(size.sum(1, true).gt(eps), inside, d);
}

/// One step down the gradient, then back into ball and bounds.
at::Tensor step(const InnerAttack& how, const at::Tensor& x, const at::Tensor& at_x,
                const at::Tensor& gradient, const at::Tensor& eps) {
  const at::Tensor radius = eps.unsqueeze(1), length = radius * (2.5 / how.steps);
  const at::Tensor g = gradient.reshape({gradient.size(0), -1});
  at::Tensor d = (at_x - x).reshape(g.sizes());
  if (how.norm == robustness::Norm::linf) {
    d = at::minimum(at::maximum(d - length * g.sign(), -radius), radius);
  } else if (how.norm == robustness::Norm::l2) {
    d = d - length * g / g.norm(2, {1}, true).clamp_min(1e-20);
    d = d * (radius / d.norm(2, {1}, true).clamp_min(1e-20)).clamp_max(1);
  } else {  // the steepest coordinate
    const at::Tensor best = g.abs().argmax(1, true);
    d = onto_l1(d.scatter_add(1, best, -length * g.gather(1, best).sign()), radius);
  }
  return (x + d.reshape(x.sizes())).clamp(how.bounds.first, how.bounds.second);
}

}  // namespace inner_attack

at::Tensor misread(const at::Tensor& output, const at::Tensor& y, OutputKind kind) {
  const at::Tensor m = inner_attack::margin(output.detach(), y, kind);
  if (output.dim() == 2 && output.size(1) > 1) {
    const at::Tensor label = output.detach().argmax(1);
    return label.ne(y).logical_or(m.isfinite().logical_not());
  }
  return m.lt(0).logical_or(m.eq(0).logical_and(y.eq(1))).logical_or(m.isfinite().logical_not());
}

at::Tensor falls(models::TorchModel& model, const InnerAttack& how, const at::Tensor& x,
                 const at::Tensor& y, const at::Tensor& eps,
                 const std::function<void(std::int64_t, std::int64_t)>& count) {
  const at::Tensor radius = eps.to(x.options());
  at::Tensor at_x = x.detach().clone(),
             fallen = at::zeros({x.size(0)}, x.options().dtype(at::kBool));
  for (int i = 0; i <= how.steps; ++i) {
    at::Tensor leaf = at_x.detach().requires_grad_(true);
    const at::Tensor output = model.call(leaf, {.graph = true}).output;
    count(x.size(0), 0);
    fallen = fallen.logical_or(misread(output, y, how.output));
    if (i == how.steps || fallen.all().item<bool>() || !output.requires_grad()) break;
    const at::AutoGradMode with_graph(true);
    const at::Tensor margin = inner_attack::margin(output, y, how.output).sum();
    const at::Tensor g = ::torch::autograd::grad({margin}, {leaf}, {}, false, false, true)[0];
    count(0, x.size(0));
    if (!g.defined()) break;
    const at::NoGradGuard no_grad;
    at_x = inner_attack::step(how, x, at_x, g.nan_to_num(0, 0, 0), radius);
  }
  return fallen;
}

}  // namespace leadline::detail::certify

#include "bounds_propagate.hpp"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>

namespace leadline::detail::bounds {
namespace propagate {

// Of one coefficient tensor: near the processor, and well below what the allocator maps anew each
// time.
constexpr std::int64_t chunk_bytes = 4LL << 20;

at::Tensor flat(const at::Tensor& x) { return x.reshape({x.size(0), -1}); }

/// [B, K, n] -> [B * K, shape...].
at::Tensor folded(const at::Tensor& rows, const Shape& shape) {
  Shape full{rows.size(0) * rows.size(1)};
  full.insert(full.end(), shape.begin(), shape.end());
  return rows.reshape(full);
}

Box affine_range(const Node& node, const std::vector<Box>& boxes) {
  at::Tensor centre, radius;
  for (const auto& term : node.terms) {
    const Box& from = boxes[static_cast<std::size_t>(term.from)];
    const at::Tensor c = term.map.forward(0.5 * (from.upper + from.lower));
    const at::Tensor r = term.map.magnitude(0.5 * (from.upper - from.lower));
    centre = centre.defined() ? centre + c : c;
    radius = radius.defined() ? radius + r : r;
  }
  if (node.constant.defined()) centre = centre + node.constant;
  return {centre - radius, centre + radius};
}

/// Where each window of a pooling node finds its greatest lower bound, and what else it may take.
struct Windows {
  at::Tensor at;       // [B, C, 1, L]: position in the window
  at::Tensor settled;  // [B, C, L]: no other value of the window can be greater
  at::Tensor most;     // [B, C, L]: greatest upper bound
};

at::Tensor unfolded(const Pool& pool, const at::Tensor& x) {
  const at::Tensor padded = at::constant_pad_nd(
      x, {pool.padding[1], pool.padding[1], pool.padding[0], pool.padding[0]}, -1e300);
  const at::Tensor columns = at::im2col(padded, pool.kernel, pool.dilation, {0, 0}, pool.stride);
  return columns.view({x.size(0), x.size(1), pool.kernel[0] * pool.kernel[1], columns.size(2)});
}

Windows windows_of(const Pool& pool, const Box& box) {
  const at::Tensor lower = unfolded(pool, box.lower), upper = unfolded(pool, box.upper);
  Windows w;
  const auto [best, at_best] = lower.max(2, true);
  w.at = at_best;
  w.settled = upper.scatter(2, at_best, -1e300).amax(2).le(best.squeeze(2));
  w.most = upper.amax(2);
  return w;
}

}  // namespace propagate

Propagation::Propagation(const Net& net, Ball ball, Tighten how)
    : net_(net), ball_(std::move(ball)), boxes_(net.nodes.size()), lines_(net.nodes.size()) {
  const at::NoGradGuard no_grad;
  const bool box_is_ball = ball_.norm == robustness::Norm::linf;
  for (std::size_t i = 0; i < net_.nodes.size(); ++i) {
    const Node& node = net_.nodes[i];
    switch (node.kind) {
      case Node::input: {
        Shape spread(static_cast<std::size_t>(ball_.x.dim()), 1);
        spread[0] = ball_.x.size(0);
        boxes_[i] = box_around(ball_, ball_.x, ball_.eps.view(spread));
        break;
      }
      case Node::affine:
        boxes_[i] = propagate::affine_range(node, boxes_);
        break;
      case Node::elementwise:
      case Node::max_pool:
        if (how == Tighten::linear)
          tighten(node.from,
                  node.kind == Node::elementwise && node.activation.kind == Activation::relu);
        else if (!box_is_ball && reads_input_only(node.from))
          tighten(node.from, false);  // the ball is no box: the first layer is bounded exactly
        const Box& from = boxes_[static_cast<std::size_t>(node.from)];
        if (node.kind == Node::max_pool) {
          boxes_[i] = {max_pool(node.pool, from.lower), max_pool(node.pool, from.upper)};
        } else {
          boxes_[i] = range_of(node.activation, from);
          lines_[i] = lines_of(node.activation, from);
        }
        break;
    }
  }
}

bool Propagation::reads_input_only(int node) const {
  const Node& n = net_.nodes[static_cast<std::size_t>(node)];
  return n.kind == Node::input ||
         (n.kind == Node::affine && std::ranges::all_of(n.terms, [this](const Node::Term& t) {
            return reads_input_only(t.from);
          }));
}

at::Tensor Propagation::unit_rows(int node, const at::Tensor& some) const {
  const std::int64_t b = ball_.x.size(0), n = net_.size_of(node);
  const at::Tensor unit =
      at::zeros({some.size(0), n}, ball_.x.options()).scatter_(1, some.unsqueeze(1), 1.0);
  return at::cat({unit, -unit}).unsqueeze(0).expand({b, 2 * some.size(0), n});
}

std::int64_t Propagation::at_once(int node) const {
  std::int64_t widest = 1;
  for (int i = 0; i <= node; ++i) widest = std::max(widest, net_.size_of(i));
  return std::max<std::int64_t>(1, propagate::chunk_bytes / (16 * ball_.x.size(0) * widest));
}

/// Replaces the interval bounds of a node by the better of those and backward ones; where
/// `only_unsettled`, of the values around 0 of each row.
void Propagation::tighten(int node, bool only_unsettled) {
  if (net_.nodes[static_cast<std::size_t>(node)].kind == Node::input) return;
  Box& box = boxes_[static_cast<std::size_t>(node)];
  at::Tensor lower = propagate::flat(box.lower).clone(), upper = propagate::flat(box.upper).clone();
  const at::Tensor wanted = only_unsettled ? lower.lt(0).logical_and(upper.gt(0))
                                           : at::ones_like(lower, lower.options().dtype(at::kBool));
  const at::Tensor which = wanted.any(0).nonzero().view(-1);
  if (which.size(0) == 0) return;
  for (const at::Tensor& some : which.split(at_once(node))) {
    const std::int64_t m = some.size(0);
    const at::Tensor bound = backward(node, unit_rows(node, some), false, nullptr);
    const at::Tensor here = wanted.index_select(1, some), low = lower.index_select(1, some),
                     high = upper.index_select(1, some);
    lower.index_copy_(1, some, at::where(here, at::maximum(low, bound.narrow(1, 0, m)), low));
    upper.index_copy_(1, some, at::where(here, at::minimum(high, -bound.narrow(1, m, m)), high));
  }
  box = {at::minimum(lower, upper).view_as(box.lower),
         at::maximum(lower, upper).view_as(box.upper)};
}

/// The coefficients on their way from a node to the input.
class Propagation::Backward {
 public:
  Backward(const Propagation& of, const at::Tensor& rows, int target, const Slopes* slopes)
      : of_(of),
        slopes_(slopes),
        b_(rows.size(0)),
        k_(rows.size(1)),
        on_(static_cast<std::size_t>(target) + 1),
        bound_(at::zeros({b_, k_}, rows.options())) {
    on_.back() = rows;
  }

  at::Tensor run(bool stop_at_nonlinear, bool tight) {
    for (std::size_t i = on_.size(); i-- > 0;) {
      const at::Tensor a = std::move(on_[i]);
      if (!a.defined()) continue;
      const Node& node = of_.net_.nodes[i];
      if (node.kind == Node::input)
        bound_ = bound_ + least_over(of_.ball_, a, tight);
      else if (node.kind == Node::affine)
        through_affine(node, a);
      else if (stop_at_nonlinear)
        bound_ = bound_ + times(a.clamp_min(0), of_.boxes_[i].lower) +
                 times(a.clamp_max(0), of_.boxes_[i].upper);
      else if (node.kind == Node::elementwise)
        through_lines(i, a.clamp_min(0), a.clamp_max(0));
      else
        through_pool(node, a.clamp_min(0), a.clamp_max(0));
    }
    return bound_;
  }

 private:
  /// sum_n a [B, K, n] values [B, n...] -> [B, K].
  static at::Tensor times(const at::Tensor& a, const at::Tensor& values) {
    return at::matmul(a, propagate::flat(values).unsqueeze(-1)).squeeze(-1);
  }
  void pass(int to, const at::Tensor& a) {
    at::Tensor& sum = on_[static_cast<std::size_t>(to)];
    sum = sum.defined() ? sum + a : a;
  }
  void through_affine(const Node& node, const at::Tensor& a) {
    if (node.constant.defined()) bound_ = bound_ + at::matmul(a, node.constant.reshape({-1}));
    for (const auto& term : node.terms)
      pass(term.from, term.map.transpose(propagate::folded(a, node.shape)).reshape({b_, k_, -1}));
  }
  void through_lines(std::size_t i, const at::Tensor& up, const at::Tensor& down) {
    const Lines& lines = of_.lines_[i];
    at::Tensor lower = propagate::flat(lines.lower_slope).unsqueeze(1);
    if (slopes_ != nullptr && slopes_->of[i].defined()) {
      const Box& box = of_.box(of_.net_.nodes[i].from);
      const at::Tensor open = box.lower.lt(0).logical_and(box.upper.gt(0));
      lower = at::where(propagate::flat(open).unsqueeze(1), slopes_->of[i], lower);
    }
    bound_ = bound_ + times(up, lines.lower_offset) + times(down, lines.upper_offset);
    pass(of_.net_.nodes[i].from,
         up * lower + down * propagate::flat(lines.upper_slope).unsqueeze(1));
  }
  /// The greatest of a window is at least the value with the greatest lower bound; it is that value
  /// where no other can be greater, else at most the greatest upper bound.
  void through_pool(const Node& node, const at::Tensor& up, const at::Tensor& down) {
    const Pool& pool = node.pool;
    const Shape& shape = of_.net_.nodes[static_cast<std::size_t>(node.from)].shape;
    const auto w = propagate::windows_of(pool, of_.boxes_[static_cast<std::size_t>(node.from)]);
    const std::int64_t c = w.settled.size(1), l = w.settled.size(2);
    const std::int64_t cells = pool.kernel[0] * pool.kernel[1];
    const at::Tensor above = down.view({b_, k_, c, l});
    const at::Tensor settled = w.settled.unsqueeze(1).to(up.scalar_type());
    bound_ = bound_ + (above * (1 - settled) * w.most.unsqueeze(1)).sum({2, 3});
    const at::Tensor moved = (up.view({b_, k_, c, l}) + above * settled).unsqueeze(3);
    const at::Tensor spread = at::zeros({b_, k_, c, cells, l}, up.options())
                                  .scatter(3, w.at.unsqueeze(1).expand({b_, k_, c, 1, l}), moved);
    const at::Tensor padded =
        at::col2im(spread.reshape({b_ * k_, c * cells, l}),
                   {shape[1] + 2 * pool.padding[0], shape[2] + 2 * pool.padding[1]}, pool.kernel,
                   pool.dilation, {0, 0}, pool.stride);
    pass(node.from, padded.narrow(2, pool.padding[0], shape[1])
                        .narrow(3, pool.padding[1], shape[2])
                        .reshape({b_, k_, -1}));
  }

  const Propagation& of_;
  const Slopes* slopes_;
  std::int64_t b_, k_;
  std::vector<at::Tensor> on_;  // [B, K, n] by node
  at::Tensor bound_;
};

at::Tensor Propagation::backward(int target, const at::Tensor& rows, bool stop_at_nonlinear,
                                 const Slopes* slopes) const {
  return Backward(*this, rows, target, slopes).run(stop_at_nonlinear, target == net_.output);
}

at::Tensor Propagation::merged(const at::Tensor& rows) const {
  const at::NoGradGuard no_grad;
  return backward(net_.output, rows, true, nullptr);
}

at::Tensor Propagation::linear(const at::Tensor& rows) const {
  const at::NoGradGuard no_grad;
  return backward(net_.output, rows, false, nullptr);
}

/// What one affine node adds to the errors of what it reads.
at::Tensor Propagation::rounding_of(const Node& node, const std::vector<at::Tensor>& error,
                                    double unit) const {
  const double sums =
      static_cast<double>(node.terms.size()) - 1 + (node.constant.defined() ? 1 : 0);
  at::Tensor all;
  for (const auto& term : node.terms) {
    const at::Tensor& before = error[static_cast<std::size_t>(term.from)];
    at::Tensor part = term.map.magnitude(before);
    // A sum of n products in any order errs by at most n u / (1 - n u) of the sum of sizes.
    const double n = term.map.terms + sums;
    if (n > 0)
      part = part +
             n * unit / (1 - n * unit) *
                 term.map.magnitude(largest(boxes_[static_cast<std::size_t>(term.from)]) + before);
    all = all.defined() ? all + part : part;
  }
  if (node.constant.defined() && sums > 0) all = all + (sums + 1) * unit * node.constant.abs();
  return all;
}

at::Tensor Propagation::largest(const Box& box) {
  return at::maximum(box.lower.abs(), box.upper.abs());
}

at::Tensor Propagation::rounding(double unit) const {
  const at::NoGradGuard no_grad;
  std::vector<at::Tensor> error;
  for (std::size_t i = 0; i <= static_cast<std::size_t>(net_.output); ++i) {
    const Node& node = net_.nodes[i];
    if (node.kind == Node::input) {
      error.push_back(at::zeros_like(ball_.x));
    } else if (node.kind == Node::affine) {
      error.push_back(rounding_of(node, error, unit));
    } else if (node.kind == Node::max_pool) {
      error.push_back(max_pool(node.pool, error[static_cast<std::size_t>(node.from)]));
    } else {
      at::Tensor here = node.activation.lipschitz * error[static_cast<std::size_t>(node.from)];
      // ReLU only chooses; the others compute.
      if (node.activation.kind != Activation::relu)
        here = here + 8 * unit * (largest(boxes_[i]) + 1);
      error.push_back(here);
    }
  }
  return propagate::flat(error.back());
}

}  // namespace leadline::detail::bounds

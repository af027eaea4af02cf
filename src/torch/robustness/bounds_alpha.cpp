// alpha-CROWN: lower slopes of ReLU by gradient. Any slope in [0, 1] is sound.
#include <ATen/ATen.h>
#include <torch/csrc/autograd/autograd.h>

#include <cmath>

#include "bounds_propagate.hpp"

namespace leadline::detail::bounds {
namespace alpha {

at::Tensor flat(const at::Tensor& x) { return x.reshape({x.size(0), -1}); }

}  // namespace alpha

/// Lower slopes of the unsettled ReLUs of one node, climbing by Adam inside [0, 1].
class Propagation::Climber {
 public:
  Climber(std::size_t node, const at::Tensor& start, const at::Tensor& open)
      : node_(node),
        slope_(start),
        open_(open.to(start.scalar_type())),
        first_(at::zeros_like(start)),
        second_(at::zeros_like(start)) {}

  const at::Tensor& leaf(Slopes& slopes) {
    slope_ = slope_.detach().requires_grad_(true);
    return slopes.of[node_] = slope_;
  }
  void climb(const at::Tensor& gradient, int step, double rate) {
    if (!gradient.defined()) return;
    const at::Tensor g = gradient * open_;
    first_ = 0.9 * first_ + 0.1 * g;
    second_ = 0.999 * second_ + 0.001 * g.square();
    const at::Tensor mean = first_ / (1 - std::pow(0.9, step + 1));
    const at::Tensor size = (second_ / (1 - std::pow(0.999, step + 1))).sqrt();
    slope_ = (slope_.detach() + rate * open_ * mean / (size + 1e-12)).clamp(0, 1);
  }

 private:
  std::size_t node_;
  at::Tensor slope_, open_, first_, second_;
};

std::vector<Propagation::Climber> Propagation::climbers(std::int64_t k) const {
  std::vector<Climber> all;
  for (std::size_t i = 0; i < net_.nodes.size(); ++i) {
    const Node& node = net_.nodes[i];
    if (node.kind != Node::elementwise || node.activation.kind != Activation::relu) continue;
    const Box& box = boxes_[static_cast<std::size_t>(node.from)];
    const at::Tensor open = box.lower.lt(0).logical_and(box.upper.gt(0));
    if (!open.any().item<bool>()) continue;
    const at::Tensor start = alpha::flat(lines_[i].lower_slope).unsqueeze(1);
    all.emplace_back(i, start.expand({start.size(0), k, start.size(2)}).contiguous(),
                     alpha::flat(open).unsqueeze(1));
  }
  return all;
}

at::Tensor Propagation::learnt(const at::Tensor& rows, int steps) const {
  Slopes slopes{std::vector<at::Tensor>(net_.nodes.size())};
  auto slopes_learnt = climbers(rows.size(1));
  at::Tensor best;
  double rate = 0.5;
  for (int step = 0; step <= steps; ++step, rate *= 0.98) {
    const at::AutoGradMode with_graph(true);
    std::vector<at::Tensor> leaves;
    for (Climber& climber : slopes_learnt) leaves.push_back(climber.leaf(slopes));
    const at::Tensor bound = backward(net_.output, rows, false, &slopes);
    best = best.defined() ? at::maximum(best, bound.detach()) : bound.detach();
    if (step == steps || !bound.requires_grad()) break;
    const auto gradients = ::torch::autograd::grad({bound.sum()}, leaves, {}, std::nullopt, false,
                                                   /*allow_unused=*/true);
    const at::NoGradGuard no_grad;
    for (std::size_t j = 0; j < leaves.size(); ++j)
      slopes_learnt[j].climb(gradients[j], step, rate);
  }
  return best;
}

}  // namespace leadline::detail::bounds

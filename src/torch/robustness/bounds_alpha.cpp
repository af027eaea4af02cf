// alpha-CROWN: lower slopes of ReLU by gradient, those behind the bounds of inner layers too (Xu et
// al. 2021). Any slope in [0, 1] is sound, so nothing has to converge.
#include <ATen/ATen.h>
#include <torch/csrc/autograd/autograd.h>

#include <algorithm>
#include <cmath>

#include "bounds_propagate.hpp"

namespace leadline::detail::bounds {
namespace alpha {

/// A target value has slopes of its own where a target layer and a layer of slopes have at most so
/// many pairs of values; else the lower bounds of a layer share theirs, and the upper ones. Decided
/// by the net alone: results do not depend on the batch.
constexpr std::int64_t most_pairs = 1 << 16;

at::Tensor flat(const at::Tensor& x) { return x.reshape({x.size(0), -1}); }

std::vector<at::Tensor> gradients_of(const at::Tensor& value,
                                     const std::vector<at::Tensor>& leaves) {
  return ::torch::autograd::grad({value}, leaves, {}, std::nullopt, /*create_graph=*/false,
                                 /*allow_unused=*/true);
}

void add_to(at::Tensor& sum, const at::Tensor& more) {
  if (more.defined()) sum = sum.defined() ? sum + more : more;
}

/// Slopes of one ReLU [B, ..., n], climbing by Adam inside [0, 1] where it is unsettled.
struct Climber {
  std::size_t relu;
  at::Tensor slope, open, gradient, first, second;

  Climber(std::size_t of, const at::Tensor& start, at::Tensor where)
      : relu(of), slope(start.contiguous()), open(std::move(where)) {
    first = second = at::zeros_like(slope);
  }
  at::Tensor leaf() { return slope = slope.detach().requires_grad_(true); }
  void climb(int step, double rate) {
    if (!gradient.defined()) return;
    const at::Tensor g = std::move(gradient) * open;
    gradient.reset();
    first = 0.9 * first + 0.1 * g;
    second = 0.999 * second + 0.001 * g.square();
    const at::Tensor mean = first / (1 - std::pow(0.9, step + 1));
    const at::Tensor size = (second / (1 - std::pow(0.999, step + 1))).sqrt();
    slope = (slope.detach() + rate * open * mean / (size + 1e-12)).clamp(0, 1);
  }
};

}  // namespace alpha

/// One search for the slopes of a batch. Gradients go backwards a layer at a time, a chunk of
/// target values at a time, so that memory stays that of CROWN.
class Propagation::Learner {
 public:
  Learner(const Propagation& crown, std::int64_t n_rows, bool inner) : crown_(crown), now_(crown) {
    last_ = climbers(crown.net_.nodes.size(), {n_rows});
    if (inner) find_inner();
  }

  at::Tensor run(const at::Tensor& rows, int steps) {
    at::Tensor best;
    double rate = 0.5;
    for (int step = 0; step <= steps; ++step, rate *= 0.98) {
      for (const Inner& inner : inner_) place_bounds(inner);
      const at::AutoGradMode with_graph(true);
      auto leaves = open_boxes(crown_.net_.nodes.size());
      Slopes slopes{std::vector<at::Tensor>(crown_.net_.nodes.size())};
      for (alpha::Climber& one : last_) leaves.push_back(slopes.of[one.relu] = one.leaf());
      const at::Tensor bound = now_.backward(crown_.net_.output, rows, false, &slopes);
      best = best.defined() ? at::maximum(best, bound.detach()) : bound.detach();
      if (step == steps || !bound.requires_grad()) break;
      take(alpha::gradients_of(bound.sum(), leaves), last_);
      for (std::size_t i = inner_.size(); i-- > 0;) push_back(inner_[i]);
      const at::NoGradGuard no_grad;
      for (alpha::Climber& one : last_) one.climb(step, rate);
      for (Inner& inner : inner_)
        for (alpha::Climber& one : inner.climbers) one.climb(step, rate);
    }
    return best;
  }

 private:
  /// A layer before an unsettled ReLU whose bounds other slopes lie behind.
  struct Inner {
    int node;
    at::Tensor which;                      // values that CROWN leaves unsettled in any row
    std::vector<alpha::Climber> climbers;  // [B, 2, targets or 1, n]: of lower and upper bounds
    at::Tensor lower_gradient, upper_gradient;  // [B, values of the layer]
  };

  static at::Tensor open_in(const Box& box) {
    return alpha::flat(box.lower.lt(0).logical_and(box.upper.gt(0)));
  }
  /// Slopes of every unsettled ReLU before `target`, starting at CROWN's, with dimensions `sizes`
  /// between rows and values.
  std::vector<alpha::Climber> climbers(std::size_t target, std::vector<std::int64_t> sizes) const {
    std::vector<alpha::Climber> all;
    for (std::size_t i = 0; i < target; ++i) {
      const Node& node = crown_.net_.nodes[i];
      if (node.kind != Node::elementwise || node.activation.kind != Activation::relu) continue;
      const at::Tensor open = open_in(crown_.box(node.from));
      if (!open.any().item<bool>()) continue;
      at::Tensor start = alpha::flat(crown_.lines_[i].lower_slope),
                 where = open.to(start.scalar_type());
      Shape full{start.size(0)};
      for (const std::int64_t size : sizes) {
        start = start.unsqueeze(1);
        where = where.unsqueeze(1);
        full.push_back(size);
      }
      full.push_back(start.size(-1));
      if (sizes.size() == 2 && sizes[1] * full.back() > alpha::most_pairs) full[2] = 1;
      all.emplace_back(i, start.expand(full), where);
    }
    return all;
  }
  void find_inner() {
    for (std::size_t i = 0; i < crown_.net_.nodes.size(); ++i) {
      const Node& node = crown_.net_.nodes[i];
      const bool known =
          std::ranges::any_of(inner_, [&](const Inner& e) { return e.node == node.from; });
      if (known || node.kind != Node::elementwise || node.activation.kind != Activation::relu)
        continue;
      const auto before = static_cast<std::size_t>(node.from);
      Inner one{node.from, open_in(crown_.box(node.from)).any(0).nonzero().view(-1), {}, {}, {}};
      one.climbers = climbers(before, {2, crown_.net_.size_of(node.from)});
      if (one.which.size(0) > 0 && !one.climbers.empty()) inner_.push_back(std::move(one));
    }
  }

  /// Bounds [B, m] of the values `some` of a layer by its slopes, never worse than CROWN's.
  std::pair<at::Tensor, at::Tensor> bound_some(const Inner& inner, const at::Tensor& some,
                                               const std::vector<at::Tensor>& leaves) const {
    const std::int64_t m = some.size(0);
    Slopes slopes{std::vector<at::Tensor>(crown_.net_.nodes.size())};
    for (std::size_t j = 0; j < leaves.size(); ++j) {
      const at::Tensor chosen = leaves[j].size(2) > 1 ? leaves[j].index_select(2, some) : leaves[j];
      const std::int64_t b = chosen.size(0), n = chosen.size(3);
      slopes.of[inner.climbers[j].relu] = chosen.expand({b, 2, m, n}).reshape({b, 2 * m, n});
    }
    const at::Tensor bound =
        now_.backward(inner.node, now_.unit_rows(inner.node, some), false, &slopes);
    const Box& fixed = crown_.box(inner.node);
    return {better(bound.narrow(1, 0, m), alpha::flat(fixed.lower).index_select(1, some)),
            -better(bound.narrow(1, m, m), -alpha::flat(fixed.upper).index_select(1, some))};
  }
  /// The greater of two bounds; the learnt one where they are equal but for rounding, as they are
  /// at the start: whether its slopes get a gradient must not hang on the last bit.
  static at::Tensor better(const at::Tensor& learnt, const at::Tensor& fixed) {
    return at::where(learnt.ge(fixed - 1e-9 * (1 + fixed.abs())), learnt, fixed);
  }
  std::int64_t at_once(const Inner& inner) const {
    return std::max<std::int64_t>(1, crown_.at_once(inner.node) / 4);  // a graph keeps more
  }

  /// The box of a layer with the slopes of now.
  void place_bounds(const Inner& inner) {
    const at::NoGradGuard no_grad;
    std::vector<at::Tensor> leaves;
    for (const alpha::Climber& one : inner.climbers) leaves.push_back(one.slope);
    const Box& fixed = crown_.box(inner.node);
    at::Tensor lower = alpha::flat(fixed.lower).clone(), upper = alpha::flat(fixed.upper).clone();
    for (const at::Tensor& some : inner.which.split(at_once(inner))) {
      const auto [low, high] = bound_some(inner, some, leaves);
      lower.index_copy_(1, some, at::minimum(low, high));
      upper.index_copy_(1, some, at::maximum(low, high));
    }
    place(inner.node, {lower.view_as(fixed.lower), upper.view_as(fixed.upper)});
  }
  void place(int node, Box box) {
    for (std::size_t i = 0; i < crown_.net_.nodes.size(); ++i) {
      const Node& reads = crown_.net_.nodes[i];
      if (reads.from == node && reads.kind == Node::elementwise &&
          reads.activation.kind == Activation::relu)
        now_.lines_[i] = lines_of(reads.activation, box);
    }
    now_.boxes_[static_cast<std::size_t>(node)] = std::move(box);
  }
  /// Makes the boxes of the layers before `target` leaves of a graph: lower, upper, lower, ...
  std::vector<at::Tensor> open_boxes(std::size_t target) {
    std::vector<at::Tensor> leaves;
    for (const Inner& inner : inner_) {
      if (static_cast<std::size_t>(inner.node) >= target) break;
      const Box& box = now_.box(inner.node);
      const Box leaf{box.lower.detach().requires_grad_(true),
                     box.upper.detach().requires_grad_(true)};
      leaves.insert(leaves.end(), {leaf.lower, leaf.upper});
      place(inner.node, leaf);
    }
    return leaves;
  }
  /// Adds the gradients of `open_boxes`, then of the slopes of `climbers`.
  void take(const std::vector<at::Tensor>& gradients, std::vector<alpha::Climber>& climbers) {
    const std::size_t boxes = gradients.size() - climbers.size();
    for (std::size_t i = 0; i < boxes; ++i) {
      if (!gradients[i].defined()) continue;
      Inner& inner = inner_[i / 2];
      alpha::add_to(i % 2 ? inner.upper_gradient : inner.lower_gradient, alpha::flat(gradients[i]));
    }
    for (std::size_t j = 0; j < climbers.size(); ++j)
      alpha::add_to(climbers[j].gradient, gradients[boxes + j]);
  }
  /// From what the bounds of a layer are worth to what its slopes and the layers before are worth.
  void push_back(Inner& inner) {
    if (!inner.lower_gradient.defined() && !inner.upper_gradient.defined()) return;
    for (const at::Tensor& some : inner.which.split(at_once(inner))) {
      auto leaves = open_boxes(static_cast<std::size_t>(inner.node));
      std::vector<at::Tensor> slopes;
      for (alpha::Climber& one : inner.climbers) slopes.push_back(one.leaf());
      leaves.insert(leaves.end(), slopes.begin(), slopes.end());
      const auto [low, high] = bound_some(inner, some, slopes);
      at::Tensor worth = at::zeros({}, low.options());
      if (inner.lower_gradient.defined())
        worth = worth + (low * inner.lower_gradient.index_select(1, some)).sum();
      if (inner.upper_gradient.defined())
        worth = worth + (high * inner.upper_gradient.index_select(1, some)).sum();
      if (worth.requires_grad()) take(alpha::gradients_of(worth, leaves), inner.climbers);
    }
    inner.lower_gradient.reset();
    inner.upper_gradient.reset();
  }

  const Propagation& crown_;
  Propagation now_;                   // the same with the bounds of this step
  std::vector<alpha::Climber> last_;  // [B, K, n]
  std::vector<Inner> inner_;          // from the input on
};

at::Tensor Propagation::learnt(const at::Tensor& rows, int steps, bool inner) const {
  return Learner(*this, rows.size(1), inner).run(rows, steps);
}

}  // namespace leadline::detail::bounds

// Elementwise functions: what they are, and what bounds them.
#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "bounds_rules.hpp"

namespace leadline::detail::bounds {
namespace activation {

double number(const Op& op, std::size_t i, double fallback) {
  return i < op.in.size() && op.in[i].isScalar() ? op.in[i].toScalar().toDouble() : fallback;
}

/// The function of `op`, or one without a name.
Activation function_of(const Op& op) {
  Activation a;
  a.name = op.name.substr(6);
  while (a.name.ends_with('_')) a.name.pop_back();
  if (a.name == "relu") {
    a.kind = Activation::relu;
    a.f = [](const at::Tensor& x) { return at::relu(x); };
  } else if (a.name == "sigmoid") {
    a.kind = Activation::s_shaped;
    a.f = [](const at::Tensor& x) { return at::sigmoid(x); };
    a.slope = [](const at::Tensor& x) { return at::sigmoid(x) * at::sigmoid(-x); };
  } else if (a.name == "tanh") {
    a.kind = Activation::s_shaped;
    a.f = [](const at::Tensor& x) { return at::tanh(x); };
    a.slope = [](const at::Tensor& x) { return at::cosh(x).reciprocal().square(); };
  } else if (a.name == "gelu") {
    const std::string how(op.in.at(1).toStringView());
    a.f = [how](const at::Tensor& x) { return at::gelu(x, how); };
    a.curvature = 0.9;  // 2 phi(0) = 0.798 at 0, a little more for the tanh form
    a.lipschitz = 1.13;
  } else if (a.name == "silu") {
    a.f = [](const at::Tensor& x) { return at::silu(x); };
    a.curvature = 0.5;
    a.lipschitz = 1.1;
  } else if (a.name == "softplus" && number(op, 1, 1) == 1) {
    const double threshold = number(op, 2, 20);
    a.f = [threshold](const at::Tensor& x) { return at::softplus(x, 1, threshold); };
    a.curvature = 0.25;
  } else if (a.name == "elu" && number(op, 1, 1) == 1 && number(op, 2, 1) == 1 &&
             number(op, 3, 1) == 1) {
    a.f = [](const at::Tensor& x) { return at::elu(x); };
    a.curvature = 1;
    a.breaks = {0};
  } else if (a.name == "abs") {
    a.f = [](const at::Tensor& x) { return at::abs(x); };
    a.breaks = {0};
  } else if (a.name == "leaky_relu") {
    const double slope = number(op, 1, 0.01);
    a.f = [slope](const at::Tensor& x) { return at::leaky_relu(x, slope); };
    a.breaks = {0};
    a.lipschitz = std::max(1.0, std::abs(slope));
  } else if (a.name == "hardsigmoid") {
    a.f = [](const at::Tensor& x) { return at::hardsigmoid(x); };
    a.breaks = {-3, 3};
  }
  return a;
}

/// Cut at two numbers: clamp, hardtanh, relu6.
Activation cut(const std::string& name, double low, double high) {
  Activation a;
  a.name = name;
  a.f = [low, high](const at::Tensor& x) { return at::clamp(x, low, high); };
  for (const double end : {low, high})
    if (std::isfinite(end)) a.breaks.push_back(end);
  return a;
}
Activation cut_of(const Op& op) {
  constexpr double inf = std::numeric_limits<double>::infinity();
  if (op.name.starts_with("aten::relu6")) return cut("relu6", 0, 6);
  if (op.name.starts_with("aten::hardtanh"))
    return cut("hardtanh", number(op, 1, -1), number(op, 2, 1));
  if (op.name.starts_with("aten::clamp_min")) return cut("clamp", number(op, 1, -inf), inf);
  if (op.name.starts_with("aten::clamp_max")) return cut("clamp", -inf, number(op, 1, inf));
  if (op.name.starts_with("aten::clamp"))
    return cut("clamp", number(op, 1, -inf), number(op, 2, inf));
  return {};
}

bool read(Reader& reader, const Op& op) {
  for (std::size_t i = 1; i < op.in.size(); ++i)
    if (op.in[i].isTensor()) throw Unreadable{"bounds that are tensors"};
  Node node;
  node.kind = Node::elementwise;
  node.activation = function_of(op);
  if (!node.activation.f) node.activation = cut_of(op);
  if (!node.activation.f) throw Unreadable{"arguments other than the usual ones"};
  const at::Tensor& out = op.out.at(0).toTensor();
  node.from = reader.node_of(op.in[0].toTensor());
  node.shape = sample_shape(reader, out);
  node.what = op.name;
  reader.set(out, reader.add(std::move(node)));
  return true;
}

constexpr std::string_view names[] = {
    "relu",      "relu_",      "sigmoid",     "sigmoid_",    "tanh",       "tanh_",
    "gelu",      "silu",       "silu_",       "softplus",    "elu",        "elu_",
    "abs",       "abs_",       "relu6",       "relu6_",      "leaky_relu", "leaky_relu_",
    "hardtanh",  "hardtanh_",  "clamp",       "clamp_",      "clamp_min",  "clamp_min_",
    "clamp_max", "clamp_max_", "hardsigmoid", "hardsigmoid_"};

}  // namespace activation

Rule activation_rule(std::string_view name) {
  if (!name.starts_with("aten::")) return nullptr;
  const auto* found = std::ranges::find(activation::names, name.substr(6));
  return found == std::end(activation::names) ? nullptr : &activation::read;
}

}  // namespace leadline::detail::bounds

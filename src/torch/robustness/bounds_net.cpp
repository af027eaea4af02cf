#include "bounds_net.hpp"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <numeric>

#include "bounds_rules.hpp"
#include "leadline/core/error.hpp"

namespace leadline::detail::bounds {
namespace reading {

constexpr const char* remedy =
    "certify a model of linear and convolution layers, batch norm in evaluation mode, elementwise "
    "activations, pooling and sums; for others use robustness::Smoothing, which needs labels only";

/// Operators that read only shapes and types of what they are given.
bool reads_shape_only(std::string_view name) {
  static constexpr std::string_view names[] = {
      "aten::size",       "aten::sym_size",  "aten::dim",        "aten::zeros_like",
      "aten::ones_like",  "aten::full_like", "aten::empty_like", "aten::new_zeros",
      "aten::new_ones",   "aten::new_full",  "aten::new_empty",  "aten::is_floating_point",
      "aten::is_complex", "aten::numel",     "aten::rand_like",  "aten::randn_like"};
  return std::ranges::find(names, name) != std::end(names);
}

std::string where_of(const Op& op) {
  return "operator '" + op.name + "'" + (op.layer.empty() ? "" : " in layer '" + op.layer + "'");
}

}  // namespace reading

at::Tensor max_pool(const Pool& pool, const at::Tensor& x) {
  return at::max_pool2d(x, pool.kernel, pool.stride, pool.padding, pool.dilation, false);
}

at::Tensor with_end(const Net& net, const at::Tensor& output) {
  if (net.end == "softmax") return at::softmax(output, -1);
  if (net.end == "log_softmax") return at::log_softmax(output, -1);
  if (net.end == "sigmoid") return at::sigmoid(output);
  return output;
}

std::int64_t Net::size_of(int node) const {
  const Shape& shape = nodes[static_cast<std::size_t>(node)].shape;
  return std::accumulate(shape.begin(), shape.end(), std::int64_t{1}, std::multiplies<>());
}

at::Tensor Net::forward(const at::Tensor& x) const {
  std::vector<at::Tensor> values;
  for (const Node& node : nodes) {
    at::Tensor value;
    switch (node.kind) {
      case Node::input:
        value = x.to(options);
        break;
      case Node::affine:
        for (const auto& term : node.terms) {
          const at::Tensor part = term.map.forward(values[static_cast<std::size_t>(term.from)]);
          value = value.defined() ? value + part : part;
        }
        if (node.constant.defined()) value = value + node.constant;
        break;
      case Node::elementwise:
        value = node.activation.f(values[static_cast<std::size_t>(node.from)]);
        break;
      case Node::max_pool:
        value = max_pool(node.pool, values[static_cast<std::size_t>(node.from)]);
        break;
    }
    values.push_back(std::move(value));
  }
  return values[static_cast<std::size_t>(output)];
}

Reader::Reader(Net& net, const at::Tensor& x) : net_(net), n_rows_(x.size(0)) {
  Node input;
  input.shape.assign(x.sizes().begin() + 1, x.sizes().end());
  set(x, add(std::move(input)));
}

bool Reader::depends(const at::Tensor& value) const {
  return value.defined() && (nodes_.contains(value.unsafeGetTensorImpl()) ||
                             ends_.contains(value.unsafeGetTensorImpl()));
}
bool Reader::depends(const c10::IValue& value) const {
  if (value.isTensor()) return depends(value.toTensor());
  if (!value.isTensorList()) return false;
  const auto all = value.toTensorVector();
  return std::ranges::any_of(all, [this](const at::Tensor& t) { return depends(t); });
}
int Reader::node_of(const at::Tensor& value) const {
  const auto ended = ends_.find(value.unsafeGetTensorImpl());
  if (ended != ends_.end()) throw Unreadable{"it reads on after " + ended->second.second};
  return nodes_.at(value.unsafeGetTensorImpl()).id;
}
int Reader::add(Node node) {
  net_.nodes.push_back(std::move(node));
  return static_cast<int>(net_.nodes.size()) - 1;
}
void Reader::set(const at::Tensor& out, int id) {
  ends_.erase(out.unsafeGetTensorImpl());
  nodes_[out.unsafeGetTensorImpl()] = {out, id};
}
void Reader::overwritten(const at::Tensor& written) {
  for (const auto& [impl, value] : nodes_)
    if (impl != written.unsafeGetTensorImpl() && value.tensor.is_alias_of(written))
      ends_[impl] = {value.id, "its memory was written to in place"};
}
void Reader::end(const at::Tensor& out, int id, std::string name) {
  ends_[out.unsafeGetTensorImpl()] = {id, std::move(name)};
}

at::Tensor Reader::wide(const at::Tensor& value) const { return value.detach().to(net_.options); }

at::Tensor Reader::constant(const at::Tensor& value, const Shape& shape) const {
  at::Tensor wide_value = wide(value);
  const auto rank = static_cast<std::int64_t>(shape.size()) + 1;
  if (wide_value.dim() > rank) throw Unreadable{"a constant of more dimensions than the value"};
  while (wide_value.dim() < rank) wide_value = wide_value.unsqueeze(0);
  if (wide_value.size(0) != 1) {
    if (!wide_value.eq(wide_value.narrow(0, 0, 1)).all().item<bool>())
      throw Unreadable{"a constant that differs from sample to sample"};
    wide_value = wide_value.narrow(0, 0, 1);
  }
  Shape full{1};
  full.insert(full.end(), shape.begin(), shape.end());
  return wide_value.expand(full).contiguous();
}

bool Reader::touches(const Op& op) const {
  return std::ranges::any_of(op.in, [this](const c10::IValue& v) { return depends(v); });
}

std::size_t Reader::apply(const Op& op, std::size_t i) {
  const std::string_view name = op.name;
  if (!touches(op) || reading::reads_shape_only(name)) return i + 1;
  try {
    for (const auto find : {&weighted_rule, &activation_rule, &moving_rule}) {
      const Rule rule = find(name);
      if (rule == nullptr || !rule(*this, op)) continue;
      if (name.ends_with('_')) overwritten(op.out.at(0).toTensor());
      return op.end;
    }
  } catch (const Unreadable& problem) {
    throw CapabilityError("certify", "operators whose bounds are known",
                          reading::where_of(op) + ": " + problem.why, reading::remedy);
  }
  if (op.end == i + 1)
    throw CapabilityError("certify", "operators whose bounds are known", reading::where_of(op),
                          reading::remedy);
  made_of_others_.push_back(i);
  return i + 1;  // by the operators that it is made of
}

void Reader::read(const Recorded& recorded) {
  for (std::size_t i = 0; i < recorded.ops.size();) i = apply(recorded.ops[i], i);
  for (const std::size_t i : made_of_others_) {
    const Op& op = recorded.ops[i];  // what it made must have come out of one of the others
    for (const c10::IValue& result : op.out)
      if (!depends(result))
        throw CapabilityError("certify", "operators whose bounds are known", reading::where_of(op),
                              reading::remedy);
  }
  const at::Tensor& out = recorded.output;
  const auto ended = ends_.find(out.unsafeGetTensorImpl());
  if (ended != ends_.end()) {
    net_.output = ended->second.first;
    net_.end = ended->second.second;
  } else if (depends(out)) {
    net_.output = nodes_.at(out.unsafeGetTensorImpl()).id;
  } else {
    throw CapabilityError("certify", "an output that depends on the input by operators of torch",
                          "one that does not: values left the graph on their way", reading::remedy);
  }
}

namespace reading {

/// Rows to read the operators on: the first, changed a little, so that no two are equal.
at::Tensor probe_rows(const at::Tensor& x) {
  const at::Tensor one = x.narrow(0, 0, 1);
  const at::Tensor k = at::arange(3 * one.numel(), at::TensorOptions(at::kDouble)).sin();
  const at::Tensor noise = (0.05 * k).to(x.options());
  Shape shape(one.sizes().begin(), one.sizes().end());
  shape[0] = 3;
  return (one + noise.view(shape)).contiguous();
}

/// Throws CapabilityError unless the graph gives what the model gives.
void check_same(const Net& net, models::TorchModel& model, const at::Tensor& x,
                const models::NamedTensors& extras) {
  const at::Tensor given =
      model.call(x.clone(), {.extras = extras.empty() ? nullptr : &extras}).output.to(net.options);
  const at::Tensor ours = with_end(net, net.forward(x));
  const double gap = (given - ours.view(given.sizes())).abs().max().item<double>();
  const double scale = 1 + given.abs().max().item<double>();
  if (gap <= 1e-3 * scale) return;  // false for NaN too
  throw CapabilityError(
      "certify", "a model that its operators describe",
      "outputs that differ by " + std::to_string(gap) + " from those of its recorded operators",
      "it is random, or values leave torch (NumPy) or decide which way it goes; use "
      "robustness::Smoothing, which needs labels only");
}

}  // namespace reading

Net read_net(models::TorchModel& model, const at::Tensor& x, const models::NamedTensors& extras) {
  if (!at::isFloatingType(x.scalar_type()) || x.dim() < 2 || x.size(0) < 1)
    throw CapabilityError("certify", "rows of floats [n, ...]",
                          std::string(c10::toString(x.scalar_type())) + " " + c10::str(x.sizes()),
                          "give the data as float32 in the units of the bounds");
  const at::NoGradGuard no_grad;
  const at::Tensor rows = reading::probe_rows(x);
  models::NamedTensors same;
  for (const auto& [name, extra] : extras) {
    Shape shape(extra.sizes().begin(), extra.sizes().end());
    shape[0] = 3;
    same[name] = extra.narrow(0, 0, 1).expand(shape).contiguous();
  }
  Net net;
  net.options = at::TensorOptions(at::kDouble).device(x.device());
  const Recorded recorded = record(model, rows, same);
  const at::Tensor& out = recorded.output;
  if (out.dim() < 1 || out.dim() > 2 || out.size(0) != 3)
    throw ShapeError("certify", "scores [n, n_classes] or [n] of a binary model",
                     c10::str(out.sizes()), "certify a classifier that scores each row");
  Reader(net, rows).read(recorded);
  const Node& last = net.nodes[static_cast<std::size_t>(net.output)];
  if (net.end.empty() && last.kind == Node::elementwise && last.activation.name == "sigmoid" &&
      net.size_of(net.output) == 1) {  // of a binary model: above 1/2 where its argument is above 0
    net.end = "sigmoid";
    net.output = last.from;
  }
  reading::check_same(net, model, rows, same);
  reading::check_same(net, model, (rows.flip(0) * 1.37 - 0.11).contiguous(), same);
  return net;
}

}  // namespace leadline::detail::bounds

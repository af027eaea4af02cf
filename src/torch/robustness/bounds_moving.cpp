// Operators that move, add up or leave out values: linear, with coefficients of at least 0. They
// are run again through the dispatcher with the arguments they were recorded with.
#include <ATen/core/dispatch/Dispatcher.h>
#include <torch/csrc/autograd/autograd.h>

#include <algorithm>

#include "bounds_rules.hpp"

namespace leadline::detail::bounds {
namespace moving {

/// `op` on another first argument; its output number `which`.
Map::Apply replay(const Op& op, std::size_t which, bool in_list) {
  const auto handle = c10::Dispatcher::singleton().findSchemaOrThrow(
      op.schema.name.c_str(), op.schema.overload_name.c_str());
  return [handle, in = op.in, which, in_list](const at::Tensor& x) {
    ::torch::jit::Stack stack(in.begin(), in.end());
    stack[0] = x;
    handle.callBoxed(stack);
    return in_list ? stack.at(0).toTensorVector().at(which) : stack.at(which).toTensor();
  };
}

/// Whether `forward` treats each row alone, and is linear. A map that is linear in the whole batch
/// and does so for generic rows does so for all.
bool is_a_map_of_rows(const Map::Apply& forward, const Shape& in, const Shape& out,
                      const at::TensorOptions& options) {
  Shape full{3};
  full.insert(full.end(), in.begin(), in.end());
  std::int64_t n = 1;
  for (const auto size : full) n *= size;
  const at::Tensor x = (at::arange(n, options) * 0.7310585 + 0.2).sin().view(full);
  const at::Tensor whole = forward(x);
  Shape expected{3};
  expected.insert(expected.end(), out.begin(), out.end());
  if (whole.sizes() != at::IntArrayRef(expected)) return false;
  for (std::int64_t i = 0; i < 3; ++i) {
    const at::Tensor row = forward(x.narrow(0, i, 1));
    if (row.dim() != whole.dim() || row.size(0) != 1) return false;
    if (!at::allclose(row, whole.narrow(0, i, 1), 1e-12, 1e-14)) return false;
  }
  return at::allclose(forward(at::zeros_like(x)), at::zeros_like(whole), 0, 0) &&
         at::allclose(forward(2 * x), 2 * whole, 1e-12, 1e-14);
}

bool add_map(Reader& reader, const Op& op, const at::Tensor& out, const Map::Apply& forward) {
  const int from = reader.node_of(op.in[0].toTensor());
  const Shape in = reader.node(from).shape;
  Node node;
  node.kind = Node::affine;
  node.shape = sample_shape(reader, out);
  node.what = op.name;
  const at::TensorOptions& options = reader.options();
  if (!is_a_map_of_rows(forward, in, node.shape, options))
    throw Unreadable{"it mixes the rows of a batch, or moves them"};
  // Values that are only moved are not rounded; an overlapping window sums a few times more than
  // there are values for each result.
  const auto size = [](const Shape& shape) {
    double n = 1;
    for (const auto d : shape) n *= static_cast<double>(d);
    return n;
  };
  const bool sums =
      std::ranges::any_of(std::initializer_list<const char*>{"pool", "mean", "sum"},
                          [&](auto part) { return op.name.find(part) != op.name.npos; });
  const double terms = sums ? 8 + 8 * size(in) / std::max(1.0, size(node.shape)) : 0;
  node.terms.push_back({from, map_of(forward, in, options, terms)});
  reader.set(out, reader.add(std::move(node)));
  return true;
}

/// The same values in another shape; sizes recorded for one batch do not fit another.
bool reshape(Reader& reader, const Op& op) {
  if (!op.in[0].isTensor()) return false;
  const at::Tensor& out = op.out.at(0).toTensor();
  if (out.numel() != op.in[0].toTensor().numel()) return false;
  const Shape shape = sample_shape(reader, out);
  return add_map(reader, op, out, [shape](const at::Tensor& x) {
    Shape full{x.size(0)};
    full.insert(full.end(), shape.begin(), shape.end());
    return x.reshape(full);
  });
}

/// The same values in the same shape.
bool same(Reader& reader, const Op& op) {
  const at::Tensor& out = op.out.at(0).toTensor();
  if (!at::isFloatingType(out.scalar_type()) || out.scalar_type() == at::kHalf ||
      out.scalar_type() == at::kBFloat16)
    throw Unreadable{std::string("a conversion to ") + c10::toString(out.scalar_type())};
  if (reader.depends(op.in[0])) {
    reader.set(out, reader.node_of(op.in[0].toTensor()));
    return true;
  }
  return false;
}

bool dropout(Reader& reader, const Op& op) {
  if (op.in.at(2).toBool()) throw Unreadable{"dropout that is on"};
  return same(reader, op);
}

bool move(Reader& reader, const Op& op) {
  if (!op.in[0].isTensor() || !reader.depends(op.in[0])) return false;
  // A full slice of the batch leaves it as it is; its end was recorded for another size.
  if (op.name == "aten::slice" && op.in.at(1).toInt() == 0) {
    if (op.out.at(0).toTensor().sizes() != op.in[0].toTensor().sizes()) return false;
    return same(reader, op);
  }
  const auto set_all = [&](const auto& outs, bool in_list) {
    for (std::size_t k = 0; k < outs.size(); ++k)
      add_map(reader, op, outs[k], replay(op, k, in_list));
  };
  if (op.out.at(0).isTensorList())
    set_all(op.out[0].toTensorVector(), true);
  else
    add_map(reader, op, op.out[0].toTensor(), replay(op, 0, false));
  return true;
}

/// cat and stack: each value at its place among zeros.
bool join(Reader& reader, const Op& op) {
  const at::Tensor& out = op.out.at(0).toTensor();
  const bool stacked = op.name == "aten::stack";
  const std::int64_t dim = c10::maybe_wrap_dim(op.in.at(1).toInt(), out.dim());
  if (dim == 0) throw Unreadable{"it joins along the batch"};
  Node node;
  node.kind = Node::affine;
  node.shape = sample_shape(reader, out);
  node.what = op.name;
  const at::TensorOptions& options = reader.options();
  Shape one{1};
  one.insert(one.end(), node.shape.begin(), node.shape.end());
  node.constant = at::zeros(one, options);
  std::int64_t first = 0;
  for (const at::Tensor& value : op.in[0].toTensorVector()) {
    const at::Tensor part = stacked ? value.unsqueeze(dim) : value;
    const std::int64_t size = part.size(dim), total = out.size(dim);
    if (!reader.depends(value)) {
      node.constant.narrow(dim, first, size)
          .copy_(reader.constant(part, sample_shape(reader, part)));
    } else {
      const int from = reader.node_of(value);
      const auto place = [=](const at::Tensor& x) {
        const at::Tensor wide = stacked ? x.unsqueeze(dim) : x;
        std::vector<std::int64_t> before(wide.sizes().begin(), wide.sizes().end()), after = before;
        before[static_cast<std::size_t>(dim)] = first;
        after[static_cast<std::size_t>(dim)] = total - first - size;
        return at::cat({at::zeros(before, x.options()), wide, at::zeros(after, x.options())}, dim);
      };
      const auto take = [=](const at::Tensor& a) {
        const at::Tensor mine = a.narrow(dim, first, size);
        return stacked ? mine.squeeze(dim) : mine;
      };
      node.terms.push_back({from, {place, take, place, 0}});
    }
    first += size;
  }
  reader.set(out, reader.add(std::move(node)));
  return true;
}

bool max_pooling(Reader& reader, const Op& op) {
  const int from = reader.node_of(op.in[0].toTensor());
  const at::Tensor& out = op.out.at(0).toTensor();
  const Shape& in = reader.node(from).shape;
  if (in.size() != 3 || op.in.at(5).toBool())
    throw Unreadable{"ceil_mode, or rows of another shape"};
  Node node;
  node.kind = Node::max_pool;
  node.shape = sample_shape(reader, out);
  node.from = from;
  node.what = op.name;
  const auto two = [](const c10::IValue& value) {
    auto all = value.toIntVector();
    if (all.size() == 1) all.resize(2, all[0]);
    return all;
  };
  node.pool = {two(op.in[1]), two(op.in[2]), two(op.in[3]), two(op.in[4])};
  if (node.pool.stride.empty()) node.pool.stride = node.pool.kernel;
  reader.set(out, reader.add(std::move(node)));
  return true;
}

/// Keeps the order of the classes, so the decision: left out at the end.
bool softmax(Reader& reader, const Op& op) {
  const at::Tensor& x = op.in[0].toTensor();
  if (x.dim() != 2 || c10::maybe_wrap_dim(op.in.at(1).toInt(), 2) != 1)
    throw Unreadable{"it is not over the classes"};
  reader.end(op.out.at(0).toTensor(), reader.node_of(x),
             op.name == "aten::log_softmax" ? "log_softmax" : "softmax");
  return true;
}

/// What `tensor.numpy()` asks for first.
bool leave(Reader&, const Op&) { throw Unreadable{"its values leave torch"}; }

struct Named {
  std::string_view name;
  Rule rule;
};
constexpr Named rules[] = {{"aten::view", reshape},
                           {"aten::reshape", reshape},
                           {"aten::_reshape_alias", reshape},
                           {"aten::_unsafe_view", reshape},
                           {"aten::flatten", reshape},
                           {"aten::unflatten", reshape},
                           {"aten::squeeze", reshape},
                           {"aten::squeeze_", reshape},
                           {"aten::unsqueeze", reshape},
                           {"aten::unsqueeze_", reshape},
                           {"aten::view_as", reshape},
                           {"aten::contiguous", same},
                           {"aten::clone", same},
                           {"aten::resolve_conj", leave},
                           {"aten::resolve_neg", leave},
                           {"aten::detach", same},
                           {"aten::detach_", same},
                           {"aten::alias", same},
                           {"aten::to", same},
                           {"aten::_to_copy", same},
                           {"aten::lift_fresh", same},
                           {"aten::dropout", dropout},
                           {"aten::dropout_", dropout},
                           {"aten::feature_dropout", dropout},
                           {"aten::alpha_dropout", dropout},
                           {"aten::permute", move},
                           {"aten::transpose", move},
                           {"aten::select", move},
                           {"aten::slice", move},
                           {"aten::narrow", move},
                           {"aten::chunk", move},
                           {"aten::split", move},
                           {"aten::split_with_sizes", move},
                           {"aten::unbind", move},
                           {"aten::flip", move},
                           {"aten::roll", move},
                           {"aten::index_select", move},
                           {"aten::constant_pad_nd", move},
                           {"aten::reflection_pad2d", move},
                           {"aten::replication_pad2d", move},
                           {"aten::avg_pool1d", move},
                           {"aten::avg_pool2d", move},
                           {"aten::avg_pool3d", move},
                           {"aten::adaptive_avg_pool1d", move},
                           {"aten::adaptive_avg_pool2d", move},
                           {"aten::adaptive_avg_pool3d", move},
                           {"aten::upsample_nearest2d", move},
                           {"aten::mean", move},
                           {"aten::sum", move},
                           {"aten::cat", join},
                           {"aten::stack", join},
                           {"aten::max_pool2d", max_pooling},
                           {"aten::softmax", softmax},
                           {"aten::log_softmax", softmax}};

}  // namespace moving

Shape sample_shape(const Reader& reader, const at::Tensor& value) {
  if (value.dim() < 1 || value.size(0) != reader.n_rows())
    throw Unreadable{"its result " + c10::str(value.sizes()) + " has not one row a sample"};
  return {value.sizes().begin() + 1, value.sizes().end()};
}

Map identity_map() {
  const auto same = [](const at::Tensor& x) { return x; };
  return {same, same, same, 0};
}

Map map_of(Map::Apply forward, Shape in, const at::TensorOptions& options, double terms) {
  const auto transpose = [forward, in, options](const at::Tensor& a) {
    const at::AutoGradMode with_graph(true);
    Shape full{a.size(0)};
    full.insert(full.end(), in.begin(), in.end());
    const at::Tensor x = at::zeros(full, options).requires_grad_(true);
    // A graph through `a` is kept: the slopes of alpha-CROWN are learnt through it.
    return ::torch::autograd::grad({forward(x)}, {x}, {a}, /*retain_graph=*/std::nullopt,
                                   /*create_graph=*/a.requires_grad())[0];
  };
  return {forward, transpose, forward, terms};
}

Rule moving_rule(std::string_view name) {
  const auto* found = std::ranges::find(moving::rules, name, &moving::Named::name);
  return found == std::end(moving::rules) ? nullptr : found->rule;
}

}  // namespace leadline::detail::bounds

// Operators with weights: linear, convolution, batch norm, sums and products with constants.
#include <torch/csrc/autograd/autograd.h>

#include <algorithm>

#include "bounds_rules.hpp"

namespace leadline::detail::bounds {
namespace weighted {

const at::Tensor& tensor(const Op& op, std::size_t i) { return op.in.at(i).toTensor(); }
bool is_tensor(const Op& op, std::size_t i) {
  return i < op.in.size() && op.in[i].isTensor() && op.in[i].toTensor().defined();
}
const at::Tensor& result(const Op& op) { return op.out.at(0).toTensor(); }

/// Adds the affine node `terms + constant` for the result of `op`.
bool affine(Reader& reader, const Op& op, std::vector<Node::Term> terms, at::Tensor constant) {
  Node node;
  node.kind = Node::affine;
  node.shape = sample_shape(reader, result(op));
  node.terms = std::move(terms);
  node.constant = std::move(constant);
  node.what = op.name;
  reader.set(result(op), reader.add(std::move(node)));
  return true;
}

/// Rows of values times a constant matrix [in, out] on the last dimension.
Map matrix_map(const at::Tensor& matrix) {
  const at::Tensor transposed = matrix.t().contiguous(), size = matrix.abs();
  return {[matrix](const at::Tensor& x) { return at::matmul(x, matrix); },
          [transposed](const at::Tensor& a) { return at::matmul(a, transposed); },
          [size](const at::Tensor& r) { return at::matmul(r, size); },
          static_cast<double>(matrix.size(0))};
}

bool product(Reader& reader, const Op& op, const at::Tensor& x, const at::Tensor& matrix,
             const at::Tensor& bias) {
  if (!reader.depends(x) || reader.depends(matrix) || (bias.defined() && reader.depends(bias)))
    throw Unreadable{"a product of two values that both depend on the input"};
  if (matrix.dim() != 2) throw Unreadable{"a product with something else than a matrix"};
  at::Tensor constant;
  if (bias.defined()) constant = reader.constant(bias, sample_shape(reader, result(op)));
  return affine(reader, op, {{reader.node_of(x), matrix_map(reader.wide(matrix))}}, constant);
}

bool linear(Reader& reader, const Op& op) {
  return product(reader, op, tensor(op, 0), tensor(op, 1).t(),
                 is_tensor(op, 2) ? tensor(op, 2) : at::Tensor());
}
bool plain_product(Reader& reader, const Op& op) {
  return product(reader, op, tensor(op, 0), tensor(op, 1), at::Tensor());
}
bool addmm(Reader& reader, const Op& op) {
  if (op.in.size() > 4 &&
      (op.in[3].toScalar().toDouble() != 1 || op.in[4].toScalar().toDouble() != 1))
    throw Unreadable{"factors other than 1"};
  return product(reader, op, tensor(op, 1), tensor(op, 2), tensor(op, 0));
}

struct Convolution {
  at::Tensor weight;
  std::vector<std::int64_t> stride, padding, dilation, output_padding;
  std::int64_t groups = 1;
  bool transposed = false;
};

/// The same size in every dimension where one number was given.
std::vector<std::int64_t> per_dim(const c10::IValue& value, std::int64_t rank) {
  auto all = value.toIntVector();
  if (std::ssize(all) == 1) all.resize(static_cast<std::size_t>(rank), all[0]);
  return all;
}

Map convolution_map(const Convolution& c, const Shape& in, const Shape& out) {
  const auto run = [c](const at::Tensor& weight) {
    return [c, weight](const at::Tensor& x) {
      return at::convolution(x, weight, {}, c.stride, c.padding, c.dilation, c.transposed,
                             c.output_padding, c.groups);
    };
  };
  // The transpose of a convolution is the other kind; its output may miss the last positions that
  // no window reached, which `output_padding` brings back.
  std::vector<std::int64_t> missing(c.stride.size(), 0);
  if (!c.transposed)
    for (std::size_t d = 0; d < missing.size(); ++d)
      missing[d] =
          in[d + 1] - ((out[d + 1] - 1) * c.stride[d] - 2 * c.padding[d] +
                       c.dilation[d] * (c.weight.size(static_cast<std::int64_t>(d) + 2) - 1) + 1);
  Map map;
  map.forward = run(c.weight);
  map.magnitude = run(c.weight.abs());
  map.transpose = [c, missing](const at::Tensor& a) {
    return at::convolution(a, c.weight, {}, c.stride, c.padding, c.dilation, !c.transposed, missing,
                           c.groups);
  };
  map.terms = static_cast<double>(c.weight.numel()) / static_cast<double>(c.weight.size(0));
  if (c.transposed) map.terms = static_cast<double>(c.weight.numel());
  return map;
}

bool convolve(Reader& reader, const Op& op, Convolution c) {
  if (!reader.depends(tensor(op, 0)) || reader.depends(tensor(op, 1)))
    throw Unreadable{"a kernel that depends on the input"};
  c.weight = reader.wide(tensor(op, 1));
  const Shape in = reader.node(reader.node_of(tensor(op, 0))).shape;
  const Shape out = sample_shape(reader, result(op));
  if (in.size() + 1 != static_cast<std::size_t>(c.weight.dim()))
    throw Unreadable{"a batch without its first dimension"};
  at::Tensor bias;
  if (is_tensor(op, 2)) {
    Shape per_channel(out.size() + 1, 1);
    per_channel[1] = out[0];
    bias = reader.constant(tensor(op, 2).view(per_channel), out);
  }
  return affine(reader, op, {{reader.node_of(tensor(op, 0)), convolution_map(c, in, out)}}, bias);
}

bool convolution(Reader& reader, const Op& op) {
  const std::int64_t rank = tensor(op, 1).dim() - 2;
  if (!op.in.at(4).isIntList()) return false;  // padding by name: the operator below has numbers
  Convolution c;
  c.stride = per_dim(op.in.at(3), rank);
  c.padding = per_dim(op.in.at(4), rank);
  c.dilation = per_dim(op.in.at(5), rank);
  c.output_padding.assign(static_cast<std::size_t>(rank), 0);
  if (op.in.size() > 7 && op.in[6].isBool()) {  // aten::convolution
    c.transposed = op.in[6].toBool();
    c.output_padding = per_dim(op.in[7], rank);
    c.groups = op.in.at(8).toInt();
  } else {
    c.groups = op.in.at(6).toInt();
  }
  return convolve(reader, op, std::move(c));
}

bool batch_norm(Reader& reader, const Op& op) {
  if (op.in.at(5).toBool() || !is_tensor(op, 3))
    throw Unreadable{"statistics of the batch: put the model into evaluation mode"};
  const Shape shape = sample_shape(reader, result(op));
  Shape per_channel(shape.size() + 1, 1);
  per_channel[1] = shape[0];
  const auto at_channel = [&](const at::Tensor& t) { return reader.wide(t).view(per_channel); };
  at::Tensor scale = at::rsqrt(at_channel(tensor(op, 4)) + op.in.at(7).toDouble());
  if (is_tensor(op, 1)) scale = scale * at_channel(tensor(op, 1));
  at::Tensor shift = -at_channel(tensor(op, 3)) * scale;
  if (is_tensor(op, 2)) shift = shift + at_channel(tensor(op, 2));
  const auto times = [](const at::Tensor& by) {
    return [by](const at::Tensor& x) { return x * by; };
  };
  return affine(
      reader, op,
      {{reader.node_of(tensor(op, 0)), {times(scale), times(scale), times(scale.abs()), 8}}},
      reader.constant(shift, shape));
}

/// Times a constant, broadcast from the shape of a sample to that of the result.
Map scaled_map(const Shape& in, const Shape& out, const at::Tensor& by) {
  if (in == out) {
    const auto times = [](const at::Tensor& factor) {
      return [factor](const at::Tensor& x) { return x * factor; };
    };
    return {times(by), times(by), times(by.abs()), 1};
  }
  const auto spread = [out](const at::Tensor& factor) {
    return [out, factor](const at::Tensor& x) {
      Shape full{x.size(0)};
      full.insert(full.end(), out.begin(), out.end());
      return (x * factor).expand(full);
    };
  };
  Map map = map_of(spread(by), in, by.options(), 1);
  map.magnitude = spread(by.abs());
  return map;
}

/// A number or a constant tensor as [1, shape...].
at::Tensor factor(const Reader& reader, const c10::IValue& value, const Shape& shape) {
  if (value.isTensor()) return reader.constant(value.toTensor(), shape);
  Shape full{1};
  full.insert(full.end(), shape.begin(), shape.end());
  return at::full(full, value.toScalar().toDouble(), reader.options());
}

/// left * a + right * b, where each is a value or a constant.
bool sum_of(Reader& reader, const Op& op, const c10::IValue& left, double a,
            const c10::IValue& right, double b) {
  const Shape out = sample_shape(reader, result(op));
  std::vector<Node::Term> terms;
  at::Tensor constant;
  for (const auto& [value, by] : {std::pair{&left, a}, std::pair{&right, b}}) {
    if (!reader.depends(*value)) {
      constant = by * factor(reader, *value, out);
      continue;
    }
    const int from = reader.node_of(value->toTensor());
    const at::Tensor times = by * factor(reader, c10::Scalar(1.0), out);
    terms.push_back({from, scaled_map(reader.node(from).shape, out, times)});
  }
  return affine(reader, op, std::move(terms), constant);
}

double alpha_of(const Op& op) {
  return op.in.size() > 2 && op.in[2].isScalar() ? op.in[2].toScalar().toDouble() : 1;
}
bool add(Reader& reader, const Op& op) {
  return sum_of(reader, op, op.in[0], 1, op.in[1], alpha_of(op));
}
bool subtract(Reader& reader, const Op& op) {
  return sum_of(reader, op, op.in[0], 1, op.in[1], -alpha_of(op));
}
bool subtract_from(Reader& reader, const Op& op) {
  return sum_of(reader, op, op.in[1], 1, op.in[0], -alpha_of(op));
}
bool negative(Reader& reader, const Op& op) {
  const int from = reader.node_of(tensor(op, 0));
  const Shape& shape = reader.node(from).shape;
  return affine(reader, op,
                {{from, scaled_map(shape, shape, factor(reader, c10::Scalar(-1.0), shape))}}, {});
}

bool times_constant(Reader& reader, const Op& op, bool divide) {
  const bool first = reader.depends(op.in[0]);
  if (first && reader.depends(op.in[1]))
    throw Unreadable{"a product of two values that both depend on the input"};
  if (divide && (!first || (op.in.size() > 2 && !op.in[2].isNone())))
    throw Unreadable{"a division by a value that depends on the input, or one that rounds"};
  const int from = reader.node_of(op.in[first ? 0 : 1].toTensor());
  const Shape out = sample_shape(reader, result(op));
  at::Tensor by = factor(reader, op.in[first ? 1 : 0], out);
  if (divide) by = by.reciprocal();
  return affine(reader, op, {{from, scaled_map(reader.node(from).shape, out, by)}}, {});
}
bool multiply(Reader& reader, const Op& op) { return times_constant(reader, op, false); }
bool divide(Reader& reader, const Op& op) { return times_constant(reader, op, true); }

struct Named {
  std::string_view name;
  Rule rule;
};
constexpr Named rules[] = {{"aten::linear", linear},
                           {"aten::addmm", addmm},
                           {"aten::mm", plain_product},
                           {"aten::matmul", plain_product},
                           {"aten::conv1d", convolution},
                           {"aten::conv2d", convolution},
                           {"aten::conv3d", convolution},
                           {"aten::convolution", convolution},
                           {"aten::_convolution", convolution},
                           {"aten::batch_norm", batch_norm},
                           {"aten::add", add},
                           {"aten::add_", add},
                           {"aten::sub", subtract},
                           {"aten::sub_", subtract},
                           {"aten::rsub", subtract_from},
                           {"aten::neg", negative},
                           {"aten::mul", multiply},
                           {"aten::mul_", multiply},
                           {"aten::div", divide},
                           {"aten::div_", divide}};

}  // namespace weighted

Rule weighted_rule(std::string_view name) {
  const auto* found = std::ranges::find(weighted::rules, name, &weighted::Named::name);
  return found == std::end(weighted::rules) ? nullptr : found->rule;
}

}  // namespace leadline::detail::bounds

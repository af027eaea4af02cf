/// A model as a small graph of our own, one node a value of one sample: affine maps, elementwise
/// functions and max pooling. Everything is float64 and without a batch; `[n, shape...]` goes in
/// and out.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "leadline/torch/models/torch_model.hpp"

namespace leadline::detail::bounds {

using Shape = std::vector<std::int64_t>;

/// A linear map of the values of a sample, [n, in...] -> [n, out...].
struct Map {
  using Apply = std::function<at::Tensor(const at::Tensor&)>;
  Apply forward;
  Apply transpose;  // [n, out...] -> [n, in...]
  Apply magnitude;  // forward with the absolute value of each coefficient
  double terms =
      0;  // products summed in one output value, as they are rounded; 0: values move only
};

/// A function of one number, applied to each value.
struct Activation {
  enum Kind : std::uint8_t {
    relu,
    s_shaped,  // rising, convex below 0 and concave above, f(-x) = 2 f(0) - f(x)
    general    // piecewise linear between `breaks`, or |f''| <= curvature
  } kind = general;
  std::string name;
  std::function<at::Tensor(const at::Tensor&)> f;
  std::function<at::Tensor(const at::Tensor&)> slope{};  // f', of s_shaped
  std::vector<double> breaks{};
  double curvature = 0;
  double lipschitz = 1;
};

struct Pool {
  std::vector<std::int64_t> kernel, stride, padding, dilation;  // two each
};

struct Node {
  enum Kind : std::uint8_t { input, affine, elementwise, max_pool } kind = input;
  struct Term {
    int from = 0;
    Map map;
  };
  Shape shape;                // of one sample
  std::vector<Term> terms{};  // affine
  at::Tensor constant{};      // affine: [1, shape...] or undefined
  int from = 0;               // elementwise, max_pool
  Activation activation{};
  Pool pool{};
  std::string what{};  // the operator, for messages
};

/// Nodes in the order of evaluation; 0 is the input.
struct Net {
  std::vector<Node> nodes;
  int output = 0;
  std::string end{};          // "softmax", "log_softmax", "sigmoid" left out after `output`, or ""
  at::TensorOptions options;  // float64 on the device of the model

  /// The output for x [n, ...], by way of the nodes.
  [[nodiscard]] at::Tensor forward(const at::Tensor& x) const;
  [[nodiscard]] std::int64_t size_of(int node) const;
};

/// Records one forward of `model` on `x` [n, ...] and reads the operators that depend on it.
/// Throws CapabilityError naming the first operator that has no rule, the layer it is in, and what
/// to do; also when the graph does not answer as the model does (a random model, values that leave
/// the graph, branches that depend on them).
[[nodiscard]] Net read_net(models::TorchModel& model, const at::Tensor& x,
                           const models::NamedTensors& extras);

/// `net.end` applied to what `net.forward` gives: what the model gives.
[[nodiscard]] at::Tensor with_end(const Net& net, const at::Tensor& output);
/// The greatest value of each window of x [n, c, h, w].
[[nodiscard]] at::Tensor max_pool(const Pool& pool, const at::Tensor& x);

}  // namespace leadline::detail::bounds

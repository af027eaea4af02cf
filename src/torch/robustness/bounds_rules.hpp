/// From recorded operators to nodes.
#pragma once

#include <ATen/ATen.h>

#include <functional>
#include <string_view>
#include <unordered_map>

#include "bounds_net.hpp"
#include "bounds_record.hpp"

namespace leadline::detail::bounds {

/// Which values of the forward are which nodes. Tensors that are none of them are constants.
class Reader {
 public:
  Reader(Net& net, const at::Tensor& x);

  /// Reads every operator that touches the input. Throws CapabilityError.
  void read(const Recorded& recorded);

  // What the rules use.
  [[nodiscard]] bool depends(const c10::IValue& value) const;
  [[nodiscard]] bool depends(const at::Tensor& value) const;
  /// The node of a value that depends on the input.
  [[nodiscard]] int node_of(const at::Tensor& value) const;
  [[nodiscard]] const Node& node(int id) const { return net_.nodes[static_cast<std::size_t>(id)]; }
  /// A constant as float64 [1, shape...] that broadcasts to a value of `shape`; throws Unreadable
  /// when its rows differ.
  [[nodiscard]] at::Tensor constant(const at::Tensor& value, const Shape& shape) const;
  [[nodiscard]] at::Tensor wide(const at::Tensor& value) const;
  [[nodiscard]] std::int64_t n_rows() const { return n_rows_; }
  [[nodiscard]] const at::TensorOptions& options() const { return net_.options; }

  /// Adds a node for the result `out`.
  int add(Node node);
  void set(const at::Tensor& out, int id);
  /// `out` is the node `id` under a function that keeps the order of the classes; nothing may read
  /// it further.
  void end(const at::Tensor& out, int id, std::string name);

 private:
  /// Reads one operator; the place of the next one.
  std::size_t apply(const Op& op, std::size_t i);
  /// Other views of memory that was written to hold something else now.
  void overwritten(const at::Tensor& written);
  [[nodiscard]] bool touches(const Op& op) const;

  Net& net_;
  std::int64_t n_rows_;
  struct Value {
    at::Tensor tensor;
    int id = 0;
  };
  std::unordered_map<const void*, Value> nodes_;  // by tensor
  std::unordered_map<const void*, std::pair<int, std::string>> ends_;
  std::vector<std::size_t> made_of_others_;  // operators read by those that they called
};

/// Why a rule cannot read an operator, in words; the reader adds where.
struct Unreadable {
  std::string why;
};

/// True when a rule read `op`. Throws Unreadable.
using Rule = bool (*)(Reader& reader, const Op& op);
[[nodiscard]] Rule weighted_rule(std::string_view name);    // bounds_weighted.cpp
[[nodiscard]] Rule activation_rule(std::string_view name);  // bounds_activation.cpp
[[nodiscard]] Rule moving_rule(std::string_view name);      // bounds_moving.cpp

/// Shape of one sample of a value [n, ...]. Throws Unreadable when dimension 0 is not the batch.
[[nodiscard]] Shape sample_shape(const Reader& reader, const at::Tensor& value);
/// The map that leaves values as they are.
[[nodiscard]] Map identity_map();
/// A linear map with coefficients >= 0, from a function on [n, ...]; the transpose is its gradient.
[[nodiscard]] Map map_of(Map::Apply forward, Shape in, const at::TensorOptions& options,
                         double terms);

}  // namespace leadline::detail::bounds

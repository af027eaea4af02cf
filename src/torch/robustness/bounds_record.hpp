/// The operators of one forward, as ATen dispatched them.
#pragma once

#include <ATen/core/ivalue.h>
#include <ATen/core/operator_name.h>

#include <string>
#include <vector>

#include "leadline/torch/models/torch_model.hpp"

namespace leadline::detail::bounds {

/// One operator; those that it called itself follow it, up to `end`.
struct Op {
  std::string name;  // "aten::linear"
  c10::OperatorName schema{"", ""};
  std::string layer;  // "" outside of every named layer
  std::vector<c10::IValue> in, out;
  std::size_t end = 0;
};

struct Recorded {
  std::vector<Op> ops;
  at::Tensor output;
};

/// Runs the model once on `x` and keeps every operator with its arguments and results.
[[nodiscard]] Recorded record(models::TorchModel& model, const at::Tensor& x,
                              const models::NamedTensors& extras);

}  // namespace leadline::detail::bounds

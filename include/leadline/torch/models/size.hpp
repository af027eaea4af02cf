/// How large a model is: parameters, bytes, multiply-adds of one forward.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "leadline/torch/models/torch_model.hpp"

namespace leadline::models {

/// What the operators of one forward did. One multiply-add (MAC) is one multiplication and one
/// addition: two floating-point operations. Counted: convolutions, matrix products, linear layers,
/// attention. Biases, activations, norms, poolings and softmax are not: they are listed in
/// `uncounted` with how often they ran. Views and copies are neither.
struct ForwardWork {
  struct Layer {
    std::string name;  // "" outside of every layer
    std::int64_t multiply_adds = 0;
  };
  std::int64_t rows = 0;           // of the input that was run
  std::int64_t multiply_adds = 0;  // of the whole forward of `rows` rows
  std::vector<Layer> layers;       // the innermost layer that did the work, in order; work > 0
  std::map<std::string, std::int64_t> uncounted;  // operator -> calls

  [[nodiscard]] static std::string convention() {
    return "1 multiply-add = 1 multiplication and 1 addition; convolutions, matrix products and "
           "attention counted, elementwise operators not";
  }
};

struct ModelSize {
  std::int64_t n_parameters = 0;  // elements; shared ones once
  std::int64_t n_trainable = 0;   // that require a gradient
  std::int64_t bytes = 0;         // of parameters and buffers
};

[[nodiscard]] LEADLINE_API ModelSize size_of(const TorchModel& model);

/// Runs `model` once on `x` and counts. Operators are seen as ATen dispatches them, so a script
/// counts too; code compiled ahead of time (AOTInductor) and custom kernels are not seen.
[[nodiscard]] LEADLINE_API ForwardWork forward_work(TorchModel& model, const at::Tensor& x,
                                                    const NamedTensors* extras = nullptr);

}  // namespace leadline::models

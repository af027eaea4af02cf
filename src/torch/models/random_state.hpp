/// The random state of torch, saved on construction and put back on destruction: the CPU generator
/// and, for a model on CUDA, the generator of its device.
#pragma once

#include <ATen/core/Generator.h>
#include <ATen/core/Tensor.h>

#include <utility>
#include <vector>

namespace leadline::detail::random_state {

class Saved {
 public:
  explicit Saved(at::Device device);
  ~Saved();
  Saved(const Saved&) = delete;
  Saved& operator=(const Saved&) = delete;

 private:
  std::vector<std::pair<at::Generator, at::Tensor>> states_;
};

}  // namespace leadline::detail::random_state

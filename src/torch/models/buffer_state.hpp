/// Copies of a model's buffers (running statistics), put back where their values have changed.
#pragma once

#include <ATen/core/Tensor.h>

#include <string>
#include <utility>
#include <vector>

namespace leadline::detail::buffer_state {

class Saved {
 public:
  explicit Saved(const std::vector<std::pair<std::string, at::Tensor>>& buffers);
  /// Never throws. Values, not version counters, are compared: batch norm writes its statistics
  /// without moving the counter.
  void restore() noexcept;

 private:
  std::vector<std::pair<at::Tensor, at::Tensor>> saved_;  // (the buffer, its copy)
};

}  // namespace leadline::detail::buffer_state

#include "torch/models/buffer_state.hpp"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

namespace leadline::detail::buffer_state {

Saved::Saved(const std::vector<std::pair<std::string, at::Tensor>>& buffers) {
  const c10::NoGradGuard no_grad;
  for (const auto& [name, buffer] : buffers)
    if (buffer.defined()) saved_.emplace_back(buffer, buffer.detach().clone());
}

void Saved::restore() noexcept {
  const c10::NoGradGuard no_grad;
  for (auto& [buffer, copy] : saved_) {
    try {
      const at::Tensor now = buffer.detach();
      if (now.sizes() != copy.sizes())
        buffer.set_data(copy.clone());
      else if (!at::equal(now, copy))
        buffer.detach().copy_(copy);
    } catch (const std::exception&) {
      continue;  // a buffer that can no longer be read is left to its owner
    }
  }
  saved_.clear();
}

}  // namespace leadline::detail::buffer_state

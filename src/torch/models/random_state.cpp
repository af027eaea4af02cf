#include "torch/models/random_state.hpp"

#include <ATen/ATen.h>

#include <mutex>

namespace leadline::detail::random_state {

at::Tensor state_of(at::Generator& generator) {
  const std::scoped_lock lock(generator.mutex());
  return generator.get_state();
}

Saved::Saved(at::Device device) {
  at::Generator cpu = at::globalContext().defaultGenerator(at::Device(at::kCPU));
  states_.emplace_back(cpu, state_of(cpu));
  if (device.is_cuda() && at::hasCUDA()) {
    at::Generator own = at::globalContext().defaultGenerator(device);
    states_.emplace_back(own, state_of(own));
  }
}

Saved::~Saved() {
  for (auto& [generator, state] : states_) {
    const std::scoped_lock lock(generator.mutex());
    generator.set_state(state);
  }
}

}  // namespace leadline::detail::random_state

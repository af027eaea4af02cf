/// What a script module keeps between calls in plain attributes (hidden states of recurrent
/// models): tensors, numbers, texts. Parameters and buffers have their own guards.
#pragma once

#include <ATen/core/ivalue.h>
#include <torch/csrc/jit/api/module.h>

#include <string>
#include <vector>

namespace leadline::detail::script_state {

class Attributes {
 public:
  explicit Attributes(const ::torch::jit::Module& module);
  /// Puts back what has moved; the names of these, "" when nothing has. Lists and dicts are not
  /// looked into.
  std::string restore();

 private:
  struct Kept {
    c10::intrusive_ptr<c10::ivalue::Object> owner;
    std::size_t slot = 0;
    std::string name;
    c10::IValue found;  // the value itself
    at::Tensor copy;    // of a tensor
    std::uint32_t version = 0;
  };
  static bool put_back(const Kept& kept);

  std::vector<Kept> kept_;
};

}  // namespace leadline::detail::script_state

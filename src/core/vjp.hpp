// A `Pullback::vjp` that a backend with a graph gives in place of a plain function: on its last
// call it frees, on its way, what the forward pass kept. Else every pass of an attack touches fresh
// memory.
#pragma once

#include <functional>
#include <utility>

#include "leadline/core/subject.hpp"

namespace leadline::detail::vjp {

class Releasing {
 public:
  using Function = std::function<Tensor(const Tensor& d_output, bool last)>;
  explicit Releasing(Function function) : function_(std::move(function)) {}

  Tensor operator()(const Tensor& d_output) const { return function_(d_output, false); }
  /// No other call may follow, of no copy.
  [[nodiscard]] Tensor last(const Tensor& d_output) const { return function_(d_output, true); }

 private:
  Function function_;
};

/// The last gradient that is asked of a pass.
[[nodiscard]] inline Tensor last_gradient(const Pullback& pass, const Tensor& d_output) {
  const auto* releasing = pass.vjp.target<Releasing>();
  return releasing != nullptr ? releasing->last(d_output) : pass.vjp(d_output);
}

}  // namespace leadline::detail::vjp

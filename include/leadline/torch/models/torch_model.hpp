/// The LibTorch half of `Model`: the one hole a backend fills, and the bridge between handles.
#pragma once

#include <ATen/core/Tensor.h>

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "leadline/core/subject.hpp"

namespace leadline {

/// Zero copy both ways; a graph is kept. `to_aten(from_aten(t))` is t. Throws TypeError for
/// layouts and dtypes a handle cannot hold (sparse, quantised, complex).
[[nodiscard]] LEADLINE_API at::Tensor to_aten(const Tensor& tensor);
[[nodiscard]] LEADLINE_API Tensor from_aten(at::Tensor tensor);

namespace models {

using NamedTensors = std::map<std::string, at::Tensor, std::less<>>;

/// A model on LibTorch: any dtype, any device.
class LEADLINE_API TorchModel : public Model {
 public:
  struct Call {
    const NamedTensors* extras = nullptr;  // further named inputs, n rows each
    std::span<const std::string> taps{};   // layers to record
    bool graph = false;                    // keep the autograd graph (inputs set requires_grad)
    /// Replaces an activation on its way: (layer, value) -> value. Called for `taps` only.
    std::function<at::Tensor(std::string_view, at::Tensor)> edit{};
  };
  struct Result {
    at::Tensor output;
    NamedTensors extras;  // further named outputs
    NamedTensors activations;
  };

  ~TorchModel() override;
  /// The one hole a backend fills. `x` lies on `device()`. With `graph` false it runs under
  /// NoGrad (never InferenceMode: its tensors cannot re-enter autograd).
  virtual Result call(const at::Tensor& x, const Call& call) = 0;
  Result call(const at::Tensor& x) { return call(x, Call{}); }
  /// Empty: not reachable.
  [[nodiscard]] virtual std::vector<std::pair<std::string, at::Tensor>> parameters() const;
  [[nodiscard]] virtual at::Device device() const = 0;
  /// Floating dtype of the weights: floating inputs are widened or refused, never narrowed
  /// silently; nullopt: take inputs as they come.
  [[nodiscard]] virtual std::optional<at::ScalarType> dtype() const { return std::nullopt; }

  Outputs forward(const Inputs& inputs, std::span<const std::string> taps = {}) final;
  Pullback pullback(const Inputs& inputs, std::span<const std::string> taps = {}) final;
  [[nodiscard]] Tensor weight(std::string_view name) const final;
};

/// The subject as a TorchModel: itself, or a wrapper whose gradients come from `Model::pullback`
/// through an autograd function.
[[nodiscard]] LEADLINE_API std::shared_ptr<TorchModel> as_torch(std::shared_ptr<Model> model);

/// A batch's primary input on the model's device, owned (a slice of user memory is cloned, so an
/// in-place first layer cannot overwrite it), and its extras.
[[nodiscard]] LEADLINE_API at::Tensor input_for(const TorchModel& model, const Inputs& inputs,
                                                NamedTensors* extras = nullptr);

}  // namespace models
}  // namespace leadline

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
#include "leadline/cost/model_size.hpp"

namespace leadline {

/// Zero copy both ways; a graph is kept. `to_aten(from_aten(t))` is t. Throws TypeError for
/// layouts and dtypes a handle cannot hold (sparse, quantised, complex).
[[nodiscard]] LEADLINE_API at::Tensor to_aten(const Tensor& tensor);
[[nodiscard]] LEADLINE_API Tensor from_aten(at::Tensor tensor);

namespace robustness {
template <class Array>
struct ArrayTraits;
/// Attacks on at::Tensor: `Pgd().perturb(*model, x, y)`; what comes back lies on the device of x.
template <>
struct LEADLINE_API ArrayTraits<at::Tensor> {
  [[nodiscard]] static Tensor in(const at::Tensor& tensor);
  [[nodiscard]] static at::Tensor out(const Tensor& tensor, const at::Tensor& like);
};
}  // namespace robustness

namespace models {

using NamedTensors = std::map<std::string, at::Tensor, std::less<>>;

/// A model on LibTorch: any dtype, any device.
///
/// Left as found: training flags, buffers, hooks and the random state of torch are put back when
/// the last token of `hold()` is dropped, also after an exception; `requires_grad` and `.grad` are
/// never touched. Loops hold the model once; a call that finds nobody holding puts mode and
/// buffers back after itself and lets the random state run on.
class LEADLINE_API TorchModel : public Model, public cost::SizedSubject {
 public:
  struct Call {
    const NamedTensors* extras = nullptr;  // further named inputs, n rows each
    std::span<const std::string> taps{};   // layers to record
    bool graph = false;                    // keep the autograd graph (inputs set requires_grad)
    /// Replaces an activation on its way: (layer, value) -> value. Called for `taps` only.
    std::function<at::Tensor(std::string_view, at::Tensor)> edit{};
    /// Told when a layer begins (true) and ends (false), for every layer of `info().layers`.
    std::function<void(std::string_view layer, bool begins)> trace{};
  };
  struct Result {
    at::Tensor output;
    NamedTensors extras{};  // further named outputs
    NamedTensors activations{};
  };

  TorchModel();
  ~TorchModel() override;
  /// The one hole a backend fills. `x` lies on `device()`. With `graph` false it runs under
  /// NoGrad (never InferenceMode: its tensors cannot re-enter autograd). A model that writes into
  /// its input writes into `x`, unless `x` is a leaf that requires a gradient.
  virtual Result call(const at::Tensor& x, const Call& call) = 0;
  Result call(const at::Tensor& x) { return call(x, Call{}); }
  /// Empty: not reachable.
  [[nodiscard]] virtual std::vector<std::pair<std::string, at::Tensor>> parameters() const;
  /// Running statistics and other state that is no parameter. Empty: none, or not reachable.
  [[nodiscard]] virtual std::vector<std::pair<std::string, at::Tensor>> buffers() const;
  [[nodiscard]] virtual at::Device device() const = 0;
  /// Floating dtype of the weights: floating inputs are widened or refused, never narrowed
  /// silently; nullopt: take inputs as they come.
  [[nodiscard]] virtual std::optional<at::ScalarType> dtype() const { return std::nullopt; }

  [[nodiscard]] std::shared_ptr<void> hold() final;
  Outputs forward(const Inputs& inputs, std::span<const std::string> taps = {}) final;
  /// Throws CapabilityError for integer inputs (token ids have no gradient). `vjp` may be called
  /// more than once.
  Pullback pullback(const Inputs& inputs, std::span<const std::string> taps = {}) final;
  [[nodiscard]] Tensor weight(std::string_view name) const final;
  /// Parameters, bytes and multiply-adds of one sample; absent where they are not reachable.
  [[nodiscard]] cost::ModelSize model_size(const Inputs& one) final;
  /// What was noticed while it ran, each once: "changed its own mode during forward".
  [[nodiscard]] std::vector<std::string> notes() const final;

 protected:
  using Body = std::function<Result(const at::Tensor&)>;

  /// Takes the evaluation state and gives a token whose last copy puts everything back. Default:
  /// nothing to guard.
  [[nodiscard]] virtual std::shared_ptr<void> guard();
  /// For `call`: the state somebody holds, or a guard for this call.
  [[nodiscard]] std::shared_ptr<void> enter();
  /// For `call`: `body` with the graph on or off. A body that writes into a leaf that requires a
  /// gradient runs again on a copy. Throws ShapeError if the output has not as many rows as `x`.
  Result run(const at::Tensor& x, const Call& call, const Body& body);
  void note(std::string text);
  /// xxh3 over names, dtypes, shapes and bytes of parameters and buffers; kept until a version
  /// counter moves. "" without parameters.
  [[nodiscard]] std::string digest() const;

 private:
  struct Held;
  struct Memory;

  std::shared_ptr<Memory> memory_;
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

/// What is evaluated: a model from tensors to tensors, or a model from text to text.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "leadline/core/dataset.hpp"

namespace leadline {

/// What a subject can give and a probe may need; a bit set.
enum class Access : std::uint16_t {
  none = 0,
  labels = 1,       // a decision a sample
  outputs = 2,      // logits or probabilities
  gradients = 4,    // of the outputs with respect to the inputs
  activations = 8,  // of named layers
  weights = 16,     // parameters by name
  text = 32,        // text to text
};
[[nodiscard]] constexpr Access operator|(Access a, Access b) {
  return static_cast<Access>(static_cast<std::uint16_t>(a) | static_cast<std::uint16_t>(b));
}
[[nodiscard]] constexpr bool offers(Access given, Access needed) {
  return (static_cast<std::uint16_t>(needed) & ~static_cast<std::uint16_t>(given)) == 0;
}
/// "labels, outputs, gradients".
[[nodiscard]] LEADLINE_API std::string text_of(Access access);

/// What the numbers in `Outputs::output` are.
enum class OutputKind : std::uint8_t { unknown, logits, probabilities, labels, values };
[[nodiscard]] LEADLINE_API std::string_view name_of(OutputKind kind);

struct SubjectInfo {
  std::string name{};
  std::string backend{};  // "torch.nn.Module", "TorchScript", "function", ...
  std::string digest{};   // of the weights, "xxh3:..."; "" when it has none (a callable, an API)
  Access access = Access::outputs;
  OutputKind output = OutputKind::unknown;
  std::vector<std::string> layers{};  // reachable for taps; empty when none
  std::string device = "cpu";
  bool stochastic = false;  // declared to draw random numbers or to mix the samples of a batch
};

class LEADLINE_API Subject {
 public:
  virtual ~Subject();
  [[nodiscard]] virtual SubjectInfo info() const = 0;
  /// Puts the subject into its evaluation state until the token is dropped, then leaves it as
  /// found (mode, hooks, random state), also after an exception. Default: nothing to hold.
  [[nodiscard]] virtual std::shared_ptr<void> hold();
  /// What was noticed about the subject while it ran, for the report. Default: nothing.
  [[nodiscard]] virtual std::vector<std::string> notes() const;
};

struct Outputs {
  Tensor output;                                      // [n, n_classes] scores, [n] labels or values
  std::map<std::string, Tensor, std::less<>> extras;  // further named outputs
  std::map<std::string, Tensor, std::less<>> activations;  // by layer name, [n, ...]
};

/// Outputs and the map from d loss / d output to d loss / d input.
struct Pullback {
  Outputs outputs;
  std::function<Tensor(const Tensor&)> vjp;
};

class LEADLINE_API Model : public Subject {
 public:
  /// `inputs` [n, ...] -> outputs of n rows, with the activations of the layers in `taps`.
  /// Throws CapabilityError for a layer that cannot be reached.
  virtual Outputs forward(const Inputs& inputs, std::span<const std::string> taps = {}) = 0;
  /// For gradients that do not come from LibTorch (JAX, analytic). Default: CapabilityError.
  virtual Pullback pullback(const Inputs& inputs, std::span<const std::string> taps = {});
  /// A parameter by name. Default: CapabilityError.
  [[nodiscard]] virtual Tensor weight(std::string_view name) const;
};

struct Prompt {
  SampleId id = -1;
  std::string system, user;
};
struct Response {
  SampleId id = -1;
  std::string text;
  std::string stop;   // why it ended: "end", "length", "filter"
  std::string error;  // not empty: no answer, and why
};
struct Decoding {
  double temperature = 0;
  int max_tokens = 512;
  std::uint64_t seed = 0;
};
class LEADLINE_API TextModel : public Subject {
 public:
  virtual std::vector<Response> generate(std::span<const Prompt> prompts,
                                         const Decoding& decoding) = 0;
};

/// A model from any callable: black boxes, remote services, boosters.
///
///     FunctionModel model([](const Inputs& x) { return Outputs{score(x.primary), {}, {}}; },
///                         {.name = "booster", .output = OutputKind::probabilities});
class LEADLINE_API FunctionModel : public Model {
 public:
  using Function = std::function<Outputs(const Inputs&)>;
  /// Access defaults to labels for OutputKind::labels, else labels and outputs.
  FunctionModel(Function function, SubjectInfo info);
  [[nodiscard]] SubjectInfo info() const override { return info_; }
  Outputs forward(const Inputs& inputs, std::span<const std::string> taps = {}) override;

 private:
  Function function_;
  SubjectInfo info_;
};

}  // namespace leadline

/// Makes a `TorchModel` from what a model is kept in: a `torch::nn` module, a functor, a
/// TorchScript file, an AOTInductor package. Everything goes through one non-template border;
/// `torch/nn` is not included here.
#pragma once

#include <ATen/core/Tensor.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "leadline/torch/models/torch_model.hpp"

namespace torch::nn {
class Module;
template <class Contained>
class ModuleHolder;
}  // namespace torch::nn
namespace torch::jit {
struct Module;
}  // namespace torch::jit
namespace c10 {
struct IValue;
}  // namespace c10

namespace leadline::models {

/// eval: the model is put into evaluation mode while it is held. as_is: its mode is left alone, for
/// models meant to be stochastic (MC dropout).
enum class Mode : std::uint8_t { eval, as_is };

struct TorchOptions {
  std::string name = "model";
  OutputKind output = OutputKind::unknown;
  Mode mode = Mode::eval;
  std::string primary{};  // which named output is the answer; "": logits, output, scores, first
  std::optional<at::Device> device{};     // unset: of the first parameter, else the CPU
  std::optional<at::ScalarType> dtype{};  // unset: of the first floating parameter
  bool gradients = true;                  // false: a functor that builds no graph
  std::vector<std::string> layers{};      // named outputs of `forward` that are layers
};

/// Outputs by name, in the model's order.
using NamedList = std::vector<std::pair<std::string, at::Tensor>>;

/// The named output `primary` (or "logits", "output", "scores", the first) as `output`, the others
/// as extras. Throws ValueError naming those present, TypeError when there is none.
[[nodiscard]] LEADLINE_API TorchModel::Result choose_primary(NamedList named,
                                                             const std::string& primary,
                                                             std::string_view where);

/// What a model's `forward` may return: a tensor, a tuple or pair of tensors (named "0", "1", ...),
/// a `NamedTensors`, a `NamedList`, or a `Result`.
[[nodiscard]] inline NamedList named_outputs(at::Tensor value) {
  return {{"output", std::move(value)}};
}
[[nodiscard]] inline NamedList named_outputs(NamedList value) { return value; }
[[nodiscard]] inline NamedList named_outputs(const NamedTensors& value) {
  return {value.begin(), value.end()};
}
template <class... Ts>
[[nodiscard]] NamedList named_outputs(const std::tuple<Ts...>& value) {
  NamedList named;
  std::apply(
      [&](const auto&... part) { (named.emplace_back(std::to_string(named.size()), part), ...); },
      value);
  return named;
}
template <class A, class B>
[[nodiscard]] NamedList named_outputs(const std::pair<A, B>& value) {
  return named_outputs(std::tuple<A, B>(value.first, value.second));
}

using Forward = std::function<NamedList(const at::Tensor& x, const NamedTensors& extras)>;

/// A model from a functor `at::Tensor(at::Tensor)`; gradients if it builds a graph.
///
///     auto model = models::from_function([w](at::Tensor x) { return x.mm(w); }, {.name = "w"});
[[nodiscard]] LEADLINE_API std::shared_ptr<TorchModel> from_function(
    std::function<at::Tensor(at::Tensor)> function, TorchOptions options = {});
/// The same with named extra inputs and named outputs.
[[nodiscard]] LEADLINE_API std::shared_ptr<TorchModel> from_forward(Forward forward,
                                                                    TorchOptions options = {});

/// What `from_module` calls: `forward` runs `module`.
[[nodiscard]] LEADLINE_API std::shared_ptr<TorchModel> from_any_module(
    std::shared_ptr<::torch::nn::Module> module, Forward forward, TorchOptions options);

/// A C++ `torch::nn` module with `forward(at::Tensor)`. The children of a `Sequential` are layers.
/// Any other module has no hooks in C++: it offers as layers the named outputs of `forward` that
/// `options.layers` names.
///
///     torch::nn::Sequential net(...);
///     auto model = models::from_module(net);
///     auto own = models::from_module(mine, [raw = mine.get()](const at::Tensor& x, const auto&) {
///       const at::Tensor hidden = raw->trunk(x);
///       return models::NamedList{{"logits", raw->head(hidden)}, {"hidden", hidden}};
///     }, {.layers = {"hidden"}});
template <class M>
requires std::is_base_of_v<::torch::nn::Module, M>
[[nodiscard]] std::shared_ptr<TorchModel> from_module(std::shared_ptr<M> module,
                                                      TorchOptions options = {}) {
  auto* raw = module.get();  // the model keeps `module`
  return from_any_module(
      std::move(module),
      [raw](const at::Tensor& x, const NamedTensors&) { return named_outputs(raw->forward(x)); },
      std::move(options));
}
template <class M>
[[nodiscard]] std::shared_ptr<TorchModel> from_module(const ::torch::nn::ModuleHolder<M>& module,
                                                      TorchOptions options = {}) {
  return from_module(module.ptr(), std::move(options));
}
/// The same for a module with several inputs: `forward` calls it.
template <class M>
requires std::is_base_of_v<::torch::nn::Module, M>
[[nodiscard]] std::shared_ptr<TorchModel> from_module(std::shared_ptr<M> module, Forward forward,
                                                      TorchOptions options = {}) {
  return from_any_module(std::move(module), std::move(forward), std::move(options));
}

/// A TorchScript file. The archive is read before anything runs: a pickle, a `torch.save`
/// checkpoint or a truncated file is refused with StoreError and never executed. Gradients and
/// weights are reachable, layers are not. Extras are passed by name.
/// An empty `options.name` becomes the file name.
///
/// A script that keeps a state in attributes (a recurrent model) begins every forward from the
/// state as found, and the report says so; with `Mode::as_is` the state runs on while it is held.
[[nodiscard]] LEADLINE_API std::shared_ptr<TorchModel> load_script(const std::string& path,
                                                                   TorchOptions options = {
                                                                       .name = ""});
/// Values of further arguments of `forward` that are the same for every call, by name; include
/// <ATen/core/ivalue.h> to fill it.
///
///     auto vad = models::load_script("vad.jit", {.name = "vad"}, {{"sr", 16000}});
using ScriptConstants = std::vector<std::pair<std::string, c10::IValue>>;
[[nodiscard]] LEADLINE_API std::shared_ptr<TorchModel> load_script(
    const std::string& path, TorchOptions options, const ScriptConstants& constants);
/// The same from a script that is loaded already; the module is shared.
[[nodiscard]] LEADLINE_API std::shared_ptr<TorchModel> from_script(
    const ::torch::jit::Module& module, TorchOptions options = {});
[[nodiscard]] LEADLINE_API std::shared_ptr<TorchModel> from_script(
    const ::torch::jit::Module& module, TorchOptions options, const ScriptConstants& constants);

/// An AOTInductor package (.pt2): outputs only. It holds machine code: `load_aoti` runs it, so load
/// packages you built. Extras that the package declares as keywords are passed as it orders them;
/// others by position, in the order of their names (a package does not tell the names of those).
[[nodiscard]] LEADLINE_API std::shared_ptr<TorchModel> load_aoti(const std::string& path,
                                                                 TorchOptions options = {
                                                                     .name = ""});

}  // namespace leadline::models

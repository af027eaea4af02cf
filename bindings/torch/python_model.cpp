/// A Python `nn.Module`, or any callable on torch tensors, as a `TorchModel`. The GIL is taken for
/// each forward and released around everything else; autograd runs without it.
#include <ATen/ATen.h>
#include <pybind11/stl.h>
#include <torch/csrc/autograd/python_variable.h>
#include <torch/csrc/utils/pybind.h>

#include <algorithm>

#include "leadline/core/error.hpp"
#include "torch/bindings.hpp"
#include "torch/python_guard.hpp"
#include "torch/python_outputs.hpp"

namespace leadline::bindings {
namespace detail_python_model {

using models::NamedTensors;
using models::TorchModel;
using Named = std::vector<std::pair<std::string, at::Tensor>>;

/// Forward hooks of one call; removed when it ends, however it ends.
class Hooks {
 public:
  explicit Hooks(py::handle module) : module_(module) {}
  Hooks(const Hooks&) = delete;
  Hooks& operator=(const Hooks&) = delete;
  ~Hooks() {
    for (auto& handle : handles_) {
      try {
        handle.attr("remove")();
      } catch (py::error_already_set& error) {
        error.discard_as_unraisable("leadline: removing a hook");
      }
    }
  }
  void on_output(const std::string& layer, py::cpp_function hook) {
    handles_.push_back(part(layer).attr("register_forward_hook")(std::move(hook)));
  }
  void on_input(const std::string& layer, py::cpp_function hook) {
    handles_.push_back(part(layer).attr("register_forward_pre_hook")(std::move(hook)));
  }

 private:
  py::object part(const std::string& layer) { return module_.attr("get_submodule")(layer); }
  py::handle module_;
  std::vector<py::object> handles_;
};

/// The tensor of a layer's output: itself, or the first of a tuple.
at::Tensor tensor_of(const py::object& output, const std::string& layer) {
  if (THPVariable_Check(output.ptr())) return THPVariable_Unpack(output.ptr());
  if (py::isinstance<py::tuple>(output) && py::len(output) > 0) {
    const py::object first = output.cast<py::tuple>()[0];
    if (THPVariable_Check(first.ptr())) return THPVariable_Unpack(first.ptr());
  }
  throw TypeError("layer '" + layer + "'", "a tensor, or a tuple that begins with one",
                  describe_python(output), "tap another layer");
}
py::object with_tensor(const py::object& output, const at::Tensor& value) {
  py::object wrapped = py::cast(value);
  if (!py::isinstance<py::tuple>(output)) return wrapped;
  py::list parts(output);
  parts[0] = wrapped;
  return py::tuple(parts);
}

std::string remedy_for(std::string_view message) {
  if (message.find("same device") != std::string_view::npos ||
      message.find("expected device") != std::string_view::npos)
    return "move every part of the model, and what it captures, to one device";
  return "call the model on these inputs outside leadline to see why";
}

class PythonModel final : public TorchModel {
 public:
  PythonModel(py::object model, models::TorchOptions options, bool positional, py::dict constants)
      : options_(std::move(options)),
        positional_(positional),
        constants_(std::move(constants)),
        owner_(owner_of(model)) {
    is_module_ = owner_.is(model);
    if (is_module_) {
      for (const auto item : model.attr("named_modules")()) {
        auto name = item.cast<py::tuple>()[0].cast<std::string>();
        if (!name.empty()) layers_.push_back(std::move(name));
      }
    }
    model_ = std::move(model);
  }
  ~PythonModel() override {
    if (!Py_IsInitialized()) {
      (void)model_.release();
      (void)owner_.release();
      (void)constants_.release();
      return;
    }
    const py::gil_scoped_acquire gil;
    model_ = py::object();
    owner_ = py::object();
    constants_ = py::object();
  }

  using TorchModel::call;
  Result call(const at::Tensor& x, const Call& call) override {
    for (const auto& tap : call.taps) require_layer(tap);
    const auto token = enter();
    return run(x, call, [&](const at::Tensor& value) { return once(value, call); });
  }

  [[nodiscard]] Named parameters() const override { return listed("named_parameters"); }
  [[nodiscard]] Named buffers() const override { return listed("named_buffers"); }
  [[nodiscard]] at::Device device() const override {
    if (options_.device) return *options_.device;
    const auto first = first_parameter(false);
    return first ? first->device() : at::Device(at::kCPU);
  }
  [[nodiscard]] std::optional<at::ScalarType> dtype() const override {
    if (options_.dtype) return options_.dtype;
    const auto first = first_parameter(true);
    return first ? std::optional(first->scalar_type()) : std::nullopt;
  }
  [[nodiscard]] SubjectInfo info() const override {
    SubjectInfo info;
    info.name = options_.name;
    info.backend = is_module_ ? "torch.nn.Module" : "torch callable";
    info.digest = is_module_ ? digest() : std::string();
    info.access = Access::labels;
    if (options_.output != OutputKind::labels) {
      info.access = info.access | Access::outputs;
      if (options_.gradients) info.access = info.access | Access::gradients;
    }
    if (is_module_) info.access = info.access | Access::weights;
    if (!layers_.empty()) info.access = info.access | Access::activations;
    info.output = options_.output;
    info.layers = layers_;
    info.device = device().str();
    info.stochastic = options_.mode == models::Mode::as_is;
    return info;
  }

 protected:
  std::shared_ptr<void> guard() override {
    if (owner_.is_none()) return nullptr;
    const auto kept = listed("named_buffers");
    const py::gil_scoped_acquire gil;
    auto made = std::make_shared<PythonGuard>(owner_, kept, options_.mode == models::Mode::eval);
    guard_ = made;
    return made;
  }

 private:
  /// The module whose state matters: the model itself, or the one a bound method belongs to.
  static py::object owner_of(const py::object& model) {
    const py::object type = py::module_::import("torch.nn").attr("Module");
    if (py::isinstance(model, type)) return model;
    if (py::hasattr(model, "__self__") && py::isinstance(model.attr("__self__"), type))
      return model.attr("__self__");
    return py::none();
  }

  Result once(const at::Tensor& x, const Call& call) {
    const py::gil_scoped_acquire gil;
    const std::string where = options_.name + ".forward";
    try {
      Result taken;
      py::object output;
      {
        Hooks hooks(model_);
        attach(hooks, call, taken);
        output = apply(x, call);
      }
      Result result =
          models::choose_primary(named_python_outputs(output, where), options_.primary, where);
      result.activations = std::move(taken.activations);
      for (const auto& tap : call.taps)
        if (!result.activations.contains(tap))
          throw CapabilityError(where, "layer '" + tap + "' to run", "a forward without it",
                                "tap a layer that this input reaches");
      check_mode();
      return result;
    } catch (py::error_already_set& error) {
      check_mode();
      rethrow(error, where, "outputs for inputs " + from_aten(x.detach()).describe(),
              remedy_for(py::str(error.value()).cast<std::string>()));
    }
  }

  void attach(Hooks& hooks, const Call& call, Result& into) {
    if (call.trace) {
      for (const auto& layer : layers_) {
        hooks.on_input(layer,
                       py::cpp_function([&call, layer](const py::object&, const py::object&) {
                         call.trace(layer, true);
                       }));
        hooks.on_output(layer, py::cpp_function([&call, layer](const py::object&, const py::object&,
                                                               const py::object&) {
                          call.trace(layer, false);
                        }));
      }
    }
    for (const auto& layer : call.taps) {
      hooks.on_output(layer,
                      py::cpp_function([&call, &into, layer](const py::object&, const py::object&,
                                                             const py::object& output) {
                        at::Tensor value = tensor_of(output, layer);
                        py::object changed = py::none();
                        if (call.edit) {
                          {
                            const py::gil_scoped_release free;
                            value = call.edit(layer, std::move(value));
                          }
                          changed = with_tensor(output, value);
                        }
                        into.activations.insert_or_assign(layer, std::move(value));
                        return changed;
                      }));
    }
  }

  py::object apply(const at::Tensor& x, const Call& call) {
    static const NamedTensors none;
    const NamedTensors& extras = call.extras != nullptr ? *call.extras : none;
    py::dict named = constants_.attr("copy")();
    if (positional_) {
      py::list arguments;
      arguments.append(x);
      for (const auto& [name, value] : extras) arguments.append(value);
      return model_(*arguments, **named);
    }
    for (const auto& [name, value] : extras) named[py::str(name)] = value;
    return model_(x, **named);
  }

  void check_mode() {
    const auto guard = guard_.lock();
    if (guard == nullptr || !guard->mode_moved()) return;
    note("changed its own mode (training or evaluation) during forward; it was put back");
  }

  [[nodiscard]] Named listed(const char* method) const {
    if (!is_module_ && owner_.is_none()) return {};
    const py::gil_scoped_acquire gil;
    Named all;
    for (const auto item : owner_.attr(method)()) {
      const auto pair = item.cast<py::tuple>();
      const py::object value = pair[1];
      if (THPVariable_Check(value.ptr()))
        all.emplace_back(pair[0].cast<std::string>(), THPVariable_Unpack(value.ptr()));
    }
    return all;
  }
  [[nodiscard]] std::optional<at::Tensor> first_parameter(bool floating) const {
    if (owner_.is_none()) return std::nullopt;
    const py::gil_scoped_acquire gil;
    for (const char* method : {"parameters", "buffers"}) {
      for (const auto item : owner_.attr(method)()) {
        if (!THPVariable_Check(item.ptr())) continue;
        const at::Tensor& value = THPVariable_Unpack(item.ptr());
        if (!floating || value.is_floating_point()) return value;
      }
    }
    return std::nullopt;
  }
  void require_layer(const std::string& name) const {
    if (std::ranges::find(layers_, name) != layers_.end()) return;
    std::string present;
    for (std::size_t i = 0; i < layers_.size() && i < 12; ++i)
      present += (i > 0 ? ", " : "") + layers_[i];
    throw CapabilityError(
        options_.name + ".forward",
        layers_.empty() ? "an nn.Module to record layers of" : "one of the layers " + present,
        "'" + name + "'",
        layers_.empty() ? "pass the module itself, not a function or a script"
                        : "names are those of model.named_modules()");
  }

  models::TorchOptions options_;
  bool positional_ = false, is_module_ = false;
  py::object constants_;  // a dict: keywords of every call
  py::object owner_;      // the nn.Module that is guarded, or None
  py::object model_;
  std::vector<std::string> layers_;
  std::weak_ptr<PythonGuard> guard_;
};

}  // namespace detail_python_model

std::shared_ptr<models::TorchModel> make_python_model(py::object model,
                                                      models::TorchOptions options, bool positional,
                                                      py::dict constants) {
  return std::make_shared<detail_python_model::PythonModel>(std::move(model), std::move(options),
                                                            positional, std::move(constants));
}

}  // namespace leadline::bindings

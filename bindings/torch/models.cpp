/// Models on torch as Python sees them.
#include <ATen/ATen.h>
#include <pybind11/stl.h>
#include <torch/csrc/autograd/python_variable.h>
#include <torch/csrc/jit/python/module_python.h>
#include <torch/csrc/utils/pybind.h>

#include "leadline/core/error.hpp"
#include "torch/bindings.hpp"
#include "torch/python_outputs.hpp"

namespace leadline::bindings {
namespace detail_models {

using models::NamedTensors;
using models::TorchModel;
using models::TorchOptions;

OutputKind output_kind_in(const std::string& text) {
  for (const auto kind : {OutputKind::unknown, OutputKind::logits, OutputKind::probabilities,
                          OutputKind::labels, OutputKind::values})
    if (name_of(kind) == text) return kind;
  throw ValueError("as_model",
                   "output to be 'unknown', 'logits', 'probabilities', 'labels' or 'values'",
                   "'" + text + "'", "say what the numbers of the output are");
}

models::Mode mode_in(const std::string& text) {
  if (text == "eval") return models::Mode::eval;
  if (text == "as_is") return models::Mode::as_is;
  throw ValueError("as_model", "mode to be 'eval' or 'as_is'", "'" + text + "'",
                   "use 'as_is' for a model meant to be stochastic");
}

std::string class_or_function_name(const py::object& model) {
  if (py::hasattr(model, "__name__")) return model.attr("__name__").cast<std::string>();
  return py::type::of(model).attr("__name__").cast<std::string>();
}

bool is_path(const py::object& model) {
  return py::isinstance<py::str>(model) || py::hasattr(model, "__fspath__");
}

/// What a script may take as a constant.
models::ScriptConstants constants_in(const py::dict& constants) {
  models::ScriptConstants out;
  for (const auto& [key, value] : constants) {
    const auto name = key.cast<std::string>();
    PyObject* p = value.ptr();
    if (value.is_none())
      out.emplace_back(name, c10::IValue());
    else if (PyBool_Check(p))
      out.emplace_back(name, value.cast<bool>());
    else if (PyLong_Check(p))
      out.emplace_back(name, value.cast<std::int64_t>());
    else if (PyFloat_Check(p))
      out.emplace_back(name, value.cast<double>());
    else if (py::isinstance<py::str>(value))
      out.emplace_back(name, value.cast<std::string>());
    else if (THPVariable_Check(p))
      out.emplace_back(name, THPVariable_Unpack(p));
    else
      throw TypeError("as_model", "constants of a script to be numbers, texts, tensors or None",
                      "'" + name + "', " + describe_python(value), "wrap the script in a function");
  }
  return out;
}

void refuse_constants(const py::dict& constants, const char* kind) {
  if (constants.empty()) return;
  throw TypeError("as_model", "no constants for " + std::string(kind),
                  py::str(", ").attr("join")(constants).cast<std::string>(),
                  "give them to a script, a module or a callable");
}

std::shared_ptr<Model> as_model(const py::object& model, TorchOptions options, bool positional,
                                const py::dict& constants) {
  if (py::isinstance<Model>(model)) return model.cast<std::shared_ptr<Model>>();
  if (is_path(model)) {
    const auto path = py::module_::import("os").attr("fspath")(model).cast<std::string>();
    const bool package = path.ends_with(".pt2");
    if (package) refuse_constants(constants, "an AOTInductor package");
    const auto fixed = package ? models::ScriptConstants() : constants_in(constants);
    const py::gil_scoped_release free;
    if (package) return models::load_aoti(path, std::move(options));
    return models::load_script(path, std::move(options), fixed);
  }
  if (!PyCallable_Check(model.ptr()))
    throw TypeError("as_model", "an nn.Module, a callable, a path or a leadline.Model",
                    describe_python(model), "pass the model itself");
  if (py::isinstance<py::type>(model))
    throw TypeError("as_model", "a model", "the class " + class_or_function_name(model),
                    "make an object of it first");
  if (const auto script = ::torch::jit::as_module(model)) {
    if (options.name.empty())
      options.name =
          py::str(py::getattr(model, "original_name", py::str("script"))).cast<std::string>();
    return models::from_script(*script, std::move(options), constants_in(constants));
  }
  if (options.name.empty()) options.name = class_or_function_name(model);
  return make_python_model(model, std::move(options), positional, constants);
}

/// "cuda:1" or a torch.device; None leaves it to the parameters.
std::optional<at::Device> device_in(const py::object& device) {
  if (device.is_none()) return std::nullopt;
  try {
    return py::module_::import("torch").attr("device")(device).cast<at::Device>();
  } catch (py::error_already_set& error) {
    rethrow(error, "as_model", "a device such as 'cpu' or 'cuda:0'", "leave it to the parameters");
  }
}

TorchOptions options_in(const std::string& name, const std::string& output, const std::string& mode,
                        const std::string& primary, const py::object& device,
                        const std::optional<at::ScalarType>& dtype, bool gradients) {
  return {name,     output_kind_in(output), mode_in(mode), primary, device_in(device), dtype,
          gradients};
}

bool positional_in(const std::string& text) {
  if (text != "keywords" && text != "positions")
    throw ValueError("as_model", "extras to be 'keywords' or 'positions'", "'" + text + "'",
                     "say how forward takes its further inputs");
  return text == "positions";
}

/// Drops what may be the last hold of a model. Locks are never waited for with the GIL, since the
/// thread that has them may be waiting for it.
void let_go(std::shared_ptr<void>& token) {
  if (token == nullptr) return;
  const py::gil_scoped_release free;
  token.reset();
}

/// The map of a pullback, which holds the model until Python drops it.
struct Vjp {
  explicit Vjp(std::function<Tensor(const Tensor&)> function) : run(std::move(function)) {}
  Vjp(Vjp&&) = default;
  ~Vjp() {
    if (!run) return;
    const py::gil_scoped_release free;
    run = nullptr;
  }
  std::function<Tensor(const Tensor&)> run;
};

/// `model.hold()` as a context manager.
struct Held {
  std::shared_ptr<Model> model;
  std::shared_ptr<void> token;
  Held(std::shared_ptr<Model> of) : model(std::move(of)) {}
  Held(Held&&) = default;
  ~Held() { let_go(token); }
};

py::dict call(TorchModel& model, const at::Tensor& x, const NamedTensors& extras,
              const std::vector<std::string>& taps, bool graph) {
  TorchModel::Result result;
  {
    const py::gil_scoped_release free;
    result = model.call(x, {.extras = &extras, .taps = taps, .graph = graph});
  }
  const auto dict_of = [](const NamedTensors& named) {
    py::dict out;
    for (const auto& [name, value] : named) out[py::str(name)] = value;
    return out;
  };
  py::dict out;
  out["output"] = result.output;
  out["extras"] = dict_of(result.extras);
  out["activations"] = dict_of(result.activations);
  return out;
}

NamedTensors extras_in(const py::dict& extras) {
  NamedTensors out;
  for (const auto& [name, value] : extras)
    out.emplace(name.cast<std::string>(), value.cast<at::Tensor>());
  return out;
}

void bind_class(py::module_& m) {
  py::class_<Held>(m, "_Held")
      .def("__enter__",
           [](Held& held) {
             const py::gil_scoped_release free;
             held.token = held.model->hold();
           })
      .def("__exit__", [](Held& held, const py::args&) {
        const py::gil_scoped_release free;
        held.token.reset();
      });
  py::class_<Vjp>(m, "_Vjp").def(
      "__call__", [](const Vjp& vjp, const Tensor& d_output) { return vjp.run(d_output); },
      py::arg("d_output"), py::call_guard<py::gil_scoped_release>());
  py::classh<TorchModel, Model>(m, "TorchModel", R"(A model on LibTorch: see `as_model`.)")
      .def(
          "call",
          [](TorchModel& model, const at::Tensor& x, const py::dict& extras,
             const std::vector<std::string>& taps,
             bool graph) { return call(model, x, extras_in(extras), taps, graph); },
          py::arg("x"), py::kw_only(), py::arg("extras") = py::dict(),
          py::arg("taps") = std::vector<std::string>{}, py::arg("graph") = false,
          "Runs the model on tensor `x`: a dict of output, extras and activations. `graph=True` "
          "keeps the autograd graph.")
      .def(
          "pullback",
          [](TorchModel& model, const Inputs& inputs, const std::vector<std::string>& taps) {
            Pullback pullback;
            {
              const py::gil_scoped_release free;
              pullback = model.pullback(inputs, taps);
            }
            return py::make_tuple(std::move(pullback.outputs), Vjp(std::move(pullback.vjp)));
          },
          py::arg("inputs"), py::arg("taps") = std::vector<std::string>{},
          "Outputs, and the function from d loss / d output to d loss / d input. The model is held "
          "until that function is dropped.")
      .def(
          "hold", [](const std::shared_ptr<TorchModel>& model) { return Held(model); },
          "A context: evaluation mode inside, everything left as found after it.")
      .def(
          "parameters",
          [](const TorchModel& model) { return py::dict(py::cast(model.parameters())); },
          "Parameters by name; empty when they cannot be reached.")
      .def_property_readonly("device", [](const TorchModel& model) { return model.device(); });
}

}  // namespace detail_models

std::shared_ptr<models::TorchModel> torch_model_in(py::handle model, std::string_view who) {
  (void)who;
  return models::as_torch(
      detail_models::as_model(py::reinterpret_borrow<py::object>(model), {.name = ""}, false, {}));
}

void bind_models(py::module_& m) {
  using namespace detail_models;
  bind_class(m);
  m.def(
      "as_model",
      [](const py::object& model, const std::string& name, const std::string& output,
         const std::string& mode, const std::string& primary, const py::object& device,
         const std::optional<at::ScalarType>& dtype, bool gradients, const std::string& extras,
         const py::dict& constants) {
        if (py::isinstance<Model>(model)) return model;
        const auto made =
            as_model(model, options_in(name, output, mode, primary, device, dtype, gradients),
                     positional_in(extras), constants);
        // Cast as what Python knows: the classes of the backends are not bound.
        return py::object(py::cast(std::dynamic_pointer_cast<TorchModel>(made)));
      },
      py::arg("model"), py::kw_only(), py::arg("name") = "", py::arg("output") = "unknown",
      py::arg("mode") = "eval", py::arg("primary") = "", py::arg("device") = py::none(),
      py::arg("dtype") = py::none(), py::arg("gradients") = true, py::arg("extras") = "keywords",
      py::arg("constants") = py::dict(),
      R"(Make a model from what it is kept in.

Args:
    model: an `nn.Module`, a callable on torch tensors, a path (`.pt` TorchScript, `.pt2`
        AOTInductor), or a leadline model, which is returned.
    name: for the report; default: the class, function or file name.
    output: what the numbers are: "logits", "probabilities", "labels", "values", "unknown".
    mode: "eval" while it is held, or "as_is" for models meant to be stochastic.
    primary: which named output is the answer; default: logits, output, scores, else the first.
    device, dtype: default: those of the parameters.
    gradients: False for a callable whose output carries no graph.
    extras: how further inputs are passed: "keywords" or "positions".
    constants: keywords of every call, e.g. {"sr": 16000}.

Raises:
    leadline.TypeError: an object that is none of these.
    leadline.StoreError: a file that is no model, a pickle, a truncated file.
)");
  m.def(
      "to_torch", [](const Tensor& tensor) { return to_aten(tensor); }, py::arg("tensor"),
      "A leadline tensor as a torch tensor, without a copy.");
  m.def(
      "from_torch", [](const at::Tensor& tensor) { return from_aten(tensor); }, py::arg("tensor"),
      "A torch tensor as a leadline tensor, without a copy.");
}

}  // namespace leadline::bindings

/// Models and text models, those made of a function, and those written in Python.
#include "leadline/core/subject.hpp"

#include <pybind11/stl.h>
#include <pybind11/trampoline_self_life_support.h>

#include "core/bindings.hpp"
#include "core/enums.hpp"
#include "core/python_object.hpp"
#include "leadline/core/error.hpp"
#include "leadline/cost/model_size.hpp"

namespace leadline::bindings {
namespace {

SubjectInfo info_in(const py::dict& given) {
  SubjectInfo info;
  for (const auto& [key_object, value] : given) {
    const auto key = key_object.cast<std::string>();
    if (key == "name")
      info.name = value.cast<std::string>();
    else if (key == "backend")
      info.backend = value.cast<std::string>();
    else if (key == "digest")
      info.digest = value.cast<std::string>();
    else if (key == "access")
      info.access = access_in(py::isinstance<py::str>(value)
                                  ? value.cast<std::string>()
                                  : py::str(",").attr("join")(value).cast<std::string>(),
                              "SubjectInfo");
    else if (key == "output")
      info.output = output_kind_in(value.cast<std::string>(), "SubjectInfo");
    else if (key == "layers")
      info.layers = value.cast<std::vector<std::string>>();
    else if (key == "device")
      info.device = value.cast<std::string>();
    else if (key == "stochastic")
      info.stochastic = value.cast<bool>();
    else
      throw ValueError("SubjectInfo",
                       "fields name, backend, digest, access, output, layers, device, stochastic",
                       "'" + key + "'", "drop it");
  }
  return info;
}

using Tensors = std::map<std::string, Tensor, std::less<>>;

Tensors tensors_in(const py::object& given, std::string_view who, std::string_view what) {
  Tensors out;
  for (const auto& [name, value] : given.cast<py::dict>())
    out[name.cast<std::string>()] = tensor_in(value, who, what);
  return out;
}
py::dict tensors_out(const Tensors& tensors) {
  py::dict out;
  for (const auto& [name, tensor] : tensors) out[py::str(name)] = tensor;
  return out;
}

py::object taps_out(std::span<const std::string> taps) {
  return py::cast(std::vector<std::string>(taps.begin(), taps.end()));
}

SubjectInfo info_of(const py::object& given, const std::string& who) {
  if (py::isinstance<SubjectInfo>(given)) return given.cast<SubjectInfo>();
  if (py::isinstance<py::dict>(given)) return info_in(given.cast<py::dict>());
  throw TypeError(who, "a SubjectInfo or a dict of its fields", describe(given),
                  "return {'name': 'net', ...}");
}

// `hold()` of a Python subject may give a context manager: entered now, left when dropped.
std::shared_ptr<void> enter(const py::object& manager) {
  if (!py::hasattr(manager, "__enter__")) return bindings::hold(manager);
  manager.attr("__enter__")();
  return {py::object(manager).release().ptr(), [](PyObject* p) {
            if (!Py_IsInitialized()) return;
            const py::gil_scoped_acquire gil;
            const auto object = py::reinterpret_steal<py::object>(p);
            try {
              object.attr("__exit__")(py::none(), py::none(), py::none());
            } catch (py::error_already_set& error) {
              error.discard_as_unraisable("leadline: leaving hold()");
            }
          }};
}

std::string rows_of(const Inputs& inputs) {
  return "outputs for inputs " + inputs.primary.describe();
}
constexpr const char* fix_model = "call the model on these inputs outside leadline to see why";

// What a Python subject noticed about itself: its own `notes()`, or nothing.
template <class T>
std::vector<std::string> notes_of(const T* self) {
  const py::gil_scoped_acquire gil;
  const std::string who = class_name<T>(self) + ".notes";
  try {
    const py::function own = override_of<T>(self, "notes");
    return own ? own().template cast<std::vector<std::string>>() : std::vector<std::string>();
  } catch (py::error_already_set& error) {
    rethrow(error, who, "a list of texts", "fix notes()");
  } catch (const py::cast_error&) {
    throw TypeError(who, "a list of texts", "another type", "return ['what was noticed', ...]");
  }
}

struct PyModel final : Model, py::trampoline_self_life_support {
  SubjectInfo info() const override {
    const py::gil_scoped_acquire gil;
    try {
      SubjectInfo info = info_of(required<Model>(this, "info")(), name() + ".info");
      if (info.name.empty()) info.name = name();
      if (info.backend.empty()) info.backend = "python";
      return info;
    } catch (py::error_already_set& error) {
      rethrow(error, name() + ".info", "a SubjectInfo or a dict of its fields", "fix info()");
    }
  }
  std::shared_ptr<void> hold() override {
    const py::gil_scoped_acquire gil;
    const py::function own = override_of<Model>(this, "hold");
    if (!own) return Model::hold();
    try {
      return enter(own());
    } catch (py::error_already_set& error) {
      rethrow(error, name() + ".hold", "a context manager or any object", "fix hold()");
    }
  }
  std::vector<std::string> notes() const override { return notes_of<Model>(this); }
  Outputs forward(const Inputs& inputs, std::span<const std::string> taps) override {
    const py::gil_scoped_acquire gil;
    const std::string who = name() + ".forward";
    try {
      return outputs_in(required<Model>(this, "forward")(inputs, taps_out(taps)), who);
    } catch (py::error_already_set& error) {
      rethrow(error, who, rows_of(inputs), fix_model);
    }
  }
  Pullback pullback(const Inputs& inputs, std::span<const std::string> taps) override {
    const py::gil_scoped_acquire gil;
    const py::function own = override_of<Model>(this, "pullback");
    if (!own) return Model::pullback(inputs, taps);
    const std::string who = name() + ".pullback";
    try {
      const py::object given = own(inputs, taps_out(taps));
      if (!py::isinstance<py::tuple>(given) || py::len(given) != 2)
        throw TypeError(who, "(outputs, vjp)", bindings::describe(given),
                        "return the outputs and a function from d loss / d output to d loss / d "
                        "input");
      const auto pair = given.cast<py::tuple>();
      const auto vjp = bindings::hold(py::object(pair[1]));
      return {outputs_in(pair[0], who), [vjp, who](const Tensor& gradient) {
                const py::gil_scoped_acquire inner;
                try {
                  return tensor_in(py::handle(vjp.get())(gradient), who, "the gradient");
                } catch (py::error_already_set& error) {
                  rethrow(error, who, "a gradient for " + gradient.describe(), fix_model);
                }
              }};
    } catch (py::error_already_set& error) {
      rethrow(error, who, rows_of(inputs), fix_model);
    }
  }
  Tensor weight(std::string_view parameter) const override {
    const py::gil_scoped_acquire gil;
    const py::function own = override_of<Model>(this, "weight");
    if (!own) return Model::weight(parameter);
    try {
      return tensor_in(own(std::string(parameter)), name() + ".weight", "a parameter");
    } catch (py::error_already_set& error) {
      rethrow(error, name() + ".weight", "parameter '" + std::string(parameter) + "'",
              "use a name of the model");
    }
  }

 private:
  std::string name() const { return class_name<Model>(this); }
};

struct PyTextModel final : TextModel, py::trampoline_self_life_support {
  SubjectInfo info() const override {
    const py::gil_scoped_acquire gil;
    try {
      SubjectInfo info = info_of(required<TextModel>(this, "info")(), name() + ".info");
      if (info.name.empty()) info.name = name();
      info.access = info.access | Access::text;
      return info;
    } catch (py::error_already_set& error) {
      rethrow(error, name() + ".info", "a SubjectInfo or a dict of its fields", "fix info()");
    }
  }
  std::vector<std::string> notes() const override { return notes_of<TextModel>(this); }
  // A str stands for a Response that ended well.
  std::vector<Response> generate(std::span<const Prompt> prompts,
                                 const Decoding& decoding) override {
    const py::gil_scoped_acquire gil;
    const std::string who = name() + ".generate";
    try {
      const py::object given = required<TextModel>(this, "generate")(
          py::cast(std::vector<Prompt>(prompts.begin(), prompts.end())), decoding);
      std::vector<Response> out;
      for (const auto item : given) {
        if (py::isinstance<Response>(item)) {
          out.push_back(item.cast<Response>());
        } else {
          const auto at = out.size();
          out.push_back(
              {at < prompts.size() ? prompts[at].id : -1, item.cast<std::string>(), "end", ""});
        }
      }
      if (out.size() != prompts.size())
        throw ShapeError(who, std::to_string(prompts.size()) + " responses",
                         std::to_string(out.size()), "answer every prompt; set error where none");
      return out;
    } catch (py::error_already_set& error) {
      rethrow(error, who, std::to_string(prompts.size()) + " responses", fix_model);
    } catch (const py::cast_error&) {
      throw TypeError(who, "a list of Response or str", "another type", "return one a prompt");
    }
  }

 private:
  std::string name() const { return class_name<TextModel>(this); }
};

std::shared_ptr<FunctionModel> function_model(py::function function, const py::kwargs& fields) {
  SubjectInfo info = info_in(fields);
  if (info.name.empty())
    info.name = py::hasattr(function, "__name__")
                    ? function.attr("__name__").cast<std::string>()
                    : py::type::of(function).attr("__name__").cast<std::string>();
  if (info.backend.empty()) info.backend = "function";
  const std::string who = "model '" + info.name + "'";
  const auto held = bindings::hold(std::move(function));
  return std::make_shared<FunctionModel>(
      [held, who](const Inputs& inputs) {
        const py::gil_scoped_acquire gil;
        try {
          py::dict extras;
          for (const auto& [name, tensor] : inputs.extras)
            extras[py::str(name)] = array_out(tensor);
          return outputs_in(py::handle(held.get())(array_out(inputs.primary), **extras), who);
        } catch (py::error_already_set& error) {
          rethrow(error, who, rows_of(inputs), fix_model);
        }
      },
      std::move(info));
}

void bind_records(py::module_& m) {
  py::class_<SubjectInfo>(m, "SubjectInfo", "Static facts of a model.")
      .def(py::init([](const py::kwargs& fields) { return info_in(fields); }),
           "Fields: name, backend, digest, access ('labels, outputs'), output, layers, device, "
           "stochastic (declared to draw random numbers or to mix the samples of a batch).")
      .def_readonly("name", &SubjectInfo::name)
      .def_readonly("backend", &SubjectInfo::backend)
      .def_readonly("digest", &SubjectInfo::digest)
      .def_property_readonly("access", [](const SubjectInfo& i) { return text_of(i.access); })
      .def_property_readonly("output",
                             [](const SubjectInfo& i) { return std::string(name_of(i.output)); })
      .def_readonly("layers", &SubjectInfo::layers)
      .def_readonly("device", &SubjectInfo::device)
      .def_readonly("stochastic", &SubjectInfo::stochastic);
  py::class_<Outputs>(m, "Outputs", "What a model gives: an array, named extras, activations.")
      .def(py::init([](const py::object& output, const py::object& extras,
                       const py::object& activations) {
             return Outputs{tensor_in(output, "Outputs", "the output"),
                            tensors_in(extras, "Outputs", "an extra"),
                            tensors_in(activations, "Outputs", "an activation")};
           }),
           py::arg("output"), py::arg("extras") = py::dict(), py::arg("activations") = py::dict())
      .def_readonly("output", &Outputs::output)
      .def_property_readonly("extras", [](const Outputs& o) { return tensors_out(o.extras); })
      .def_property_readonly("activations",
                             [](const Outputs& o) { return tensors_out(o.activations); });
}

void bind_text(py::module_& m) {
  py::class_<Prompt>(m, "Prompt", "One question to a text model.")
      .def(py::init([](SampleId id, std::string user, std::string system) {
             return Prompt{id, std::move(system), std::move(user)};
           }),
           py::arg("id"), py::arg("user"), py::arg("system") = "")
      .def_readonly("id", &Prompt::id)
      .def_readonly("system", &Prompt::system)
      .def_readonly("user", &Prompt::user);
  py::class_<Response>(m, "Response", "One answer; `error` says why there is none.")
      .def(py::init([](SampleId id, std::string text, std::string stop, std::string error) {
             return Response{id, std::move(text), std::move(stop), std::move(error)};
           }),
           py::arg("id"), py::arg("text"), py::arg("stop") = "end", py::arg("error") = "")
      .def_readonly("id", &Response::id)
      .def_readonly("text", &Response::text)
      .def_readonly("stop", &Response::stop)
      .def_readonly("error", &Response::error);
  py::class_<Decoding>(m, "Decoding", "How answers are drawn.")
      .def(py::init([](double temperature, int max_tokens, std::uint64_t seed) {
             return Decoding{temperature, max_tokens, seed};
           }),
           py::kw_only(), py::arg("temperature") = 0.0, py::arg("max_tokens") = 512,
           py::arg("seed") = 0)
      .def_readonly("temperature", &Decoding::temperature)
      .def_readonly("max_tokens", &Decoding::max_tokens)
      .def_readonly("seed", &Decoding::seed);
  py::classh<TextModel, Subject, PyTextModel>(
      m, "TextModel", "Text to text: subclass it with `info()` and `generate(prompts, decoding)`.")
      .def(py::init<>())
      .def(
          "generate",
          [](TextModel& model, const std::vector<Prompt>& prompts, const Decoding& decoding) {
            const py::gil_scoped_release free;
            return model.generate(prompts, decoding);
          },
          py::arg("prompts"), py::arg("decoding") = Decoding{});
}

}  // namespace

Outputs outputs_in(py::handle value, std::string_view who) {
  if (py::isinstance<Outputs>(value)) return value.cast<const Outputs&>();
  if (value.is_none()) throw TypeError(who, "an array or Outputs", "None", "return the scores");
  Outputs out;
  if (py::isinstance<py::dict>(value)) {
    for (const auto& [name_object, tensor] : py::reinterpret_borrow<py::dict>(value)) {
      const auto name = name_object.cast<std::string>();
      if (!out.output.defined() || name == "logits" || name == "output")
        out.output = tensor_in(tensor, who, "output '" + name + "'");
      out.extras[name] = tensor_in(tensor, who, "output '" + name + "'");
    }
    return out;
  }
  if (py::isinstance<py::tuple>(value) && py::len(value) > 0) {
    const auto parts = py::reinterpret_borrow<py::tuple>(value);
    out.output = tensor_in(parts[0], who, "the output");
    for (std::size_t i = 1; i < parts.size(); ++i)
      out.extras["output_" + std::to_string(i)] = tensor_in(parts[i], who, "a further output");
    return out;
  }
  out.output = tensor_in(value, who, "the output");
  return out;
}

void bind_subject(py::module_& m) {
  bind_records(m);
  py::classh<Subject>(m, "Subject", "What is evaluated.")
      .def("info", &Subject::info, py::call_guard<py::gil_scoped_release>())
      .def("notes", &Subject::notes, py::call_guard<py::gil_scoped_release>(),
           "What was noticed about it while it ran, for the report; a subclass may say more.");
  py::classh<Model, Subject, PyModel>(m, "Model", R"(Arrays to arrays: subclass it.

Define `info()` (a dict of `SubjectInfo` fields) and `forward(inputs, taps)`; optionally
`pullback(inputs, taps)` (gradients from elsewhere), `weight(name)`, `notes()` (what it noticed, for
the report) and `hold()` (a context manager around a run).

Example:
    >>> import leadline, numpy
    >>> class Always(leadline.Model):
    ...     def info(self):
    ...         return {"name": "always zero", "output": "probabilities"}
    ...     def forward(self, inputs, taps):
    ...         return numpy.tile([1.0, 0.0], (len(inputs), 1))
    >>> Always().forward(leadline.Inputs(numpy.zeros((2, 3))), []).shape
    (2, 2)
)")
      .def(py::init<>())
      .def(
          "forward",
          [](Model& model, const py::object& inputs, const std::vector<std::string>& taps) {
            const Inputs in = inputs_in(inputs, "Model.forward");
            const py::gil_scoped_release free;
            return model.forward(in, taps);
          },
          py::arg("inputs"), py::arg("taps") = std::vector<std::string>{})
      .def("weight", &Model::weight, py::arg("name"))
      .def(
          "multiply_adds",
          [](Model& model, const py::object& inputs) -> std::optional<std::int64_t> {
            auto* sized = dynamic_cast<cost::SizedSubject*>(&model);
            if (sized == nullptr) return std::nullopt;
            const Inputs one = inputs_in(inputs, "Model.multiply_adds");
            const py::gil_scoped_release free;
            return sized->model_size(one).multiply_adds;
          },
          py::arg("inputs"), R"(Multiplications with addition of one forward of one sample, or None.

Convolutions, matrix products and attention count; operators compiled ahead of time are not seen.)");
  bind_text(m);
  py::classh<FunctionModel, Model>(m, "FunctionModel", R"(A model from any callable on NumPy arrays.

Keywords are the fields of `SubjectInfo`: `output="probabilities"`, `name=...`.)")
      .def(py::init(&function_model), py::arg("function"));
}

}  // namespace leadline::bindings

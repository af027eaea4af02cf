/// Attributions as functions, for Python.
#include <ATen/ATen.h>
#include <pybind11/stl.h>
#include <torch/csrc/autograd/python_variable.h>
#include <torch/csrc/utils/pybind.h>

#include "leadline/core/error.hpp"
#include "leadline/torch/attribution/integrated_gradients.hpp"
#include "leadline/torch/attribution/saliency.hpp"
#include "torch/bindings.hpp"

namespace leadline::bindings {
namespace detail_attribution {

using attribution::Attribution;

Attribution explain(const Probe& probe, models::TorchModel& model, const at::Tensor& x,
                    const at::Tensor& target) {
  if (const auto* path = dynamic_cast<const attribution::IntegratedGradients*>(&probe))
    return path->attribute(model, x, target);
  if (const auto* slope = dynamic_cast<const attribution::Saliency*>(&probe))
    return slope->attribute(model, x, target);
  throw TypeError("attribute", "IntegratedGradients or Saliency", "'" + probe.info().name + "'",
                  "use a method of leadline.attribution");
}

/// Torch tensors stay; anything else goes through NumPy.
at::Tensor tensor_in(const py::object& array) {
  if (THPVariable_Check(array.ptr())) return THPVariable_Unpack(array.ptr());
  try {
    const py::object host = py::module_::import("numpy").attr("array")(array);  // owned, writable
    return py::module_::import("torch").attr("from_numpy")(host).cast<at::Tensor>();
  } catch (py::error_already_set& error) {
    rethrow(error, "attribute", "numbers, as NumPy array or torch tensor",
            "convert it, e.g. numpy.asarray(x, dtype='float32')");
  }
}

py::dict attribute(const std::shared_ptr<Probe>& probe, const py::object& model,
                   const py::object& x, const py::object& target) {
  if (!probe) throw TypeError("attribute", "a probe", "None", "");
  const bool torch_in = THPVariable_Check(x.ptr());
  const auto subject = torch_model_in(model, "attribute");
  const at::Tensor inputs = tensor_in(x);
  at::Tensor classes = tensor_in(target);
  Attribution found;
  {
    const py::gil_scoped_release free;
    if (classes.dim() == 0 && inputs.dim() > 0) classes = classes.expand({inputs.size(0)});
    const at::Tensor own = models::input_for(*subject, from_aten(inputs.detach()));
    found = explain(*probe, *subject, own, classes);
    for (at::Tensor* part : {&found.values, &found.residual, &found.score, &found.baseline_score})
      if (part->defined()) *part = part->detach().to(inputs.device());
  }
  const auto out = [torch_in](const at::Tensor& part) -> py::object {
    if (!part.defined()) return py::none();
    return torch_in ? py::cast(part) : py::cast(part).attr("numpy")();
  };
  using namespace py::literals;
  return py::dict("values"_a = out(found.values), "residual"_a = out(found.residual),
                  "score"_a = out(found.score), "baseline_score"_a = out(found.baseline_score),
                  "baseline"_a = found.baseline);
}

}  // namespace detail_attribution

void bind_attribution(py::module_& m) {
  m.def("attribute", &detail_attribution::attribute, py::arg("probe"), py::arg("model"),
        py::arg("x"), py::arg("target"),
        R"(Attributions of `x` [n, ...], of its kind (torch or NumPy) and in the dtype of the model,
as a dict of what `leadline.attribution.Attribution` holds.

Args:
    probe: an IntegratedGradients or a Saliency.
    model: anything `as_model` takes.
    x: floating inputs [n, ...].
    target: classes [n] to explain, or one class for all.

Raises:
    leadline.ValueError: a class that the model does not have.
    leadline.CapabilityError: integer inputs, or a model without a gradient.
    leadline.ShapeError, leadline.TypeError.
)");
}

}  // namespace leadline::bindings

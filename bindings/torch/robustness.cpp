/// Attacks as functions, for Python.
#include <ATen/ATen.h>
#include <pybind11/stl.h>
#include <torch/csrc/utils/pybind.h>

#include "leadline/core/error.hpp"
#include "leadline/torch/robustness/gradient_attack.hpp"
#include "torch/bindings.hpp"

namespace leadline::bindings {
namespace detail_robustness {

OutputKind output_in(const std::string& text) {
  for (const auto kind : {OutputKind::unknown, OutputKind::logits, OutputKind::probabilities})
    if (name_of(kind) == text) return kind;
  throw ValueError("perturb", "output to be 'logits', 'probabilities' or 'unknown'",
                   "'" + text + "'", "gradient attacks need scores");
}

at::Tensor perturb(const std::shared_ptr<Probe>& probe, const py::object& model,
                   const at::Tensor& x, const at::Tensor& y, std::pair<double, double> bounds,
                   std::uint64_t seed, const std::optional<at::Tensor>& targets,
                   std::int64_t batch_size, const std::string& output) {
  const auto* attack = dynamic_cast<const robustness::GradientAttack*>(probe.get());
  if (attack == nullptr)
    throw TypeError("perturb", "an attack with gradients", "another probe", "use Pgd or Fgsm");
  const auto subject = torch_model_in(model, "perturb");
  const robustness::PerturbOptions how{bounds, seed, batch_size, output_in(output),
                                       targets.value_or(at::Tensor())};
  const py::gil_scoped_release free;
  return attack->perturb(*subject, x, y, how);
}

}  // namespace detail_robustness

void bind_robustness(py::module_& m) {
  m.def("perturb", &detail_robustness::perturb, py::arg("probe"), py::arg("model"), py::arg("x"),
        py::arg("y"), py::kw_only(), py::arg("bounds"), py::arg("seed") = 0,
        py::arg("targets") = py::none(), py::arg("batch_size") = 0, py::arg("output") = "unknown",
        R"(Adversarial versions of torch tensor `x` [n, ...] with labels `y` [n].

Args:
    probe: a Pgd or Fgsm.
    model: anything `as_model` takes.
    bounds: least and greatest value an input may take.
    seed: of the random starts; row i draws the same for any batch size.
    targets: class [n] to drive each row to, for targeted attacks.
    batch_size: rows at once; 0: all, at most 256.
    output: "logits", "probabilities", or "unknown": as the model says, else logits.

Raises:
    leadline.ValueError: inputs outside the bounds, labels out of range.
    leadline.ShapeError, leadline.CapabilityError.
)");
}

}  // namespace leadline::bindings

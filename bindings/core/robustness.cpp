/// Attacks as functions, and several as one.
#include <pybind11/stl.h>

#include "core/bindings.hpp"
#include "leadline/core/error.hpp"
#include "leadline/robustness/attack.hpp"
#include "leadline/robustness/ensemble.hpp"
#include "leadline/robustness/universal_perturbation.hpp"

namespace leadline::bindings {
namespace detail_robustness {

OutputKind output_in(const std::string& text) {
  for (const auto kind :
       {OutputKind::unknown, OutputKind::logits, OutputKind::probabilities, OutputKind::labels})
    if (name_of(kind) == text) return kind;
  throw ValueError("perturb", "output to be 'logits', 'probabilities', 'labels' or 'unknown'",
                   "'" + text + "'", "say what the model gives");
}

robustness::Keep keep_in(const std::string& text) {
  if (text == "nearest") return robustness::Keep::nearest;
  if (text == "last") return robustness::Keep::last;
  throw ValueError("perturb", "keep to be 'nearest' or 'last'", "'" + text + "'",
                   "'last' gives the examples that adversarial training needs");
}

/// The adversarial inputs, and what to know before believing them.
py::tuple attack(const std::shared_ptr<Probe>& probe, const std::shared_ptr<Model>& model,
                 const py::object& x, const py::object& y, std::pair<double, double> bounds,
                 std::uint64_t seed, const py::object& targets, std::int64_t batch_size,
                 const std::string& output, const std::string& keep) {
  const auto* attack = dynamic_cast<const robustness::Attack*>(probe.get());
  if (attack == nullptr)
    throw TypeError("perturb", "an attack", "another probe", "use Pgd or Fgsm");
  const Tensor inputs = tensor_in(x, "perturb", "inputs"),
               labels = tensor_in(y, "perturb", "labels");
  const robustness::PerturbOptions how{
      bounds,       seed, batch_size, output_in(output), tensor_in(targets, "perturb", "targets"),
      keep_in(keep)};
  robustness::Perturbed made;
  {
    const py::gil_scoped_release free;
    made = attack->attack(*model, inputs, labels, how);
  }
  return py::make_tuple(array_out(made.x), made.notes);
}

std::shared_ptr<robustness::Ensemble> ensemble(const std::vector<std::shared_ptr<Probe>>& probes,
                                               std::int64_t max_samples,
                                               std::int64_t check_samples) {
  std::vector<std::shared_ptr<const robustness::Attack>> attacks;
  for (const auto& probe : probes) {
    attacks.push_back(std::dynamic_pointer_cast<const robustness::Attack>(probe));
    if (attacks.back() == nullptr)
      throw TypeError("Ensemble", "attacks", probe ? "'" + probe->info().name + "'" : "None",
                      "pass robustness.Pgd(threat), robustness.Square(threat), ...");
  }
  return std::make_shared<robustness::Ensemble>(
      std::move(attacks), robustness::EnsembleOptions{max_samples, check_samples});
}

py::object universal_perturbation(const std::shared_ptr<Probe>& probe,
                                  const std::shared_ptr<Model>& model, const py::object& x,
                                  std::pair<double, double> bounds, std::uint64_t seed,
                                  std::int64_t batch_size, const std::string& output) {
  const auto* universal = dynamic_cast<const robustness::UniversalPerturbation*>(probe.get());
  if (universal == nullptr)
    throw TypeError("fit", "a universal perturbation", "another probe",
                    "use UniversalPerturbation");
  const Tensor inputs = tensor_in(x, "fit", "inputs");
  const robustness::PerturbOptions how{bounds, seed, batch_size, output_in(output)};
  Tensor made;
  {
    const py::gil_scoped_release free;
    made = universal->fit(*model, inputs, how);
  }
  return array_out(made);
}

}  // namespace detail_robustness

void bind_robustness(py::module_& m) {
  m.def(
      "attack", &detail_robustness::attack, py::arg("probe"), py::arg("model"), py::arg("x"),
      py::arg("y"), py::kw_only(), py::arg("bounds"), py::arg("seed") = 0,
      py::arg("targets") = py::none(), py::arg("batch_size") = 0, py::arg("output") = "unknown",
      py::arg("keep") = "nearest",
      R"(Adversarial versions of `x` [n, ...] with labels `y` [n], as the attack's `perturb`, and notes.)");
  py::classh<robustness::Ensemble, Probe>(m, "Ensemble", "See leadline.robustness.Ensemble.")
      .def(py::init(&detail_robustness::ensemble), py::arg("attacks"), py::arg("max_samples"),
           py::arg("check_samples"));
  m.def("universal_perturbation", &detail_robustness::universal_perturbation, py::arg("probe"),
        py::arg("model"), py::arg("x"), py::kw_only(), py::arg("bounds"), py::arg("seed") = 0,
        py::arg("batch_size") = 0, py::arg("output") = "unknown",
        R"(One change for all of `x` [n, ...]: see `UniversalPerturbation.fit`.)");
}

}  // namespace leadline::bindings

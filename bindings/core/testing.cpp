/// The contract checks that ship, for plug-ins written in Python.
#include "leadline/testing/contracts.hpp"

#include <pybind11/stl.h>

#include "core/bindings.hpp"
#include "core/data_classes.hpp"

namespace leadline::bindings {

void bind_testing(py::module_& m) {
  using testing::Contract;
  py::class_<Contract::Law>(m, "Law", "One law of a contract, and what was seen when it broke.")
      .def_readonly("name", &Contract::Law::name)
      .def_readonly("held", &Contract::Law::held)
      .def_readonly("detail", &Contract::Law::detail)
      .def("__repr__", [](const Contract::Law& law) {
        return law.name + (law.held ? ": held" : ": broken, " + law.detail);
      });
  py::class_<Contract>(m, "Contract", "Which laws held and which broke.")
      .def_readonly("subject", &Contract::subject)
      .def_readonly("laws", &Contract::laws)
      .def_property_readonly("ok", &Contract::ok)
      .def("require", &Contract::require, "Raises ValueError that lists every broken law.")
      .def("__str__", &Contract::text)
      .def("__repr__", &Contract::text);
  m.def(
      "check_metric",
      [](const Metric& metric) { return testing::check_metric(CatalogMetric::unwrap(metric)); },
      py::arg("metric"));
  m.def(
      "check_probe",
      [](std::shared_ptr<Probe> probe, std::shared_ptr<Subject> subject,
         std::shared_ptr<Dataset> data, const py::dict& also, bool timed,
         double relative_tolerance) {
        testing::ProbeContract options{{}, timed, relative_tolerance};
        for (const auto& [role, source] : also)
          options.also[role.cast<std::string>()] = unwrap(source.cast<std::shared_ptr<Dataset>>());
        const DatasetPtr source = unwrap(std::move(data));
        const py::gil_scoped_release free;
        return testing::check_probe(unwrap(std::move(probe)), std::move(subject), source, options);
      },
      py::arg("probe"), py::arg("subject"), py::arg("data"), py::kw_only(),
      py::arg("also") = py::dict(), py::arg("timed") = false, py::arg("relative_tolerance") = 1e-9);
  m.def(
      "check_dataset",
      [](std::shared_ptr<Dataset> data) {
        const auto source = unwrap(std::move(data));
        const py::gil_scoped_release free;
        return testing::check_dataset(*source);
      },
      py::arg("data"));
  m.def(
      "check_model",
      [](Model& model, const py::object& example) {
        const Inputs inputs = inputs_in(example, "check_model");
        const py::gil_scoped_release free;
        return testing::check_model(model, inputs);
      },
      py::arg("model"), py::arg("example"));
}

}  // namespace leadline::bindings

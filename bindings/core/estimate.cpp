#include "leadline/core/estimate.hpp"

#include <pybind11/stl.h>

#include "core/bindings.hpp"
#include "core/enums.hpp"

namespace leadline::bindings {
namespace {

py::object state_of(const Estimate& e) {
  const auto value = e.value_if_ok();
  return py::make_tuple(value, e.lower, e.upper, e.level, e.error_bound, e.n,
                        std::string(name_of(e.status)), e.method, e.why,
                        std::map<std::string, double>(e.facts.begin(), e.facts.end()));
}

Estimate from_state(const py::tuple& state) {
  Estimate e;
  if (!state[0].is_none()) e = Estimate::of(state[0].cast<double>(), state[5].cast<std::int64_t>());
  e.lower = state[1].cast<std::optional<double>>();
  e.upper = state[2].cast<std::optional<double>>();
  e.level = state[3].cast<double>();
  e.error_bound = state[4].cast<double>();
  e.n = state[5].cast<std::int64_t>();
  e.status = status_in(state[6].cast<std::string>(), "Estimate");
  e.method = state[7].cast<std::string>();
  e.why = state[8].cast<std::string>();
  for (auto& [key, number] : state[9].cast<std::map<std::string, double>>()) e.facts[key] = number;
  return e;
}

}  // namespace

void bind_estimate(py::module_& m) {
  py::class_<Estimate>(m, "Estimate", R"(One claim with its uncertainty.

`value` raises `ValueError` when `status` is not "ok": an undefined value cannot be read by
accident.

Example:
    >>> import leadline
    >>> e = leadline.Estimate.rate(90, 100)
    >>> e.value, e.n, e.status, e.method
    (0.9, 100, 'ok', 'wilson')
)")
      .def(py::init<>(), "An empty estimate: nothing was seen.")
      .def_static("of", &Estimate::of, py::arg("value"), py::arg("n"),
                  py::arg("why_no_interval") = "", "A value with no interval, and why.")
      .def_static("with_interval", &Estimate::with, py::arg("value"), py::arg("lower"),
                  py::arg("upper"), py::arg("n"), py::arg("method"), py::arg("level") = 0.95,
                  "A value with an interval made by `method` (C++: `Estimate::with`).")
      .def_static("rate", &Estimate::rate, py::arg("successes"), py::arg("n"),
                  py::arg("method") = "wilson", py::arg("level") = 0.95,
                  "`successes` of `n` with a 'wilson', 'clopper_pearson' or 'jeffreys' interval.")
      .def_static(
          "absent",
          [](const std::string& status, const std::string& why, std::int64_t n) {
            return Estimate::absent(status_in(status, "Estimate.absent"), why, n);
          },
          py::arg("status"), py::arg("why"), py::arg("n") = 0, "No value, with the reason.")
      .def_property_readonly("value", &Estimate::value,
                             "The value. Raises ValueError when `status` is not 'ok'.")
      .def_property_readonly("ok", &Estimate::ok)
      .def_readonly("lower", &Estimate::lower)
      .def_readonly("upper", &Estimate::upper)
      .def_readonly("level", &Estimate::level, "Of the interval, e.g. 0.95.")
      .def_readonly("error_bound", &Estimate::error_bound,
                    "Numerical: |value - exact value| is at most this.")
      .def_readonly("n", &Estimate::n, "Samples behind the value.")
      .def_property_readonly("status",
                             [](const Estimate& e) { return std::string(name_of(e.status)); })
      .def_readonly("method", &Estimate::method, "How the interval was made.")
      .def_readonly("why", &Estimate::why, "Why there is no value, or no interval.")
      .def_property_readonly("facts",
                             [](const Estimate& e) {
                               return std::map<std::string, double>(e.facts.begin(), e.facts.end());
                             })
      .def(
          "with_fact",
          [](const Estimate& e, const std::string& name, double value) {
            Estimate copy = e;
            copy.facts[name] = value;
            return copy;
          },
          py::arg("name"), py::arg("value"), "A copy with one more fact.")
      .def("__repr__", [](const Estimate& e) { return "Estimate(" + e.text() + ")"; })
      .def("__str__", &Estimate::text)
      .def("_repr_html_",
           [](const Estimate& e) {
             return py::module_::import("html").attr("escape")(e.text()).cast<std::string>();
           })
      .def("__eq__",
           [](const Estimate& a, const py::object& b) {
             return py::isinstance<Estimate>(b) &&
                    state_of(a).equal(state_of(b.cast<const Estimate&>()));
           })
      .def("__hash__", [](const Estimate& e) { return py::hash(py::str(e.text())); })
      .def(py::pickle([](const Estimate& e) { return state_of(e); },
                      [](const py::tuple& state) { return from_state(state); }));
}

}  // namespace leadline::bindings

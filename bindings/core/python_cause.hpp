/// The Python exception that a C++ one carries through the engine.
#pragma once

#include <pybind11/pybind11.h>

#include <memory>
#include <utility>

#include "core/python_object.hpp"

namespace leadline::bindings {

namespace py = pybind11;

/// The Python exception behind a C++ one. Back in Python it is the `__cause__`; one that says its
/// four parts itself is raised again as the object it was.
class PythonCause {
 public:
  PythonCause(py::object raised, bool itself) : raised_(hold(std::move(raised))), itself_(itself) {}
  virtual ~PythonCause() = default;
  [[nodiscard]] py::object raised() const {
    return py::reinterpret_borrow<py::object>(raised_.get());
  }
  [[nodiscard]] bool is_itself() const { return itself_; }

 private:
  std::shared_ptr<PyObject> raised_;
  bool itself_;
};

}  // namespace leadline::bindings

/// What a Python model may return, by name.
#pragma once

#include <pybind11/pybind11.h>

#include <string>

#include "leadline/torch/models/backends.hpp"

namespace leadline::bindings {

namespace py = pybind11;

/// Type and value for messages: "int 3", "list of 2", "ndarray".
std::string describe_python(py::handle value);

/// A tensor, a dict (Hugging Face outputs are dicts), a named tuple, a tuple or list, a dataclass
/// or plain object whose attributes are tensors. What is no tensor is left out. Needs the GIL.
/// Throws TypeError when there is no tensor.
models::NamedList named_python_outputs(const py::object& output, const std::string& where);

}  // namespace leadline::bindings

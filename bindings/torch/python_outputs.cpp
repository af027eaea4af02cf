#include "torch/python_outputs.hpp"

#include <torch/csrc/autograd/python_variable.h>
#include <torch/csrc/utils/pybind.h>

#include "leadline/core/error.hpp"

namespace leadline::bindings {
namespace detail_python_outputs {

void add(models::NamedList& named, const std::string& name, py::handle value) {
  if (THPVariable_Check(value.ptr())) named.emplace_back(name, THPVariable_Unpack(value.ptr()));
}

void add_items(models::NamedList& named, const py::object& mapping) {
  for (const auto item : mapping.attr("items")()) {
    const auto pair = py::reinterpret_borrow<py::tuple>(item);
    add(named, py::str(pair[0]).cast<std::string>(), pair[1]);
  }
}

void add_sequence(models::NamedList& named, const py::object& values) {
  const py::object fields = py::getattr(values, "_fields", py::none());
  std::size_t i = 0;
  for (const auto value : values) {
    const std::string name =
        fields.is_none() ? std::to_string(i) : py::str(fields[py::int_(i)]).cast<std::string>();
    add(named, name, value);
    ++i;
  }
}

}  // namespace detail_python_outputs

std::string describe_python(py::handle value) {
  if (value.is_none()) return "None";
  const std::string name = py::type::handle_of(value).attr("__name__").cast<std::string>();
  if (PyLong_Check(value.ptr()) || PyFloat_Check(value.ptr()))
    return name + " " + py::str(value).cast<std::string>();
  if (PyTuple_Check(value.ptr()) || PyList_Check(value.ptr()) || PyDict_Check(value.ptr()))
    return name + " of " + std::to_string(py::len(value));
  return name;
}

models::NamedList named_python_outputs(const py::object& output, const std::string& where) {
  using namespace detail_python_outputs;
  models::NamedList named;
  if (THPVariable_Check(output.ptr()))
    return models::named_outputs(THPVariable_Unpack(output.ptr()));
  if (py::isinstance<py::dict>(output) || py::hasattr(output, "items")) {
    add_items(named, output);
  } else if (py::isinstance<py::tuple>(output) || py::isinstance<py::list>(output)) {
    add_sequence(named, output);
  } else if (py::hasattr(output, "__dict__")) {
    add_items(named, py::module_::import("builtins").attr("vars")(output));
  }
  if (named.empty())
    throw TypeError(where, "a tensor, or a dict, tuple or object of tensors",
                    describe_python(output),
                    "return torch tensors; a model on NumPy arrays is a leadline.FunctionModel");
  return named;
}

}  // namespace leadline::bindings

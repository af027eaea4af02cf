/// Exceptions across the border. Each Python class inherits `leadline.Error` and the built-in that
/// Python code expects, and carries the four parts of the message.
#include <pybind11/eval.h>

#include <array>
#include <exception>

#include "core/bindings.hpp"
#include "core/python_cause.hpp"
#include "leadline/core/error.hpp"

namespace leadline::bindings {
namespace {

enum Which { base, value, type, shape, capability, data, store, cancelled, count };

std::array<PyObject*, count>& classes() {
  static std::array<PyObject*, count> made{};
  return made;
}

// The fields are set on the instance, so that `except leadline.Error as e: e.remedy` works. What
// Python code raised is its cause; what it raised in four parts goes on as the object it was.
void raise_as(Which which, const Error& error) {
  const auto* behind = dynamic_cast<const PythonCause*>(&error);
  if (behind != nullptr && behind->is_itself()) {
    const py::object raised = behind->raised();
    PyErr_SetObject(reinterpret_cast<PyObject*>(Py_TYPE(raised.ptr())), raised.ptr());
    return;
  }
  py::object instance = py::reinterpret_borrow<py::object>(classes()[which])(error.what());
  instance.attr("where") = error.where();
  instance.attr("expected") = error.expected();
  instance.attr("got") = error.got();
  instance.attr("remedy") = error.remedy();
  if (behind != nullptr) PyException_SetCause(instance.ptr(), behind->raised().release().ptr());
  PyErr_SetObject(classes()[which], instance.ptr());
}

void translate(std::exception_ptr pointer) {
  if (!pointer) return;
  try {
    std::rethrow_exception(pointer);
  } catch (const ValueError& e) {
    raise_as(value, e);
  } catch (const TypeError& e) {
    raise_as(type, e);
  } catch (const ShapeError& e) {
    raise_as(shape, e);
  } catch (const CapabilityError& e) {
    raise_as(capability, e);
  } catch (const DataError& e) {
    raise_as(data, e);
  } catch (const StoreError& e) {
    raise_as(store, e);
  } catch (const Cancelled& e) {
    raise_as(cancelled, e);
  } catch (const Error& e) {
    raise_as(base, e);
  }
}

// Python code raises the same classes: `leadline.ValueError(where, expected, got, remedy)`.
constexpr const char* python_init = R"py(
def __init__(self, where, expected=None, got="", remedy=""):
    if expected is None:
        super(Error, self).__init__(where)
        self.where, self.expected, self.got, self.remedy = "", "", "", ""
        return
    text = f"{where}: expected {expected}, got {got}"
    super(Error, self).__init__(f"{text} ({remedy})" if remedy else text)
    self.where, self.expected, self.got, self.remedy = where, expected, got, remedy

def __reduce__(self):
    return (_rebuild_error, (type(self), str(self), dict(vars(self))))

def __str__(self):
    return Exception.__str__(self)

def _rebuild_error(cls, text, state):
    error = cls(text)
    vars(error).update(state)
    return error
)py";

}  // namespace

std::string describe(py::handle value) {
  const std::string name = Py_TYPE(value.ptr())->tp_name;
  if (py::isinstance<py::bool_>(value) || PyLong_Check(value.ptr()) || PyFloat_Check(value.ptr()))
    return name + " " + py::str(value).cast<std::string>();
  if (py::isinstance<py::str>(value)) return "'" + py::str(value).cast<std::string>() + "'";
  if (py::isinstance<py::list>(value) || py::isinstance<py::tuple>(value))
    return name + " of " + std::to_string(py::len(value));
  return value.is_none() ? "None" : name;
}

void bind_errors(py::module_& m) {
  const auto make = [&](Which which, const char* name, py::tuple bases) {
    py::dict body;
    body["__module__"] = "leadline";
    py::object made = py::reinterpret_borrow<py::object>(reinterpret_cast<PyObject*>(&PyType_Type))(
        name, bases, body);
    m.attr(name) = made;
    classes()[which] = made.release().ptr();  // for the life of the process
  };
  const auto builtin = [](PyObject* type) { return py::reinterpret_borrow<py::object>(type); };
  make(base, "Error", py::make_tuple(builtin(PyExc_Exception)));
  const py::object root = m.attr("Error");
  py::dict scope;
  scope["Error"] = root;
  scope["__name__"] = m.attr("__name__");
  py::exec(python_init, scope);
  m.attr("_rebuild_error") = scope["_rebuild_error"];
  for (const char* method : {"__init__", "__reduce__", "__str__"})
    root.attr(method) = scope[method];
  root.attr("__doc__") =
      "Base of everything leadline raises on purpose: `where`, `expected`, `got`, `remedy`.";
  const auto with = [&](PyObject* type) { return py::make_tuple(root, builtin(type)); };
  make(value, "ValueError", with(PyExc_ValueError));
  make(type, "TypeError", with(PyExc_TypeError));
  make(shape, "ShapeError", with(PyExc_ValueError));
  make(capability, "CapabilityError", with(PyExc_NotImplementedError));
  make(data, "DataError", with(PyExc_ValueError));
  make(store, "StoreError", with(PyExc_OSError));
  make(cancelled, "Cancelled", py::make_tuple(root));
  py::register_exception_translator(&translate);
}

}  // namespace leadline::bindings

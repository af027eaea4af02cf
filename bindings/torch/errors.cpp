/// Exceptions of user code, chained.
#include <exception>
#include <memory>
#include <string>

#include "leadline/core/error.hpp"
#include "torch/bindings.hpp"

namespace leadline::bindings {
namespace detail_torch_errors {

/// An exception raised by Python code below C++: its text in four parts, and itself.
class PythonError final : public Error {
 public:
  PythonError(std::string_view where, std::string_view expected, std::string_view got,
              std::string_view remedy, py::object raised)
      : Error(where, expected, got, remedy), raised_(raised.release().ptr(), [](PyObject* p) {
          if (!Py_IsInitialized()) return;
          const py::gil_scoped_acquire gil;
          Py_DECREF(p);
        }) {}
  [[nodiscard]] py::object raised() const {
    return py::reinterpret_borrow<py::object>(raised_.get());
  }

 private:
  std::shared_ptr<PyObject> raised_;
};

void translate(std::exception_ptr pointer) {
  if (!pointer) return;
  try {
    std::rethrow_exception(pointer);
  } catch (const PythonError& error) {
    const py::object made =
        py::module_::import("leadline._core")
            .attr("Error")(error.where(), error.expected(), error.got(), error.remedy());
    PyException_SetCause(made.ptr(), error.raised().release().ptr());
    PyErr_SetObject(reinterpret_cast<PyObject*>(Py_TYPE(made.ptr())), made.ptr());
  }
}

// "module.py:12, in forward" of the innermost frame.
std::string place_of(const py::object& trace) {
  if (!trace || trace.is_none()) return {};
  py::object last = trace;
  while (!last.attr("tb_next").is_none()) last = last.attr("tb_next");
  const py::object code = last.attr("tb_frame").attr("f_code");
  auto file = code.attr("co_filename").cast<std::string>();
  if (const auto slash = file.rfind('/'); slash != std::string::npos) file.erase(0, slash + 1);
  return " at " + file + ":" + py::str(last.attr("tb_lineno")).cast<std::string>() + ", in " +
         code.attr("co_name").cast<std::string>();
}

template <class E>
void throw_if(const py::error_already_set& error, const char* name) {
  if (!error.matches(py::module_::import("leadline._core").attr(name))) return;
  const auto part = [&](const char* field) {
    return py::str(error.value().attr(field)).cast<std::string>();
  };
  throw E(part("where"), part("expected"), part("got"), part("remedy"));
}

}  // namespace detail_torch_errors

void rethrow_chained(py::error_already_set& error, std::string_view where,
                     std::string_view expected, std::string_view remedy) {
  using namespace detail_torch_errors;
  if (error.matches(PyExc_KeyboardInterrupt))
    throw Cancelled(where, "to finish", "Ctrl-C", "run again to continue");
  throw_if<CapabilityError>(error, "CapabilityError");
  throw_if<ShapeError>(error, "ShapeError");
  throw_if<TypeError>(error, "TypeError");
  throw_if<DataError>(error, "DataError");
  throw_if<ValueError>(error, "ValueError");
  std::string got = error.type().attr("__name__").cast<std::string>();
  if (const auto text = py::str(error.value()).cast<std::string>(); !text.empty())
    got += ": " + text;
  got += place_of(error.trace());
  py::object raised = error.value();
  if (error.trace()) PyException_SetTraceback(raised.ptr(), error.trace().ptr());
  throw PythonError(where, expected, got, remedy, std::move(raised));
}

void bind_errors(py::module_&) {
  py::register_exception_translator(&detail_torch_errors::translate);
}

}  // namespace leadline::bindings

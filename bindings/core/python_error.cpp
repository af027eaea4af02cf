#include "core/python_error.hpp"

#include <string>

#include "core/python_cause.hpp"
#include "leadline/core/error.hpp"

namespace leadline::bindings {
namespace detail_python_error {

/// A C++ exception of class E that carries the Python one.
template <class E>
class Caused final : public E, public PythonCause {
 public:
  Caused(std::string_view where, std::string_view expected, std::string_view got,
         std::string_view remedy, py::object raised, bool itself)
      : E(where, expected, got, remedy), PythonCause(std::move(raised), itself) {}
};

// "module.py:12, in observe" of the innermost frame.
std::string place_of(const py::object& trace) {
  if (!trace || trace.is_none()) return {};
  py::object last = trace;
  while (!last.attr("tb_next").is_none()) last = last.attr("tb_next");
  const py::object code = last.attr("tb_frame").attr("f_code");
  auto file = code.attr("co_filename").cast<std::string>();
  if (const auto slash = file.rfind('/'); slash != std::string::npos) file.erase(0, slash + 1);
  return file + ":" + py::str(last.attr("tb_lineno")).cast<std::string>() + ", in " +
         code.attr("co_name").cast<std::string>();
}

/// An error of leadline raised by Python code: its class and its parts are kept.
void rethrow_own(const py::object& raised, const py::module_& core) {
  const auto part = [&](const char* name) {
    return py::hasattr(raised, name) ? py::str(raised.attr(name)).cast<std::string>()
                                     : std::string();
  };
  const auto is = [&](const char* name) { return py::isinstance(raised, core.attr(name)); };
  if (!is("Error") || part("expected").empty()) return;
  const auto w = part("where"), e = part("expected"), g = part("got"), r = part("remedy");
  if (is("CapabilityError")) throw Caused<CapabilityError>(w, e, g, r, raised, true);
  if (is("DataError")) throw Caused<DataError>(w, e, g, r, raised, true);
  if (is("StoreError")) throw Caused<StoreError>(w, e, g, r, raised, true);
  if (is("Cancelled")) throw Caused<Cancelled>(w, e, g, r, raised, true);
  if (is("ShapeError")) throw Caused<ShapeError>(w, e, g, r, raised, true);
  if (is("TypeError")) throw Caused<TypeError>(w, e, g, r, raised, true);
  if (is("ValueError")) throw Caused<ValueError>(w, e, g, r, raised, true);
  throw Caused<Error>(w, e, g, r, raised, true);
}

}  // namespace detail_python_error

void rethrow(py::error_already_set& error, std::string_view where, std::string_view expected,
             std::string_view remedy, bool is_data) {
  using namespace detail_python_error;
  const py::gil_scoped_acquire gil;
  const py::object raised = error.value();
  if (error.trace()) PyException_SetTraceback(raised.ptr(), error.trace().ptr());
  if (error.matches(PyExc_KeyboardInterrupt))
    throw Caused<Cancelled>(where, "to finish", "Ctrl-C", "run again to continue", raised, false);
  rethrow_own(raised, py::module_::import("leadline._core"));
  std::string got = error.type().attr("__name__").cast<std::string>();
  if (const auto text = py::str(raised).cast<std::string>(); !text.empty()) got += ": " + text;
  if (const auto place = place_of(error.trace()); !place.empty()) got += " at " + place;
  if (is_data) throw Caused<DataError>(where, expected, got, remedy, raised, false);
  throw Caused<Error>(where, expected, got, remedy, raised, false);
}

}  // namespace leadline::bindings

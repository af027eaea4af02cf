/// Exceptions of Python code below C++, told in four parts. Compiled into _core and _torch alike.
#pragma once

#include <pybind11/pybind11.h>

#include <string_view>

namespace leadline::bindings {

namespace py = pybind11;

/// Rethrows the Python exception in flight as the C++ exception that says the same: classes of
/// leadline as themselves, KeyboardInterrupt as Cancelled, anything else as Error (DataError with
/// `is_data`) with "<Type>: <text> at <file>:<line>, in <function>".
[[noreturn]] void rethrow(py::error_already_set& error, std::string_view where,
                          std::string_view expected, std::string_view remedy, bool is_data = false);

}  // namespace leadline::bindings

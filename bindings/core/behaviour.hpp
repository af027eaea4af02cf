/// What the files of behaviour and search in the room `robustness` share.
#pragma once

#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <type_traits>

#include "core/bindings.hpp"
#include "core/python_object.hpp"
#include "leadline/core/error.hpp"

namespace leadline::bindings {

/// A value of an enum from its name. Throws ValueError naming those there are.
template <class E>
E named_in(const std::string& name, std::string_view who) {
  constexpr auto names = names_of(std::type_identity<E>{});
  const auto it = std::find(names.begin(), names.end(), name);
  if (it != names.end()) return static_cast<E>(it - names.begin());
  std::string all;
  for (const auto known : names) all += (all.empty() ? "'" : ", '") + std::string(known) + "'";
  throw ValueError(who, "one of " + all, "'" + name + "'", "choose one of them");
}

/// Calls a Python function from C++: under the GIL, with its exceptions told in four parts.
template <class Body>
auto called(std::string_view who, std::string_view remedy, Body&& body) {
  const py::gil_scoped_acquire gil;
  try {
    return body();
  } catch (py::error_already_set& error) {
    rethrow(error, who, "to return a value", remedy);
  }
}

void bind_behaviour(py::module_& m);
void bind_failure_search(py::module_& m);

}  // namespace leadline::bindings

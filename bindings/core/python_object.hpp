/// Python objects held by C++ classes, and C++ objects lent to Python code.
#pragma once

#include <pybind11/pybind11.h>

#include <memory>
#include <string>
#include <utility>

#include "leadline/core/error.hpp"

namespace leadline::bindings {

namespace py = pybind11;

/// Keeps `object` alive; dropped under the GIL from whichever thread.
inline std::shared_ptr<PyObject> hold(py::object object) {
  return {object.release().ptr(), [](PyObject* p) {
            if (!Py_IsInitialized()) return;
            const py::gil_scoped_acquire gil;
            Py_DECREF(p);
          }};
}

/// What Python holds of an object that lives for one call only: after it, use is an error instead
/// of a crash.
template <class T>
struct Lent {
  T* pointer = nullptr;
  std::shared_ptr<const bool> alive;  // shared by what is reached through the object that was lent
  T& get(const char* what) const {
    if (*alive) return *pointer;
    throw ValueError(what, "to be used inside the call that lent it", "a use after that call",
                     "keep what you read from it, not the object");
  }
};

/// Lends `object` to Python for the life of this guard.
template <class T>
class Lending {
 public:
  explicit Lending(T& object) : lent_(py::cast(Lent<T>{&object, alive_})) {}
  ~Lending() { *alive_ = false; }
  Lending(const Lending&) = delete;
  Lending& operator=(const Lending&) = delete;
  [[nodiscard]] const py::object& object() const { return lent_; }

 private:
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
  py::object lent_;
};

/// The Python method that overrides `name` of `self`, or a null function. Needs the GIL.
template <class T>
py::function override_of(const T* self, const char* name) {
  return py::get_override(self, name);
}

/// As `override_of`, for a method that a subclass must write.
template <class T>
py::function required(const T* self, const char* name) {
  py::function found = py::get_override(self, name);
  if (found) return found;
  const py::object object = py::cast(self, py::return_value_policy::reference);
  const auto type = py::type::of(object).attr("__name__").cast<std::string>();
  throw TypeError(type, std::string("a method '") + name + "'", "a class without it",
                  std::string("define ") + name + "(self, ...) in " + type);
}

/// The Python class name of a trampoline: for messages.
template <class T>
std::string class_name(const T* self) {
  const py::object object = py::cast(self, py::return_value_policy::reference);
  return py::type::of(object).attr("__name__").cast<std::string>();
}

}  // namespace leadline::bindings

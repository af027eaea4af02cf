/// The state of a Python `nn.Module`, put back as it was found.
#pragma once

#include <ATen/core/Tensor.h>
#include <pybind11/pybind11.h>

#include <string>
#include <utility>
#include <vector>

namespace leadline::bindings {

namespace py = pybind11;

/// Training flags a module; buffers, and the tensors a module keeps in plain attributes (a hidden
/// state; None stands for one not made yet), by object and by value. Made and dropped under the GIL
/// (the destructor takes it).
class PythonGuard {
 public:
  PythonGuard(const py::object& module,
              const std::vector<std::pair<std::string, at::Tensor>>& buffers, bool evaluate);
  ~PythonGuard();
  PythonGuard(const PythonGuard&) = delete;
  PythonGuard& operator=(const PythonGuard&) = delete;

  /// Whether a training flag differs from what this guard set; then it is set again.
  bool mode_moved();

 private:
  struct Part {
    py::object module;
    bool found, held;  // training, before and under the guard
    py::dict buffers;  // name -> object
    py::dict plain;    // name -> tensor or None
  };
  void restore();

  std::vector<Part> parts_;
  std::vector<std::pair<at::Tensor, at::Tensor>> values_;  // (buffer, its copy)
};

}  // namespace leadline::bindings

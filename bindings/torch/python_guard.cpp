#include "torch/python_guard.hpp"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>
#include <torch/csrc/autograd/python_variable.h>

namespace leadline::bindings {
namespace detail_python_guard {

bool training(const py::object& module) { return module.attr("training").cast<bool>(); }

/// A module that overrides `train` may do more than set a flag (merge weights, keep a norm frozen).
bool overrides_train(const py::object& module) {
  const py::object base = py::module_::import("torch.nn").attr("Module").attr("train");
  const py::object own = py::type::of(module).attr("train");
  return !own.is(base);
}

/// Attributes that are tensors, or None and may become one.
py::dict plain_tensors(const py::object& module) {
  py::dict found;
  for (const auto& [name, value] : module.attr("__dict__").cast<py::dict>())
    if (value.is_none() || THPVariable_Check(value.ptr())) found[name] = value;
  return found;
}

/// Puts back attributes of `module` that were tensors, or None and are tensors now.
void put_plain(const py::object& module, const py::dict& found) {
  const auto now = module.attr("__dict__").cast<py::dict>();
  for (const auto& [name, value] : found) {
    const py::object current = now.contains(name) ? py::object(now[name]) : py::object(py::none());
    if (current.is(value)) continue;
    if (!value.is_none() || THPVariable_Check(current.ptr())) now[name] = value;
  }
}

void put_value(at::Tensor buffer, const at::Tensor& copy) {
  try {
    const at::Tensor now = buffer.detach();
    if (now.sizes() != copy.sizes())
      buffer.set_data(copy.clone());
    else if (!at::equal(now, copy))
      now.copy_(copy);
  } catch (const std::exception&) {
    return;  // a buffer that can no longer be written is left to its owner
  }
}

}  // namespace detail_python_guard

PythonGuard::PythonGuard(const py::object& module,
                         const std::vector<std::pair<std::string, at::Tensor>>& buffers,
                         bool evaluate) {
  const c10::NoGradGuard no_grad;
  for (const auto& [name, value] : buffers) values_.emplace_back(value, value.detach().clone());
  for (const auto item : module.attr("modules")()) {
    auto part = py::reinterpret_borrow<py::object>(item);
    const bool flag = detail_python_guard::training(part);
    // A script module keeps its buffers in C++: there is no dict of objects to put back.
    py::dict owned;
    if (const py::object held = py::getattr(part, "_buffers", py::none());
        py::isinstance<py::dict>(held))
      owned = held.attr("copy")();
    py::dict plain = detail_python_guard::plain_tensors(part);
    for (const auto& [name, value] : plain)
      if (THPVariable_Check(value.ptr())) {
        const at::Tensor& tensor = THPVariable_Unpack(value.ptr());
        values_.emplace_back(tensor, tensor.detach().clone());
      }
    parts_.push_back({std::move(part), flag, flag, std::move(owned), std::move(plain)});
  }
  if (!evaluate) return;
  try {
    module.attr("eval")();
    for (auto& part : parts_) part.held = detail_python_guard::training(part.module);
  } catch (...) {
    restore();
    throw;
  }
}

PythonGuard::~PythonGuard() {
  if (!Py_IsInitialized()) {
    for (auto& part : parts_) {
      (void)part.module.release();
      (void)part.buffers.release();
      (void)part.plain.release();
    }
    return;
  }
  const py::gil_scoped_acquire gil;
  restore();
  parts_.clear();
}

void PythonGuard::restore() {
  const c10::NoGradGuard no_grad;
  for (auto& part : parts_) {  // parents first: `train` of a parent sets its children
    try {
      if (detail_python_guard::training(part.module) != part.found &&
          detail_python_guard::overrides_train(part.module))
        part.module.attr("train")(part.found);
    } catch (py::error_already_set& error) {
      error.discard_as_unraisable("leadline: leaving evaluation mode");
    }
  }
  for (auto& part : parts_) {
    try {
      if (detail_python_guard::training(part.module) != part.found)
        part.module.attr("training") = part.found;
      for (const auto& [name, value] : part.buffers) {
        const py::object now = part.module.attr("_buffers");
        if (!now.contains(name) || !py::object(now[name]).is(value)) now[name] = value;
      }
      detail_python_guard::put_plain(part.module, part.plain);
    } catch (py::error_already_set& error) {
      error.discard_as_unraisable("leadline: leaving the model as found");
    }
  }
  for (auto& [buffer, copy] : values_) detail_python_guard::put_value(buffer, copy);
}

bool PythonGuard::mode_moved() {
  bool moved = false;
  for (auto& part : parts_) {
    if (detail_python_guard::training(part.module) == part.held) continue;
    part.module.attr("training") = part.held;
    moved = true;
  }
  return moved;
}

}  // namespace leadline::bindings

/// What the files of _torch share. Classes of _core (Model, Tensor, errors) are known here, since
/// `module.cpp` imports _core first and both modules use one pybind11.
#pragma once

#include <pybind11/pybind11.h>

#include <memory>
#include <string_view>

#include "core/python_error.hpp"
#include "leadline/core/dataset.hpp"
#include "leadline/torch/models/backends.hpp"
#include "leadline/torch/models/torch_model.hpp"

static_assert(PYBIND11_VERSION_MAJOR == 3 && PYBIND11_VERSION_MINOR == 0,
              "build with pybind11 3.0, as bundled with torch");

namespace leadline::bindings {

namespace py = pybind11;

/// A model as Python users give it: a leadline model, an `nn.Module`, a callable on torch tensors,
/// a path (.pt: TorchScript, .pt2: AOTInductor). Needs the GIL. Throws TypeError naming `who`.
std::shared_ptr<models::TorchModel> torch_model_in(py::handle model, std::string_view who);

/// A model from a Python `nn.Module` or callable (python_model.cpp). Needs the GIL; the object is
/// dropped under it. `positional`: extras are passed by position, else as keywords. `constants`:
/// keywords of every call.
std::shared_ptr<models::TorchModel> make_python_model(py::object model,
                                                      models::TorchOptions options, bool positional,
                                                      py::dict constants);

// One a file, called in this order.
void bind_models(py::module_& m);
void bind_weight_faults(py::module_& m);
void bind_attribution(py::module_& m);
void bind_certify(py::module_& m);
void bind_mitigate(py::module_& m);

}  // namespace leadline::bindings

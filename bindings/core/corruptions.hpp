/// The robustness room of the core: corruptions and stress.
#pragma once

#include <pybind11/pybind11.h>

namespace leadline::bindings {

void bind_corruptions(pybind11::module_& m);

}  // namespace leadline::bindings

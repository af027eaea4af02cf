/// What mitigations gain and cost.
#pragma once

#include <pybind11/pybind11.h>

namespace leadline::bindings {

void bind_mitigation(pybind11::module_& m);

}  // namespace leadline::bindings

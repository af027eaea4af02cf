/// Curves of ranking as arrays.
#pragma once

#include <pybind11/pybind11.h>

namespace leadline::bindings {

void bind_ranking(pybind11::module_& m);

}  // namespace leadline::bindings

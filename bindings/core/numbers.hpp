/// Numbers from Python as doubles.
#pragma once

#include <pybind11/pybind11.h>

#include <string_view>
#include <vector>

namespace leadline::bindings {

/// Numbers of any dtype and shape, in order. Throws TypeError naming `who` and `what`, ValueError
/// for an integer that no double holds.
std::vector<double> doubles_in(pybind11::handle values, std::string_view who,
                               std::string_view what);
/// The same, one a sample: throws ShapeError unless [n] or [n, 1].
std::vector<double> numbers_in(pybind11::handle values, std::string_view who,
                               std::string_view what);
/// The same; none gives none.
std::vector<double> weights_in(pybind11::handle weights, std::string_view who);

}  // namespace leadline::bindings

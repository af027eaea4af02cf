/// What the files of the room `fairness` share.
#pragma once

#include <pybind11/pybind11.h>

#include <memory>
#include <string_view>

#include "core/numbers.hpp"
#include "leadline/core/table.hpp"

namespace leadline::bindings {

/// Columns of groups from a dict, a DataFrame, a Table or one array. Throws naming `who`.
std::shared_ptr<const Table> groups_in(const pybind11::object& groups, std::string_view who);

void bind_fairness(pybind11::module_& m);
void bind_group_columns(pybind11::module_& m);
void bind_group_frame(pybind11::module_& m);
void bind_fairness_methods(pybind11::module_& m);

}  // namespace leadline::bindings

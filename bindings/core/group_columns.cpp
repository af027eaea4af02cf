/// Columns of groups and of numbers from Python, for the rooms that measure by group.
#include <pybind11/numpy.h>
#include <pybind11/stl.h>

#include <unordered_map>

#include "core/bindings.hpp"
#include "core/fairness.hpp"
#include "leadline/core/error.hpp"
#include "leadline/fairness/group_index.hpp"

namespace leadline::bindings {
namespace {

// NumPy's fixed-width text: equal bytes are equal texts.
Categories from_fixed_text(const py::array& array) {
  Categories out;
  std::unordered_map<std::string_view, std::int32_t> seen;
  const auto size = static_cast<std::size_t>(array.itemsize());
  for (py::ssize_t i = 0; i < array.shape(0); ++i) {
    const std::string_view raw(static_cast<const char*>(array.data()) + i * array.strides(0), size);
    const auto [it, fresh] = seen.try_emplace(raw, static_cast<std::int32_t>(out.names.size()));
    if (fresh) out.names.push_back(py::str(array.attr("item")(i)).cast<std::string>());
    out.codes.push_back(it->second);
  }
  return out;
}

Categories from_objects(const py::object& values, std::string_view who, const std::string& name) {
  Categories out;
  py::dict seen;
  for (const auto item : values) {
    const bool number = PyFloat_Check(item.ptr());
    if (item.is_none() || (number && item.cast<double>() != item.cast<double>()) ||
        py::str(py::type::handle_of(item).attr("__name__")).cast<std::string>() == "NAType") {
      out.codes.push_back(fairness::GroupIndex::missing);
      continue;
    }
    if (number)
      throw TypeError(who, "groups '" + name + "' as categories, integers or texts", describe(item),
                      "bin them first, e.g. with fairness.quantile_bins");
    if (PyObject* code = PyDict_GetItem(seen.ptr(), item.ptr())) {
      out.codes.push_back(static_cast<std::int32_t>(PyLong_AsLong(code)));
      continue;
    }
    const auto code = static_cast<std::int32_t>(out.names.size());
    seen[item] = code;
    out.names.push_back(py::str(item).cast<std::string>());
    out.codes.push_back(code);
  }
  return out;
}

Categories categories_in(const py::object& values, std::string_view who, const std::string& name) {
  if (py::hasattr(values, "cat")) {  // a pandas categorical
    const py::object cat = values.attr("cat");
    Categories out;
    for (const auto code : cat.attr("codes").attr("tolist")())
      out.codes.push_back(code.cast<std::int32_t>());
    for (const auto level : cat.attr("categories"))
      out.names.push_back(py::str(level).cast<std::string>());
    return out;
  }
  if (py::isinstance<py::str>(values) || !py::hasattr(values, "__len__"))
    throw TypeError(who, "groups '" + name + "' as one value a sample", describe(values),
                    "pass an array or a list");
  const py::object plain = py::hasattr(values, "to_numpy") ? values.attr("to_numpy")() : values;
  if (py::isinstance<py::array>(plain)) {
    const auto array = py::reinterpret_borrow<py::array>(plain);
    const char kind = array.dtype().kind();
    if (array.ndim() != 1)
      throw ShapeError(who, "groups '" + name + "' of shape [n]",
                       std::to_string(array.ndim()) + " dimensions", "pass one value a sample");
    if (kind == 'U' || kind == 'S') return from_fixed_text(array);
    if (kind == 'f')
      throw TypeError(who, "groups '" + name + "' as categories, integers or texts",
                      py::str(array.dtype()).cast<std::string>(),
                      "bin them first, e.g. with fairness.quantile_bins");
    if (kind == 'O') return from_objects(array.attr("tolist")(), who, name);
    if (kind == 'b') {
      Categories out;
      out.names = {"False", "True"};
      for (py::ssize_t i = 0; i < array.shape(0); ++i)
        out.codes.push_back(*static_cast<const bool*>(array.data(i)));
      return out;
    }
    py::object holder;
    return fairness::integer_groups(view_in(plain, holder, who, name), who, name);
  }
  if (py::hasattr(plain, "__dlpack__")) {
    py::object holder;
    return fairness::integer_groups(view_in(plain, holder, who, name), who, name);
  }
  return from_objects(plain, who, name);
}

}  // namespace

std::shared_ptr<const Table> groups_in(const py::object& groups, std::string_view who) {
  if (py::isinstance<Table>(groups)) return groups.cast<std::shared_ptr<Table>>();
  if (groups.is_none()) throw TypeError(who, "groups", "None", "pass groups={\"sex\": sex}");
  auto table = std::make_shared<Table>();
  if (!py::isinstance<py::dict>(groups) && !py::hasattr(groups, "columns")) {
    table->add("group", categories_in(groups, who, "group"));
    return table;
  }
  const py::object names = py::hasattr(groups, "columns") ? py::object(groups.attr("columns"))
                                                          : py::object(groups.attr("keys")());
  for (const auto key : names) {
    const auto name = py::str(key).cast<std::string>();
    Categories column = categories_in(groups[key], who, name);
    if (!table->fields().empty() && std::ssize(column.codes) != table->size())
      throw ShapeError(who,
                       std::to_string(table->size()) + " values in groups '" + name + "', as in '" +
                           table->fields().front().name + "'",
                       std::to_string(column.codes.size()), "pass one value a sample");
    table->add(name, std::move(column));
  }
  if (table->fields().empty())
    throw ValueError(who, "at least one column of groups", "none", "pass groups={\"sex\": sex}");
  return table;
}

void bind_group_columns(py::module_& m) {
  m.def(
      "quantile_bins",
      [](const py::object& values, std::int64_t bins) {
        std::vector<double> numbers = numbers_in(values, "quantile_bins", "values");
        std::vector<std::uint8_t> valid;
        for (double& v : numbers) {
          valid.push_back(v == v);
          if (v != v) v = 0;
        }
        const Categories binned = fairness::quantile_bins(numbers, bins, valid);
        py::list out;
        for (const auto code : binned.codes)
          out.append(code < 0 ? py::object(py::none())
                              : py::str(binned.names[static_cast<std::size_t>(code)]));
        return out;
      },
      py::arg("values"), py::arg("bins") = 4,
      "Numbers as groups of about equal size: '[a, b)'; NaN is missing.");
}

}  // namespace leadline::bindings

/// Tables, batches and data sets; data sets written in Python.
#include "leadline/core/dataset.hpp"

#include <pybind11/numpy.h>
#include <pybind11/stl.h>
#include <pybind11/trampoline_self_life_support.h>

#include "core/bindings.hpp"
#include "core/data_classes.hpp"
#include "core/enums.hpp"
#include "core/python_object.hpp"
#include "leadline/core/error.hpp"

namespace leadline::bindings {
namespace {

py::object field_out(const Table::Field& field) {
  const auto present = [&](std::size_t i) { return field.valid.empty() || field.valid[i]; };
  py::list out;
  const auto each = [&](std::size_t n, auto&& value) {
    for (std::size_t i = 0; i < n; ++i) out.append(present(i) ? value(i) : py::none());
  };
  if (const auto* numbers = std::get_if<std::vector<double>>(&field.values)) {
    if (field.valid.empty()) return py::array_t<double>(numbers->size(), numbers->data());
    each(numbers->size(), [&](std::size_t i) -> py::object { return py::float_((*numbers)[i]); });
  } else if (const auto* integers = std::get_if<std::vector<std::int64_t>>(&field.values)) {
    if (field.valid.empty()) return py::array_t<std::int64_t>(integers->size(), integers->data());
    each(integers->size(), [&](std::size_t i) -> py::object { return py::int_((*integers)[i]); });
  } else if (const auto* groups = std::get_if<Categories>(&field.values)) {
    each(groups->codes.size(), [&](std::size_t i) -> py::object {
      const auto code = groups->codes[i];
      return code < 0 ? py::object(py::none()) : py::str(groups->names[code]);
    });
  } else {
    const auto& texts = std::get<std::vector<std::string>>(field.values);
    each(texts.size(), [&](std::size_t i) -> py::object { return py::str(texts[i]); });
  }
  return out;
}

// Strings with few distinct values are categories, as pandas would have it.
void add_texts(Table& table, const std::string& name, const std::vector<py::object>& items) {
  std::map<std::string, std::int32_t> seen;
  Categories groups;
  std::vector<std::string> texts;
  std::vector<std::uint8_t> valid;
  bool missing = false;
  for (const auto& item : items) {
    const bool none =
        item.is_none() || (PyFloat_Check(item.ptr()) && item.cast<double>() != item.cast<double>());
    missing |= none;
    valid.push_back(none ? 0 : 1);
    texts.push_back(none ? std::string() : py::str(item).cast<std::string>());
    if (none) {
      groups.codes.push_back(-1);
      continue;
    }
    const auto [it, fresh] = seen.try_emplace(texts.back(), static_cast<std::int32_t>(seen.size()));
    if (fresh) groups.names.push_back(texts.back());
    groups.codes.push_back(it->second);
  }
  if (groups.names.size() <= 64 || groups.names.size() * 10 <= items.size())
    table.add(name, std::move(groups));
  else
    table.add(name, std::move(texts), missing ? std::move(valid) : std::vector<std::uint8_t>{});
}

void add_column(Table& table, const std::string& name, const py::object& values,
                std::string_view who) {
  const bool array = py::isinstance<py::array>(values) &&
                     values.attr("dtype").attr("kind").cast<std::string>().find_first_of("OUSM") ==
                         std::string::npos;
  std::vector<py::object> items;
  if (!array) {
    for (const auto item : values) items.push_back(py::reinterpret_borrow<py::object>(item));
    for (const auto& item : items)
      if (!PyFloat_Check(item.ptr()) && !PyLong_Check(item.ptr()) && !item.is_none())
        return add_texts(table, name, items);
  }
  if (array || std::none_of(items.begin(), items.end(), [](auto& i) { return i.is_none(); })) {
    const Tensor host = tensor_in(values, who, "column '" + name + "'").host();
    if (host.rank() != 1)
      throw ShapeError(who, "column '" + name + "' of shape [n]", shape_text(host.shape()),
                       "pass one value a sample");
    if (!is_floating(host.dtype())) {
      const Tensor wide = host.host(DType::i64);
      const auto* data = wide.data<std::int64_t>();
      table.add(name, std::vector<std::int64_t>(data, data + wide.n_elements()));
      return;
    }
    const Tensor wide = host.host(DType::f64);
    const auto* data = wide.data<double>();
    std::vector<double> numbers(data, data + wide.n_elements());
    std::vector<std::uint8_t> valid(numbers.size(), 1);
    bool missing = false;
    for (std::size_t i = 0; i < numbers.size(); ++i)
      if (numbers[i] != numbers[i]) numbers[i] = 0, valid[i] = 0, missing = true;
    table.add(name, std::move(numbers), missing ? std::move(valid) : std::vector<std::uint8_t>{});
    return;
  }
  std::vector<double> numbers;
  std::vector<std::uint8_t> valid;
  for (const auto& item : items) {
    valid.push_back(item.is_none() ? 0 : 1);
    numbers.push_back(item.is_none() ? 0.0 : item.cast<double>());
  }
  table.add(name, std::move(numbers), std::move(valid));
}

void bind_table(py::module_& m) {
  py::class_<Table, std::shared_ptr<Table>>(m, "Table", R"(Named, typed columns by sample.

Example:
    >>> import leadline
    >>> t = leadline.Table({"age": [31.0, 52.0], "sex": ["f", "m"]})
    >>> t.names, len(t)
    (['age', 'sex'], 2)
)")
      .def(py::init([](const py::object& columns) {
             return std::const_pointer_cast<Table>(table_in(columns, "Table"));
           }),
           py::arg("columns"), "From a dict of columns or a pandas DataFrame.")
      .def_property_readonly("names",
                             [](const Table& t) {
                               std::vector<std::string> names;
                               for (const auto& field : t.fields()) names.push_back(field.name);
                               return names;
                             })
      .def("__getitem__", [](const Table& t, const std::string& n) { return field_out(t.at(n)); })
      .def("__contains__",
           [](const Table& t, const std::string& n) { return t.find(n) != nullptr; })
      .def("__len__", &Table::size)
      .def("text", &Table::text, py::arg("name"), py::arg("row"))
      .def(
          "take",
          [](const Table& t, const py::object& rows) {
            return std::const_pointer_cast<Table>(t.take(ids_in(rows, "Table.take")));
          },
          py::arg("positions"));
}

py::dict named_out(const std::map<std::string, Tensor, std::less<>>& tensors) {
  py::dict out;
  for (const auto& [name, tensor] : tensors) out[py::str(name)] = tensor;
  return out;
}

void bind_batch(py::module_& m) {
  py::class_<Inputs>(m, "Inputs", "What a model reads: a primary array and named extras.")
      .def(py::init([](const py::object& primary, const py::dict& extras) {
             Inputs out{tensor_in(primary, "Inputs", "the primary input")};
             for (const auto& [name, value] : extras)
               out.extras[name.cast<std::string>()] = tensor_in(value, "Inputs", "an extra");
             return out;
           }),
           py::arg("primary"), py::arg("extras") = py::dict())
      .def_readonly("primary", &Inputs::primary)
      .def_property_readonly("extras", [](const Inputs& i) { return named_out(i.extras); })
      .def("__array__",
           [](const Inputs& i, const py::args&, const py::kwargs&) { return array_out(i.primary); })
      .def("__len__", [](const Inputs& i) { return i.primary.size(0); });
  py::class_<Batch>(m, "Batch", "Samples with their ids.")
      .def(py::init([](const py::object& ids, const py::object& inputs, const py::object& target,
                       const py::object& table) {
             Batch batch;
             batch.ids = ids_in(ids, "Batch");
             batch.inputs = inputs_in(inputs, "Batch");
             batch.target = tensor_in(target, "Batch", "the target");
             if (!table.is_none()) batch.table = table_in(table, "Batch");
             return batch;
           }),
           py::arg("ids"), py::arg("inputs"), py::arg("target") = py::none(),
           py::arg("table") = py::none())
      .def_property_readonly("ids", [](const Batch& b) { return ids_out(b.ids); })
      .def_readonly("inputs", &Batch::inputs)
      .def_property_readonly(
          "x", [](const Batch& b) { return array_out(b.inputs.primary); },
          "The primary input as a NumPy array.")
      .def_property_readonly("target", [](const Batch& b) { return array_out(b.target); })
      .def_property_readonly("table",
                             [](const Batch& b) { return std::const_pointer_cast<Table>(b.table); })
      .def("__len__", &Batch::size);
}

}  // namespace

std::shared_ptr<const Table> table_in(py::handle table, std::string_view who) {
  if (py::isinstance<Table>(table)) return table.cast<std::shared_ptr<Table>>();
  if (!py::hasattr(table, "items"))
    throw TypeError(who, "a table as a dict of columns or a DataFrame", describe(table),
                    "pass {'sex': [...], 'age': [...]}");
  auto out = std::make_shared<Table>();
  for (const auto pair : table.attr("items")()) {
    const auto both = pair.cast<std::pair<py::object, py::object>>();
    py::object values = both.second;
    if (py::hasattr(values, "to_numpy")) values = values.attr("to_numpy")();
    add_column(*out, py::str(both.first).cast<std::string>(), values, who);
  }
  return out;
}

Inputs inputs_in(py::handle value, std::string_view who) {
  if (py::isinstance<py::dict>(value))
    return py::module_::import("leadline.data").attr("named_inputs")(value).cast<Inputs>();
  if (py::isinstance<Inputs>(value)) return value.cast<const Inputs&>();
  return Inputs{tensor_in(value, who, "the inputs")};
}

void bind_dataset(py::module_& m) {
  bind_table(m);
  bind_batch(m);
  bind_dataset_classes(m);
}

}  // namespace leadline::bindings

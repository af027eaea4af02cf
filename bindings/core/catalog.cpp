/// The catalog, and Python values as options.
#include "leadline/core/catalog.hpp"

#include <pybind11/stl.h>

#include "core/bindings.hpp"
#include "leadline/core/error.hpp"
#include "leadline/robustness/transfer.hpp"

namespace leadline::bindings {
namespace {

OptionValue list_in(const std::vector<py::object>& items, std::string_view who,
                    const std::string& name) {
  bool texts = !items.empty(), integers = !items.empty(), numbers = true;
  for (const auto& item : items) {
    texts &= py::isinstance<py::str>(item);
    integers &= PyLong_Check(item.ptr()) && !PyBool_Check(item.ptr());
    numbers &= PyFloat_Check(item.ptr()) || PyIndex_Check(item.ptr());
  }
  const auto all = [&]<class T>(std::type_identity<T>) {
    std::vector<T> out;
    for (const auto& item : items) out.push_back(item.cast<T>());
    return out;
  };
  if (texts) return all(std::type_identity<std::string>{});
  if (integers) return all(std::type_identity<std::int64_t>{});
  if (numbers) return all(std::type_identity<double>{});
  throw TypeError(who, "option '" + name + "' to be a list of numbers or of texts", "a mixed list",
                  "use one type");
}

OptionValue value_in(py::handle value, std::string_view who, const std::string& name) {
  PyObject* p = value.ptr();
  if (value.is_none()) return std::monostate{};
  if (PyBool_Check(p)) return value.cast<bool>();
  if (PyLong_Check(p)) return value.cast<std::int64_t>();
  if (PyFloat_Check(p)) return value.cast<double>();
  if (py::isinstance<py::str>(value)) return value.cast<std::string>();
  if (py::hasattr(value, "item") && py::hasattr(value, "ndim") &&
      value.attr("ndim").cast<int>() == 0)
    return value_in(value.attr("item")(), who, name);  // a NumPy scalar
  if (py::isinstance<py::sequence>(value) || py::hasattr(value, "tolist")) {
    const py::object list = py::hasattr(value, "tolist")
                                ? value.attr("tolist")()
                                : py::reinterpret_borrow<py::object>(value);
    std::vector<py::object> items;
    for (const auto item : list) items.push_back(py::reinterpret_borrow<py::object>(item));
    return list_in(items, who, name);
  }
  throw TypeError(who, "option '" + name + "' to be a number, a text, a bool or a list",
                  describe(value), "pass a plain value");
}

}  // namespace

std::vector<NamedOption> options_in(py::handle options, std::string_view who) {
  std::vector<NamedOption> out;
  for (const auto& [key, value] : py::reinterpret_borrow<py::dict>(options)) {
    auto name = key.cast<std::string>();
    OptionValue converted = value_in(value, who, name);
    out.push_back({std::move(name), std::move(converted)});
  }
  return out;
}

py::object value_out(const OptionValue& value) {
  return std::visit(
      [](const auto& v) -> py::object {
        if constexpr (std::is_same_v<std::remove_cvref_t<decltype(v)>, std::monostate>)
          return py::none();
        else
          return py::cast(v);
      },
      value);
}

void bind_catalog(py::module_& m) {
  py::class_<Catalog>(m, "Catalog", "A list of entries with look-up by name or alias.")
      .def("names",
           [](const Catalog& c) {
             std::vector<std::string> names;
             for (const auto& entry : c.entries()) names.emplace_back(entry.name);
             return names;
           })
      .def("to_json", &Catalog::to_json)
      .def("__contains__",
           [](const Catalog& c, const std::string& name) { return c.find(name) != nullptr; })
      .def("__len__", [](const Catalog& c) { return c.entries().size(); })
      .def(
          "make",
          [](const Catalog& c, const std::string& name, const py::dict& options) -> py::object {
            const Entry& entry = c.at(name);
            const auto given = options_in(options, entry.type_name);
            if (entry.kind == Kind::metric)
              return py::cast(
                  std::make_shared<CatalogMetric>(entry.make_metric(given), entry.type_name));
            return py::cast(std::make_shared<CatalogProbe>(entry.make_probe(given)));
          },
          py::arg("name"), py::arg("options") = py::dict(), "A metric or probe by catalog name.");
  m.def("catalog", &core_catalog, py::return_value_policy::reference,
        "Everything in leadline::core.");
  m.def("catalog_json", [] { return core_catalog().to_json(); });
  m.def(
      "nearest_name",
      [](std::string_view name, const std::vector<std::string>& known) {
        return std::string(
            nearest_name(name, std::vector<std::string_view>(known.begin(), known.end())));
      },
      py::arg("name"), py::arg("known"),
      "The known name nearest to `name` by edit distance, or '' when none is close.");
  // Constructors of the generated classes.
  py::reinterpret_borrow<py::classh<CatalogMetric, Metric>>(m.attr("CatalogMetric"))
      .def(py::init([](const Catalog& c, const std::string& name, const py::dict& options) {
             const Entry& entry = c.at(name);
             return std::make_shared<CatalogMetric>(
                 entry.make_metric(options_in(options, entry.type_name)), entry.type_name);
           }),
           py::arg("catalog"), py::arg("name"), py::arg("options"));
  py::reinterpret_borrow<py::classh<CatalogProbe, Probe>>(m.attr("CatalogProbe"))
      .def(py::init([](const Catalog& c, const std::string& name, const py::dict& options) {
             const Entry& entry = c.at(name);
             return std::make_shared<CatalogProbe>(
                 entry.make_probe(options_in(options, entry.type_name)));
           }),
           py::arg("catalog"), py::arg("name"), py::arg("options"))
      .def(py::init([](std::shared_ptr<Model> surrogate, const py::dict& options) {
             const Entry& entry = core_catalog().at("transfer");
             const auto values =
                 bind_options(entry.type_name, entry.options, options_in(options, entry.type_name));
             return std::make_shared<CatalogProbe>(std::make_shared<robustness::Transfer>(
                 options_from<robustness::TransferOptions>(values), std::move(surrogate)));
           }),
           py::arg("surrogate"), py::arg("options"),
           "The attack Transfer through a model of your own.");
}

}  // namespace leadline::bindings

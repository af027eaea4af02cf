/// Metrics: those of the catalog with their fast `update`, and those written in Python.
#include "leadline/core/metric.hpp"

#include <pybind11/stl.h>
#include <pybind11/trampoline_self_life_support.h>

#include "core/bindings.hpp"
#include "core/enums.hpp"
#include "core/python_object.hpp"
#include "core/rows.hpp"
#include "leadline/core/error.hpp"

namespace leadline::bindings {
namespace {

std::string reads_text(const std::vector<std::string>& reads) {
  std::string text;
  for (const auto& name : reads) text += (text.empty() ? "" : ", ") + name;
  return text;
}

// update(rows) or update(scores, target) in the order of `info().reads`, or by name.
void update_metric(CatalogMetric& metric, const py::args& args, const py::kwargs& named) {
  GivenRows given;
  if (args.size() == 1 && py::isinstance<OwnedRows>(args[0])) {
    given.from(args[0].cast<const OwnedRows&>(), metric.who);
  } else {
    if (args.size() > metric.reads.size())
      throw TypeError(metric.who,
                      std::to_string(metric.reads.size()) + " arrays: " + reads_text(metric.reads),
                      std::to_string(args.size()), "pass them in this order, or by name");
    for (std::size_t i = 0; i < args.size(); ++i) {
      given.add(metric.reads[i], PyTuple_GET_ITEM(args.ptr(), i), metric.who);
      // `update(scores, target)`: what reads decisions takes scores in their place.
      Column& column = given.column(i);
      if (column.name == "prediction" && is_floating(column.values.dtype)) column.name = "scores";
    }
    for (const auto& [key, value] : named)
      given.keyword(key.cast<std::string>(), value, metric.who);
  }
  given.check_lengths(metric.who);
  metric.update(given.rows());
}

MetricInfo metric_info_in(const py::dict& given) {
  MetricInfo info;
  for (const auto& [key_object, value] : given) {
    const auto key = key_object.cast<std::string>();
    if (key == "name")
      info.name = value.cast<std::string>();
    else if (key == "better")
      info.better = better_in(value.cast<std::string>(), "MetricInfo");
    else if (key == "range")
      info.range = value.cast<std::pair<double, double>>();
    else if (key == "unit")
      info.unit = value.cast<std::string>();
    else if (key == "label")
      info.label = value.cast<std::string>();
    else if (key == "reads")
      info.reads = value.cast<std::vector<std::string>>();
    else
      throw ValueError("MetricInfo", "fields name, better, range, unit, label, reads",
                       "'" + key + "'", "drop it");
  }
  return info;
}

py::object state_functions() { return py::module_::import("leadline._state"); }

struct PyMetric final : Metric, py::trampoline_self_life_support {
  MetricInfo info() const override {
    return call("info", "a MetricInfo or a dict of its fields", [&] {
      const py::object given = required<Metric>(this, "info")();
      return py::isinstance<MetricInfo>(given) ? given.cast<MetricInfo>()
                                               : metric_info_in(given.cast<py::dict>());
    });
  }
  void update(const Rows& rows) override {
    call("update", "to read " + std::to_string(rows.size()) + " rows",
         [&] { required<Metric>(this, "update")(OwnedRows(rows)); });
  }
  void merge(const Metric& other) override {
    call("merge", "to add another state", [&] {
      required<Metric>(this, "merge")(py::cast(&other, py::return_value_policy::reference));
    });
  }
  Estimate compute() const override {
    return call("compute", "an Estimate",
                [&] { return required<Metric>(this, "compute")().cast<Estimate>(); });
  }
  std::shared_ptr<Metric> fresh() const override {
    return call("fresh", "a metric with the same options", [&] {
      const py::function own = override_of<Metric>(this, "fresh");
      return (own ? py::object(own()) : state_functions().attr("fresh")(self()))
          .cast<std::shared_ptr<Metric>>();
    });
  }
  std::string save() const override {
    return call("save", "the state as text", [&] {
      const py::function own = override_of<Metric>(this, "save");
      return (own ? py::object(own()) : state_functions().attr("save")(self())).cast<std::string>();
    });
  }
  void load(std::string_view state) override {
    call("load", "a saved state", [&] {
      const py::function own = override_of<Metric>(this, "load");
      if (own)
        own(std::string(state));
      else
        state_functions().attr("load")(self(), std::string(state));
    });
  }

 private:
  py::object self() const {
    return py::cast(static_cast<const Metric*>(this), py::return_value_policy::reference);
  }
  template <class Body>
  auto call(const char* method, const std::string& expected, Body&& body) const
      -> decltype(body()) {
    const py::gil_scoped_acquire gil;
    const std::string who = class_name<Metric>(this) + "." + method;
    try {
      return body();
    } catch (py::error_already_set& error) {
      rethrow(error, who, expected, std::string("fix ") + method + "()");
    } catch (const py::cast_error&) {
      throw TypeError(who, expected, "another type",
                      std::string("fix what ") + method + "() returns");
    }
  }
};

void bind_info(py::module_& m) {
  py::class_<MetricInfo>(m, "MetricInfo", "Static facts of a metric.")
      .def(py::init([](const py::kwargs& fields) { return metric_info_in(fields); }))
      .def_readonly("name", &MetricInfo::name)
      .def_property_readonly("better",
                             [](const MetricInfo& i) { return std::string(name_of(i.better)); })
      .def_readonly("range", &MetricInfo::range)
      .def_readonly("unit", &MetricInfo::unit)
      .def_readonly("label", &MetricInfo::label)
      .def_readonly("reads", &MetricInfo::reads);
}

}  // namespace

void bind_metric(py::module_& m) {
  bind_rows(m);
  bind_info(m);
  py::classh<Metric, PyMetric>(m, "Metric", R"(Folds rows into a claim: a commutative monoid.

Subclass it with `info()`, `update(rows)`, `merge(other)` and `compute()`. `save`, `load` and `fresh`
have defaults: the state is JSON of `state_dict()` (by default every public attribute that is not an
argument of `__init__`), never a pickle.)")
      .def(py::init<>())
      .def("info", &Metric::info)
      .def(
          "update",
          [](Metric& metric, const OwnedRows& rows) {
            std::vector<Column> columns;
            std::vector<py::object> holders(rows.columns.size());
            for (std::size_t i = 0; i < rows.columns.size(); ++i)
              columns.push_back({rows.columns[i].first, view_in(rows.columns[i].second, holders[i],
                                                                "Metric.update", "a column")});
            metric.update(Rows{rows.ids, rows.weights, columns, rows.clusters, rows.counted});
          },
          py::arg("rows"))
      .def("merge", &Metric::merge, py::arg("other"),
           "Adds the state of another metric of the same kind and options.")
      .def("merge",
           [](const Metric& metric, const py::object& other) {
             throw TypeError(metric.info().name + ".merge", "a metric of the same class",
                             describe(other), "merge states of one metric only");
           })
      .def("compute", &Metric::compute, "The headline claim.")
      .def(
          "describe",
          [](const Metric& metric, const std::string& prefix) {
            Finding finding;
            metric.describe(finding, prefix);
            return finding;
          },
          py::arg("prefix") = "", "A Finding with everything: per class, curves, matrices.")
      .def("fresh", &Metric::fresh, "Same options, nothing seen.")
      .def("save", &Metric::save, "The state as text.")
      .def(
          "load", [](Metric& metric, const std::string& state) { metric.load(state); },
          py::arg("state"));
  py::classh<CatalogMetric, Metric>(m, "CatalogMetric", "A metric of the catalog.")
      .def("update", &update_metric,
           "Reads arrays in the order of `info().reads`, or by name.\n\n"
           "Optional: `weights=` importances, `counts=` how often each row was seen, `clusters=`\n"
           "integer ids of what rows have in common (the interval respects them), `ids=`.");
  bind_collection(m);
}

}  // namespace leadline::bindings

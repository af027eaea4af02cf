/// Metrics: those of the catalog with their fast `update`, and those written in Python.
#include "leadline/core/metric.hpp"

#include <pybind11/numpy.h>
#include <pybind11/stl.h>
#include <pybind11/trampoline_self_life_support.h>

#include <algorithm>
#include <array>

#include "core/bindings.hpp"
#include "core/enums.hpp"
#include "core/python_object.hpp"
#include "leadline/core/error.hpp"
#include "leadline/metrics/metric_collection.hpp"

namespace leadline::bindings {
namespace {

// Columns that Python code may keep: copies of what the engine lends.
struct OwnedRows {
  std::vector<SampleId> ids;
  std::vector<double> weights;
  std::vector<std::pair<std::string, py::object>> columns;
  std::vector<std::int64_t> clusters;
  bool counted = false;

  explicit OwnedRows(const Rows& rows)
      : ids(rows.ids.begin(), rows.ids.end()),
        weights(rows.weights.begin(), rows.weights.end()),
        clusters(rows.clusters.begin(), rows.clusters.end()),
        counted(rows.counted) {
    for (const auto& column : rows.columns)
      columns.emplace_back(std::string(column.name), copy_out(column.values));
  }
  OwnedRows() = default;

  py::object at(const std::string& name) const {
    std::string known;
    for (const auto& [key, value] : columns) {
      if (key == name) return value;
      known += (known.empty() ? "" : ", ") + key;
    }
    throw ValueError("Rows", "column '" + name + "'", "columns " + known, "ask for one of these");
  }
  std::int64_t size() const {
    return columns.empty() ? std::ssize(ids)
                           : static_cast<std::int64_t>(py::len(columns[0].second));
  }
};

OwnedRows rows_in(const py::object& ids, const py::object& weights, const py::object& counts,
                  const py::object& clusters, const py::kwargs& columns) {
  OwnedRows rows;
  if (!ids.is_none()) rows.ids = ids_in(ids, "Rows");
  if (!clusters.is_none()) rows.clusters = ids_in(clusters, "Rows");
  if (!weights.is_none() && !counts.is_none())
    throw ValueError("Rows", "weights or counts", "both", "pass one of them");
  rows.counted = !counts.is_none();
  const py::object& weighing = rows.counted ? counts : weights;
  if (!weighing.is_none()) rows.weights = weighing.cast<std::vector<double>>();
  for (const auto& [name, value] : columns) {
    py::object holder;
    const ArrayView view = view_in(value, holder, "Rows", "a column");
    const auto array = py::isinstance<py::array>(value) ? py::reinterpret_borrow<py::object>(value)
                                                        : copy_out(view);
    if (!rows.columns.empty() && view.rows != rows.size())
      throw ShapeError("Rows", std::to_string(rows.size()) + " rows in every column",
                       std::to_string(view.rows) + " in '" + name.cast<std::string>() + "'",
                       "pass columns of one length");
    rows.columns.emplace_back(name.cast<std::string>(), array);
  }
  return rows;
}

constexpr std::size_t max_columns = 8;

// What an update was given beside arrays in a fixed order, borrowed for its duration.
struct Given {
  std::array<Column, max_columns> columns;
  std::array<py::object, max_columns> holders;
  std::array<std::string, max_columns> names;  // of keyword columns
  std::size_t n = 0;
  std::vector<SampleId> ids;
  std::vector<std::int64_t> clusters;
  std::vector<double> weights;
  bool counted = false;

  void add(std::string_view name, py::handle array, std::string_view who) {
    if (n >= max_columns)
      throw ValueError(who, "at most " + std::to_string(max_columns) + " columns", "more",
                       "pass what the metric reads");
    columns[n] = {name, view_in(array, holders[n], who, name)};
    ++n;
  }
  void weigh(py::handle array, std::string_view who, bool counts) {
    if (array.is_none()) return;
    if (!weights.empty()) throw ValueError(who, "weights or counts", "both", "pass one of them");
    const char* what = counts ? "counts" : "weights";
    py::object holder;
    const ArrayView view = view_in(array, holder, who, what);
    if (view.cols != 1)
      throw ShapeError(who, std::string(what) + " [n]", std::to_string(view.cols) + " columns",
                       "pass one a sample");
    weights.resize(static_cast<std::size_t>(view.rows));
    visit(view, [&](const auto* values) {
      for (std::size_t i = 0; i < weights.size(); ++i)
        weights[i] = static_cast<double>(values[static_cast<std::int64_t>(i) * view.row_stride]);
    });
    counted = counts;
  }
  void keyword(const std::string& key, py::handle value, std::string_view who) {
    if (key == "weights" || key == "counts") {
      weigh(value, who, key == "counts");
    } else if (key == "ids" || key == "clusters") {
      if (!value.is_none()) (key == "ids" ? ids : clusters) = ids_in(value, who);
    } else if (n < max_columns) {
      names[n] = key;
      add(names[n], value, who);
    } else {
      add(key, value, who);
    }
  }
  void from(const OwnedRows& rows, std::string_view who) {
    for (const auto& [name, value] : rows.columns) add(name, value, who);
    ids = rows.ids;
    weights = rows.weights;
    clusters = rows.clusters;
    counted = rows.counted;
  }
  // Throws ShapeError naming the first array that is longer or shorter.
  void check_lengths(std::string_view who) const {
    for (std::size_t i = 1; i < n; ++i)
      if (columns[i].values.rows != columns[0].values.rows)
        throw ShapeError(who,
                         std::to_string(columns[0].values.rows) + " rows in '" +
                             std::string(columns[i].name) + "', as in '" +
                             std::string(columns[0].name) + "'",
                         std::to_string(columns[i].values.rows), "pass arrays of one length");
  }
  Rows rows(std::size_t first = 0) const {
    return {ids, weights, std::span(columns).subspan(first, n - first), clusters, counted};
  }
};

std::string reads_text(const std::vector<std::string>& reads) {
  std::string text;
  for (const auto& name : reads) text += (text.empty() ? "" : ", ") + name;
  return text;
}

// update(rows) or update(scores, target) in the order of `info().reads`, or by name.
void update_metric(CatalogMetric& metric, const py::args& args, const py::kwargs& named) {
  Given given;
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
      Column& column = given.columns[i];
      if (column.name == "prediction" && is_floating(column.values.dtype)) column.name = "scores";
    }
    for (const auto& [key, value] : named)
      given.keyword(key.cast<std::string>(), value, metric.who);
  }
  given.check_lengths(metric.who);
  metric.update(given.rows());
}

MetricInfo info_in(const py::dict& given) {
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

py::object state_module() { return py::module_::import("leadline._state"); }

struct PyMetric final : Metric, py::trampoline_self_life_support {
  MetricInfo info() const override {
    return call("info", "a MetricInfo or a dict of its fields", [&] {
      const py::object given = required<Metric>(this, "info")();
      return py::isinstance<MetricInfo>(given) ? given.cast<MetricInfo>()
                                               : info_in(given.cast<py::dict>());
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
      return (own ? py::object(own()) : state_module().attr("fresh")(self()))
          .cast<std::shared_ptr<Metric>>();
    });
  }
  std::string save() const override {
    return call("save", "the state as text", [&] {
      const py::function own = override_of<Metric>(this, "save");
      return (own ? py::object(own()) : state_module().attr("save")(self())).cast<std::string>();
    });
  }
  void load(std::string_view state) override {
    call("load", "a saved state", [&] {
      const py::function own = override_of<Metric>(this, "load");
      if (own)
        own(std::string(state));
      else
        state_module().attr("load")(self(), std::string(state));
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

void bind_rows(py::module_& m) {
  py::class_<OwnedRows>(m, "Rows", R"(One batch of columns: what a metric reads.

Example:
    >>> import leadline, numpy
    >>> rows = leadline.Rows(scores=numpy.eye(2), target=numpy.array([0, 1]))
    >>> len(rows), rows.names
    (2, ['scores', 'target'])
)")
      .def(py::init(&rows_in), py::arg("ids") = py::none(), py::arg("weights") = py::none(),
           py::arg("counts") = py::none(), py::arg("clusters") = py::none(),
           "`weights`: importances; `counts`: how often each row was seen; `clusters`: patient,\n"
           "video, prompt, ... of each row, for intervals that respect them.")
      .def_property_readonly("clusters", [](const OwnedRows& r) { return ids_out(r.clusters); })
      .def_readonly("counted", &OwnedRows::counted, "Whether the weights are counts.")
      .def_property_readonly("ids", [](const OwnedRows& r) { return ids_out(r.ids); })
      .def_property_readonly("weights",
                             [](const OwnedRows& r) {
                               return py::array_t<double>(r.weights.size(), r.weights.data());
                             })
      .def_property_readonly("names",
                             [](const OwnedRows& r) {
                               std::vector<std::string> names;
                               for (const auto& column : r.columns) names.push_back(column.first);
                               return names;
                             })
      .def("__getitem__", &OwnedRows::at)
      .def("__contains__",
           [](const OwnedRows& r, const std::string& name) {
             for (const auto& column : r.columns)
               if (column.first == name) return true;
             return false;
           })
      .def("__len__", &OwnedRows::size);
  py::class_<MetricInfo>(m, "MetricInfo", "Static facts of a metric.")
      .def(py::init([](const py::kwargs& fields) { return info_in(fields); }))
      .def_readonly("name", &MetricInfo::name)
      .def_property_readonly("better",
                             [](const MetricInfo& i) { return std::string(name_of(i.better)); })
      .def_readonly("range", &MetricInfo::range)
      .def_readonly("unit", &MetricInfo::unit)
      .def_readonly("label", &MetricInfo::label)
      .def_readonly("reads", &MetricInfo::reads);
}

// The arrays of a collection: each member reads the first ones in its own order.
void update_collection(metrics::MetricCollection& all, const py::args& args,
                       const py::kwargs& named) {
  constexpr std::string_view who = "MetricCollection.update";
  Given given;
  if (args.size() == 1 && py::isinstance<OwnedRows>(args[0])) {
    given.from(args[0].cast<const OwnedRows&>(), who);
    given.check_lengths(who);
    all.update(given.rows());
    return;
  }
  static constexpr std::array<std::string_view, 4> places{"the first array", "the second array",
                                                          "the third array", "the fourth array"};
  for (std::size_t i = 0; i < args.size(); ++i)
    given.add(places[std::min(i, places.size() - 1)], PyTuple_GET_ITEM(args.ptr(), i), who);
  for (const auto& [key, value] : named) given.keyword(key.cast<std::string>(), value, who);
  given.check_lengths(who);
  if (args.empty()) {
    all.update(given.rows());
    return;
  }
  std::vector<ArrayView> arrays;
  for (std::size_t i = 0; i < args.size(); ++i) arrays.push_back(given.columns[i].values);
  all.update(arrays, given.rows(args.size()));
}

std::unique_ptr<metrics::MetricCollection> collection_in(const py::object& given) {
  using Member = metrics::MetricCollection::Member;
  if (py::isinstance<py::dict>(given)) {
    std::vector<Member> members;
    for (const auto& [name, metric] : given.cast<py::dict>())
      members.emplace_back(name.cast<std::string>(),
                           unwrap(metric.cast<std::shared_ptr<Metric>>()));
    return std::make_unique<metrics::MetricCollection>(std::span<const Member>(members));
  }
  std::vector<std::shared_ptr<const Metric>> all;
  for (const auto metric : given) all.push_back(unwrap(metric.cast<std::shared_ptr<Metric>>()));
  return std::make_unique<metrics::MetricCollection>(all);
}

void bind_collection(py::module_& m) {
  using metrics::MetricCollection;
  py::classh<MetricCollection>(m, "MetricCollection", "Several metrics over the same rows.")
      .def(py::init(&collection_in), py::arg("metrics"))
      .def("update", &update_collection)
      .def("compute",
           [](const MetricCollection& all) {
             py::dict out;
             for (const Named& named : all.compute()) out[py::str(named.name)] = named.estimate;
             return out;
           })
      .def("at", &MetricCollection::at, py::arg("name"))
      .def(
          "describe",
          [](const MetricCollection& all, const std::string& prefix) {
            Finding finding;
            all.describe(finding, prefix);
            return finding;
          },
          py::arg("prefix") = "")
      .def("merge", &MetricCollection::merge, py::arg("other"))
      .def("save", &MetricCollection::save)
      .def(
          "load", [](MetricCollection& all, const std::string& state) { all.load(state); },
          py::arg("state"))
      .def("names", &MetricCollection::names)
      .def_property_readonly("n_states", &MetricCollection::n_states);
}

}  // namespace

void bind_metric(py::module_& m) {
  bind_rows(m);
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

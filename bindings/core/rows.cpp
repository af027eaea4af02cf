#include "core/rows.hpp"

#include <pybind11/numpy.h>
#include <pybind11/stl.h>

#include <span>

#include "core/bindings.hpp"
#include "leadline/core/error.hpp"

namespace leadline::bindings {

OwnedRows::OwnedRows(const Rows& rows)
    : ids(rows.ids.begin(), rows.ids.end()),
      weights(rows.weights.begin(), rows.weights.end()),
      clusters(rows.clusters.begin(), rows.clusters.end()),
      counted(rows.counted) {
  for (const auto& column : rows.columns)
    columns.emplace_back(std::string(column.name), copy_out(column.values));
}

py::object OwnedRows::at(const std::string& name) const {
  std::string known;
  for (const auto& [key, value] : columns) {
    if (key == name) return value;
    known += (known.empty() ? "" : ", ") + key;
  }
  throw ValueError("Rows", "column '" + name + "'", "columns " + known, "ask for one of these");
}

std::int64_t OwnedRows::size() const {
  return columns.empty() ? std::ssize(ids) : static_cast<std::int64_t>(py::len(columns[0].second));
}

void GivenRows::add(std::string_view name, py::handle array, std::string_view who) {
  if (n_ >= max_columns)
    throw ValueError(who, "at most " + std::to_string(max_columns) + " columns", "more",
                     "pass what the metric reads");
  columns_[n_] = {name, view_in(array, holders_[n_], who, name)};
  ++n_;
}

void GivenRows::weigh(py::handle array, std::string_view who, bool counts) {
  if (array.is_none()) return;
  if (!weights_.empty()) throw ValueError(who, "weights or counts", "both", "pass one of them");
  const char* what = counts ? "counts" : "weights";
  py::object holder;
  const ArrayView view = view_in(array, holder, who, what);
  if (view.cols != 1)
    throw ShapeError(who, std::string(what) + " [n]", std::to_string(view.cols) + " columns",
                     "pass one a sample");
  weights_.resize(static_cast<std::size_t>(view.rows));
  visit(view, [&](const auto* values) {
    for (std::size_t i = 0; i < weights_.size(); ++i)
      weights_[i] = static_cast<double>(values[static_cast<std::int64_t>(i) * view.row_stride]);
  });
  counted_ = counts;
}

void GivenRows::keyword(const std::string& key, py::handle value, std::string_view who) {
  if (key == "weights" || key == "counts") {
    weigh(value, who, key == "counts");
  } else if (key == "ids" || key == "clusters") {
    if (!value.is_none()) (key == "ids" ? ids_ : clusters_) = ids_in(value, who);
  } else if (n_ < max_columns) {
    names_[n_] = key;
    add(names_[n_], value, who);
  } else {
    add(key, value, who);
  }
}

void GivenRows::from(const OwnedRows& rows, std::string_view who) {
  for (const auto& [name, value] : rows.columns) add(name, value, who);
  ids_ = rows.ids;
  weights_ = rows.weights;
  clusters_ = rows.clusters;
  counted_ = rows.counted;
}

void GivenRows::check_lengths(std::string_view who) const {
  for (std::size_t i = 1; i < n_; ++i)
    if (columns_[i].values.rows != columns_[0].values.rows)
      throw ShapeError(who,
                       std::to_string(columns_[0].values.rows) + " rows in '" +
                           std::string(columns_[i].name) + "', as in '" +
                           std::string(columns_[0].name) + "'",
                       std::to_string(columns_[i].values.rows), "pass arrays of one length");
}

Rows GivenRows::rows(std::size_t first) const {
  return {ids_, weights_, std::span(columns_).subspan(first, n_ - first), clusters_, counted_};
}

namespace {

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

}  // namespace

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
}

}  // namespace leadline::bindings

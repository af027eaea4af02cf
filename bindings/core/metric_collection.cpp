/// Several metrics over the same rows.
#include "leadline/metrics/metric_collection.hpp"

#include <pybind11/stl.h>

#include <algorithm>
#include <array>

#include "core/bindings.hpp"
#include "core/rows.hpp"

namespace leadline::bindings {
namespace {

// The arrays of a collection: each member reads the first ones in its own order.
void update_collection(metrics::MetricCollection& all, const py::args& args,
                       const py::kwargs& named) {
  constexpr std::string_view who = "MetricCollection.update";
  GivenRows given;
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
  for (std::size_t i = 0; i < args.size(); ++i) arrays.push_back(given.column(i).values);
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

}  // namespace

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

}  // namespace leadline::bindings

/// Any metric by group: frames, their reports and gaps.
#include <pybind11/stl.h>

#include <algorithm>

#include "core/bindings.hpp"
#include "core/fairness.hpp"
#include "leadline/core/error.hpp"
#include "leadline/fairness/group_frame.hpp"

namespace leadline::bindings {
namespace {

using fairness::Gap;
using fairness::GroupFrame;
using fairness::GroupReport;

std::vector<std::shared_ptr<const Metric>> metrics_in(const py::object& given) {
  std::vector<std::shared_ptr<const Metric>> out;
  const auto one = [&](const py::handle& item) {
    if (!py::isinstance<Metric>(item))
      throw TypeError("by_group", "a metric or a list of metrics", describe(item),
                      "for example metrics.Accuracy()");
    out.push_back(unwrap(item.cast<std::shared_ptr<Metric>>()));
  };
  if (py::isinstance<py::list>(given) || py::isinstance<py::tuple>(given)) {
    for (const auto item : given) one(item);
  } else {
    one(given);
  }
  return out;
}

// Columns as the metrics read them: `update(scores, target)` in the order of their `reads`.
void update_frame(GroupFrame& frame, const std::vector<std::vector<std::string>>& reads,
                  const py::args& args, const py::object& groups, const py::object& weights,
                  const py::object& ids, const py::kwargs& named) {
  const auto table = groups_in(groups, "by_group");
  std::vector<py::object> holders(args.size() + named.size());
  std::vector<std::string> names;
  std::vector<ArrayView> views;
  const auto add = [&](std::string name, const ArrayView& view) {
    if (std::find(names.begin(), names.end(), name) != names.end()) return;
    names.push_back(std::move(name));
    views.push_back(view);
  };
  for (std::size_t i = 0; i < args.size(); ++i) {
    const ArrayView view = view_in(args[i], holders[i], "by_group", i == 0 ? "scores" : "target");
    for (const auto& list : reads) {
      if (i >= list.size())
        throw TypeError("by_group", std::to_string(list.size()) + " arrays",
                        std::to_string(args.size()), "pass scores and target, others by name");
      std::string name = list[i];
      if (name == "prediction" && (view.rank == 2 || is_floating(view.dtype))) name = "scores";
      add(std::move(name), view);
    }
  }
  std::size_t next = args.size();
  for (const auto& [key, value] : named) {
    const auto name = key.cast<std::string>();
    add(name, view_in(value, holders[next], "by_group", name));
    ++next;
  }
  std::vector<Column> columns;
  for (std::size_t i = 0; i < names.size(); ++i) columns.push_back({names[i], views[i]});
  std::vector<SampleId> id_values;
  if (!ids.is_none()) id_values = ids_in(ids, "by_group");
  const auto w = weights_in(weights, "by_group");
  frame.update(Rows{id_values, w, columns}, *table);
}

struct PyFrame {
  PyFrame(const py::object& given, std::int64_t min_support, std::int64_t depth, double level,
          std::uint64_t seed, std::int64_t replicates)
      : metrics(metrics_in(given)),
        frame(metrics, {.min_support = min_support,
                        .depth = depth,
                        .level = level,
                        .replicates = replicates,
                        .seed = seed}) {
    for (const auto& metric : metrics) reads.push_back(metric->info().reads);
  }
  std::vector<std::shared_ptr<const Metric>> metrics;
  GroupFrame frame;
  std::vector<std::vector<std::string>> reads;
};

std::string report_text(const GroupReport& report) {
  std::size_t width = 7;
  for (const auto& row : report.rows) width = std::max(width, row.name.size());
  const auto pad = [&](std::string text) {
    text.resize(std::max(width, text.size()), ' ');
    return text + "  ";
  };
  std::string out = report.metric.name + " by group\n" + pad("overall") + report.overall.text();
  for (const auto& row : report.rows) {
    out += "\n" + pad(row.name) + row.estimate.text();
    if (row.shrunk && (!row.estimate.ok() || row.by.find(',') != std::string::npos))
      out += "; shrunk " + row.shrunk->text();
  }
  return out;
}

std::string gap_text(const Gap& gap) {
  std::string out = gap.estimate.text();
  if (!gap.highest.empty()) out += "; " + gap.highest + " against " + gap.lowest;
  const auto fact = gap.estimate.facts.find("null_gap");
  if (fact != gap.estimate.facts.end()) {
    out += "; parity would show " + py::str("{:.4g}").format(fact->second).cast<std::string>();
    out +=
        ", p = " + py::str("{:.2g}").format(gap.estimate.facts.at("p_value")).cast<std::string>();
  }
  return out;
}

py::object fact_of(const Gap& gap, const char* name) {
  const auto it = gap.estimate.facts.find(name);
  return it == gap.estimate.facts.end() ? py::object(py::none()) : py::float_(it->second);
}

void bind_gap(py::module_& m) {
  py::class_<Gap>(m, "Gap",
                  R"(A gap between groups: an Estimate, its ends, and what parity would have shown.

`null_gap` is the mean gap that equal treatment gives with groups of these sizes, `corrected` the gap
without that upward bias, `p_value` how often equal treatment shows a gap as large.)")
      .def_readonly("estimate", &Gap::estimate)
      .def_readonly("highest", &Gap::highest)
      .def_readonly("lowest", &Gap::lowest)
      .def_property_readonly("value", [](const Gap& g) { return g.estimate.value(); })
      .def_property_readonly("lower", [](const Gap& g) { return g.estimate.lower; })
      .def_property_readonly("upper", [](const Gap& g) { return g.estimate.upper; })
      .def_property_readonly("ok", [](const Gap& g) { return g.estimate.ok(); })
      .def_property_readonly("null_gap", [](const Gap& g) { return fact_of(g, "null_gap"); })
      .def_property_readonly("corrected", [](const Gap& g) { return fact_of(g, "corrected"); })
      .def_property_readonly("p_value", [](const Gap& g) { return fact_of(g, "p_value"); })
      .def("__repr__", [](const Gap& g) { return "Gap(" + gap_text(g) + ")"; });
}

void bind_group_report(py::module_& m) {
  py::class_<fairness::GroupRow>(m, "GroupRow", "One group of a metric's report.")
      .def_readonly("name", &fairness::GroupRow::name)
      .def_readonly("by", &fairness::GroupRow::by)
      .def_readonly("n", &fairness::GroupRow::n)
      .def_readonly("estimate", &fairness::GroupRow::estimate)
      .def_readonly("shrunk", &fairness::GroupRow::shrunk)
      .def("__repr__", [](const fairness::GroupRow& r) {
        return "GroupRow(" + r.name + ": " + r.estimate.text() + ")";
      });
  py::class_<GroupReport>(m, "GroupReport", "A metric overall and by group, with its gaps.")
      .def_readonly("metric", &GroupReport::metric)
      .def_readonly("overall", &GroupReport::overall)
      .def_readonly("n", &GroupReport::n)
      .def_readonly("rows", &GroupReport::rows)
      .def_property_readonly("splits", &GroupReport::splits)
      .def(
          "__getitem__",
          [](const GroupReport& r, const std::string& name) { return r.at(name).estimate; },
          "The estimate of a group: report['sex=f'].")
      .def("__contains__",
           [](const GroupReport& r, const std::string& name) { return r.find(name) != nullptr; })
      .def("__len__", [](const GroupReport& r) { return r.rows.size(); })
      .def("row", &GroupReport::at, py::arg("name"), "With its count and shrunk value.")
      .def("gap", &GroupReport::gap, py::arg("by") = "",
           "Largest minus smallest between the groups of one split, by default the first.")
      .def("worst", &GroupReport::worst, py::arg("by") = "", "The group that is worst off.")
      .def(
          "describe",
          [](const GroupReport& r, const std::string& prefix) {
            Finding finding;
            r.describe(finding, prefix);
            return finding;
          },
          py::arg("prefix") = "", "A Finding with every estimate, tables and forest plots.")
      .def("__repr__", &report_text);
}

void bind_frame(py::module_& m) {
  py::class_<PyFrame>(m, "GroupFrame", "Folds any metrics by group, batch by batch.")
      .def(py::init<const py::object&, std::int64_t, std::int64_t, double, std::uint64_t,
                    std::int64_t>(),
           py::arg("metrics"), py::kw_only(), py::arg("min_support") = 30, py::arg("depth") = 2,
           py::arg("level") = 0.95, py::arg("seed") = 0, py::arg("replicates") = 2000)
      .def(
          "update",
          [](PyFrame& self, const py::args& args, const py::object& groups,
             const py::object& weights, const py::object& ids, const py::kwargs& named) {
            update_frame(self.frame, self.reads, args, groups, weights, ids, named);
          },
          py::kw_only(), py::arg("groups"), py::arg("weights") = py::none(),
          py::arg("ids") = py::none(),
          "Reads arrays in the order of the metrics' `reads` (scores, target), or by name.")
      .def(
          "merge", [](PyFrame& self, const PyFrame& other) { self.frame.merge(other.frame); },
          py::arg("other"))
      .def(
          "compute", [](const PyFrame& self) { return self.frame.compute(); },
          "One GroupReport a metric.")
      .def("save",
           [](const PyFrame& self) {
             State state("fairness.GroupFrame");
             self.frame.save(state);
             return state.dump();
           })
      .def(
          "load",
          [](PyFrame& self, const std::string& text) {
            self.frame.load(State::parse(text, "fairness.GroupFrame"));
          },
          py::arg("state"))
      .def_property_readonly("n", [](const PyFrame& self) { return self.frame.n(); });
}

}  // namespace

void bind_group_frame(py::module_& m) {
  bind_gap(m);
  bind_group_report(m);
  bind_frame(m);
}

}  // namespace leadline::bindings

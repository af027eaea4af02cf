/// The room `fairness`: group columns from Python, frames, counts and gaps.
#include <pybind11/numpy.h>
#include <pybind11/stl.h>

#include <array>
#include <unordered_map>

#include "core/bindings.hpp"
#include "core/fairness.hpp"
#include "leadline/core/error.hpp"
#include "leadline/fairness/group_counts.hpp"
#include "leadline/fairness/group_frame.hpp"
#include "leadline/fairness/group_metrics.hpp"

namespace leadline::bindings {
namespace {

using fairness::Gap;
using fairness::GapOptions;
using fairness::GroupCounts;
using fairness::GroupFrame;
using fairness::GroupReport;

// ---- group columns ---------------------------------------------------------------------------

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

Categories column_in(const py::object& values, std::string_view who, const std::string& name) {
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
    table->add("group", column_in(groups, who, "group"));
    return table;
  }
  const py::object names = py::hasattr(groups, "columns") ? py::object(groups.attr("columns"))
                                                          : py::object(groups.attr("keys")());
  for (const auto key : names) {
    const auto name = py::str(key).cast<std::string>();
    Categories column = column_in(groups[key], who, name);
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

std::vector<double> numbers_in(const py::object& values, std::string_view who,
                               std::string_view what) {
  py::object holder;
  const ArrayView view = view_in(values, holder, who, what);
  if (view.cols != 1)
    throw ShapeError(who, std::string(what) + " of shape [n]",
                     "[" + std::to_string(view.rows) + ", " + std::to_string(view.cols) + "]",
                     "pass one value a sample");
  std::vector<double> out(static_cast<std::size_t>(view.rows));
  visit(view, [&](const auto* data) {
    for (std::int64_t i = 0; i < view.rows; ++i)
      out[static_cast<std::size_t>(i)] = static_cast<double>(data[i * view.row_stride]);
  });
  return out;
}

std::vector<double> weights_in(const py::object& weights, std::string_view who) {
  if (weights.is_none()) return {};
  return numbers_in(weights, who, "weights");
}

namespace {

// ---- frames ----------------------------------------------------------------------------------

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

// ---- counts ----------------------------------------------------------------------------------

void update_counts(GroupCounts& counts, const py::object& prediction, const py::object& target,
                   const py::object& groups, const py::object& weights) {
  const auto table = groups_in(groups, "fairness");
  py::object first, second;
  const ArrayView decided = view_in(prediction, first, "fairness", "prediction");
  std::vector<Column> columns{
      {is_floating(decided.dtype) || decided.rank > 1 ? "scores" : "prediction", decided}};
  if (!target.is_none())
    columns.push_back({"target", view_in(target, second, "fairness", "target")});
  const auto w = weights_in(weights, "fairness");
  counts.update(Rows{{}, w, columns}, *table, "fairness");
}

fairness::RateKind kind_in(const std::string& name) {
  const auto names = names_of(std::type_identity<fairness::RateKind>{});
  for (std::size_t i = 0; i < names.size(); ++i)
    if (names[i] == name) return static_cast<fairness::RateKind>(i);
  throw ValueError("GroupCounts.rates",
                   "a rate: selection_rate, true_positive_rate, false_positive_rate, "
                   "positive_predictive_value, negative_predictive_value, base_rate, accuracy",
                   "'" + name + "'", "use one of these");
}

fairness::Aggregate aggregate_in(const std::string& name) {
  if (name == "max") return fairness::Aggregate::max;
  if (name == "mean") return fairness::Aggregate::mean;
  if (name == "signed") return fairness::Aggregate::signed_;
  throw ValueError("equalized_odds_difference", "aggregate 'max', 'mean' or 'signed'",
                   "'" + name + "'", "max is the default");
}

void bind_counts(py::module_& m) {
  py::class_<GroupCounts>(m, "GroupCounts",
                          "Counts of (group, true class, predicted class), batch by batch.")
      .def(py::init<>())
      .def("update", &update_counts, py::arg("prediction"), py::arg("target") = py::none(),
           py::kw_only(), py::arg("groups"), py::arg("weights") = py::none(),
           "Decisions [n] (or scores [n, n_classes]), labels [n], and the groups.")
      .def("merge", &GroupCounts::merge, py::arg("other"))
      .def_property_readonly("n", &GroupCounts::n)
      .def_property_readonly("n_classes", &GroupCounts::n_classes)
      .def_property_readonly("has_target", &GroupCounts::has_target)
      .def(
          "rates",
          [](const GroupCounts& counts, const std::string& kind, const std::string& by,
             std::optional<std::int64_t> positive, std::int64_t min_support, double level) {
            py::dict out;
            for (const auto& rate : counts.rates(kind_in(kind), by, positive))
              out[py::str(rate.group)] = fairness::estimate_of(rate, min_support, level);
            return out;
          },
          py::arg("kind"), py::kw_only(), py::arg("by") = "", py::arg("positive") = py::none(),
          py::arg("min_support") = 30, py::arg("level") = 0.95,
          "Group -> Estimate of a rate: 'selection_rate', 'true_positive_rate', ...")
      .def("save",
           [](const GroupCounts& counts) {
             State state("fairness.GroupCounts");
             counts.save(state);
             return state.dump();
           })
      .def(
          "load",
          [](GroupCounts& counts, const std::string& text) {
            counts.load(State::parse(text, "fairness.GroupCounts"));
          },
          py::arg("state"))
      .def("__repr__", [](const GroupCounts& c) {
        return "GroupCounts(n = " + std::to_string(c.n()) +
               ", groups = " + std::to_string(c.index().n_leaves()) + ")";
      });
}

fairness::FairnessOptions options_of(const std::string& by, std::optional<std::int64_t> positive,
                                     double level, std::int64_t min_support,
                                     const std::string& reference, std::int64_t replicates,
                                     std::uint64_t seed) {
  return {by, positive, GapOptions{level, min_support, reference, replicates, seed}};
}

void bind_gaps(py::module_& m) {
  using Function = Gap (*)(const GroupCounts&, const fairness::FairnessOptions&);
  const auto bind = [&](const char* name, Function function) {
    m.def(
        name,
        [function](const GroupCounts& counts, const std::string& by,
                   std::optional<std::int64_t> positive, double level, std::int64_t min_support,
                   const std::string& reference, std::int64_t replicates, std::uint64_t seed) {
          return function(
              counts, options_of(by, positive, level, min_support, reference, replicates, seed));
        },
        py::arg("counts"), py::kw_only(), py::arg("by") = "", py::arg("positive") = py::none(),
        py::arg("level") = 0.95, py::arg("min_support") = 30, py::arg("reference") = "",
        py::arg("replicates") = 2000, py::arg("seed") = 0);
  };
  bind("demographic_parity_difference", &fairness::demographic_parity_difference);
  bind("demographic_parity_ratio", &fairness::demographic_parity_ratio);
  bind("equal_opportunity_difference", &fairness::equal_opportunity_difference);
  bind("predictive_parity_difference", &fairness::predictive_parity_difference);
  bind("accuracy_difference", &fairness::accuracy_difference);
  bind("worst_group_accuracy", &fairness::worst_group_accuracy);
  bind("differential_fairness", &fairness::differential_fairness);
  m.def(
      "equalized_odds_difference",
      [](const GroupCounts& counts, const std::string& aggregate, const std::string& by,
         std::optional<std::int64_t> positive, double level, std::int64_t min_support,
         const std::string& reference, std::int64_t replicates, std::uint64_t seed) {
        return fairness::equalized_odds_difference(
            counts, options_of(by, positive, level, min_support, reference, replicates, seed),
            aggregate_in(aggregate));
      },
      py::arg("counts"), py::kw_only(), py::arg("aggregate") = "max", py::arg("by") = "",
      py::arg("positive") = py::none(), py::arg("level") = 0.95, py::arg("min_support") = 30,
      py::arg("reference") = "", py::arg("replicates") = 2000, py::arg("seed") = 0);
  m.def("generalized_entropy", &fairness::generalized_entropy, py::arg("counts"),
        py::arg("alpha") = 2.0, py::arg("positive") = py::none(), py::arg("level") = 0.95);
  m.def(
      "consistency",
      [](const py::object& inputs, const py::object& prediction, std::int64_t k, double level) {
        py::object first, second;
        return fairness::consistency(view_in(inputs, first, "consistency", "inputs"),
                                     view_in(prediction, second, "consistency", "prediction"), k,
                                     level);
      },
      py::arg("inputs"), py::arg("prediction"), py::arg("k") = 5, py::arg("level") = 0.95);
}

}  // namespace

void bind_fairness(py::module_& m) {
  bind_gap(m);
  bind_group_report(m);
  bind_frame(m);
  bind_counts(m);
  bind_gaps(m);
  bind_fairness_methods(m);
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

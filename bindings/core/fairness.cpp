/// The room `fairness`: counts of decisions by group, and the gaps between them.
#include <pybind11/stl.h>

#include "core/bindings.hpp"
#include "core/fairness.hpp"
#include "leadline/core/error.hpp"
#include "leadline/fairness/group_counts.hpp"
#include "leadline/fairness/group_metrics.hpp"

namespace leadline::bindings {
namespace {

using fairness::Gap;
using fairness::GapOptions;
using fairness::GroupCounts;

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
  bind_group_frame(m);
  bind_counts(m);
  bind_gaps(m);
  bind_fairness_methods(m);
  bind_group_columns(m);
}

}  // namespace leadline::bindings

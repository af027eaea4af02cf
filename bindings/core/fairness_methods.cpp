/// The room `fairness`: calibration by group, weak slices, mitigations and their comparison.
#include <pybind11/numpy.h>
#include <pybind11/stl.h>

#include <array>

#include "core/bindings.hpp"
#include "core/fairness.hpp"
#include "leadline/core/error.hpp"
#include "leadline/fairness/comparison.hpp"
#include "leadline/fairness/group_calibration.hpp"
#include "leadline/fairness/mitigation.hpp"
#include "leadline/fairness/weak_slices.hpp"

namespace leadline::bindings {
namespace {

using fairness::GapOptions;
using fairness::GroupCalibration;
using fairness::GroupThresholds;
using fairness::RejectOption;
using fairness::Reweighing;

py::dict by_name(const std::vector<fairness::GroupValue>& values) {
  py::dict out;
  for (const auto& value : values) out[py::str(value.group)] = value.estimate;
  return out;
}

py::array_t<std::int64_t> labels_out(const std::vector<std::int64_t>& labels) {
  return py::array_t<std::int64_t>(static_cast<py::ssize_t>(labels.size()), labels.data());
}

void bind_calibration(py::module_& m) {
  py::class_<GroupCalibration>(m, "GroupCalibration",
                               R"(Probabilities and outcomes by group and bin, batch by batch.

`multicalibration()` is the error that any group of the declared family could point at.)")
      .def(py::init<std::int64_t>(), py::arg("bins") = 10)
      .def(
          "update",
          [](GroupCalibration& self, const py::object& probability, const py::object& target,
             const py::object& groups, const py::object& weights) {
            py::object first, second;
            const std::array<Column, 2> columns{
                Column{"probability",
                       view_in(probability, first, "GroupCalibration.update", "probability")},
                Column{"target", view_in(target, second, "GroupCalibration.update", "target")}};
            const auto w = weights_in(weights, "GroupCalibration.update");
            self.update(Rows{{}, w, columns}, *groups_in(groups, "GroupCalibration.update"));
          },
          py::arg("probability"), py::arg("target"), py::kw_only(), py::arg("groups"),
          py::arg("weights") = py::none(),
          "Probability of the positive class [n] in [0, 1], labels [n] in {0, 1}, and the groups.")
      .def("merge", &GroupCalibration::merge, py::arg("other"))
      .def_property_readonly("n", &GroupCalibration::n)
      .def(
          "bias",
          [](const GroupCalibration& self, const std::string& by, std::int64_t min_support,
             double level) { return by_name(self.bias(by, min_support, level)); },
          py::kw_only(), py::arg("by") = "", py::arg("min_support") = 30, py::arg("level") = 0.95,
          "Group -> mean outcome minus mean probability.")
      .def(
          "expected_error",
          [](const GroupCalibration& self, const std::string& by, std::int64_t min_support,
             double level) { return by_name(self.expected_error(by, min_support, level)); },
          py::kw_only(), py::arg("by") = "", py::arg("min_support") = 30, py::arg("level") = 0.95,
          "Group -> expected calibration error.")
      .def(
          "expected_error_gap",
          [](const GroupCalibration& self, const std::string& by, std::int64_t min_support,
             double level, std::uint64_t seed) {
            return fairness::value_difference(
                self.expected_error(by, min_support, level),
                {.level = level, .min_support = min_support, .seed = seed});
          },
          py::kw_only(), py::arg("by") = "", py::arg("min_support") = 30, py::arg("level") = 0.95,
          py::arg("seed") = 0, "Largest minus smallest expected calibration error.")
      .def(
          "multicalibration",
          [](const GroupCalibration& self, std::int64_t depth, std::int64_t min_support,
             double level, std::uint64_t seed) {
            return self.multicalibration(
                depth, {.level = level, .min_support = min_support, .seed = seed});
          },
          py::kw_only(), py::arg("depth") = 2, py::arg("min_support") = 30, py::arg("level") = 0.95,
          py::arg("seed") = 0,
          "Largest |mean outcome - mean probability| over every group and score bin, as a Gap.")
      .def("reliability", &GroupCalibration::reliability, py::arg("by") = "",
           py::arg("min_support") = 30, py::arg("level") = 0.95,
           "The reliability curve of each group, as a Curve.");
}

void bind_slices(py::module_& m) {
  py::class_<fairness::WeakSlice>(m, "WeakSlice", "A segment with a higher loss than the rest.")
      .def_readonly("name", &fairness::WeakSlice::name)
      .def_readonly("n", &fairness::WeakSlice::n)
      .def_readonly("loss", &fairness::WeakSlice::loss)
      .def_readonly("difference", &fairness::WeakSlice::difference)
      .def_readonly("statistic", &fairness::WeakSlice::statistic)
      .def_readonly("p_value", &fairness::WeakSlice::p_value, "Adjusted for the search.")
      .def("__repr__", [](const fairness::WeakSlice& s) {
        return "WeakSlice(" + s.name + ": " + s.loss.text() +
               ", p = " + py::str("{:.2g}").format(s.p_value).cast<std::string>() + ")";
      });
  py::class_<fairness::SliceSearch>(m, "SliceSearch", "What a search for weak segments found.")
      .def_readonly("overall", &fairness::SliceSearch::overall, "Mean loss.")
      .def_readonly("slices", &fairness::SliceSearch::slices, "The weakest first.")
      .def_readonly("n_searched", &fairness::SliceSearch::n_searched, "Size of the family.")
      .def_readonly("columns", &fairness::SliceSearch::columns)
      .def_readonly("skipped", &fairness::SliceSearch::skipped)
      .def_readonly("correction", &fairness::SliceSearch::correction)
      .def_property_readonly("significant", &fairness::SliceSearch::significant,
                             "Those whose adjusted p-value is at most 1 - level.")
      .def("__repr__", [](const fairness::SliceSearch& s) {
        std::string out = "SliceSearch(" + std::to_string(s.n_searched) + " segments, " +
                          std::to_string(s.significant().size()) + " weak)";
        return out;
      });
  m.def(
      "find_weak_slices",
      [](const py::object& table, const py::object& loss, const py::dict& options) {
        const auto columns = table_in(table, "find_weak_slices");
        const auto losses = numbers_in(loss, "find_weak_slices", "loss");
        const auto specs = specs_of<fairness::WeakSlicesOptions>();
        const auto bound =
            bind_options("find_weak_slices", specs, options_in(options, "find_weak_slices"));
        return fairness::find_weak_slices(*columns, losses,
                                          options_from<fairness::WeakSlicesOptions>(bound));
      },
      py::arg("table"), py::arg("loss"), py::arg("options"));
}

void bind_mitigations(py::module_& m) {
  py::class_<Reweighing>(m, "Reweighing")
      .def_static("fit", &Reweighing::fit, py::arg("counts"))
      .def(
          "weights",
          [](const Reweighing& self, const py::object& target, const py::object& groups) {
            py::object holder;
            const auto w = self.weights(view_in(target, holder, "Reweighing.weights", "target"),
                                        *groups_in(groups, "Reweighing.weights"));
            return py::array_t<double>(static_cast<py::ssize_t>(w.size()), w.data());
          },
          py::arg("target"), py::kw_only(), py::arg("groups"))
      .def_property_readonly("table", &Reweighing::table);
  py::class_<fairness::GroupRule>(m, "GroupRule", "The decision rule of one group.")
      .def_readonly("low", &fairness::GroupRule::low)
      .def_readonly("high", &fairness::GroupRule::high)
      .def_readonly("share", &fairness::GroupRule::share)
      .def_readonly("mix", &fairness::GroupRule::mix)
      .def_readonly("constant", &fairness::GroupRule::constant);
  py::class_<GroupThresholds>(m, "GroupThresholds")
      .def_static(
          "fit",
          [](const py::object& probability, const py::object& target, const py::object& groups,
             const std::string& goal, std::int64_t grid, std::uint64_t seed) {
            const auto names = names_of(std::type_identity<fairness::ThresholdGoal>{});
            const auto it = std::find(names.begin(), names.end(), goal);
            if (it == names.end())
              throw ValueError("GroupThresholds",
                               "goal 'demographic_parity', 'equal_opportunity' or 'equalized_odds'",
                               "'" + goal + "'", "equalized_odds is the default");
            py::object first, second;
            return GroupThresholds::fit(
                view_in(probability, first, "GroupThresholds.fit", "probability"),
                view_in(target, second, "GroupThresholds.fit", "target"),
                *groups_in(groups, "GroupThresholds.fit"),
                {static_cast<fairness::ThresholdGoal>(it - names.begin()), grid, seed});
          },
          py::arg("probability"), py::arg("target"), py::kw_only(), py::arg("groups"),
          py::arg("goal") = "equalized_odds", py::arg("grid") = 1000, py::arg("seed") = 0)
      .def(
          "apply",
          [](const GroupThresholds& self, const py::object& probability, const py::object& groups,
             const py::object& ids) {
            py::object holder;
            std::vector<SampleId> id_values;
            if (!ids.is_none()) id_values = ids_in(ids, "GroupThresholds.apply");
            return labels_out(
                self.apply(view_in(probability, holder, "GroupThresholds.apply", "probability"),
                           *groups_in(groups, "GroupThresholds.apply"), id_values));
          },
          py::arg("probability"), py::kw_only(), py::arg("groups"), py::arg("ids") = py::none())
      .def_property_readonly("rules", &GroupThresholds::rules);
  py::class_<RejectOption>(m, "RejectOption")
      .def_static(
          "fit",
          [](const py::object& probability, const py::object& target, const py::object& groups,
             double limit, std::int64_t grid) {
            py::object first, second;
            return RejectOption::fit(view_in(probability, first, "RejectOption.fit", "probability"),
                                     view_in(target, second, "RejectOption.fit", "target"),
                                     *groups_in(groups, "RejectOption.fit"), {limit, grid});
          },
          py::arg("probability"), py::arg("target"), py::kw_only(), py::arg("groups"),
          py::arg("limit") = 0.05, py::arg("grid") = 100)
      .def(
          "apply",
          [](const RejectOption& self, const py::object& probability, const py::object& groups) {
            py::object holder;
            return labels_out(
                self.apply(view_in(probability, holder, "RejectOption.apply", "probability"),
                           *groups_in(groups, "RejectOption.apply")));
          },
          py::arg("probability"), py::kw_only(), py::arg("groups"))
      .def_property_readonly("margin", &RejectOption::margin)
      .def_property_readonly("favoured", &RejectOption::favoured);
}

fairness::Decisions decisions_in(const std::string& name, const py::object& prediction,
                                 const py::object& probability) {
  fairness::Decisions out{name, {}, {}};
  const Tensor labels = tensor_in(prediction, "compare_mitigations", "decisions").host(DType::i64);
  out.prediction.assign(labels.data<std::int64_t>(),
                        labels.data<std::int64_t>() + labels.n_elements());
  if (!probability.is_none())
    out.probability = numbers_in(probability, "compare_mitigations", "probabilities");
  return out;
}

void bind_comparison(py::module_& m) {
  py::class_<fairness::Effect>(m, "Effect", "One measure before and after, and its paired change.")
      .def_readonly("name", &fairness::Effect::name)
      .def_property_readonly(
          "better", [](const fairness::Effect& e) { return std::string(name_of(e.better)); })
      .def_readonly("before", &fairness::Effect::before)
      .def_readonly("after", &fairness::Effect::after)
      .def_readonly("change", &fairness::Effect::change)
      .def("__repr__", [](const fairness::Effect& e) {
        return "Effect(" + e.name + ": " + e.change.text() + ")";
      });
  py::class_<fairness::MitigationReport>(m, "MitigationReport",
                                         "What a mitigation gains and costs, on the same samples.")
      .def_readonly("name", &fairness::MitigationReport::name)
      .def_readonly("effects", &fairness::MitigationReport::effects)
      .def("__getitem__", &fairness::MitigationReport::at, py::return_value_policy::copy)
      .def_property_readonly("table", &fairness::table_of, "As a TableBlock.")
      .def("__repr__", [](const fairness::MitigationReport& r) {
        std::size_t width = 0;
        for (const auto& e : r.effects) width = std::max(width, e.name.size());
        std::string out = r.name;
        for (const auto& e : r.effects) {
          std::string name = e.name;
          name.resize(width, ' ');
          out += "\n" + name + "  " + e.before.text() + "  ->  " + e.after.text() + "  change " +
                 e.change.text();
        }
        return out;
      });
  m.def(
      "compare_mitigations",
      [](const py::object& prediction, const py::object& probability, const py::dict& alternatives,
         const py::object& target, const py::object& groups, const std::string& by, double level,
         std::int64_t min_support, std::int64_t replicates, std::uint64_t seed) {
        std::vector<fairness::Decisions> others;
        for (const auto& [name, given] : alternatives) {
          const auto key = py::str(name).cast<std::string>();
          if (py::isinstance<py::tuple>(given)) {
            const auto pair = py::reinterpret_borrow<py::tuple>(given);
            others.push_back(decisions_in(key, pair[0], pair[1]));
          } else {
            others.push_back(
                decisions_in(key, py::reinterpret_borrow<py::object>(given), probability));
          }
        }
        py::object holder;
        return fairness::compare_mitigations(
            decisions_in("baseline", prediction, probability), others,
            view_in(target, holder, "compare_mitigations", "target"),
            *groups_in(groups, "compare_mitigations"), {by, level, min_support, replicates, seed});
      },
      py::arg("prediction"), py::arg("probability"), py::arg("alternatives"), py::arg("target"),
      py::kw_only(), py::arg("groups"), py::arg("by") = "", py::arg("level") = 0.95,
      py::arg("min_support") = 30, py::arg("replicates") = 1000, py::arg("seed") = 0);
}

}  // namespace

void bind_fairness_methods(py::module_& m) {
  bind_calibration(m);
  bind_slices(m);
  bind_mitigations(m);
  bind_comparison(m);
}

}  // namespace leadline::bindings

#include "core/ranking.hpp"

#include <pybind11/numpy.h>
#include <pybind11/stl.h>

#include <array>

#include "core/bindings.hpp"
#include "core/numbers.hpp"
#include "leadline/core/error.hpp"
#include "leadline/metrics/rank_fold.hpp"
#include "leadline/stats/rank_curves.hpp"
#include "leadline/stats/score_histogram.hpp"

namespace leadline::bindings {
namespace {

stats::CurveBand band_in(const std::string& name, std::string_view who) {
  constexpr auto names = names_of(std::type_identity<stats::CurveBand>{});
  for (std::size_t k = 0; k < names.size(); ++k)
    if (names[k] == name) return static_cast<stats::CurveBand>(k);
  throw ValueError(who, "band 'none', 'pointwise' or 'simultaneous'", "'" + name + "'", "");
}

stats::Levels levels_in(const py::object& scores, const py::object& target,
                        const py::object& weights, std::int64_t positive, std::string_view who) {
  std::array<py::object, 2> holders;
  const std::array<Column, 2> columns{Column{"scores", view_in(scores, holders[0], who, "scores")},
                                      Column{"target", view_in(target, holders[1], who, "target")}};
  const auto weight_values = weights_in(weights, who);
  if (positive != 0 && positive != 1)
    throw ValueError(who, "positive 0 or 1", std::to_string(positive), "");
  metrics::RankSettings settings;
  settings.positive = positive;
  settings.exact = true;
  metrics::RankFold fold(settings);
  fold.update(Rows{{}, weight_values, columns}, who);
  if (fold.n_columns() > 1)
    throw ShapeError(who, "scores [n] of one class", "several columns",
                     "pass one column, scores[:, k], and target == k");
  return fold.levels();
}

py::array_t<double> array_of(const std::vector<double>& values) {
  return py::array_t<double>(static_cast<py::ssize_t>(values.size()), values.data());
}

template <class Make>
py::tuple curve(const char* who, const py::object& scores, const py::object& target,
                const py::object& weights, std::int64_t positive, const std::string& band,
                double level, Make&& make) {
  if (!(level > 0 && level < 1))
    throw ValueError(who, "level in (0, 1)", std::to_string(level), "0.95 is usual");
  const auto found =
      make(levels_in(scores, target, weights, positive, who), band_in(band, who), level);
  const bool none = found.lower.empty();
  return py::make_tuple(array_of(found.x), array_of(found.y), array_of(found.threshold),
                        none ? py::object(py::none()) : py::object(array_of(found.lower)),
                        none ? py::object(py::none()) : py::object(array_of(found.upper)));
}

void bind_histogram(py::module_& m) {
  using Histogram = stats::ScoreHistogram;
  const auto both = [](stats::Bounded found) { return std::pair(found.value, found.error_bound); };
  const auto scale_in = [](const std::string& name) {
    constexpr auto names = names_of(std::type_identity<stats::ScoreScale>{});
    for (std::size_t k = 0; k < names.size(); ++k)
      if (names[k] == name) return static_cast<stats::ScoreScale>(k);
    throw ValueError("ScoreHistogram", "scale 'raw' or 'probability'", "'" + name + "'", "");
  };
  py::class_<Histogram>(
      m, "ScoreHistogram",
      "Counts of positives and negatives (or of right and wrong answers) by score, "
      "in constant memory, with bounds on what is read from them: each answer is "
      "(value, error_bound).")
      .def(py::init([scale_in](int bits, const std::string& scale) {
             return Histogram(bits, scale_in(scale));
           }),
           py::kw_only(), py::arg("bits") = 16, py::arg("scale") = "raw")
      .def(
          "add",
          [](Histogram& self, const py::object& scores, const py::object& positive,
             const py::object& weights) {
            const auto who = "ScoreHistogram.add";
            std::array<py::object, 2> holders;
            const ArrayView values = view_in(scores, holders[0], who, "scores");
            const ArrayView marks = view_in(positive, holders[1], who, "positive");
            std::vector<double> column;
            std::vector<std::uint8_t> group;
            for (std::int64_t i = 0; i < values.rows; ++i) column.push_back(values.at(i));
            for (std::int64_t i = 0; i < marks.rows; ++i) group.push_back(marks.at(i) != 0);
            const auto weight = weights_in(weights, who);
            // The checks of Ranked: lengths, NaN, weights; and what a probability is.
            const stats::Ranked checked(std::span<const double>(column), group, weight);
            for (std::size_t i = 0; i < column.size(); ++i)
              if (self.scale() == stats::ScoreScale::probability &&
                  !(column[i] >= 0 && column[i] <= 1))
                throw ValueError(who, "probabilities in [0, 1]",
                                 std::to_string(column[i]) + " at row " + std::to_string(i),
                                 "make it with scale='raw' for any other score");
            self.add(std::span<const double>(column), group, weight);
          },
          py::arg("scores"), py::arg("positive"), py::arg("weights") = py::none(),
          "Adds a batch; `positive` not 0: positive, or a right answer.")
      .def("merge", &Histogram::merge, py::arg("other"))
      .def_property_readonly("n", &Histogram::n)
      .def_property_readonly("bits", &Histogram::bits)
      .def("auroc", [both](const Histogram& h) { return both(h.auroc()); })
      .def("average_precision", [both](const Histogram& h) { return both(h.average_precision()); })
      .def(
          "fpr_at_tpr", [both](const Histogram& h, double tpr) { return both(h.fpr_at_tpr(tpr)); },
          py::arg("tpr") = 0.95)
      .def(
          "expected_calibration_error",
          [both](const Histogram& h, int bins) { return both(h.expected_calibration_error(bins)); },
          py::kw_only(), py::arg("bins") = 15)
      .def("area_under_risk_coverage",
           [both](const Histogram& h) { return both(h.area_under_risk_coverage()); });
}

}  // namespace

void bind_ranking(py::module_& m) {
  bind_histogram(m);
  m.def(
      "roc_curve",
      [](const py::object& scores, const py::object& target, const py::object& weights,
         std::int64_t positive, const std::string& band, double level) {
        return curve("roc_curve", scores, target, weights, positive, band, level,
                     [](const stats::Levels& l, stats::CurveBand b, double at) {
                       return stats::roc_curve(l, b, at);
                     });
      },
      py::arg("scores"), py::arg("target"), py::arg("weights"), py::arg("positive"),
      py::arg("band"), py::arg("level"), "fpr, tpr, thresholds, lower, upper.");
  m.def(
      "precision_recall_curve",
      [](const py::object& scores, const py::object& target, const py::object& weights,
         std::int64_t positive, const std::string& band, double level) {
        return curve("precision_recall_curve", scores, target, weights, positive, band, level,
                     [](const stats::Levels& l, stats::CurveBand b, double at) {
                       return stats::precision_recall_curve(l, b, at);
                     });
      },
      py::arg("scores"), py::arg("target"), py::arg("weights"), py::arg("positive"),
      py::arg("band"), py::arg("level"), "recall, precision, thresholds, lower, upper.");
}

}  // namespace leadline::bindings

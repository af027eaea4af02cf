#include "core/ranking.hpp"

#include <pybind11/numpy.h>

#include <array>

#include "core/bindings.hpp"
#include "leadline/core/error.hpp"
#include "leadline/metrics/rank_fold.hpp"
#include "leadline/stats/rank_curves.hpp"

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
  std::vector<double> weight_values;
  if (!weights.is_none()) {
    const Tensor host = tensor_in(weights, who, "weights").host(DType::f64);
    weight_values.assign(host.data<double>(), host.data<double>() + host.n_elements());
  }
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

}  // namespace

void bind_ranking(py::module_& m) {
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

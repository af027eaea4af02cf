/// Search for failure regions, and rates of rare failures; see leadline.robustness.search.
#include <pybind11/stl.h>

#include "core/behaviour.hpp"
#include "core/numbers.hpp"
#include "leadline/robustness/failure_rate.hpp"
#include "leadline/robustness/failure_search.hpp"

namespace leadline::bindings {
namespace {

using robustness::FailureSearch;
using robustness::FailureSearchOptions;
using robustness::Parameter;
using robustness::Point;

std::vector<Parameter> parameters_in(const py::list& given) {
  std::vector<Parameter> out;
  for (const py::handle& one : given) {
    const auto fields = one.cast<py::dict>();
    out.push_back(
        {fields["name"].cast<std::string>(), fields["low"].cast<double>(),
         fields["high"].cast<double>(),
         named_in<robustness::Scale>(fields["scale"].cast<std::string>(), "Parameter.scale"),
         fields["categories"].cast<std::vector<std::string>>()});
  }
  return out;
}

template <class Options>
Options record_in(const py::dict& given, std::string_view who) {
  const auto specs = specs_of<Options>();
  return options_from<Options>(bind_options(who, specs, options_in(given, who)));
}

py::array_t<double> points_out(std::span<const Point> points) {
  const auto d = points.empty() ? 0 : points.front().size();
  py::array_t<double> out({points.size(), d});
  for (std::size_t i = 0; i < points.size(); ++i)
    std::copy(points[i].begin(), points[i].end(), out.mutable_data(static_cast<py::ssize_t>(i), 0));
  return out;
}

std::vector<double> answers_of(const py::object& given, std::string_view who) {
  return doubles_in(given, who, "one number a row");
}

// simulate(x, points [n, d], ids) -> x
std::shared_ptr<FailureSearch> make_search(const py::list& parameters, const py::object& simulate,
                                           const py::dict& options) {
  robustness::Simulate call = [function = hold(simulate)](const Batch& batch,
                                                          std::span<const Point> points) {
    return called("FailureSearch.simulate", "call it on a batch of inputs to see why", [&] {
      const py::object out = py::handle(function.get())(array_out(batch.inputs.primary),
                                                        points_out(points), ids_out(batch.ids));
      return Inputs(tensor_in(out, "FailureSearch.simulate", "the simulated inputs"),
                    batch.inputs.extras);
    });
  };
  return std::make_shared<FailureSearch>(parameters_in(parameters), std::move(call),
                                         record_in<FailureSearchOptions>(options, "FailureSearch"));
}

robustness::FailureSearchResult search(const py::list& parameters, const py::object& trial,
                                       const py::dict& options, std::uint64_t seed, double level) {
  const auto space = parameters_in(parameters);
  const auto record = record_in<FailureSearchOptions>(options, "search_failures");
  const robustness::Trial call = [&](std::span<const Point> points,
                                     std::span<const std::uint64_t> draws, bool fresh) {
    return called("search_failures.trial", "call it on an array of points to see why", [&] {
      return answers_of(
          trial(points_out(points),
                py::array_t<std::uint64_t>(static_cast<py::ssize_t>(draws.size()), draws.data()),
                fresh),
          "search_failures.trial");
    });
  };
  const py::gil_scoped_release free;
  return robustness::search_failures(space, call, record, seed, level);
}

robustness::Performance performance_in(const py::object& function) {
  return [function](std::span<const double> z, std::int64_t d) {
    return called("performance", "call it on an array [n, dimension] to see why", [&] {
      const py::array_t<double> rows({std::ssize(z) / d, d}, z.data());
      return answers_of(function(rows), "performance");
    });
  };
}

void bind_results(py::module_& m) {
  py::class_<robustness::Region>(m, "Region", "A box of parameters.")
      .def_readonly("range", &robustness::Region::range)
      .def_readonly("volume", &robustness::Region::volume, "Share of the whole space.")
      .def("contains", &robustness::Region::contains, py::arg("point"));
  py::class_<robustness::RegionFound>(m, "RegionFound", "What one search found.")
      .def_property_readonly(
          "method",
          [](const robustness::RegionFound& found) {
            return std::string(
                names_of(std::type_identity<robustness::SearchMethod>{})[static_cast<std::size_t>(
                    found.method)]);
          })
      .def_readonly("region", &robustness::RegionFound::region)
      .def_readonly("searched_rate", &robustness::RegionFound::searched_rate,
                    "As the search saw it: too high, since it was chosen for it.")
      .def_readonly("failure_rate", &robustness::RegionFound::failure_rate, "On fresh draws.")
      .def_readonly("rows", &robustness::RegionFound::rows)
      .def_readonly("curve_rows", &robustness::RegionFound::curve_rows)
      .def_readonly("curve_rate", &robustness::RegionFound::curve_rate);
  py::class_<robustness::FailureSearchResult>(m, "FailureSearchResult")
      .def_readonly("overall", &robustness::FailureSearchResult::overall)
      .def_readonly("found", &robustness::FailureSearchResult::found)
      .def_property_readonly(
          "worst", [](const robustness::FailureSearchResult& r) { return r.found[r.worst]; })
      .def_readonly("rows", &robustness::FailureSearchResult::rows);
  py::class_<robustness::SplittingResult>(m, "SplittingResult")
      .def_readonly("rate", &robustness::SplittingResult::rate)
      .def_readonly("rates", &robustness::SplittingResult::rates, "One a repeat.")
      .def_readonly("thresholds", &robustness::SplittingResult::thresholds)
      .def_readonly("least_acceptance", &robustness::SplittingResult::least_acceptance)
      .def_readonly("rows", &robustness::SplittingResult::rows);
}

}  // namespace

void bind_failure_search(py::module_& m) {
  bind_results(m);
  py::classh<FailureSearch, Probe>(m, "FailureSearch", "See leadline.robustness.FailureSearch.")
      .def(py::init(&make_search), py::arg("parameters"), py::arg("simulate"), py::arg("options"));
  m.def("search_failures", &search, py::arg("parameters"), py::arg("trial"), py::arg("options"),
        py::arg("seed"), py::arg("level"));
  m.def(
      "splitting",
      [](const py::object& performance, std::int64_t dimension, const py::dict& options,
         std::uint64_t seed, double level) {
        const auto record = record_in<robustness::SplittingOptions>(options, "splitting");
        const auto call = performance_in(performance);
        const py::gil_scoped_release free;
        return robustness::splitting(call, dimension, record, seed, level);
      },
      py::arg("performance"), py::arg("dimension"), py::arg("options"), py::arg("seed"),
      py::arg("level"));
  m.def(
      "monte_carlo",
      [](const py::object& performance, std::int64_t dimension, std::int64_t samples,
         std::uint64_t seed, double level) {
        const auto call = performance_in(performance);
        const py::gil_scoped_release free;
        return robustness::monte_carlo(call, dimension, samples, seed, level);
      },
      py::arg("performance"), py::arg("dimension"), py::arg("samples"), py::arg("seed"),
      py::arg("level"));
}

}  // namespace leadline::bindings

/// compare(), compare_many() and the gate of nightly comparisons.
#include "leadline/engine/compare.hpp"

#include <pybind11/stl.h>

#include "core/bindings.hpp"
#include "core/data_classes.hpp"
#include "core/enums.hpp"
#include "core/pump.hpp"
#include "leadline/engine/nightly_gate.hpp"

namespace leadline::bindings {
namespace {

McNemarTest test_in(const std::string& text) {
  if (text == "mid_p") return McNemarTest::mid_p;
  if (text == "exact") return McNemarTest::exact;
  throw ValueError("compare", "test to be one of 'mid_p', 'exact'", "'" + text + "'",
                   "use one of these words");
}

template <class T>
void take(const py::dict& given, const char* key, T& member) {
  if (given.contains(key) && !given[key].is_none()) member = given[key].cast<T>();
}

// The Python side has checked the names; values are checked here and by the engine.
CompareOptions compare_options_in(const py::dict& given, const py::object& progress,
                                  CancelToken cancel) {
  CompareOptions options;
  if (given.contains("margin") && !given["margin"].is_none())
    options.margin = given["margin"].cast<double>();
  take(given, "metric", options.metric);
  take(given, "slices", options.slices);
  take(given, "min_slice", options.min_slice);
  take(given, "replicates", options.replicates);
  take(given, "bins", options.bins);
  take(given, "seed", options.seed);
  take(given, "batch_size", options.batch_size);
  take(given, "level", options.level);
  take(given, "title", options.title);
  take(given, "history", options.history);
  take(given, "names", options.names);
  if (given.contains("test")) options.test = test_in(given["test"].cast<std::string>());
  if (given.contains("output") && !given["output"].is_none())
    options.output = output_kind_in(given["output"].cast<std::string>(), "compare");
  if (given.contains("metrics"))
    for (const auto metric : given["metrics"])
      options.metrics.push_back(unwrap(metric.cast<std::shared_ptr<Metric>>()));
  if (given.contains("provenance"))
    for (const auto& [key, value] : given["provenance"].cast<py::dict>())
      options.provenance.emplace_back(key.cast<std::string>(), py::str(value).cast<std::string>());
  options.cancel = cancel;
  auto pump = std::make_shared<Pump>(progress, cancel);
  options.on_progress = [pump](const Progress& p) { (*pump)(p); };
  return options;
}

void bind_results(py::module_& m) {
  py::class_<Compared>(m, "Compared", "One metric of both models; `difference` is b - a.")
      .def_readonly("a", &Compared::a)
      .def_readonly("b", &Compared::b)
      .def_readonly("difference", &Compared::difference)
      .def_property_readonly("better",
                             [](const Compared& c) { return std::string(name_of(c.better)); })
      .def_readonly("p_value", &Compared::p_value, "Of no difference, or None.")
      .def_readonly("p_value_adjusted", &Compared::p_value_adjusted, "Holm over the finding.")
      .def_readonly("test", &Compared::test)
      .def("__repr__", [](const Compared& c) {
        return "Compared(a=" + c.a.text() + "; b=" + c.b.text() +
               "; difference=" + c.difference.text() + ")";
      });
  py::class_<Flips>(m, "Flips", "Sample ids on which the decisions differ, ascending.")
      .def_property_readonly("worse", [](const Flips& f) { return ids_out(f.worse); })
      .def_property_readonly("better", [](const Flips& f) { return ids_out(f.better); })
      .def_property_readonly("both_wrong", [](const Flips& f) { return ids_out(f.both_wrong); })
      .def("__repr__", [](const Flips& f) {
        return "Flips(" + std::to_string(f.worse.size()) + " worse, " +
               std::to_string(f.better.size()) + " better, " + std::to_string(f.both_wrong.size()) +
               " both wrong in different ways)";
      });
}

void bind_comparison(py::module_& m) {
  py::class_<ModelComparison>(m, "ModelComparison", R"(How the second model stands to the first one.

`comparison["task.accuracy"].difference` is an `Estimate` of b - a. `report` is what is saved.)")
      .def(py::init<Report>(), py::arg("report"), "Reads a report of kind 'compare'.")
      .def_property_readonly("report", &ModelComparison::report)
      .def_property_readonly(
          "verdict", [](const ModelComparison& c) { return std::string(name_of(c.verdict())); },
          "'better', 'worse', 'equivalent' or 'undecided'.")
      .def_property_readonly("why", &ModelComparison::why, "One plain sentence.")
      .def_property_readonly("more_samples", &ModelComparison::more_samples,
                             "About how many further samples would decide, or None.")
      .def_property_readonly("flips", &ModelComparison::flips)
      .def_property_readonly("metrics", &ModelComparison::metrics, "What [] takes.")
      .def("__getitem__", [](const ModelComparison& c, const std::string& name) { return c[name]; })
      .def("__iter__", [](const ModelComparison& c) { return py::iter(py::cast(c.metrics())); })
      .def(
          "save",
          [](py::object self, const py::object& path) { self.attr("report").attr("save")(path); },
          py::arg("path"), "Writes .html, .json or .md; beside .json the results by sample.")
      .def_static(
          "load",
          [](const py::object& path) {
            return ModelComparison::load(
                py::module_::import("os").attr("fspath")(path).cast<std::string>());
          },
          py::arg("path"))
      .def("summary", [](const ModelComparison& c) { return c.report().summary(); })
      .def("__repr__",
           [](const ModelComparison& c) {
             return "<leadline.ModelComparison: " + std::string(name_of(c.verdict())) + ", " +
                    c.why() + ">";
           })
      .def("__str__", [](const ModelComparison& c) { return c.report().summary(); })
      .def("_repr_html_", [](const ModelComparison& c) {
        return py::module_::import("leadline._display").attr("html_fragment")(c.report());
      });
}

void bind_gate(py::module_& m) {
  py::class_<NightlyGate::Night>(m, "Night", "One night of a `NightlyGate`.")
      .def_readonly("time", &NightlyGate::Night::time)
      .def_readonly("data", &NightlyGate::Night::data)
      .def_readonly("n", &NightlyGate::Night::n)
      .def_readonly("only_a", &NightlyGate::Night::only_a)
      .def_readonly("only_b", &NightlyGate::Night::only_b)
      .def_readonly("fresh", &NightlyGate::Night::fresh)
      .def_readonly("e_value", &NightlyGate::Night::e_value)
      .def_readonly("evidence", &NightlyGate::Night::evidence)
      .def_readonly("alarm", &NightlyGate::Night::alarm,
                    "'' or what raised it: 'evidence', 'same data', 'group'.");
  py::class_<NightlyGate>(m, "NightlyGate", R"(The history of a nightly comparison.

The chance of ever raising a false alarm is at most `alpha`, however many nights there are.

Args:
    margin: how much worse the second model may be, in [0, 1).
    alpha: in (0, 1).

Example:
    >>> import leadline
    >>> gate = leadline.NightlyGate(margin=0.01)
    >>> gate.add(n=1000, only_a=12, only_b=10).alarm
    ''
)")
      .def(py::init([](double margin, double alpha) {
             return NightlyGate(NightlyGate::Options{margin, alpha});
           }),
           py::kw_only(), py::arg("margin") = 0.0, py::arg("alpha") = 0.05)
      .def(
          "add",
          [](NightlyGate& gate, std::int64_t n, std::int64_t only_a, std::int64_t only_b,
             std::string data, double slice_p, std::string time) {
            if (only_a < 0 || only_b < 0 || only_a > n || only_b > n - only_a)
              throw ValueError("NightlyGate.add", "counts with 0 <= only_a + only_b <= n",
                               std::to_string(only_a) + ", " + std::to_string(only_b) + " of " +
                                   std::to_string(n),
                               "count the pairs of this night");
            return gate.add({n - only_a - only_b, only_a, only_b, 0}, std::move(data), slice_p,
                            std::move(time));
          },
          py::kw_only(), py::arg("n"), py::arg("only_a"), py::arg("only_b"), py::arg("data") = "",
          py::arg("slice_p") = 1.0, py::arg("time") = "",
          "Adds a night: of n samples, those that only the first or only the second read "
          "correctly.")
      .def_property_readonly("nights",
                             [](const NightlyGate& g) {
                               const auto all = g.nights();
                               return std::vector<NightlyGate::Night>(all.begin(), all.end());
                             })
      .def_property_readonly("alarmed", &NightlyGate::alarmed)
      .def_property_readonly("threshold", &NightlyGate::threshold)
      .def_property_readonly("margin", [](const NightlyGate& g) { return g.options().margin; })
      .def_property_readonly("alpha", [](const NightlyGate& g) { return g.options().alpha; })
      .def("finding", &NightlyGate::finding)
      .def("to_json", &NightlyGate::to_json)
      .def_static("from_json", &NightlyGate::from_json, py::arg("json"))
      .def(
          "save",
          [](const NightlyGate& g, const py::object& path) {
            g.save(py::module_::import("os").attr("fspath")(path).cast<std::string>());
          },
          py::arg("path"))
      .def_static(
          "load",
          [](const py::object& path) {
            return NightlyGate::load(
                py::module_::import("os").attr("fspath")(path).cast<std::string>());
          },
          py::arg("path"));
}

}  // namespace

void bind_compare(py::module_& m) {
  bind_results(m);
  bind_comparison(m);
  bind_gate(m);
  m.def(
      "compare",
      [](std::shared_ptr<Subject> a, std::shared_ptr<Subject> b, std::shared_ptr<Dataset> data,
         const py::dict& options, const py::object& progress, CancelToken cancel) {
        const CompareOptions made = compare_options_in(options, progress, cancel);
        const DatasetPtr source = unwrap(std::move(data));
        const py::gil_scoped_release free;
        return leadline::compare(std::move(a), std::move(b), source, made);
      },
      py::arg("a"), py::arg("b"), py::arg("data"), py::kw_only(), py::arg("options") = py::dict(),
      py::arg("progress") = py::none(), py::arg("cancel") = CancelToken());
  m.def(
      "compare_reports",
      [](const Report& a, const Report& b, std::shared_ptr<Dataset> data, const py::dict& options,
         CancelToken cancel) {
        const CompareOptions made = compare_options_in(options, py::none(), cancel);
        const DatasetPtr source = data ? unwrap(std::move(data)) : nullptr;
        const py::gil_scoped_release free;
        return leadline::compare(a, b, made, source);
      },
      py::arg("a"), py::arg("b"), py::kw_only(), py::arg("data") = py::none(),
      py::arg("options") = py::dict(), py::arg("cancel") = CancelToken());
  m.def(
      "compare_many",
      [](const std::vector<std::pair<std::string, std::shared_ptr<Subject>>>& models,
         std::shared_ptr<Dataset> data, const py::dict& options, const py::object& progress,
         CancelToken cancel) {
        const CompareOptions made = compare_options_in(options, progress, cancel);
        const DatasetPtr source = unwrap(std::move(data));
        const py::gil_scoped_release free;
        return leadline::compare_many(models, source, made);
      },
      py::arg("models"), py::arg("data"), py::kw_only(), py::arg("options") = py::dict(),
      py::arg("progress") = py::none(), py::arg("cancel") = CancelToken());
}

}  // namespace leadline::bindings

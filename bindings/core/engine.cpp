/// Suites and evaluate(). The engine runs on the calling thread with the GIL released; a pump takes
/// it at most ten times a second, for signals and for the progress display.
#include <pybind11/stl.h>

#include "core/bindings.hpp"
#include "core/data_classes.hpp"
#include "core/enums.hpp"
#include "core/pump.hpp"
#include "core/python_object.hpp"
#include "leadline/core/metrics_probe.hpp"
#include "leadline/engine/evaluate.hpp"

namespace leadline::bindings {
namespace {

EvaluateOptions evaluate_options_in(const py::dict& also, std::uint64_t seed,
                                    std::int64_t batch_size, double level,
                                    std::optional<double> time_budget, std::string out,
                                    double checkpoint_seconds,
                                    std::pair<std::int64_t, std::int64_t> shard,
                                    const py::object& policy, std::string title,
                                    const py::object& progress, CancelToken cancel,
                                    const py::dict& provenance, const std::string& output) {
  EvaluateOptions options;
  for (const auto& [role, data] : also)
    options.also[role.cast<std::string>()] = unwrap(data.cast<std::shared_ptr<Dataset>>());
  options.seed = seed;
  options.batch_size = batch_size;
  options.level = level;
  options.time_budget = time_budget;
  options.out = std::move(out);
  options.checkpoint_seconds = checkpoint_seconds;
  options.shard = {shard.first, shard.second};
  if (!policy.is_none()) options.policy = policy.cast<Policy>();
  options.title = std::move(title);
  options.cancel = cancel;
  auto pump = std::make_shared<Pump>(progress, cancel);
  options.on_progress = [pump](const Progress& p) { (*pump)(p); };
  for (const auto& [key, value] : provenance)
    options.provenance.emplace_back(key.cast<std::string>(), py::str(value).cast<std::string>());
  options.output = output_kind_in(output, "evaluate");
  return options;
}

void bind_suite(py::module_& m) {
  py::class_<Suite>(m, "Suite", R"(An ordered set of probes with unique ids.

Example:
    >>> import leadline
    >>> suite = leadline.Suite("mine")
    >>> suite.name, suite.ids
    ('mine', [])
)")
      .def(py::init<std::string>(), py::arg("name") = "custom")
      .def(
          "add",
          [](py::object self, std::shared_ptr<Probe> probe, const std::string& id) {
            // The Python object stays alive through the pointer's own deleter.
            self.cast<Suite&>().add(std::static_pointer_cast<const Probe>(unwrap(std::move(probe))),
                                    id);
            return self;
          },
          py::arg("probe"), py::arg("id") = "", "`id` defaults to the catalog name.")
      .def("add",
           [](const Suite&, const py::object& other, const py::args&, const py::kwargs&) {
             throw TypeError(
                 "Suite.add", "a probe", describe(other),
                 "metrics and names: evaluate(..., suite=[...]) takes them as they are");
           })
      .def(
          "add_missing",
          [](py::object self, const std::string& id, const std::string& why) {
            self.cast<Suite&>().add_missing(id, why);
            return self;
          },
          py::arg("id"), py::arg("why"))
      .def_property_readonly("name", &Suite::name)
      .def_property_readonly("ids",
                             [](const Suite& s) {
                               std::vector<std::string> ids;
                               for (const auto& item : s.items()) ids.push_back(item.id);
                               return ids;
                             })
      .def_property_readonly("missing",
                             [](const Suite& s) {
                               std::vector<std::string> ids;
                               for (const auto& item : s.items())
                                 if (!item.probe) ids.push_back(item.id);
                               return ids;
                             })
      .def_static(
          "named",
          [](const std::string& name, const std::string& modality, const Catalog& catalog) {
            return Suite::named(name, modality_in(modality, "Suite.named"), catalog);
          },
          py::arg("name"), py::arg("modality"), py::arg("catalog"))
      .def("__len__", [](const Suite& s) { return s.items().size(); })
      .def("__repr__", [](const Suite& s) {
        std::string text;
        for (const auto& item : s.items()) text += (text.empty() ? "" : ", ") + item.id;
        return "Suite('" + s.name() + "': " + text + ")";
      });
}

}  // namespace

void bind_engine(py::module_& m) {
  py::class_<CancelToken>(m, "CancelToken", "Shared flag: the holder requests, the run polls.")
      .def(py::init<>())
      .def("cancel", &CancelToken::cancel)
      .def_property_readonly("cancelled", &CancelToken::cancelled);
  bind_suite(m);
  m.def(
      "metrics_probe",
      [](const std::vector<std::shared_ptr<Metric>>& metrics, const std::string& name) {
        std::vector<std::shared_ptr<const Metric>> unwrapped;
        for (const auto& metric : metrics) unwrapped.push_back(unwrap(metric));
        Metrics::Options options;
        options.name = name.empty() && !metrics.empty() ? metrics.front()->info().name : name;
        return std::shared_ptr<Probe>(
            std::make_shared<Metrics>(std::move(unwrapped), std::move(options)));
      },
      py::arg("metrics"), py::arg("name") = "", "A probe over metrics; `name` is its default id.");
  const auto bind = [&](const char* name, auto&& call, auto&&... extra) {
    m.def(name, call, py::arg("subject"), py::arg("data"), py::arg("suite"),
          std::forward<decltype(extra)>(extra)..., py::kw_only(), py::arg("also") = py::dict(),
          py::arg("seed") = 0, py::arg("batch_size") = 128, py::arg("level") = 0.95,
          py::arg("time_budget") = py::none(), py::arg("out") = "",
          py::arg("checkpoint_seconds") = 30.0, py::arg("shard") = std::pair(0, 1),
          py::arg("policy") = py::none(), py::arg("title") = "", py::arg("progress") = py::none(),
          py::arg("cancel") = CancelToken(), py::arg("provenance") = py::dict(),
          py::arg("output") = "unknown");
  };
  bind("evaluate",
       [](std::shared_ptr<Subject> subject, std::shared_ptr<Dataset> data, const Suite& suite,
          const py::dict& also, std::uint64_t seed, std::int64_t batch_size, double level,
          std::optional<double> time_budget, std::string out, double checkpoint_seconds,
          std::pair<std::int64_t, std::int64_t> shard, const py::object& policy, std::string title,
          const py::object& progress, CancelToken cancel, const py::dict& provenance,
          const std::string& output) {
         const auto options = evaluate_options_in(
             also, seed, batch_size, level, time_budget, std::move(out), checkpoint_seconds, shard,
             policy, std::move(title), progress, cancel, provenance, output);
         const DatasetPtr source = unwrap(std::move(data));
         const py::gil_scoped_release free;
         return leadline::evaluate(std::move(subject), source, suite, options);
       });
  bind(
      "merge_shards",
      [](std::shared_ptr<Subject> subject, std::shared_ptr<Dataset> data, const Suite& suite,
         const std::vector<std::string>& directories, const py::dict& also, std::uint64_t seed,
         std::int64_t batch_size, double level, std::optional<double> time_budget, std::string out,
         double checkpoint_seconds, std::pair<std::int64_t, std::int64_t> shard,
         const py::object& policy, std::string title, const py::object& progress,
         CancelToken cancel, const py::dict& provenance, const std::string& output) {
        const auto options = evaluate_options_in(
            also, seed, batch_size, level, time_budget, std::move(out), checkpoint_seconds, shard,
            policy, std::move(title), progress, cancel, provenance, output);
        const DatasetPtr source = unwrap(std::move(data));
        const py::gil_scoped_release free;
        return leadline::merge_shards(std::move(subject), source, suite, directories, options);
      },
      py::arg("directories"));
}

}  // namespace leadline::bindings

/// A run's services and a batch's memo, lent to Python probes.
#include "leadline/core/session.hpp"

#include <pybind11/numpy.h>
#include <pybind11/stl.h>

#include "core/bindings.hpp"
#include "core/enums.hpp"
#include "core/python_object.hpp"
#include "leadline/core/artefacts.hpp"
#include "leadline/core/context.hpp"
#include "leadline/core/shared_data.hpp"
#include "leadline/stats/random.hpp"

namespace leadline::bindings {
namespace {

py::object matrix(const std::vector<double>& values, std::int64_t n, std::int64_t k) {
  if (values.empty()) return py::none();
  return py::array_t<double>({n, k}, values.data());
}
template <class T>
py::object vector(const std::vector<T>& values) {
  if (values.empty()) return py::none();
  return py::array_t<T>(static_cast<py::ssize_t>(values.size()), values.data());
}

void bind_rng(py::module_& m) {
  using stats::Rng;
  py::class_<Rng>(m, "Rng", R"(Random numbers that depend on (seed, stream, id) and nothing else.

Example:
    >>> import leadline
    >>> a, b = leadline.Rng(0, "noise", 7), leadline.Rng(0, "noise", 7)
    >>> a.uniform() == b.uniform()
    True
)")
      .def(py::init([](std::uint64_t seed, const std::string& stream, SampleId id,
                       std::uint64_t extra) { return Rng(seed, stream, id, extra); }),
           py::arg("seed"), py::arg("stream") = "", py::arg("id") = 0, py::arg("extra") = 0)
      .def(
          "uniform",
          [](Rng& rng, std::optional<std::int64_t> n) -> py::object {
            if (!n) return py::float_(rng.uniform());
            py::array_t<double> out(*n);
            rng.fill_uniform(std::span<double>(out.mutable_data(), static_cast<std::size_t>(*n)));
            return out;
          },
          py::arg("n") = py::none(), "One number in [0, 1), or an array of `n`.")
      .def(
          "normal",
          [](Rng& rng, std::optional<std::int64_t> n) -> py::object {
            if (!n) return py::float_(rng.normal());
            py::array_t<double> out(*n);
            rng.fill_normal(std::span<double>(out.mutable_data(), static_cast<std::size_t>(*n)));
            return out;
          },
          py::arg("n") = py::none(), "One standard normal number, or an array of `n`.")
      .def("below", &Rng::below, py::arg("n"), "An integer in [0, n).")
      .def("bernoulli", &Rng::bernoulli, py::arg("p"));
}

using LentSession = Lent<Session>;
using LentContext = Lent<Context>;
using LentTable = Lent<SampleTable>;

void bind_sample_table(py::module_& m) {
  py::class_<LentTable>(m, "SampleTable", "Per-sample results by id.")
      .def(
          "put",
          [](const LentTable& t, const std::string& column, const py::object& ids,
             const std::vector<double>& values) {
            t.get("SampleTable.put").put(column, ids_in(ids, "SampleTable.put"), values);
          },
          py::arg("column"), py::arg("ids"), py::arg("values"))
      .def(
          "get",
          [](const LentTable& t, const std::string& column, SampleId id) {
            return t.get("SampleTable.get").get(column, id);
          },
          py::arg("column"), py::arg("id"))
      .def(
          "has",
          [](const LentTable& t, const std::string& column) {
            return t.get("SampleTable.has").has(column);
          },
          py::arg("column"))
      .def_property_readonly("columns",
                             [](const LentTable& t) { return t.get("SampleTable").columns(); })
      .def_property_readonly("ids",
                             [](const LentTable& t) { return ids_out(t.get("SampleTable").ids()); })
      .def("__len__", [](const LentTable& t) { return t.get("SampleTable").size(); });
}

Session& session_of(const LentSession& lent) { return lent.get("Session"); }

void bind_session_class(py::module_& m) {
  py::class_<LentSession>(m, "Session", R"(One run's services, as a probe sees them.

Lent for the call: keep what you read from it, not the object.)")
      .def_property_readonly(
          "subject", [](const LentSession& s) { return session_of(s).subject_handle(); },
          "The Model or TextModel under evaluation.")
      .def(
          "has",
          [](const LentSession& s, const std::string& role) { return session_of(s).has(role); },
          py::arg("role"))
      .def(
          "data",
          [](const py::object& self, const std::string& role) -> py::object {
            Session& session = session_of(self.cast<const LentSession&>());
            if (const auto* shared = dynamic_cast<const SharedData*>(&session))
              return py::cast(std::const_pointer_cast<Dataset>(shared->data_handle(role)));
            return py::cast(&session.data(role), py::return_value_policy::reference_internal, self);
          },
          py::arg("role") = "test", "The data set of a role; it may be kept after the call.")
      .def_property_readonly("roles", [](const LentSession& s) { return session_of(s).roles(); })
      .def(
          "ids",
          [](const LentSession& s, const std::string& role) {
            return ids_out(session_of(s).ids(role));
          },
          py::arg("role") = "test", "Ids of this shard in keyed random order.")
      .def_property_readonly(
          "table",
          [](const LentSession& s) {
            return LentTable{&session_of(s).table(), s.alive};
          },
          "Per-sample results of the test role.")
      .def_property_readonly("probe_id",
                             [](const LentSession& s) { return session_of(s).probe_id(); })
      .def_property_readonly("seed", [](const LentSession& s) { return session_of(s).seed(); })
      .def(
          "rng",
          [](const LentSession& s, const std::string& stream, SampleId id) {
            return session_of(s).rng(stream, id);
          },
          py::arg("stream"), py::arg("id"), "Rng of (seed, probe id + stream, id).")
      .def_property_readonly("batch_size",
                             [](const LentSession& s) { return session_of(s).batch_size(); })
      .def_property_readonly("level", [](const LentSession& s) { return session_of(s).level(); })
      .def_property_readonly(
          "output_kind",
          [](const LentSession& s) { return std::string(name_of(session_of(s).output_kind())); })
      .def_property_readonly("stopping",
                             [](const LentSession& s) { return session_of(s).stopping(); })
      .def_property_readonly(
          "stop_reason",
          [](const LentSession& s) { return std::string(session_of(s).stop_reason()); })
      .def(
          "checkpoint",
          [](const LentSession& s, const ProbeRun& run) { session_of(s).checkpoint(run); },
          py::arg("run"))
      .def(
          "progress",
          [](const LentSession& s, std::int64_t done, std::int64_t total) {
            session_of(s).progress(done, total);
          },
          py::arg("done"), py::arg("total"))
      .def_property_readonly(
          "artefact_folder",
          [](const LentSession& s) -> std::optional<std::string> {
            const std::string folder = artefact_folder(session_of(s));
            return folder.empty() ? std::nullopt : std::optional(folder);
          },
          "`artefacts/<probe id>` of the run directory, made on the first call, or None.")
      .def(
          "count_forwards",
          [](const LentSession& s, std::int64_t rows) { session_of(s).count_forwards(rows); },
          py::arg("rows"))
      .def(
          "count_backwards",
          [](const LentSession& s, std::int64_t rows) { session_of(s).count_backwards(rows); },
          py::arg("rows"));
}

// The engine runs these with the GIL held by the caller: a Python model takes it again by itself.
template <class Body>
decltype(auto) released(Body&& body) {
  const py::gil_scoped_release free;
  return body();
}

py::dict rows_out(Context& context) {
  const Rows rows = context.rows();
  py::dict out;
  for (const auto& column : rows.columns)
    out[py::str(std::string(column.name))] = copy_out(column.values);
  return out;
}

void bind_context(py::module_& m) {
  py::class_<Predictions>(m, "Predictions", "Decisions of one batch; None where there are none.")
      .def_readonly("n", &Predictions::n)
      .def_readonly("n_classes", &Predictions::n_classes)
      .def_property_readonly(
          "scores", [](const Predictions& p) { return matrix(p.scores, p.n, p.n_classes); })
      .def_property_readonly(
          "probabilities",
          [](const Predictions& p) { return matrix(p.probabilities, p.n, p.n_classes); })
      .def_property_readonly("label", [](const Predictions& p) { return vector(p.label); })
      .def_property_readonly("confidence",
                             [](const Predictions& p) { return vector(p.confidence); })
      .def_property_readonly("target", [](const Predictions& p) { return vector(p.target); })
      .def_property_readonly("correct",
                             [](const Predictions& p) -> py::object {
                               const py::object flags = vector(p.correct);
                               return flags.is_none() ? flags : flags.attr("astype")("bool");
                             })
      .def_property_readonly("loss", [](const Predictions& p) { return vector(p.loss); });
  py::class_<LentContext>(m, "Context", R"(One batch of a pass; what is computed on it is shared.

Lent for the call: keep what you read from it, not the object.)")
      .def_property_readonly("session",
                             [](const LentContext& c) {
                               return LentSession{&c.get("Context").session(), c.alive};
                             })
      .def_property_readonly("batch", [](const LentContext& c) { return c.get("Context").batch(); })
      .def_property_readonly(
          "kind",
          [](const LentContext& c) { return std::string(name_of(c.get("Context").kind())); })
      .def(
          "outputs",
          [](const LentContext& c) {
            Context& context = c.get("Context");
            return released([&] { return context.outputs(); });
          },
          "Runs the model on first use.")
      .def(
          "activation",
          [](const LentContext& c, const std::string& layer) {
            Context& context = c.get("Context");
            return released([&] { return context.activation(layer); });
          },
          py::arg("layer"))
      .def(
          "predictions",
          [](const LentContext& c) {
            Context& context = c.get("Context");
            return released([&] { return context.predictions(); });
          },
          "Classification only.")
      .def(
          "rows",
          [](const LentContext& c) {
            Context& context = c.get("Context");
            released([&] { (void)context.predictions(); });
            return rows_out(context);
          },
          "Columns for metrics, name -> array.");
}

}  // namespace

void bind_session(py::module_& m) {
  bind_rng(m);
  bind_sample_table(m);
  bind_session_class(m);
  bind_context(m);
}

}  // namespace leadline::bindings

#include "leadline/report/report.hpp"

#include <pybind11/numpy.h>
#include <pybind11/stl.h>

#include <limits>

#include "core/bindings.hpp"
#include "core/enums.hpp"
#include "leadline/engine/policy.hpp"

namespace leadline::bindings {
namespace {

std::string path_in(py::handle path, std::string_view who) {
  if (!py::isinstance<py::str>(path) && !py::hasattr(path, "__fspath__"))
    throw TypeError(who, "a path", describe(path), "pass a text or a pathlib.Path");
  return py::module_::import("os").attr("fspath")(path).cast<std::string>();
}

Comparison comparison_in(const std::string& text) {
  for (const auto& [word, value] :
       {std::pair{"at_least", Comparison::at_least}, std::pair{"at_most", Comparison::at_most},
        std::pair{"above", Comparison::above}, std::pair{"below", Comparison::below}})
    if (text == word || text == symbol_of(value)) return value;
  throw ValueError("Policy.require", "comparison 'at_least', 'at_most', 'above' or 'below'",
                   "'" + text + "'", "use one of these words");
}

// at_least=0.9 reads better than comparison="at_least", limit=0.9; exactly one of the four.
Requirement requirement_in(std::string estimate, const py::kwargs& options) {
  Requirement r;
  r.estimate = std::move(estimate);
  int limits = 0;
  for (const auto& [key_object, value] : options) {
    const auto key = key_object.cast<std::string>();
    if (key == "name") {
      r.name = value.cast<std::string>();
    } else if (key == "slice") {
      r.slice = value.cast<std::string>();
    } else if (key == "reason") {
      r.reason = value.cast<std::string>();
    } else if (key == "at_least" || key == "at_most" || key == "above" || key == "below") {
      r.comparison = comparison_in(key);
      if (!PyFloat_Check(value.ptr()) && !PyLong_Check(value.ptr()))
        throw TypeError("Policy.require", "option '" + key + "' to be a number", describe(value),
                        "pass the limit");
      r.limit = value.cast<double>();
      ++limits;
    } else {
      throw ValueError("Policy.require",
                       "options at_least, at_most, above, below, slice, name, reason",
                       "'" + key + "'", "drop it");
    }
  }
  if (limits != 1)
    throw ValueError("Policy.require", "exactly one of at_least, at_most, above, below",
                     std::to_string(limits), "say require('task.accuracy', at_least=0.9)");
  return r;
}

void bind_verdict(py::module_& m) {
  py::class_<Requirement>(m, "Requirement", "A limit on one estimate.")
      .def_readonly("name", &Requirement::name)
      .def_readonly("estimate", &Requirement::estimate)
      .def_readonly("limit", &Requirement::limit)
      .def_readonly("slice", &Requirement::slice)
      .def_readonly("reason", &Requirement::reason)
      .def_property_readonly(
          "comparison", [](const Requirement& r) { return std::string(symbol_of(r.comparison)); })
      .def("__repr__", [](const Requirement& r) {
        return "Requirement(" + r.estimate + " " + std::string(symbol_of(r.comparison)) + " " +
               py::str(py::float_(r.limit)).cast<std::string>() + ")";
      });
  py::class_<Verdict>(m, "Verdict", "How a requirement came out.")
      .def_readonly("requirement", &Verdict::requirement)
      .def_property_readonly("outcome",
                             [](const Verdict& v) { return std::string(name_of(v.outcome)); })
      .def_readonly("why", &Verdict::why)
      .def_readonly("estimate", &Verdict::estimate)
      .def_readonly("more_samples", &Verdict::more_samples,
                    "About how many further samples would decide, or None.")
      .def("__repr__", [](const Verdict& v) {
        return "Verdict(" + v.requirement.estimate + ": " + std::string(name_of(v.outcome)) + ")";
      });
}

void bind_policy(py::module_& m) {
  py::class_<Policy>(m, "Policy", R"(Named limits on estimates, lockable before the first look.

Example:
    >>> import leadline
    >>> policy = leadline.Policy("release gate").require("task.accuracy", at_least=0.9)
    >>> print(len(policy.requirements), policy.locked)
    1 False
)")
      .def(py::init<std::string>(), py::arg("name") = "policy")
      .def_static("from_toml", &Policy::from_toml, py::arg("text"), py::arg("where") = "policy")
      .def_static(
          "load",
          [](const py::object& path) { return Policy::load(py::str(path).cast<std::string>()); },
          py::arg("path"))
      .def(
          "save",
          [](const Policy& p, const py::object& path) { p.save(path_in(path, "Policy.save")); },
          py::arg("path"))
      .def("to_toml", &Policy::to_toml)
      .def(
          "require",
          [](py::object self, const std::string& estimate, const py::kwargs& options) {
            self.cast<Policy&>().require(requirement_in(estimate, options));
            return self;
          },
          py::arg("estimate"),
          "Adds a requirement: one of at_least, at_most, above, below; slice, name, reason.")
      .def(
          "lock",
          [](py::object self, const std::string& time) {
            self.cast<Policy&>().lock(time);
            return self;
          },
          py::arg("time") = "", "Fixes hash and time (UTC).")
      .def_property_readonly("locked", &Policy::locked)
      .def_property_readonly("locked_at", &Policy::locked_at)
      .def_property_readonly("hash", &Policy::hash)
      .def_property_readonly("name", &Policy::name)
      .def_property_readonly("requirements",
                             [](const Policy& p) {
                               const auto all = p.requirements();
                               return std::vector<Requirement>(all.begin(), all.end());
                             })
      .def("judge", &Policy::judge, py::arg("report"), "One verdict a requirement.")
      .def("__repr__", [](const Policy& p) {
        return "Policy('" + p.name() + "', " + std::to_string(p.requirements().size()) +
               " requirements" + (p.locked() ? ", locked " + p.locked_at() : "") + ")";
      });
}

std::vector<Check> doubts_of(const Report& report, const std::string& name) {
  std::vector<Check> out;
  for (const auto* check : report.doubts(name)) out.push_back(*check);
  return out;
}

py::dict estimates_of(const Report& report) {
  py::dict out;
  for (const auto& finding : report.findings)
    for (const auto& named : finding.estimates)
      out[py::str(finding.probe + "." + named.name)] = named.estimate;
  return out;
}

py::dict samples_of(const Report& report) {
  const auto table = report.sample_table("Report.samples");
  const auto ids = table->ids();
  py::dict out;
  out["id"] = ids_out(ids);
  for (const auto& name : table->columns()) {
    std::vector<double> values;
    for (const SampleId id : ids)
      values.push_back(table->get(name, id).value_or(std::numeric_limits<double>::quiet_NaN()));
    out[py::str(name)] = py::array_t<double>(std::ssize(values), values.data());
  }
  return out;
}

void save_report(const Report& report, const py::object& path) {
  const auto text = path_in(path, "Report.save");
  if (text.ends_with(".html") || text.ends_with(".htm"))
    py::module_::import("leadline._display").attr("save_html")(report, text);
  else
    report.save(text);
}

void bind_class(py::module_& m) {
  py::class_<PolicyRecord>(m, "PolicyRecord", "The limits a report was judged by.")
      .def_readonly("name", &PolicyRecord::name)
      .def_readonly("hash", &PolicyRecord::hash)
      .def_readonly("locked_at", &PolicyRecord::locked_at)
      .def_readonly("timing", &PolicyRecord::timing);
  py::class_<Report>(m, "Report", R"(Provenance, findings and verdicts: all that is saved.

`report["task.accuracy"]` gives an `Estimate` by its full name; `save` writes HTML, JSON or
Markdown by the ending of the path.)")
      .def_readonly("schema", &Report::schema)
      .def_readonly("kind", &Report::kind)
      .def_readonly("title", &Report::title)
      .def_readonly("created", &Report::created, "UTC, ISO 8601.")
      .def_readonly("partial", &Report::partial, "Cancelled, out of time, or a shard missing.")
      .def_readonly("partial_why", &Report::partial_why)
      .def_readonly("findings", &Report::findings)
      .def_readonly("verdicts", &Report::verdicts)
      .def_readonly("policy", &Report::policy)
      .def_property_readonly("provenance",
                             [](const Report& r) {
                               py::dict out;
                               for (const auto& [key, value] : r.provenance)
                                 out[py::str(key)] = value;
                               return out;
                             })
      .def_property_readonly("estimates", &estimates_of, "Full name -> Estimate.")
      .def(
          "finding",
          [](const Report& r, const std::string& id) {
            const Finding* found = r.find(id);
            if (found) return *found;
            std::string known;
            for (const auto& f : r.findings) known += (known.empty() ? "" : ", ") + f.probe;
            throw ValueError("Report.finding", "one of " + known, "'" + id + "'",
                             "use the id of a probe that ran");
          },
          py::arg("probe_id"))
      .def("doubts", &doubts_of, py::arg("name"), "The failed checks that cover an estimate.")
      .def("fact", &Report::fact, py::arg("key"), "A fact of the provenance, '' when absent.")
      .def("__getitem__", [](const Report& r, const std::string& name) { return r[name]; })
      .def("__getitem__",
           [](const Report&, const py::object& name) -> Estimate {
             throw TypeError("Report", "the name of an estimate", describe(name),
                             "list(report) gives the names");
           })
      .def("__contains__", [](const Report& r,
                              const std::string& name) { return r.find_estimate(name) != nullptr; })
      .def("__iter__", [](const Report& r) { return py::iter(py::cast(r.estimate_names())); })
      .def("to_json", &Report::to_json, py::arg("indent") = 1)
      .def_static("from_json", &Report::from_json, py::arg("json"))
      .def("to_markdown", &Report::to_markdown)
      .def("summary", &Report::summary,
           "A screenful for a terminal: verdicts, then one sentence a question.")
      .def_property_readonly(
          "samples", &samples_of,
          R"(Results by sample: "id" and one NumPy array a column, NaN where absent.

Raises StoreError when the report has none, or their file is gone.)")
      .def("to_dict",
           [](const Report& r) { return py::module_::import("json").attr("loads")(r.to_json(0)); })
      .def("save", &save_report, py::arg("path"),
           "Writes .html, .json or .md, atomically. Raises StoreError.")
      .def_static(
          "load", [](const py::object& path) { return Report::load(path_in(path, "Report.load")); },
          py::arg("path"))
      .def("__repr__",
           [](const Report& r) {
             return "<leadline.Report: " + std::to_string(r.findings.size()) + " findings, " +
                    std::to_string(r.verdicts.size()) + " verdicts" +
                    (r.partial ? ", partial: " + r.partial_why : "") + ">";
           })
      .def("__str__", &Report::summary)
      .def("_repr_html_",
           [](const Report& r) {
             return py::module_::import("leadline._display").attr("html_fragment")(r);
           })
      .def(py::pickle([](const Report& r) { return r.to_json(0); },
                      [](const std::string& json) { return Report::from_json(json); }));
}

}  // namespace

void bind_report(py::module_& m) {
  bind_verdict(m);
  bind_class(m);
  bind_policy(m);
}

}  // namespace leadline::bindings

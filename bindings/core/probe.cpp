/// Probes: those of the catalog, and those written in Python.
#include "leadline/core/probe.hpp"

#include <pybind11/stl.h>
#include <pybind11/trampoline_self_life_support.h>

#include "core/bindings.hpp"
#include "core/enums.hpp"
#include "core/python_object.hpp"
#include "leadline/core/error.hpp"

namespace leadline::bindings {
namespace {

ProbeInfo info_in(const py::dict& given) {
  ProbeInfo info;
  for (const auto& [key_object, value] : given) {
    const auto key = key_object.cast<std::string>();
    if (key == "name")
      info.name = value.cast<std::string>();
    else if (key == "question")
      info.question = value.cast<std::string>();
    else if (key == "access")
      info.access = access_in(py::isinstance<py::str>(value)
                                  ? value.cast<std::string>()
                                  : py::str(",").attr("join")(value).cast<std::string>(),
                              "ProbeInfo");
    else if (key == "roles")
      info.roles = value.cast<std::vector<std::string>>();
    else if (key == "needs_target")
      info.needs_target = value.cast<bool>();
    else if (key == "needs_random_access")
      info.needs_random_access = value.cast<bool>();
    else if (key == "shards")
      info.shards = value.cast<bool>();
    else if (key == "relative_cost")
      info.relative_cost = value.cast<double>();
    else if (key == "alternative")
      info.alternative = value.cast<std::string>();
    else
      throw ValueError("ProbeInfo",
                       "fields name, question, access, roles, needs_target, needs_random_access, "
                       "shards, relative_cost, alternative",
                       "'" + key + "'", "drop it");
  }
  return info;
}

// None ends the passes; a str is the role; a dict or PassNeeds says all.
std::optional<PassNeeds> needs_in(const py::object& given, const std::string& who) {
  if (given.is_none()) return std::nullopt;
  if (py::isinstance<PassNeeds>(given)) return given.cast<PassNeeds>();
  if (py::isinstance<py::str>(given)) return PassNeeds{given.cast<std::string>(), {}};
  throw TypeError(who, "PassNeeds, the name of a role, or None", describe(given),
                  "return 'test' for one pass over the test data, then None");
}

py::object state_module() { return py::module_::import("leadline._state"); }

// Each override runs under the GIL, its exceptions as C++ ones that name class and method.
template <class Base, class Body>
auto guarded(const Base* self, const char* method, const std::string& expected, Body&& body)
    -> decltype(body()) {
  const py::gil_scoped_acquire gil;
  const std::string who = class_name<Base>(self) + "." + method;
  try {
    return body();
  } catch (py::error_already_set& error) {
    rethrow(error, who, expected, std::string("fix ") + method + "()");
  } catch (const py::cast_error&) {
    throw TypeError(who, expected, "another type",
                    std::string("fix what ") + method + "() returns");
  }
}

struct PyProbeRun final : ProbeRun, py::trampoline_self_life_support {
  std::optional<PassNeeds> next_pass() override {
    return guarded<ProbeRun>(this, "next_pass", "PassNeeds, a role, or None", [&] {
      const py::function own = override_of<ProbeRun>(this, "next_pass");
      return own ? needs_in(own(), class_name<ProbeRun>(this) + ".next_pass") : std::nullopt;
    });
  }
  void observe(Context& context) override {
    guarded<ProbeRun>(this, "observe",
                      "to read a batch of " + std::to_string(context.batch().size()) + " samples",
                      [&] {
                        const py::function own = override_of<ProbeRun>(this, "observe");
                        if (!own) return ProbeRun::observe(context);
                        const Lending<Context> lent(context);
                        own(lent.object());
                      });
  }
  void work(Session& session) override {
    guarded<ProbeRun>(this, "work", "to finish its own loops", [&] {
      const py::function own = override_of<ProbeRun>(this, "work");
      if (!own) return ProbeRun::work(session);
      const Lending<Session> lent(session);
      own(lent.object());
    });
  }
  void merge(const ProbeRun& other) override {
    guarded<ProbeRun>(this, "merge", "to add another state", [&] {
      required<ProbeRun>(this, "merge")(py::cast(&other, py::return_value_policy::reference));
    });
  }
  std::string save() const override {
    return guarded<ProbeRun>(this, "save", "the state as text", [&] {
      const py::function own = override_of<ProbeRun>(this, "save");
      return (own ? py::object(own()) : state_module().attr("save")(self())).cast<std::string>();
    });
  }
  void load(std::string_view state) override {
    guarded<ProbeRun>(this, "load", "a saved state", [&] {
      const py::function own = override_of<ProbeRun>(this, "load");
      if (own)
        own(std::string(state));
      else
        state_module().attr("load")(self(), std::string(state));
    });
  }
  Finding finish(Session& session) override {
    return guarded<ProbeRun>(this, "finish", "a Finding", [&] {
      const Lending<Session> lent(session);
      return required<ProbeRun>(this, "finish")(lent.object()).template cast<Finding>();
    });
  }

 private:
  py::object self() const {
    return py::cast(static_cast<const ProbeRun*>(this), py::return_value_policy::reference);
  }
};

struct PyProbe final : Probe, py::trampoline_self_life_support {
  ProbeInfo info() const override {
    return guarded<Probe>(this, "info", "a ProbeInfo or a dict of its fields", [&] {
      const py::object given = required<Probe>(this, "info")();
      ProbeInfo info = py::isinstance<ProbeInfo>(given) ? given.cast<ProbeInfo>()
                                                        : info_in(given.cast<py::dict>());
      if (info.name.empty()) info.name = class_name<Probe>(this);
      return info;
    });
  }
  std::vector<std::pair<std::string, std::string>> options() const override {
    return guarded<Probe>(this, "options", "a dict of options", [&] {
      const py::function own = override_of<Probe>(this, "options");
      const py::object self =
          py::cast(static_cast<const Probe*>(this), py::return_value_policy::reference);
      const py::dict given = own ? py::dict(own()) : py::dict(state_module().attr("options")(self));
      std::vector<std::pair<std::string, std::string>> out;
      const py::object dumps = state_module().attr("dumps");
      for (const auto& [name, value] : given)
        out.emplace_back(name.cast<std::string>(), dumps(value).cast<std::string>());
      return out;
    });
  }
  std::shared_ptr<ProbeRun> start(Session& session) const override {
    return guarded<Probe>(this, "start", "a ProbeRun", [&] {
      const Lending<Session> lent(session);
      auto run =
          required<Probe>(this, "start")(lent.object()).template cast<std::shared_ptr<ProbeRun>>();
      if (!run)
        throw TypeError(class_name<Probe>(this) + ".start", "a ProbeRun", "None",
                        "return the state");
      return run;
    });
  }
};

void bind_records(py::module_& m) {
  py::class_<PassNeeds>(m, "PassNeeds", "What one pass over a role needs.")
      .def(py::init([](std::string over, std::vector<std::string> layers) {
             return PassNeeds{std::move(over), std::move(layers)};
           }),
           py::arg("over") = "test", py::arg("layers") = std::vector<std::string>{})
      .def_readonly("over", &PassNeeds::over)
      .def_readonly("layers", &PassNeeds::layers);
  py::class_<ProbeInfo>(m, "ProbeInfo", "Static facts of a probe.")
      .def(py::init([](const py::kwargs& fields) { return info_in(fields); }))
      .def_readonly("name", &ProbeInfo::name)
      .def_readonly("question", &ProbeInfo::question)
      .def_property_readonly("access", [](const ProbeInfo& i) { return text_of(i.access); })
      .def_readonly("roles", &ProbeInfo::roles)
      .def_readonly("needs_target", &ProbeInfo::needs_target)
      .def_readonly("needs_random_access", &ProbeInfo::needs_random_access)
      .def_readonly("shards", &ProbeInfo::shards)
      .def_readonly("relative_cost", &ProbeInfo::relative_cost)
      .def_readonly("alternative", &ProbeInfo::alternative);
}

}  // namespace

void bind_probe(py::module_& m) {
  bind_records(m);
  py::classh<ProbeRun, PyProbeRun>(m, "ProbeRun", R"(The state of one probe in one run.

Subclass it: `next_pass()` gives a role or None, `observe(context)` reads a batch, `work(session)` is
for loops of its own, `merge(other)` adds a shard, `finish(session)` gives the Finding. `save` and
`load` have defaults over `state_dict()`.)")
      .def(py::init<>())
      .def("next_pass", &ProbeRun::next_pass)
      .def("merge", &ProbeRun::merge, py::arg("other"))
      .def("save", &ProbeRun::save)
      .def(
          "load", [](ProbeRun& run, const std::string& state) { run.load(state); },
          py::arg("state"));
  py::classh<Probe, PyProbe>(m, "Probe", R"(An immutable recipe that answers one safety question.

Subclass it with `info()` (a dict of `ProbeInfo` fields) and `start(session)`, which returns a fresh
`ProbeRun`.)")
      .def(py::init<>())
      .def("info", &Probe::info)
      .def("options", [](const Probe& probe) {
        py::dict out;
        for (const auto& [name, value] : probe.options()) out[py::str(name)] = value;
        return out;
      });
  py::classh<CatalogProbe, Probe>(m, "CatalogProbe", "A probe of the catalog.")
      .def_property_readonly("_inner", [](const CatalogProbe& p) { return p.inner; });
}

}  // namespace leadline::bindings

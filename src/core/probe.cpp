#include "leadline/core/probe.hpp"

#include "leadline/core/error.hpp"
#include "leadline/core/metric.hpp"

namespace leadline {

Metric::~Metric() = default;

void Metric::describe(Finding& finding, std::string_view prefix) const {
  const auto about = info();
  finding.add(std::string(prefix) + about.name, compute(), about.better, about.label, about.unit);
}

Session::~Session() = default;

void Session::wrong_subject() {
  const auto about = subject().info();
  throw CapabilityError(
      "Session.subject_as", "a subject of the kind the probe needs",
      "'" + about.name + "' (" + about.backend + "), which offers " + text_of(about.access),
      "wrap it with leadline.as_model, or choose a probe that needs less");
}

ProbeRun::~ProbeRun() = default;
std::optional<PassNeeds> ProbeRun::next_pass() { return std::nullopt; }
void ProbeRun::observe(Context&) {}
void ProbeRun::work(Session&) {}

Probe::~Probe() = default;
std::vector<std::pair<std::string, std::string>> Probe::options() const { return {}; }

}  // namespace leadline

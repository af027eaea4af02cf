#include "leadline/core/probe.hpp"

#include "leadline/core/error.hpp"
#include "leadline/core/metric.hpp"

namespace leadline {

Metric::~Metric() = default;

void Metric::describe(Finding& finding, std::string_view prefix) const {
  const auto about = info();
  finding.add(std::string(prefix) + about.name, compute(), about.better, about.label, about.unit);
}

std::vector<std::pair<std::string, std::string>> Metric::arguments() const { return {}; }

void Metric::adopt(const Metric& other) {
  throw ValueError(info().name + ".adopt", "a metric of the same, shared state",
                   "'" + other.info().name + "'", "see Metric::state_key");
}

std::vector<Column> columns_of(std::span<const std::string> reads,
                               std::span<const ArrayView> arrays, std::string_view who) {
  if (arrays.size() > reads.size()) {
    std::string text;
    for (const std::string& name : reads) text += (text.empty() ? "" : ", ") + name;
    throw TypeError(who, std::to_string(reads.size()) + " arrays: " + text,
                    std::to_string(arrays.size()), "pass them in this order, or by name");
  }
  std::vector<Column> columns;
  for (std::size_t i = 0; i < arrays.size(); ++i) {
    const bool scores = reads[i] == "prediction" && is_floating(arrays[i].dtype);
    columns.push_back(
        {scores ? std::string_view("scores") : std::string_view(reads[i]), arrays[i]});
  }
  return columns;
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

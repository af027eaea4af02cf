#include "leadline/report/report.hpp"

#include "core/file.hpp"
#include "leadline/core/catalog.hpp"
#include "leadline/core/error.hpp"
#include "report/json.hpp"

namespace leadline {
namespace detail::report {

bool ends_with(std::string_view text, std::string_view ending) {
  return text.size() >= ending.size() && text.substr(text.size() - ending.size()) == ending;
}

/// The finding and the local name that a full name means; the longest probe id wins, for an id may
/// hold a dot.
std::pair<const Finding*, std::string_view> split(const Report& report,
                                                  std::string_view full_name) {
  const Finding* best = nullptr;
  for (const auto& finding : report.findings) {
    const auto size = finding.probe.size();
    const bool prefix = full_name.size() > size && full_name[size] == '.' &&
                        full_name.substr(0, size) == finding.probe;
    if (prefix && (best == nullptr || size > best->probe.size())) best = &finding;
  }
  if (best == nullptr) return {nullptr, {}};
  return {best, full_name.substr(best->probe.size() + 1)};
}

[[noreturn]] void unknown(const Report& report, std::string_view full_name) {
  const auto names = report.estimate_names();
  const std::vector<std::string_view> known(names.begin(), names.end());
  const auto nearest = nearest_name(full_name, known);
  const auto [finding, local] = split(report, full_name);
  std::string remedy = "estimate_names() lists all " + std::to_string(names.size());
  if (!nearest.empty())
    remedy = "did you mean '" + std::string(nearest) + "'?";
  else if (finding != nullptr && finding->status != Status::ok)
    remedy = "'" + finding->probe + "' is " + std::string(name_of(finding->status)) + ": " +
             finding->why;
  throw ValueError("Report", "the full name of an estimate, <probe id>.<estimate>",
                   "'" + std::string(full_name) + "'", remedy);
}

}  // namespace detail::report

const Finding* Report::find(std::string_view probe_id) const {
  for (const auto& finding : findings)
    if (finding.probe == probe_id) return &finding;
  return nullptr;
}

const Named* Report::find_estimate(std::string_view full_name) const {
  const auto [finding, local] = detail::report::split(*this, full_name);
  return finding == nullptr ? nullptr : finding->find(local);
}

const Estimate& Report::operator[](std::string_view full_name) const {
  if (const auto* named = find_estimate(full_name)) return named->estimate;
  detail::report::unknown(*this, full_name);
}

std::vector<std::string> Report::estimate_names() const {
  std::vector<std::string> names;
  for (const auto& finding : findings)
    for (const auto& named : finding.estimates) names.push_back(finding.probe + "." + named.name);
  return names;
}

std::vector<const Check*> Report::doubts(std::string_view full_name) const {
  const auto [finding, local] = detail::report::split(*this, full_name);
  if (finding == nullptr || finding->find(local) == nullptr)
    detail::report::unknown(*this, full_name);
  return finding->doubts(local);
}

std::string Report::fact(std::string_view key) const {
  for (const auto& [name, value] : provenance)
    if (name == key) return value;
  return {};
}

std::string Report::to_json(int indent) const {
  return detail::json::dump(detail::json::write(*this, "Report.to_json"), indent);
}

Report Report::from_json(std::string_view json) {
  constexpr std::string_view who = "Report.from_json";
  return detail::json::read_report(detail::json::parse(json, who), who);
}

void Report::save(const std::string& path) const {
  if (detail::report::ends_with(path, ".json"))
    return detail::file::write_atomically(path, to_json(), "Report.save");
  if (detail::report::ends_with(path, ".md"))
    return detail::file::write_atomically(path, to_markdown(), "Report.save");
  throw ValueError("Report.save", "a path that ends in .json or .md", "'" + path + "'",
                   "Python's Report.save also writes .html");
}

Report Report::load(const std::string& path) {
  constexpr std::string_view who = "Report.load";
  return detail::json::read_report(detail::json::parse(detail::file::read(path, who), who), who);
}

std::string finding_to_json(const Finding& finding) {
  return detail::json::dump(detail::json::write(finding, "finding_to_json"), 1);
}

Finding finding_from_json(std::string_view json) {
  constexpr std::string_view who = "finding_from_json";
  return detail::json::read_finding(detail::json::parse(json, who), who);
}

}  // namespace leadline

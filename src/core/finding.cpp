#include "leadline/core/finding.hpp"

#include "leadline/core/catalog.hpp"
#include "leadline/core/error.hpp"

namespace leadline {

std::string_view name_of(Check::Result result) {
  switch (result) {
    case Check::pass:
      return "pass";
    case Check::fail:
      return "fail";
    case Check::not_run:
      break;
  }
  return "not_run";
}

Named& Finding::add(std::string name, Estimate estimate, Better better, std::string label,
                    std::string unit) {
  if (find(name) != nullptr)
    throw ValueError("Finding.add", "a new estimate name", "'" + name + "' again",
                     "put what differs into braces: accuracy{eps=0.1}");
  estimates.push_back(
      {std::move(name), std::move(estimate), better, std::move(unit), std::move(label)});
  return estimates.back();
}

const Named* Finding::find(std::string_view local_name) const {
  for (const auto& named : estimates)
    if (named.name == local_name) return &named;
  return nullptr;
}

const Estimate& Finding::at(std::string_view local_name) const {
  if (const auto* named = find(local_name)) return named->estimate;
  std::vector<std::string_view> known;
  for (const auto& named : estimates) known.push_back(named.name);
  const auto nearest = nearest_name(local_name, known);
  throw ValueError("Finding.at", "an estimate of '" + probe + "'",
                   "'" + std::string(local_name) + "'",
                   nearest.empty() ? "" : "did you mean '" + std::string(nearest) + "'?");
}

std::vector<const Check*> Finding::doubts(std::string_view local_name) const {
  std::vector<const Check*> failed;
  for (const auto& check : checks) {
    if (check.result != Check::fail) continue;
    if (check.applies_to.empty()) failed.push_back(&check);
    for (const auto& covered : check.applies_to) {
      if (covered == "*" || covered == local_name) {
        failed.push_back(&check);
        break;
      }
    }
  }
  return failed;
}

Finding absent_finding(std::string probe, std::string kind, std::string question, Status status,
                       std::string why, std::vector<Remedy> remedies) {
  Finding finding;
  finding.probe = std::move(probe);
  finding.kind = std::move(kind);
  finding.question = std::move(question);
  finding.status = status;
  finding.why = std::move(why);
  finding.remedies = std::move(remedies);
  return finding;
}

}  // namespace leadline

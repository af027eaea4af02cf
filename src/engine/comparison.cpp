// Reading a report of kind "compare".
#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "engine/compare_findings.hpp"
#include "leadline/core/error.hpp"

namespace leadline {
namespace detail::comparison {

/// "task.f1{average=macro}" without its finding and with it.
std::pair<std::string, std::string> split(std::string_view full_name) {
  const auto dot = full_name.find('.');
  if (dot == std::string_view::npos) return {"task", std::string(full_name)};
  return {std::string(full_name.substr(0, dot)), std::string(full_name.substr(dot + 1))};
}

/// The metric that a `..._difference...` estimate belongs to.
std::optional<std::string> metric_of(const std::string& name) {
  constexpr std::string_view ending = "_difference";
  const auto at = std::min(name.find('{'), name.find('@'));
  const std::string head = name.substr(0, at);
  if (!head.ends_with(ending)) return std::nullopt;
  return head.substr(0, head.size() - ending.size()) +
         (at == std::string::npos ? "" : name.substr(at));
}

std::optional<double> fact_of(const Estimate& estimate, std::string_view key) {
  const auto found = estimate.facts.find(key);
  return found == estimate.facts.end() ? std::nullopt : std::optional(found->second);
}

}  // namespace detail::comparison

ModelComparison::ModelComparison(Report report) : report_(std::move(report)) {
  if (report_.kind != "compare")
    throw ValueError("ModelComparison", "a report of kind 'compare'", "'" + report_.kind + "'",
                     "leadline.compare(report_a, report_b) makes one from two evaluations");
  const std::string verdict = report_.fact("compare.verdict");
  bool known = false;
  for (const auto change : {Change::better, Change::worse, Change::equivalent, Change::undecided})
    if (name_of(change) == verdict) {
      verdict_ = change;
      known = true;
    }
  if (!known)
    throw ValueError("ModelComparison", "a verdict in the fact 'compare.verdict'",
                     "'" + verdict + "'", "compare the two runs again");
  why_ = report_.fact("compare.why");
  const std::string more = report_.fact("compare.more_samples");
  std::int64_t count = 0;
  if (std::from_chars(more.data(), more.data() + more.size(), count).ec == std::errc())
    more_samples_ = count;
}

std::vector<std::string> ModelComparison::metrics() const {
  std::vector<std::string> names;
  for (const auto& finding : report_.findings)
    for (const auto& named : finding.estimates)
      if (const auto metric = detail::comparison::metric_of(named.name))
        names.push_back(finding.probe + "." + *metric);
  return names;
}

Compared ModelComparison::operator[](std::string_view full_name) const {
  namespace impl = detail::comparison;
  const auto [probe, name] = impl::split(full_name);
  const Finding* finding = report_.find(probe);
  const Named* difference =
      finding == nullptr ? nullptr : finding->find(detail::compare::difference_name(name));
  if (difference == nullptr) {
    const auto known = metrics();
    const auto nearest =
        nearest_name(full_name, std::vector<std::string_view>(known.begin(), known.end()));
    throw ValueError("ModelComparison", "a metric of both models, <finding>.<metric>",
                     fmt::format("'{}'", full_name),
                     nearest.empty() ? std::string("comparison.metrics lists them")
                                     : fmt::format("did you mean '{}'?", nearest));
  }
  Compared out;
  out.a = finding->at(detail::compare::with_key(name, "model=a"));
  out.b = finding->at(detail::compare::with_key(name, "model=b"));
  out.difference = difference->estimate;
  out.better = difference->better;
  out.p_value = impl::fact_of(out.difference, "p_value");
  out.p_value_adjusted = impl::fact_of(out.difference, "p_value_adjusted");
  for (const auto& [key, value] : finding->options)
    if (key == "test." + name) out.test = value;
  return out;
}

Flips ModelComparison::flips() const {
  const auto table = report_.sample_table("ModelComparison.flips");
  if (!table->has("a.correct") || !table->has("b.correct"))
    throw CapabilityError("ModelComparison.flips", "models that name classes", "models of numbers",
                          "read comparison['task.mae'] instead");
  std::vector<SampleId> ids(table->ids().begin(), table->ids().end());
  std::sort(ids.begin(), ids.end());
  Flips out;
  for (const SampleId id : ids) {
    const bool a = table->get("a.correct", id) == 1, b = table->get("b.correct", id) == 1;
    if (a && !b) out.worse.push_back(id);
    if (!a && b) out.better.push_back(id);
    if (!a && !b && table->get("a.prediction", id) != table->get("b.prediction", id))
      out.both_wrong.push_back(id);
  }
  return out;
}

}  // namespace leadline

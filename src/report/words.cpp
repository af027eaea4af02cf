#include "report/words.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "leadline/core/catalog.hpp"

namespace leadline::detail::words {

/// Whether a verdict judges an estimate of this finding.
bool judges(const Verdict& verdict, const Report& report, const Finding& finding) {
  const auto& name = verdict.requirement.estimate;
  const auto size = finding.probe.size();
  if (name.size() <= size || name[size] != '.' || name.compare(0, size, finding.probe) != 0)
    return false;
  const auto longer = [&](const Finding& other) {
    return other.probe.size() > size && name.size() > other.probe.size() &&
           name[other.probe.size()] == '.' && name.compare(0, other.probe.size(), other.probe) == 0;
  };
  return std::none_of(report.findings.begin(), report.findings.end(), longer);
}

/// The name of an estimate whatever its settings: "accuracy{eps=0.1}@sex=f" is "accuracy@sex=f".
std::string without_settings(const std::string& name) {
  const auto open = name.find('{'), close = name.find('}', open);
  if (close == std::string::npos) return name;
  return name.substr(0, open) + name.substr(close + 1);
}

std::vector<const Check*> headline_doubts(const Finding& finding) {
  const bool known = !finding.estimates.empty() && finding.estimates.front().estimate.ok();
  const std::string first = known ? without_settings(finding.estimates.front().name) : "";
  std::vector<const Check*> doubts;
  for (const auto& check : finding.checks) {
    if (check.result != Check::fail) continue;
    const auto reads = [&](const std::string& covered) {
      return covered == "*" || covered == "headline" || without_settings(covered) == first;
    };
    if (!known || check.applies_to.empty() ||
        std::any_of(check.applies_to.begin(), check.applies_to.end(), reads))
      doubts.push_back(&check);
  }
  return doubts;
}

std::string doubted_beside(const Finding& finding) {
  if (finding.status != Status::ok || !headline_doubts(finding).empty()) return {};
  constexpr int shown = 3;
  std::string list;
  int n = 0;
  for (const auto& [name, estimate, better, unit, label] : finding.estimates)
    if (!finding.doubts(name).empty() && n++ < shown)
      list += (n > 1 ? "; " : "") + (label.empty() ? name : label);
  return n > shown ? fmt::format("{}; {} more", list, n - shown) : list;
}

std::string did_you_mean(const Report& report, std::string_view name) {
  constexpr std::size_t most = 3;
  const std::vector<std::string> names = report.estimate_names();
  const auto bare = [](std::string_view full) { return full.substr(0, full.find_first_of("{@")); };
  const auto wanted = bare(name);
  std::vector<std::string_view> alike;
  for (const auto& finding : report.findings)
    for (const auto& named : finding.estimates)
      if (bare(named.name) == wanted ||
          finding.probe + "." + std::string(bare(named.name)) == wanted)
        alike.push_back(names[static_cast<std::size_t>(
            std::find(names.begin(), names.end(), finding.probe + "." + named.name) -
            names.begin())]);
  if (alike.empty()) {
    const std::vector<std::string_view> known(names.begin(), names.end());
    const auto nearest = nearest_name(name, known);
    if (nearest.empty()) return {};
    alike.push_back(nearest);
  }
  alike.resize(std::min(alike.size(), most));
  std::string text = "did you mean ";
  for (std::size_t i = 0; i < alike.size(); ++i)
    text += fmt::format("{}'{}'", i == 0 ? "" : i + 1 == alike.size() ? " or " : ", ", alike[i]);
  return text + "?";
}

std::string title(const Report& report) {
  if (!report.title.empty()) return report.title;
  const std::string model = report.fact("model.name");
  std::string data = report.fact("data.test.name");
  if (data.empty()) data = report.fact("data.name");
  if (model.empty()) return "Report";
  return data.empty() ? model : model + " on " + data;
}

Light light_of(const Report& report, const Finding& finding) {
  if (finding.status != Status::ok) return Light::not_measured;
  bool met = false, undecided = false;
  for (const auto& verdict : report.verdicts) {
    if (!judges(verdict, report, finding)) continue;
    if (verdict.outcome == Outcome::not_met) return Light::not_met;
    met = met || verdict.outcome == Outcome::met;
    undecided = undecided || verdict.outcome != Outcome::met;
  }
  if (!headline_doubts(finding).empty()) return Light::doubtful;
  if (undecided) return Light::undecided;
  return met ? Light::met : Light::no_limit;
}

std::string_view light(Light light) {
  switch (light) {
    case Light::met:
      return "Limit met";
    case Light::not_met:
      return "Limit not met";
    case Light::undecided:
      return "Undecided";
    case Light::no_limit:
      return "Measured, no limit set";
    case Light::doubtful:
      return "Not to be trusted";
    case Light::not_measured:
      break;
  }
  return "Not measured";
}

std::string_view outcome(Outcome outcome) {
  switch (outcome) {
    case Outcome::met:
      return "met";
    case Outcome::not_met:
      return "not met";
    case Outcome::undecided:
      return "undecided";
    case Outcome::not_measured:
      break;
  }
  return "not measured";
}

std::string headline(const Finding& finding) {
  if (finding.status != Status::ok)
    return (finding.question.empty() ? finding.probe : finding.question) + " " +
           (finding.status == Status::failed ? "The measurement failed" : "Not measured") +
           (finding.why.empty() ? "." : ": " + finding.why);
  if (!finding.headline.empty()) return finding.headline;
  return finding.question.empty() ? finding.probe : finding.question;
}

std::string limits(const Report& report) {
  if (!report.policy && !report.verdicts.empty())
    return "The limit below belongs to the question that was asked; no policy was set.";
  if (!report.policy) return "No limits were set, so this report measures but does not judge.";
  const auto& policy = *report.policy;
  const std::string name = policy.name.empty() ? "" : " (" + policy.name + ")";
  if (policy.timing == "before")
    return "The limits" + name + " were set before anyone looked at the results" +
           (policy.locked_at.empty() ? "." : ", on " + policy.locked_at + ".");
  if (policy.timing == "after")
    return "The limits" + name +
           " were set after the results had been seen. Limits chosen this way can be fitted to the "
           "results.";
  return "It is not known whether the limits" + name + " were set before the results were seen.";
}

std::vector<Gap> gaps(const Report& report) {
  std::vector<Gap> list;
  const auto because = [](const std::string& why, Status status) {
    return why.empty() ? spaced(name_of(status)) : why;
  };
  for (const auto& finding : report.findings) {
    if (finding.status != Status::ok) {
      list.push_back({finding.question.empty() ? finding.probe : finding.question,
                      because(finding.why, finding.status)});
      continue;
    }
    for (const auto& named : finding.estimates)
      if (!named.estimate.ok())
        list.push_back({named.label.empty() ? finding.probe + "." + named.name : named.label,
                        because(named.estimate.why, named.estimate.status)});
  }
  for (const auto& verdict : report.verdicts) {
    const auto* named = report.find_estimate(verdict.requirement.estimate);
    if (verdict.outcome == Outcome::not_measured && named == nullptr)
      list.push_back({verdict.requirement.name.empty() ? verdict.requirement.estimate
                                                       : verdict.requirement.name,
                      because(verdict.why, Status::not_measured)});
  }
  return list;
}

std::string why(const Verdict& verdict) {
  if (!verdict.more_samples) return verdict.why;
  const bool ended = verdict.why.empty() || verdict.why.ends_with('.');
  return fmt::format("{}{}About {} more samples would decide.", verdict.why,
                     verdict.why.empty() ? ""
                     : ended             ? " "
                                         : ". ",
                     *verdict.more_samples);
}

/// The plain accuracy: over all samples, unchanged inputs.
const Named* plain_accuracy(const Report& report) {
  if (const auto* named = report.find_estimate("task.accuracy")) return named;
  // Where one is "clean", the other "accuracy" beside it is of changed inputs.
  for (const char* name : {"clean_accuracy", "accuracy"})
    for (const auto& finding : report.findings)
      if (const auto* named = finding.find(name)) return named;
  return nullptr;
}

std::string accuracy_alone(const Report& report) {
  const auto* named = plain_accuracy(report);
  if (named == nullptr || !named->estimate.ok()) return {};
  const auto& estimate = named->estimate;
  std::string text = fmt::format("Accuracy alone would have said: {:.1f} in 100 are right",
                                 estimate.value() * 100);
  if (estimate.lower)
    text +=
        fmt::format(" (between {:.1f} and {:.1f})", *estimate.lower * 100, *estimate.upper * 100);
  std::size_t doubtful = 0, missing = 0;
  for (const auto& finding : report.findings) {
    doubtful += finding.status == Status::ok && !headline_doubts(finding).empty() ? 1 : 0;
    missing += finding.status != Status::ok ? 1 : 0;
  }
  const auto count = [&](Outcome outcome) {
    return std::count_if(report.verdicts.begin(), report.verdicts.end(),
                         [&](const Verdict& verdict) { return verdict.outcome == outcome; });
  };
  text += ". This report says: ";
  if (!report.verdicts.empty())
    text += fmt::format("of {} limits {} are met, {} not met, {} undecided, {} not measured; ",
                        report.verdicts.size(), count(Outcome::met), count(Outcome::not_met),
                        count(Outcome::undecided), count(Outcome::not_measured));
  return text + fmt::format("of {} questions {} have answers not to be trusted and {} no answer.",
                            report.findings.size(), doubtful, missing);
}

std::string number(double value) {
  if (std::isnan(value)) return "-";
  if (value == std::floor(value) && std::abs(value) < 1e15) return fmt::format("{:.0f}", value);
  return fmt::format("{:.4g}", value);
}

std::string estimate(const Estimate& estimate) {
  if (!estimate.ok())
    return spaced(name_of(estimate.status)) + (estimate.why.empty() ? "" : ": " + estimate.why);
  auto text = number(estimate.value());
  if (estimate.lower) text += " [" + number(*estimate.lower) + ", " + number(*estimate.upper) + "]";
  return text + fmt::format(", n = {}", estimate.n);
}

std::string cell(const TableBlock::Cell& cell) {
  if (const auto* integer = std::get_if<std::int64_t>(&cell)) return std::to_string(*integer);
  if (const auto* value = std::get_if<double>(&cell)) return number(*value);
  if (const auto* text = std::get_if<std::string>(&cell)) return *text;
  if (const auto* value = std::get_if<Estimate>(&cell)) return estimate(*value);
  return {};
}

std::string check_name(std::string_view name) {
  std::string text = spaced(name.substr(0, name.find('{')));
  if (name.find('{') == std::string_view::npos || !name.ends_with('}')) return spaced(name);
  text += " (";
  for (const char c : name.substr(name.find('{') + 1, name.size() - name.find('{') - 2)) {
    text += c == '=' ? ':' : c;
    if (c == '=' || c == ',') text += ' ';
  }
  return text + ")";
}

std::string spaced(std::string_view name) {
  std::string text(name);
  std::replace(text.begin(), text.end(), '_', ' ');
  return text;
}

}  // namespace leadline::detail::words

#include "leadline/engine/policy.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "engine/text.hpp"
#include "leadline/core/error.hpp"
#include "leadline/core/fingerprint.hpp"
#include "leadline/stats/intervals.hpp"
#include "report/words.hpp"

namespace leadline {
namespace detail::policy {

std::string full_name(const Requirement& requirement) {
  return requirement.slice.empty() ? requirement.estimate
                                   : requirement.estimate + "@" + requirement.slice;
}

/// The part of a requirement that decides.
std::string canonical(const Requirement& requirement) {
  return fmt::format("{} {} {}", full_name(requirement), symbol_of(requirement.comparison),
                     requirement.limit);
}

/// Why an estimate that is not in the report was not measured.
std::string why_absent(const Report& report, const Requirement& requirement) {
  const std::string id = requirement.estimate.substr(0, requirement.estimate.find('.'));
  const Finding* finding = report.find(id);
  if (finding == nullptr) return fmt::format("no probe '{}' was run", id);
  if (finding->status != Status::ok)
    return fmt::format(
        "'{}' was {}: {}", id,
        finding->status == Status::not_measured ? "not measured" : name_of(finding->status),
        finding->why);
  if (!requirement.slice.empty() && report.find_estimate(requirement.estimate) != nullptr)
    return fmt::format("'{}' was not measured on the slice '{}'", requirement.estimate,
                       requirement.slice);
  const std::string meant = words::did_you_mean(report, full_name(requirement));
  return fmt::format("'{}' gives no estimate '{}'{}", id, full_name(requirement),
                     meant.empty() ? "" : "; " + meant);
}

std::optional<std::int64_t> further_samples(const Estimate& estimate, double limit) {
  if (!estimate.lower || !estimate.upper || estimate.n <= 0) return std::nullopt;
  const double n = static_cast<double>(estimate.n);
  try {
    if (estimate.method == "wilson" || estimate.method == "clopper_pearson" ||
        estimate.method == "jeffreys")
      return stats::n_to_decide(estimate.value() * n, n, limit, estimate.level,
                                stats::proportion_method(estimate.method));
    return stats::n_to_decide(estimate.value(), {*estimate.lower, *estimate.upper}, estimate.n,
                              limit);
  } catch (const ValueError&) {  // a limit that no rate can cross
    return std::nullopt;
  }
}

/// Where a probe took a part of the data only: how to have it take more.
std::string not_all_taken(const Report& report, const Requirement& requirement) {
  const Finding* finding =
      report.find(requirement.estimate.substr(0, requirement.estimate.find('.')));
  if (finding == nullptr) return {};
  std::string size = report.fact("data.test.size");
  if (size.empty()) size = report.fact("data.size");
  for (const auto& [name, value] : finding->options)
    if (name == "max_samples" && std::atoll(value.c_str()) > 0 &&
        std::atoll(value.c_str()) < std::atoll(size.c_str()))
      return fmt::format(
          "; '{}' took {} of the {} samples there are, and takes more with a larger "
          "max_samples",
          finding->probe, value, size);
  return {};
}

/// met and not_met when [lower, upper] lies on one side of the limit.
Outcome place(Comparison comparison, double limit, double lower, double upper) {
  switch (comparison) {
    case Comparison::at_least:
      return lower >= limit ? Outcome::met : upper < limit ? Outcome::not_met : Outcome::undecided;
    case Comparison::above:
      return lower > limit ? Outcome::met : upper <= limit ? Outcome::not_met : Outcome::undecided;
    case Comparison::at_most:
      return upper <= limit ? Outcome::met : lower > limit ? Outcome::not_met : Outcome::undecided;
    case Comparison::below:
      break;
  }
  return upper < limit ? Outcome::met : lower >= limit ? Outcome::not_met : Outcome::undecided;
}

/// The range that the truth lies in, as far as the estimate says: nullopt when it does not.
std::optional<stats::Interval> range_of(const Estimate& estimate) {
  const double bound = estimate.error_bound;
  if (estimate.lower && estimate.upper)
    return stats::Interval{*estimate.lower - bound, *estimate.upper + bound};
  if (bound > 0 || estimate.method == "exact")
    return stats::Interval{estimate.value() - bound, estimate.value() + bound};
  return std::nullopt;
}

void decide(const Report& report, Verdict& verdict) {
  const Requirement& requirement = verdict.requirement;
  const std::string name = full_name(requirement);
  const Estimate& estimate = *verdict.estimate;
  const auto doubts = report.doubts(name);
  if (!doubts.empty()) {
    verdict.outcome = Outcome::undecided;
    verdict.why =
        fmt::format("{} is {}, but it is not to be trusted: check '{}' failed{} ({})", name,
                    estimate.text(), doubts.front()->name,
                    doubts.size() > 1 ? fmt::format(" and {} more", doubts.size() - 1) : "",
                    doubts.front()->why);
    return;
  }
  const auto range = range_of(estimate);
  if (!range) {
    verdict.outcome = Outcome::undecided;
    verdict.why = fmt::format("{} is {}, without an interval{}{}", name, estimate.text(),
                              estimate.why.empty() ? "" : ": ", estimate.why);
    return;
  }
  verdict.outcome = place(requirement.comparison, requirement.limit, range->lower, range->upper);
  if (verdict.outcome != Outcome::undecided) {
    verdict.why = fmt::format("the whole range lies on the {} side of the limit",
                              verdict.outcome == Outcome::met ? "right" : "wrong");
    return;
  }
  verdict.more_samples = further_samples(estimate, requirement.limit);
  verdict.why = "the limit lies inside the range";
  if (verdict.more_samples) verdict.why += not_all_taken(report, requirement);
}

}  // namespace detail::policy

Policy& Policy::require(Requirement requirement) {
  if (locked())
    throw ValueError("Policy.require", "a policy that is not locked",
                     fmt::format("'{}', locked at {}", name_, locked_at_), "start a new policy");
  if (requirement.estimate.find('.') == std::string::npos)
    throw ValueError("Policy.require", "the full name of an estimate, '<probe id>.<estimate>'",
                     fmt::format("'{}'", requirement.estimate), "for example 'task.accuracy'");
  if (!std::isfinite(requirement.limit))
    throw ValueError("Policy.require", "a finite limit", fmt::format("{}", requirement.limit),
                     "leave the requirement out");
  requirement.limit += 0.0;  // -0.0 and 0.0 are one limit, with one hash
  for (const auto& other : requirements_)
    if (detail::policy::full_name(other) == detail::policy::full_name(requirement) &&
        other.comparison == requirement.comparison)
      throw ValueError("Policy.require", "one limit for each estimate and comparison",
                       fmt::format("'{}' twice", detail::policy::canonical(requirement)),
                       "keep the stricter one");
  requirements_.push_back(std::move(requirement));
  return *this;
}

std::string Policy::hash() const {
  std::vector<std::string> lines;
  for (const auto& requirement : requirements_)
    lines.push_back(detail::policy::canonical(requirement));
  std::sort(lines.begin(), lines.end());
  Fingerprint all;
  for (const auto& line : lines) all.add(line);
  return all.text();
}

void Policy::lock(std::string time) {
  if (locked())
    throw ValueError("Policy.lock", "a policy that is not locked",
                     fmt::format("'{}', locked at {}", name_, locked_at_), "start a new policy");
  if (requirements_.empty())
    throw ValueError("Policy.lock", "at least one requirement", "none", "add requirements first");
  if (time.empty()) time = detail::engine::now_utc();
  if (!detail::engine::is_utc(time))
    throw ValueError("Policy.lock", "a UTC time such as 2026-11-21T10:00:00Z",
                     fmt::format("'{}'", time), "leave it out for now");
  locked_at_ = std::move(time);
}

std::vector<Verdict> Policy::judge(const Report& report) const {
  std::vector<Verdict> verdicts;
  for (const auto& requirement : requirements_) {
    Verdict verdict{requirement, Outcome::not_measured, {}, {}, {}};
    const std::string name = detail::policy::full_name(requirement);
    if (const Named* found = report.find_estimate(name); found == nullptr) {
      verdict.why = detail::policy::why_absent(report, requirement);
    } else {
      verdict.estimate = found->estimate;
      if (found->estimate.ok()) {
        detail::policy::decide(report, verdict);
      } else {
        verdict.why = fmt::format("{} has no value: {}", name, found->estimate.text());
      }
    }
    verdicts.push_back(std::move(verdict));
  }
  return verdicts;
}

}  // namespace leadline

#include <fmt/format.h>

#include <algorithm>

#include "leadline/report/report.hpp"
#include "report/words.hpp"

namespace leadline {
namespace detail::summary {

std::string_view word_for(Outcome outcome) {
  switch (outcome) {
    case Outcome::met:
      return "met";
    case Outcome::not_met:
      return "NOT MET";
    case Outcome::undecided:
      return "undecided";
    case Outcome::not_measured:
      break;
  }
  return "not measured";
}

std::string answer(const Finding& finding) {
  if (finding.status != Status::ok) {
    std::string status(name_of(finding.status));
    std::replace(status.begin(), status.end(), '_', ' ');
    return status + ": " + finding.why;
  }
  if (!words::headline_doubts(finding).empty()) return "NOT TO BE TRUSTED: " + finding.headline;
  const std::string beside = words::doubted_beside(finding);
  return finding.headline + (beside.empty() ? "" : "\n  Not to be trusted beside it: " + beside);
}

}  // namespace detail::summary

std::string Report::summary() const {
  namespace impl = detail::summary;
  std::string text = detail::words::title(*this) + "\n";
  if (partial) text += "Partial: " + partial_why + "\n";
  if (!verdicts.empty()) text += "\n";
  for (const auto& verdict : verdicts) {
    const auto& r = verdict.requirement;
    text += fmt::format(
        "  {:<13} {} ({} {} {:g}{}): {}\n", impl::word_for(verdict.outcome),
        r.name.empty() ? r.estimate : r.name, r.estimate, symbol_of(r.comparison), r.limit,
        verdict.estimate ? ", measured " + detail::words::estimate(*verdict.estimate) : "",
        detail::words::why(verdict));
  }
  text += "\n";
  for (const auto& finding : findings)
    text += fmt::format("{}\n  {}\n", finding.question, impl::answer(finding));
  return text;
}

}  // namespace leadline

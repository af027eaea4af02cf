/// What a report says in plain words, from blocks alone. The HTML page says the same.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "leadline/report/report.hpp"

namespace leadline::detail::words {

/// How a finding stands. A colour of judgement only where somebody set a limit.
enum class Light { met, not_met, undecided, no_limit, doubtful, not_measured };

/// The worst that the verdicts on its estimates, its checks and its status say.
Light light_of(const Report& report, const Finding& finding);
std::string_view light(Light light);  // "limits met", "not to be trusted", ...
std::string_view outcome(Outcome outcome);
/// The reason, and how many further samples would decide.
std::string why(const Verdict& verdict);

/// The failed checks that speak against the headline: those of the whole finding, of "headline",
/// and of the first estimate at any of its settings, for that is what a headline reads.
std::vector<const Check*> headline_doubts(const Finding& finding);
/// "surprise at the true class; ...": the doubted estimates, where the headline is not in doubt.
std::string doubted_beside(const Finding& finding);

/// "did you mean 'task.accuracy'?" for a name that no estimate has; empty where none is like it.
std::string did_you_mean(const Report& report, std::string_view name);
/// The title, else the model and the data.
std::string title(const Report& report);

/// The headline; what is missing when there is none.
std::string headline(const Finding& finding);
/// When the limits were set, in one or two sentences.
std::string limits(const Report& report);

struct Gap {
  std::string what, why;
};
/// All that was asked for and not measured: findings, estimates, verdicts.
std::vector<Gap> gaps(const Report& report);

/// "Accuracy alone would have said: ...; this report says: ..."; empty without an accuracy.
std::string accuracy_alone(const Report& report);

/// Four significant digits; integers whole; "-" for NaN.
std::string number(double value);
std::string estimate(const Estimate& estimate);
std::string cell(const TableBlock::Cell& cell);
/// "enough_samples{ood=digits}" -> "enough samples (ood: digits)".
std::string check_name(std::string_view name);
/// "not_measured" -> "not measured".
std::string spaced(std::string_view name);

}  // namespace leadline::detail::words

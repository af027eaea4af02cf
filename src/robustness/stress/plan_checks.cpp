// Whether the numbers of `corruption_benchmark` and `stress` can be believed.
#include <fmt/format.h>

#include <algorithm>

#include "leadline/stats/distributions.hpp"
#include "plan.hpp"

namespace leadline::detail::stress {

/// Severity 0 sends the samples through the same path and changes nothing.
Check PlanRun::check_zero() const {
  Check check{.name = "severity_zero_equals_clean", .applies_to = {"*"}};
  check.result = n_zero_answers_ == 0 && n_zero_inputs_ == 0 ? Check::pass : Check::fail;
  check.why = n_zero_inputs_ > 0
                  ? fmt::format("severity 0 changes {} inputs", n_zero_inputs_)
                  : fmt::format("{} of {} answers change at severity 0", n_zero_answers_, n_);
  if (n_zero_inputs_ > 0)
    check.remedy = "let the transformation give its input back at severity 0";
  else if (check.result == Check::fail)
    check.remedy = "the model is random (dropout on?): put it into evaluation mode";
  return check;
}

/// A condition that leaves most inputs as they are measures nothing; where changes are rare, one
/// that leaves all of 50 or more.
Check PlanRun::check_change() const {
  Check check{.name = "inputs_change", .result = Check::pass, .applies_to = {"*"}};
  const std::size_t severities = plan_.severities.size();
  std::int64_t most = 0;
  std::size_t worst = 0;
  for (std::size_t i = 0; i < cells_.size(); ++i) {
    if (!used(i / severities) || (plan_.rare && i % severities + 1 < severities)) continue;
    if (cells_[i].same_input <= most) continue;
    most = cells_[i].same_input;
    worst = i;
  }
  check.why = fmt::format("{} at severity {:g} leaves {} of {} inputs as they are",
                          plan_.kinds[worst / severities].name,
                          plan_.severities[worst % severities], most, n_);
  if (most == 0) check.why = "every condition changes every input";
  if (plan_.rare ? n_ >= 50 && most == n_ : 4 * most > 3 * n_) {
    check.result = Check::fail;
    check.remedy =
        "look at the inputs: blank images, constant columns, or a range far below the bounds";
  }
  return check;
}

/// One-sided McNemar tests, Bonferroni over conditions: every condition against clean, and against
/// the next lower severity where more is never easier.
Check PlanRun::check_rise() const {
  Check check{.name = "accuracy_does_not_rise_with_severity", .applies_to = {"*"}};
  if (!labelled()) {
    check.why = "the data have no labels";
    return check;
  }
  const std::size_t severities = plan_.severities.size();
  double p = 1;
  std::string worst = "no condition makes wrong answers right";
  std::int64_t n_tests = 0;
  const auto test = [&](std::int64_t gains, std::int64_t losses, std::size_t i, const char* than) {
    ++n_tests;
    if (gains + losses == 0) return;
    const double one = stats::binomial_sf(gains - 1, gains + losses, 0.5);
    if (one >= p) return;
    p = one;
    worst = fmt::format("{} at severity {:g} turns {} answers right and {} wrong, against {}",
                        plan_.kinds[i / severities].name, plan_.severities[i % severities], gains,
                        losses, than);
  };
  for (std::size_t i = 0; i < cells_.size(); ++i) {
    const std::size_t k = i / severities;
    if (!used(k)) continue;
    test(cells_[i].gains, cells_[i].losses, i, "clean");
    if (plan_.kinds[k].monotone && i % severities > 0)
      test(cells_[i].up, cells_[i].down, i, "the next lower severity");
  }
  p = std::min(1.0, p * static_cast<double>(std::max<std::int64_t>(1, n_tests)));
  check.p_value = p;
  check.result = p < 1e-3 ? Check::fail : Check::pass;
  check.why = fmt::format("{}, p = {:.2g} over {} tests", worst, p, n_tests);
  if (check.result == Check::fail)
    check.remedy =
        "look for preprocessing that reads exact values, for inputs altered on purpose, or for "
        "training on such changes alone";
  return check;
}

Check PlanRun::check_bounds() const {
  Check check{.name = "inputs_stay_in_bounds", .applies_to = {"*"}};
  if (!data_.bounds) {
    check.why = "the data declare no bounds";
    return check;
  }
  check.result = n_outside_ == 0 ? Check::pass : Check::fail;
  check.why = fmt::format("{} values lie outside [{:g}, {:g}] after a change", n_outside_,
                          data_.bounds->first, data_.bounds->second);
  if (n_outside_ > 0) check.remedy = "clip in the transformation, or declare the true range";
  return check;
}

/// Corruptions are sized by the bounds: inputs that fill a small part of them see too large ones.
Check PlanRun::check_range() const {
  Check check{.name = "inputs_fill_the_bounds", .applies_to = {"*"}};
  if (!data_.bounds || !(lowest_ <= highest_)) {
    check.why = "the data declare no bounds";
    return check;
  }
  const double filled = (highest_ - lowest_) / (data_.bounds->second - data_.bounds->first);
  check.result = filled >= 0.1 ? Check::pass : Check::fail;
  check.why = fmt::format("values from {:g} to {:g} in bounds [{:g}, {:g}]", lowest_, highest_,
                          data_.bounds->first, data_.bounds->second);
  if (check.result == Check::fail)
    check.remedy = "declare the range that the inputs really have, e.g. bounds=(0, 1)";
  return check;
}

void PlanRun::add_checks(Finding& finding) const {
  finding.checks.push_back(check_zero());
  finding.checks.push_back(check_change());
  finding.checks.push_back(check_rise());
  if (!plan_.clips) finding.checks.push_back(check_bounds());
  finding.checks.push_back(check_range());
}

}  // namespace leadline::detail::stress

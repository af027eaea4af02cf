// From records to estimates, words and pictures.
#include <algorithm>
#include <cmath>

#include "attack_exhibit.hpp"
#include "attack_run.hpp"
#include "leadline/stats/intervals.hpp"

namespace leadline::detail::attack_run {
namespace {

using attack_exhibit::digits;

constexpr int max_flags = 100;

std::int64_t count_if(const Outcome& outcome, auto&& holds) {
  return std::count_if(outcome.counted.begin(), outcome.counted.end(),
                       [&](const Record* r) { return holds(*r); });
}

/// "about 7 in 100", "fewer than 1 in 100", "all but about 2 in 100".
std::string in_hundred(double share) {
  const double percent = 100 * share;
  if (percent <= 0) return "none";
  if (percent >= 100) return "all";
  if (percent < 1) return "fewer than 1 in 100";
  if (percent > 99) return "more than 99 in 100";
  return "about " + std::to_string(std::lround(percent)) + " in 100";
}
std::string between(const Estimate& e) {
  return "between " + std::to_string(std::lround(100 * *e.lower)) + " and " +
         std::to_string(std::lround(100 * *e.upper));
}

std::string thing(const Outcome& outcome) {
  return outcome.modality == Modality::image ? "images" : "samples";
}

/// "0.0314 at each value" or "0.5 in Euclidean length".
std::string budget_words(const Outcome& outcome, double eps) {
  return digits(eps) + (outcome.recipe.plan.norm == robustness::Norm::linf
                            ? " at each value"
                            : " in Euclidean length");
}

void add_estimates(const Outcome& outcome, Finding& finding) {
  const auto n = std::ssize(outcome.counted);
  const auto& plan = outcome.recipe.plan;
  const auto keys = robustness::budget_keys(plan.norm, plan.eps);
  const std::int64_t right = count_if(outcome, [](const Record& r) { return r.correct; });
  const auto rate = [&](std::int64_t k, std::int64_t of) {
    return Estimate::rate(k, of, "wilson", outcome.level);
  };
  const std::string things = thing(outcome);
  finding.add("clean_accuracy", rate(right, n), Better::higher,
              "share of " + things + " read correctly when nothing is changed");
  stats::Moments steps;
  for (std::size_t b = 0; b < plan.eps.size(); ++b) {
    const double eps = plan.eps[b];
    const std::int64_t fooled =
        count_if(outcome, [&](const Record& r) { return r.correct && r.fooled_at <= eps; });
    finding.add("accuracy" + keys[b], rate(right - fooled, n), Better::higher,
                "share of " + things + " read correctly under changes of up to " +
                    budget_words(outcome, eps));
    finding.add("attack_success" + keys[b], rate(fooled, right), Better::lower,
                "share of the correctly read " + things + " that a change of up to " +
                    budget_words(outcome, eps) + " misleads");
  }
  std::int64_t saturated = 0;
  for (const Record* r : outcome.counted) {
    if (!r->correct) continue;
    saturated += r->saturated;
    if (std::isfinite(r->fooled_at)) steps.add(static_cast<double>(r->steps));
  }
  Estimate mean = Estimate::absent(Status::undefined, "no sample was fooled");
  if (steps.n > 0) {
    const auto interval = stats::mean_interval_t(steps, outcome.level);
    mean = interval ? Estimate::with(steps.mean, interval->lower, interval->upper, steps.n, "t",
                                     outcome.level)
                    : Estimate::of(steps.mean, steps.n, "one sample");
  }
  finding.add("steps_to_fool", mean, Better::higher, "gradient steps until a sample was fooled",
              "steps");
  finding.add("saturated", rate(saturated, right), Better::neither,
              "share of the correctly read " + things +
                  " so confident that the plain cross-entropy has no gradient in float32");
}

Curve curve_of(const Outcome& outcome, const Finding& finding) {
  const auto& plan = outcome.recipe.plan;
  const auto keys = robustness::budget_keys(plan.norm, plan.eps);
  Curve curve;
  curve.title = "Accuracy under attack";
  curve.x_label = "largest change, " + std::string(name_of(plan.norm)) + " norm (input units)";
  curve.y_label = "share read correctly";
  curve.level = outcome.level;
  curve.note =
      "Each point is an upper bound of the true value: a stronger attack can only lower it.";
  Curve::Series series;
  series.name = outcome.recipe.name;
  const auto add = [&](double x, const Estimate& e) {
    series.x.push_back(x);
    series.y.push_back(e.value());
    series.lower.push_back(*e.lower);
    series.upper.push_back(*e.upper);
  };
  add(0, finding.at("clean_accuracy"));
  for (std::size_t b = 0; b < keys.size(); ++b) add(plan.eps[b], finding.at("accuracy" + keys[b]));
  curve.series.push_back(std::move(series));
  return curve;
}

void add_words(const Outcome& outcome, Finding& finding) {
  const auto& plan = outcome.recipe.plan;
  const auto keys = robustness::budget_keys(plan.norm, plan.eps);
  const Estimate& clean = finding.at("clean_accuracy");
  const Estimate& robust = finding.at("accuracy" + keys.back());
  const Estimate& success = finding.at("attack_success" + keys.back());
  const std::string things = thing(outcome);
  const std::string goal =
      plan.targeted ? "drives to a class of the attacker's choice " : "misleads the model on ";
  if (!success.ok()) {
    finding.headline =
        "The model reads none of these " + things + " correctly, so there was nothing to attack.";
    return;
  }
  finding.headline = "A change of at most " + budget_words(outcome, plan.eps.back()) + " " + goal +
                     in_hundred(success.value()) + " of the " + things + " it reads correctly (" +
                     between(success) + " in 100); " + in_hundred(robust.value()) +
                     " of all are still read correctly, against " + in_hundred(clean.value()) +
                     " when nothing is changed.";
  if (success.value() > 0.05) {
    finding.consequence =
        "Whoever can touch the input can choose when the model errs; its accuracy holds only where "
        "inputs cannot be tampered with.";
    finding.remedies.push_back(
        {"train on attacked inputs (adversarial training), then measure again", "robustness.Pgd"});
    finding.remedies.push_back(
        {"check where inputs come from, and send flagged cases to a person", ""});
  } else {
    finding.consequence =
        "This attack found little; a stronger or differently built one may find more, so read the "
        "accuracy as an upper bound.";
    finding.remedies.push_back(
        {"attack with more steps and restarts", "robustness.Pgd(steps=200, restarts=5)"});
  }
}

void add_flags(const Outcome& outcome, Finding& finding) {
  std::vector<const Record*> fooled;
  for (const Record* r : outcome.counted)
    if (r->correct && std::isfinite(r->fooled_at)) fooled.push_back(r);
  std::stable_sort(fooled.begin(), fooled.end(), [](const Record* a, const Record* b) {
    return std::tuple(a->fooled_at, a->steps, a->id) < std::tuple(b->fooled_at, b->steps, b->id);
  });
  const double most = outcome.recipe.plan.eps.back();
  for (std::size_t i = 0; i < fooled.size() && i < max_flags; ++i)
    finding.flags.push_back(
        {fooled[i]->id,
         "misled by a change of at most " + budget_words(outcome, fooled[i]->fooled_at),
         1 - fooled[i]->fooled_at / (2 * most)});
}

void add_warnings(const Outcome& outcome, Finding& finding) {
  const Estimate& saturated = finding.at("saturated");
  if (saturated.ok() && saturated.value() > 0.01)
    finding.warnings.push_back(
        in_hundred(saturated.value()) +
        " of the samples are so confident that the plain cross-entropy has no gradient in float32; "
        "this attack scales it and is not misled, but attacks that do not will overstate the "
        "robustness of this model");
  if (outcome.recipe.plan.steps == 1)
    finding.warnings.push_back(
        "a single step is a weak attack: what it leaves standing says little");
}

}  // namespace

Finding write_finding(const Outcome& outcome) {
  Finding finding;
  add_estimates(outcome, finding);
  finding.checks = judge_checks(outcome);
  if (finding.at("clean_accuracy").ok()) {
    add_words(outcome, finding);
    finding.blocks.emplace_back(curve_of(outcome, finding));
  }
  for (const Exhibit& exhibit : outcome.exhibits.kept()) finding.blocks.emplace_back(exhibit);
  add_flags(outcome, finding);
  add_warnings(outcome, finding);
  return finding;
}

}  // namespace leadline::detail::attack_run

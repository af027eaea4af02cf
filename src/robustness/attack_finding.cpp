// From numbers to words, curves, tables and flags.
#include "attack_finding.hpp"

#include <algorithm>
#include <cmath>

#include "attack_exhibit.hpp"

namespace leadline::detail::attack_run {

using attack_exhibit::digits;

namespace {

constexpr int max_flags = 100;

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

std::string axis_of(robustness::Norm norm) {
  if (norm == robustness::Norm::spatial) return "largest motion (share of the limits)";
  if (norm == robustness::Norm::patch) return "size of the patch (share of the picture)";
  return "largest change, " + std::string(name_of(norm)) + " norm (input units)";
}

Curve curve_of(const Outcome& outcome, const Finding& finding) {
  const auto eps_list = budgets_of(outcome);
  const auto keys = robustness::budget_keys(outcome.recipe.threat.norm, eps_list);
  Curve curve;
  curve.title = "Accuracy under attack";
  curve.x_label = axis_of(outcome.recipe.threat.norm);
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
  for (std::size_t b = 0; b < keys.size(); ++b) add(eps_list[b], finding.at("accuracy" + keys[b]));
  curve.series.push_back(std::move(series));
  return curve;
}

void add_words(const Outcome& outcome, Finding& finding) {
  const auto eps_list = budgets_of(outcome);
  const auto keys = robustness::budget_keys(outcome.recipe.threat.norm, eps_list);
  const Estimate& clean = finding.at("clean_accuracy");
  const Estimate& robust = finding.at("accuracy" + keys.back());
  const Estimate& success = finding.at("attack_success" + keys.back());
  const std::string things = thing(outcome);
  const std::string goal = outcome.recipe.threat.goal == robustness::Goal::untargeted
                               ? "misleads the model on "
                               : "drives to a class of the attacker's choice ";
  if (!success.ok()) {
    finding.headline =
        "The model reads none of these " + things + " correctly, so there was nothing to attack.";
    return;
  }
  finding.headline = "A change of at most " + budget_words(outcome, eps_list.back()) + " " + goal +
                     in_hundred(success.value()) + " of the " + things + " it reads correctly (" +
                     between(success) + " in 100); of the " + std::to_string(clean.n) + " tried, " +
                     in_hundred(robust.value()) + " are still read correctly, and " +
                     in_hundred(clean.value()) + " when nothing is changed.";
  if (success.value() > 0.05) {
    finding.consequence =
        "Whoever can touch the input can choose when the model errs; its accuracy holds only where "
        "inputs cannot be tampered with.";
    finding.remedies.push_back(
        {"Train on attacked inputs (adversarial training), then measure again.",
         "leadline.mitigate.PgdTraining(...)"});
    finding.remedies.push_back(
        {"Check where inputs come from, and send flagged cases to a person.", ""});
  } else {
    finding.consequence =
        "This attack found little; a stronger or differently built one may find more, so read the "
        "accuracy as an upper bound.";
    finding.remedies.push_back({"Attack with an ensemble of attacks.",
                                "leadline.robustness.AutoAttack(version='standard')"});
  }
}

void add_flags(const Outcome& outcome, Finding& finding) {
  std::vector<const Record*> fooled;
  for (const Record* r : outcome.counted)
    if (r->correct && std::isfinite(r->fooled_at)) fooled.push_back(r);
  std::stable_sort(fooled.begin(), fooled.end(), [](const Record* a, const Record* b) {
    return std::tuple(a->fooled_at, a->forwards, a->id) <
           std::tuple(b->fooled_at, b->forwards, b->id);
  });
  const double most = budgets_of(outcome).back();
  for (std::size_t i = 0; i < fooled.size() && i < max_flags; ++i)
    finding.flags.push_back(
        {fooled[i]->id,
         "misled by a change of at most " + budget_words(outcome, fooled[i]->fooled_at),
         1 - fooled[i]->fooled_at / (2 * most)});
}

void add_warnings(const Outcome& outcome, Finding& finding) {
  finding.warnings = outcome.recipe.warnings;
  finding.warnings.insert(finding.warnings.end(), outcome.notes.begin(), outcome.notes.end());
  const Named* saturated = finding.find("saturated");
  if (saturated != nullptr && saturated->estimate.ok() && saturated->estimate.value() > 0.01)
    finding.warnings.push_back(
        in_hundred(saturated->estimate.value()) +
        " of the samples are so confident that the plain cross-entropy has no gradient in float32; "
        "this attack scales it and is not misled, but attacks that do not will overstate the "
        "robustness of this model");
}

/// The threat and, for an ensemble, what each attack won and spent.
void add_tables(const Outcome& outcome, Finding& finding) {
  TableBlock table;
  table.title = outcome.stages.size() > 1 ? "Accuracy after each attack" : "What the attack spent";
  table.note = "Threat: " + text_of(outcome.recipe.threat) + ".";
  table.columns = {"attack",           "samples attacked",  "misled", "accuracy after it",
                   "queries a sample", "gradients a sample"};
  const auto n = std::ssize(outcome.counted);
  std::int64_t left = count_if(outcome, [](const Record& r) { return r.correct; });
  Curve::Series series{.name = "accuracy", .x = {0}, .y = {}, .lower = {}, .upper = {}};
  series.style = Curve::Series::step;
  const auto point = [&] {
    const Estimate e = Estimate::rate(left, n, "wilson", outcome.level);
    if (!e.ok()) return e;
    series.y.push_back(e.value());
    series.lower.push_back(*e.lower);
    series.upper.push_back(*e.upper);
    return e;
  };
  (void)point();
  for (std::size_t s = 0; s < outcome.stages.size(); ++s) {
    const StageTally& t = outcome.stages[s];
    const std::int64_t fooled = count_if(
        outcome, [&](const Record& r) { return r.fooled_stage == static_cast<std::int64_t>(s); });
    const std::int64_t attacked = left;
    left -= fooled;
    series.x.push_back(static_cast<double>(s + 1));
    const auto each = [&](std::int64_t rows) {
      return t.samples == 0 ? 0.0 : static_cast<double>(rows) / static_cast<double>(t.samples);
    };
    table.rows.push_back({outcome.recipe.stages[s].name, attacked, fooled, point(),
                          each(t.forwards), each(t.backwards)});
  }
  finding.blocks.emplace_back(std::move(table));
  if (outcome.stages.size() < 2 || outcome.partial) return;
  Curve curve;
  curve.title = "How much each further attack finds";
  curve.x_label = "attacks run, in the order of the table";
  curve.y_label = "share read correctly";
  curve.level = outcome.level;
  curve.series.push_back(std::move(series));
  finding.blocks.emplace_back(std::move(curve));
}

}  // namespace

std::string thing(const Outcome& outcome) {
  return outcome.modality == Modality::image ? "images" : "samples";
}

std::string budget_words(const Outcome& outcome, double eps) {
  const robustness::Threat& threat = outcome.recipe.threat;
  switch (threat.norm) {
    case robustness::Norm::spatial:
      return digits(eps * threat.max_rotation) + " degrees of rotation with shifts of " +
             digits(100 * eps * threat.max_translation) + " % of a side";
    case robustness::Norm::patch:
      return digits(100 * eps) + " % of the picture, in one " +
             (threat.patch_shape == robustness::PatchShape::ellipse
                  ? (threat.patch_aspect == 1 ? "circle" : "ellipse")
                  : (threat.patch_aspect == 1 ? "square" : "rectangle"));
    case robustness::Norm::linf:
      if (outcome.modality == Modality::image)
        return attack_exhibit::brightness(eps, outcome.bounds) + " at each pixel";
      return digits(eps) + " at each value";
    case robustness::Norm::l2:
      return digits(eps) + " in Euclidean length";
    case robustness::Norm::l1:
      return digits(eps) + " in sum";
    case robustness::Norm::l0:
      break;
  }
  return digits(eps) + (eps == 1 ? " value" : " values");
}

std::vector<double> budgets_of(const Outcome& outcome) {
  return robustness::sorted_budgets(outcome.recipe.name, outcome.recipe.threat);
}

Finding write_finding(const Outcome& outcome) {
  Finding finding;
  add_estimates(outcome, finding);
  finding.checks = judge_checks(outcome);
  if (finding.at("clean_accuracy").ok()) {
    add_words(outcome, finding);
    finding.blocks.emplace_back(curve_of(outcome, finding));
    add_tables(outcome, finding);
  }
  if (!outcome.artefacts.empty())
    finding.blocks.emplace_back(stored_examples::table_of(outcome.artefacts));
  for (const Exhibit& exhibit : outcome.exhibits.kept()) finding.blocks.emplace_back(exhibit);
  add_flags(outcome, finding);
  add_warnings(outcome, finding);
  return finding;
}

}  // namespace leadline::detail::attack_run

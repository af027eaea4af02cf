// From the counts of a universal perturbation to estimates, checks and words.
#include <fmt/format.h>

#include <cmath>

#include "leadline/stats/distributions.hpp"
#include "universal_run.hpp"

namespace leadline::detail::universal {

namespace {

constexpr double alarm_rate = 0.01;  // of one check; over a report Holm decides

std::string share_words(const Estimate& e) {
  return fmt::format("about {} in 100 (between {} and {})", std::lround(100 * e.value()),
                     std::lround(100 * *e.lower), std::lround(100 * *e.upper));
}

}  // namespace

std::string UniversalRun::size_words(double eps) const {
  if (plan_.norm == Norm::patch) return fmt::format("over {:.3g} % of the picture", 100 * eps);
  return fmt::format("of at most {:.3g} {}", eps,
                     plan_.norm == Norm::linf ? "at each value" : "in Euclidean length");
}

void UniversalRun::add_level(Finding& finding, const Level& level, const std::string& key,
                             double confidence) const {
  const auto rate = [&](std::int64_t k, std::int64_t n) {
    if (!level.done)
      return Estimate::absent(Status::not_measured, "the run was stopped before this budget");
    return Estimate::rate(k, n, "wilson", confidence);
  };
  finding.add("fooling_rate" + key, rate(level.misled, level.n), Better::lower,
              "share of samples it was not fitted on whose answer one change for all alters");
  finding.add("random_fooling_rate" + key, rate(level.random_misled, level.n), Better::lower,
              "the same for a random change of that size");
  finding.add("fitted_fooling_rate" + key, rate(level.fitted_misled, level.n_fitted),
              Better::neither, "the same on the samples it was fitted on");
  finding.add("accuracy" + key, rate(level.right, level.n_judged), Better::higher,
              "share read correctly with the change on every sample");
}

void UniversalRun::add_checks(Finding& finding, double confidence) const {
  const Level& last = levels_.back();
  const bool off = options_.check_samples == 0;
  const auto open = [&](const char* name, std::int64_t n) {
    Check check{.name = name, .result = n > 0 ? Check::pass : Check::not_run, .applies_to = {"*"}};
    if (n == 0)
      check.why = off ? "checks were switched off (check_samples=0)" : "nothing to check on";
    return check;
  };
  Check repeat = open("decisions_repeat", n_again_);
  if (n_again_ > 0) {
    repeat.evidence = Estimate::rate(n_changed_, n_again_, "wilson", confidence);
    repeat.why =
        fmt::format("{} of {} samples were read otherwise when asked again", n_changed_, n_again_);
    if (n_changed_ > 0) {
      repeat.result = Check::fail;
      repeat.remedy = "the model draws random numbers: evaluate it in eval mode";
    }
  }
  finding.checks.push_back(std::move(repeat));

  Check flat = open("gradients_not_zero", off ? 0 : last.n_climbed);
  if (flat.result == Check::pass) {
    flat.p_value =
        last.n_zero == 0 ? 1.0 : stats::binomial_sf(last.n_zero - 1, last.n_climbed, 0.01);
    flat.evidence = Estimate::rate(last.n_zero, last.n_climbed, "wilson", confidence);
    flat.why = fmt::format(
        "{} of {} gradients in the first epoch are exactly zero (more than 1 %: p = {:.2g})",
        last.n_zero, last.n_climbed, *flat.p_value);
    if (*flat.p_value < alarm_rate) {
      flat.result = Check::fail;
      flat.remedy = "remove the step that hides the gradient (rounding, saturated units)";
    }
  }
  finding.checks.push_back(std::move(flat));

  Check noise = open("noise_not_stronger", off ? 0 : last.n);
  if (noise.result == Check::pass) {
    const std::int64_t lead = last.random_only - last.learned_only;
    noise.p_value =
        last.random_only == 0
            ? 1.0
            : stats::binomial_sf(last.random_only - 1, last.random_only + last.learned_only, 0.5);
    noise.evidence = Estimate::of(static_cast<double>(lead) / static_cast<double>(last.n), last.n,
                                  "a paired difference; see the p-value");
    noise.why = fmt::format(
        "a random change alone misleads {} of {} samples, the fitted one alone {} (exact McNemar "
        "p = {:.2g})",
        last.random_only, last.n, last.learned_only, *noise.p_value);
    if (*noise.p_value<alarm_rate&& static_cast<double>(lead)> 0.02 * static_cast<double>(last.n)) {
      noise.result = Check::fail;
      noise.remedy =
          "the gradients do not lead to a common weakness: raise 'epochs', or look for "
          "what masks them with Pgd";
    }
  }
  finding.checks.push_back(std::move(noise));

  Check size = open("examples_verified", off ? 0 : last.n_judged);
  if (size.result == Check::pass) {
    std::int64_t too_far = 0, n = 0;
    for (const Level& level : levels_) {
      too_far += level.n_too_far;
      n += level.n_judged;
    }
    size.evidence = Estimate::rate(too_far, n, "wilson", confidence);
    size.why =
        fmt::format("{} of {} changed samples keep to their budget in float64", n - too_far, n);
    if (too_far > 0) {
      size.result = Check::fail;
      size.remedy = "report this: the change was not cut back to its budget";
    }
  }
  finding.checks.push_back(std::move(size));
}

void UniversalRun::add_words(Finding& finding, const std::vector<std::string>& keys) const {
  const Estimate& learned = finding.at("fooling_rate" + keys.back());
  if (!learned.ok()) {
    finding.headline = "No change for all samples was judged: " + learned.why + ".";
    return;
  }
  const Estimate& random = finding.at("random_fooling_rate" + keys.back());
  const std::string thing = plan_.norm == Norm::patch ? "patch " : "change ";
  finding.headline = fmt::format(
      "One {}{}, the same for all, alters the answer on {} of the samples it was not fitted on; a "
      "random one on {}.",
      thing, size_words(levels_.back().eps), share_words(learned), share_words(random));
  if (learned.value() > random.value() + 0.05) {
    finding.consequence =
        "Who has this change needs neither the model nor the sample: it can be printed, played or "
        "added on the way, and works on inputs nobody has seen.";
    finding.remedies.push_back(
        {"train on samples with such changes, then fit a new one and measure again",
         "robustness.UniversalPerturbation"});
    finding.remedies.push_back({"measure what changes made for each sample do", "robustness.Pgd"});
  } else {
    finding.consequence =
        "No common weakness was found; changes made for each sample can still mislead.";
    finding.remedies.push_back(
        {"measure what changes made for each sample do", "robustness.AutoAttack"});
  }
}

void UniversalRun::add_blocks(Finding& finding, const std::vector<std::string>& keys,
                              double confidence) const {
  Curve curve;
  curve.title = "Answers altered by one change for all samples";
  curve.x_label = plan_.norm == Norm::patch ? "size of the patch (share of the picture)"
                                            : "size of the change (input units)";
  curve.y_label = "share of answers altered";
  curve.level = confidence;
  curve.note = "On samples it was not fitted on. Threat: " + text_of(options_.threat) + ".";
  for (const auto& [name, title] :
       {std::pair{"fooling_rate", "fitted"}, std::pair{"random_fooling_rate", "random"}}) {
    Curve::Series series{.name = title, .x = {0}, .y = {0}, .lower = {0}, .upper = {0}};
    for (std::size_t k = 0; k < keys.size(); ++k) {
      const Estimate& e = finding.at(name + keys[k]);
      if (!e.ok()) continue;
      series.x.push_back(levels_[k].eps);
      series.y.push_back(e.value());
      series.lower.push_back(*e.lower);
      series.upper.push_back(*e.upper);
    }
    curve.series.push_back(std::move(series));
  }
  finding.blocks.emplace_back(std::move(curve));
  for (const Exhibit& exhibit : shown_.kept()) finding.blocks.emplace_back(exhibit);
}

Finding UniversalRun::finish(Session& session) {
  Finding finding;
  std::vector<double> eps;
  for (const Level& level : levels_) eps.push_back(level.eps);
  const auto keys = robustness::budget_keys(plan_.norm, eps);
  const Level& first = levels_.front();
  finding.add("clean_accuracy",
              first.done
                  ? Estimate::rate(first.clean_right, first.n_judged, "wilson", session.level())
                  : Estimate::absent(Status::not_measured, "the run was stopped"),
              Better::higher, "share read correctly when nothing is changed");
  for (std::size_t k = 0; k < levels_.size(); ++k)
    add_level(finding, levels_[k], keys[k], session.level());
  add_checks(finding, session.level());
  add_words(finding, keys);
  add_blocks(finding, keys, session.level());
  return finding;
}

}  // namespace leadline::detail::universal

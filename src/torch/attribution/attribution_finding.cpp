#include "attribution_finding.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "leadline/stats/distributions.hpp"
#include "leadline/stats/intervals.hpp"
#include "leadline/stats/moments.hpp"

namespace leadline::detail::attribution_run {
namespace {

constexpr double residual_allowed = 0.05;  // of the score difference, on average
constexpr double flat_allowed = 0.05;      // of the samples
constexpr double chance_allowed = 0.01;    // that a worthless explanation passes the deletion test,
                                           // that a good one is called flat

/// printf is used because LibTorch brings a fmt of its own into these translation units.
template <class... Args>
std::string text(const char* format, Args... args) {
  char buffer[512];
  std::snprintf(buffer, sizeof buffer, format, args...);
  return buffer;
}

/// A score as a sentence can carry it: "130", not "1.3e+02".
std::string score(double value) {
  return std::abs(value) < 100 ? text("%.2g", value) : text("%.0f", value);
}

Estimate mean_of(const stats::Moments& moments, double level) {
  if (moments.n == 0) return Estimate::absent(Status::empty, "no sample was explained");
  if (!std::isfinite(moments.mean) || !std::isfinite(moments.m2))
    return Estimate::absent(Status::undefined, "a value is not finite", moments.n);
  const auto interval = stats::mean_interval_t(moments, level);
  if (!interval) return Estimate::of(moments.mean, moments.n, "one sample");
  return Estimate::with(moments.mean, interval->lower, interval->upper, moments.n, "t", level);
}

/// Sum of |residual| over sum of |change of the score|: a mean of ratios would hang on the few
/// samples whose score hardly changes. Interval of a ratio of means by the delta method, with t.
Estimate residual_share(const std::map<SampleId, Record>& records, double level) {
  stats::Moments missing, change, spread;
  for (const auto& [id, r] : records) {
    missing.add(std::abs(r.residual));
    change.add(std::abs(r.change));
  }
  const auto n = std::ssize(records);
  if (!std::isfinite(missing.mean) || !std::isfinite(change.mean))
    return Estimate::absent(Status::undefined, "a residual is not finite", n);
  if (change.mean == 0)
    return Estimate::absent(Status::undefined, "the score is the same at the baseline", n);
  const double share = missing.mean / change.mean;
  for (const auto& [id, r] : records) spread.add(std::abs(r.residual) - share * std::abs(r.change));
  const auto interval = stats::mean_interval_t(spread, level);
  if (!interval) return Estimate::of(share, n, "one sample");
  const double half = interval->width() / 2 / change.mean;
  return Estimate::with(share, std::max(0.0, share - half), share + half, n, "delta", level);
}

Check adds_up(const Estimate& residual, int steps) {
  Check check;
  check.name = "attributions_add_up";
  check.applies_to = {"*"};
  check.evidence = residual;
  const bool fine = residual.ok() && residual.value() <= residual_allowed;
  check.result = fine ? Check::pass : Check::fail;
  check.why =
      residual.ok()
          ? text("attributions miss the change of the score by a share of %.2g (%g allowed)",
                 residual.value(), residual_allowed)
          : residual.why;
  check.remedy = "raise steps above " + std::to_string(steps);
  return check;
}

Check gradients_alive(std::int64_t flat, std::int64_t n) {
  Check check;
  check.name = "gradients_are_alive";
  check.applies_to = {"*"};
  check.evidence = Estimate::rate(flat, n);
  check.p_value = flat == 0 ? 1.0 : stats::binomial_sf(flat - 1, n, flat_allowed);
  check.result = *check.p_value < chance_allowed ? Check::fail : Check::pass;
  check.why = text(
      "%lld of %lld samples have attributions that are all zero or not finite (more than %g %%: "
      "p = %.2g)",
      static_cast<long long>(flat), static_cast<long long>(n), 100 * flat_allowed, *check.p_value);
  check.remedy =
      "the model hides its gradient (rounding, thresholds, saturated softmax): explain with a "
      "black-box method such as 'permutation_importance'";
  return check;
}

/// Removing what is called important must matter more than removing as much at random.
Check beats_random(const Recipe& recipe, const stats::Moments& gain, std::int64_t width,
                   const Estimate& faithfulness) {
  Check check;
  check.name = "important_parts_matter";
  check.applies_to = {"*"};
  check.evidence = faithfulness;
  if (parts_removed(recipe, width) >= width) {
    check.why =
        text("the test removes %lld of %lld input values: nothing is left to compare with",
             static_cast<long long>(parts_removed(recipe, width)), static_cast<long long>(width));
    return check;
  }
  if (gain.n < 8) {
    check.why = text("%lld samples are too few, 8 are needed", static_cast<long long>(gain.n));
    return check;
  }
  check.remedy = "do not show these explanations to anybody: try another method or baseline";
  if (!faithfulness.ok()) {
    check.result = Check::fail;
    check.why = faithfulness.why;
    return check;
  }
  const double se = gain.standard_error();
  const double t = se > 0 ? gain.mean / se : (gain.mean > 0 ? 99 : 0);
  // Fails unless importance beats chance: the question is whether it is shown, not whether it is
  // refuted. So p is no evidence for a failure, and stays out of the family-wise control.
  const double p = stats::student_t_sf(t, static_cast<double>(gain.n - 1));
  check.result = p < chance_allowed ? Check::pass : Check::fail;
  check.why = text(
      recipe.unsigned_parts
          ? "removing an important part moves the score by %.3g more than a random one, p = %.2g"
          : "removing the important parts lowers the score by %.3g more than random parts do, p = "
            "%.2g",
      gain.mean, p);
  return check;
}

}  // namespace

std::int64_t parts_removed(const Recipe& recipe, std::int64_t width) {
  return std::max<std::int64_t>(1, std::llround(recipe.share * static_cast<double>(width)));
}

Finding write_finding(const Recipe& recipe, const std::map<SampleId, Record>& records,
                      std::int64_t width, const Exhibits& exhibits, double level) {
  Finding finding;
  if (records.empty()) {
    finding.status = Status::empty;
    finding.why = "no sample was explained";
    return finding;
  }
  stats::Moments deletion, random, gain;
  std::int64_t flat = 0;
  for (const auto& [id, r] : records) {
    deletion.add(r.deletion_drop);
    random.add(r.random_drop);
    gain.add(r.deletion_drop - r.random_drop);
    flat += r.flat ? 1 : 0;
  }
  const auto n = std::ssize(records);
  if (recipe.complete) {
    finding.add("completeness_residual", residual_share(records, level), Better::lower,
                "how far the attributions are from adding up, as a share");
    finding.checks.push_back(adds_up(finding.at("completeness_residual"), recipe.steps));
  }
  finding.add("deletion_drop", mean_of(deletion, level), Better::higher,
              recipe.unsigned_parts
                  ? "change of the class score when one part called important is removed"
                  : "fall of the class score when the parts called important are removed");
  finding.add("random_drop", mean_of(random, level), Better::neither,
              recipe.unsigned_parts
                  ? "change of the class score when one random part is removed"
                  : "fall of the class score when as many random parts are removed");
  finding.add("faithfulness", mean_of(gain, level), Better::higher,
              "how much more the important parts matter than random ones");
  finding.checks.push_back(gradients_alive(flat, n));
  finding.checks.push_back(beats_random(recipe, gain, width, finding.at("faithfulness")));
  const bool shown =
      finding.checks.back().result == Check::pass &&
      std::ranges::none_of(finding.checks, [](const Check& c) { return c.result == Check::fail; });
  if (!shown) {
    finding.headline =
        "The parts of the input marked as important could not be shown to matter more than others.";
  } else if (recipe.unsigned_parts) {
    finding.headline = text(
        "The parts of the input marked as important do matter: removing one of them moves the "
        "class "
        "score by %s, one elsewhere by %s.",
        score(deletion.mean).c_str(), score(random.mean).c_str());
  } else {
    finding.headline = text(
        "The parts of the input marked as important do matter: removing %.0f %% of the input there "
        "lowers the class score by %s, elsewhere by %s.",
        100 * recipe.share, score(deletion.mean).c_str(), score(random.mean).c_str());
  }
  finding.consequence = shown ? "The pictures below show what the decision rests on."
                              : "The pictures below may mislead whoever reads them.";
  finding.remedies = {{"Look at the pictures of confident mistakes: do they rest on the object or "
                       "on its surroundings?",
                       ""},
                      {"Compare with a second method.",
                       recipe.complete ? "leadline.attribution.Saliency()"
                                       : "leadline.attribution.IntegratedGradients()"}};
  for (const auto& exhibit : exhibits.kept()) finding.blocks.emplace_back(exhibit);
  return finding;
}

}  // namespace leadline::detail::attribution_run

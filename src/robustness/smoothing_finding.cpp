// What the probe `smoothing` says at the end.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "leadline/core/plain.hpp"
#include "leadline/stats/distributions.hpp"
#include "leadline/stats/intervals.hpp"
#include "leadline/stats/moments.hpp"
#include "leadline/stats/multiplicity.hpp"
#include "smoothing_run.hpp"

namespace leadline::detail::smoothing_run {

std::int64_t SmoothingRun::n_certified(double radius) const {
  return std::count_if(rows_.begin(), rows_.end(), [&](const Row& r) {
    return r.right() && r.found.radius >= radius && r.found.radius > 0;
  });
}

/// Right samples whose certificate holds together with all others, by Holm over every sample.
std::int64_t SmoothingRun::n_together(double radius, double level) const {
  const double p = stats::normal_cdf(radius / options_.sigma);
  std::vector<double> p_values;
  for (const Row& row : rows_)
    p_values.push_back(votes::p_value(row.found.agreed, row.found.n, p, options_.early_stop));
  const auto adjusted = stats::holm(p_values);
  std::int64_t n = 0;
  for (std::size_t i = 0; i < rows_.size(); ++i)
    n += adjusted[i] <= 1 - level && rows_[i].found.chosen == rows_[i].target;
  return n;
}

/// A certificate that does not hold is given with probability alpha at most, so the share of
/// certificates is at most q + (1 - q) alpha for a share q of inputs where it holds.
Estimate SmoothingRun::certified(double radius, double level) const {
  const std::int64_t n = std::ssize(rows_), k = n_certified(radius);
  const Estimate plain = Estimate::rate(k, n, "wilson", level);
  const double a = options_.alpha, lower = std::max(0.0, (*plain.lower - a) / (1 - a));
  Estimate found = Estimate::with(plain.value(), std::min(lower, plain.value()), *plain.upper, n,
                                  "wilson, less alpha", level);
  found.facts["alpha"] = a;
  return found;
}

void SmoothingRun::add_estimates(Finding& finding, double level) const {
  const std::int64_t n = std::ssize(rows_);
  const auto share = [&](auto&& holds) {
    return Estimate::rate(std::count_if(rows_.begin(), rows_.end(), holds), n, "wilson", level);
  };
  finding.add("clean_accuracy", share([](const Row& r) { return r.clean_right; }), Better::higher,
              "share that the model itself reads correctly, without noise");
  finding.add("smoothed_accuracy", share([](const Row& r) { return r.right(); }), Better::higher,
              "share read correctly and surely by the model under noise");
  finding.add("abstained", share([](const Row& r) { return r.found.label < 0; }), Better::lower,
              "share where no class is sure to be the most frequent under noise");
  for (const double radius : options_.radii) {
    const std::string of = fmt::format("{{radius={:g}}}", radius);
    finding.add(
        "certified_accuracy" + of, certified(radius, level), Better::higher,
        fmt::format("share read correctly and proven against changes of length {:g}", radius));
    Estimate together = Estimate::rate(n_together(radius, level), n, "wilson", level);
    together.facts["family_level"] = level;
    finding.add(
        "certified_together" + of, std::move(together), Better::higher,
        fmt::format("the same, counting only proofs that all hold at once with probability {}",
                    plain::percent(level)));
  }
  stats::Moments spent;
  for (const Row& row : rows_) spent.add(static_cast<double>(row.found.n + options_.n0));
  const auto interval = stats::mean_interval_t(spent, level);
  finding.add("draws",
              interval ? Estimate::with(spent.mean, interval->lower, interval->upper, n, "t", level)
                       : Estimate::of(spent.mean, n, "one sample"),
              Better::lower, "draws spent on a sample", "draws");
}

void SmoothingRun::add_curve(Finding& finding, double level) const {
  Curve curve;
  curve.title = "Certified accuracy against the length of the change";
  curve.x_label = "L2 radius (input units)";
  curve.y_label = "share read correctly, proven";
  curve.level = level;
  curve.note =
      options_.early_stop
          ? "Draws stop once the radii asked for are decided: between those the true curve "
            "may lie higher."
          : "Each point is a lower bound: more draws can only raise it.";
  Curve::Series series;
  series.name = fmt::format("sigma {:g}", options_.sigma);
  series.style = Curve::Series::step;
  const double most = robustness::largest_radius(options_.n, options_.alpha, options_.sigma);
  std::vector<double> x{0};
  for (int i = 1; i <= 40; ++i) x.push_back(most * i / 40);
  x.insert(x.end(), options_.radii.begin(), options_.radii.end());
  std::sort(x.begin(), x.end());
  for (const double radius : x) {
    const Estimate e = certified(radius, level);
    series.x.push_back(radius);
    series.y.push_back(e.value());
    series.lower.push_back(*e.lower);
    series.upper.push_back(*e.upper);
  }
  curve.series.push_back(std::move(series));
  finding.blocks.emplace_back(std::move(curve));
}

void SmoothingRun::add_checks(Finding& finding) const {
  Check repeat{.name = "votes_repeat", .result = Check::not_run, .applies_to = {"*"}};
  if (tally_.again == 0) {
    repeat.why = "no samples for it (check_samples = 0)";
  } else {
    // One draw in a hundred may lie so near a boundary that another batch size rounds it across.
    repeat.p_value = stats::binomial_sf(tally_.again_changed - 1, tally_.again, 0.01);
    repeat.result = *repeat.p_value < 1e-2 ? Check::fail : Check::pass;
    repeat.why =
        fmt::format("{} of {} answers change when a draw is read alone instead of in a batch",
                    tally_.again_changed, tally_.again);
    if (repeat.result == Check::fail)
      repeat.remedy =
          "votes must be independent: the model is random, or reads the rows of a batch together";
  }
  Check hold{.name = "smoothing_not_contradicted", .result = Check::not_run, .applies_to = {"*"}};
  if (tally_.tried == 0) {
    hold.why = options_.check_samples == 0 ? "no samples for it (check_samples = 0)"
                                           : "nothing was certified, or no other answer was seen";
  } else {
    // Each certificate may be wrong with probability alpha; so may each attack at its own level.
    hold.p_value = std::min(1.0, static_cast<double>(tally_.tried) * tally_.least_p);
    hold.result = tally_.contradicted > 0 ? Check::fail : Check::pass;
    hold.why = fmt::format(
        "{} of {} certificates are refuted by draws around a point inside the proven ball (least p "
        "= {:.2g})",
        tally_.contradicted, tally_.tried, tally_.least_p);
    if (hold.result == Check::fail)
      hold.remedy = "the votes were not independent draws of one fixed model: see votes_repeat";
  }
  finding.checks.push_back(std::move(repeat));
  finding.checks.push_back(std::move(hold));
}

Finding SmoothingRun::finish(Session& session) {
  Finding finding;
  if (rows_.empty()) {
    finding.status = Status::empty;
    finding.why = "no samples were visited";
    return finding;
  }
  std::sort(rows_.begin(), rows_.end(), [](const Row& a, const Row& b) { return a.id < b.id; });
  add_estimates(finding, session.level());
  add_curve(finding, session.level());
  add_checks(finding);
  const double radius = options_.radii.back();
  const Estimate& proven = finding.at(fmt::format("certified_accuracy{{radius={:g}}}", radius));
  finding.headline = fmt::format(
      "Asked under noise of {:g}, the model is proven right in {} against every change of length "
      "{:g}.",
      options_.sigma, plain::share(proven), radius);
  finding.consequence = fmt::format(
      "The proof is for the smoothed model, which is right in {} without any attack; the model "
      "alone "
      "has none. It must be served as it was measured: many noisy copies, one vote.",
      plain::percent(finding.at("smoothed_accuracy").value()));
  finding.remedies.push_back(
      {"Train with noise of this size: accuracy under noise is what is certified.",
       "leadline.robustness.GaussianNoise"});
  finding.remedies.push_back({"Serve it with leadline.robustness.Smoothing(model, sigma).predict",
                              "leadline.robustness.Smoothing"});
  finding.warnings.push_back(
      "the guarantee is of real arithmetic: inputs rounded to bytes, or sums rounded to float32, "
      "can "
      "leave it");
  if (std::ssize(rows_) < n_total_)
    finding.warnings.push_back(
        fmt::format("stopped after {} of {} samples", rows_.size(), n_total_));
  return finding;
}

}  // namespace leadline::detail::smoothing_run

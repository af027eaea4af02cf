// What the probe `gaussian_noise` says at the end.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "attack_exhibit.hpp"
#include "leadline/core/plain.hpp"
#include "leadline/stats/distributions.hpp"
#include "leadline/stats/intervals.hpp"
#include "noise_run.hpp"

namespace leadline::detail::gaussian_noise {

/// A share over samples with repeats: Wilson at the effective size that the spread between samples
/// gives; never more than n * repeats.
Estimate NoiseRun::rate(std::int64_t sum, std::int64_t squares, double level) const {
  const auto n = static_cast<double>(n_), repeats = static_cast<double>(options_.repeats);
  if (options_.repeats == 1) return Estimate::rate(sum, n_, "wilson", level);
  const double value = static_cast<double>(sum) / (n * repeats);
  const double spread =
      std::max(0.0, static_cast<double>(squares) / (n * repeats * repeats) - value * value);
  const double size = spread > 0 ? std::clamp(value * (1 - value) / spread * n, n, n * repeats) : n;
  const auto interval = stats::proportion_interval(value * size, size, level);
  Estimate estimate = Estimate::with(value, std::min(value, interval.lower),
                                     std::max(value, interval.upper), n_, "wilson", level);
  estimate.facts["n_effective"] = size;
  return estimate;
}

void NoiseRun::add_estimates(Finding& finding, double level) const {
  const bool labelled = n_labelled_ == n_;
  const auto no_labels = [&] {
    return Estimate::absent(Status::not_measured, "the data have no labels", n_);
  };
  finding.add("clean_accuracy",
              labelled ? Estimate::rate(n_clean_right_, n_, "wilson", level) : no_labels(),
              Better::higher, "share read correctly without noise");
  Curve curve;
  curve.title = "Answers under random noise";
  curve.x_label = "standard deviation of the noise";
  curve.y_label = "share";
  curve.level = level;
  Curve::Series right, changed;
  right.name = "read correctly";
  changed.name = "answer changed";
  const auto point = [](Curve::Series& series, double x, const Estimate& e) {
    series.x.push_back(x);
    series.y.push_back(e.value());
    series.lower.push_back(*e.lower);
    series.upper.push_back(*e.upper);
  };
  for (std::size_t k = 0; k < levels_.size(); ++k) {
    const Level& at = levels_[k];
    const Estimate accuracy =
        labelled ? (k == 0 ? finding.at("clean_accuracy") : rate(at.right, at.squared_right, level))
                 : no_labels();
    const Estimate flips = rate(at.flips, at.squared_flips, level);
    if (labelled) point(right, at.sigma, accuracy);
    point(changed, at.sigma, flips);
    if (k == 0) continue;
    const std::string of = fmt::format("{{sigma={:g}}}", at.sigma);
    finding.add("accuracy" + of, accuracy, Better::higher,
                fmt::format("share read correctly under noise of {:g}", at.sigma));
    finding.add("flip_rate" + of, flips, Better::lower,
                fmt::format("share of answers that noise of {:g} changes", at.sigma));
  }
  if (labelled) curve.series.push_back(std::move(right));
  curve.series.push_back(std::move(changed));
  finding.blocks.emplace_back(std::move(curve));
}

void NoiseRun::add_checks(Finding& finding) const {
  const bool same = n_zero_changed_ == 0;
  finding.checks.push_back(
      {.name = "zero_noise_equals_clean",
       .result = same ? Check::pass : Check::fail,
       .why = same ? fmt::format("the same answer for all {} samples", n_)
                   : fmt::format("{} of {} answers change without any noise", n_zero_changed_, n_),
       .remedy = same ? ""
                      : "the model is random (dropout on?), or inputs lie outside the declared "
                        "bounds and were clipped",
       .applies_to = {"*"}});
  Check rise{.name = "accuracy_does_not_rise_with_noise", .result = Check::not_run};
  if (n_labelled_ != n_) {
    rise.why = "the data have no labels";
    finding.checks.push_back(std::move(rise));
    return;
  }
  double p = 1;
  const Level* worst = nullptr;
  for (std::size_t k = 1; k < levels_.size(); ++k) {
    const std::int64_t discordant = levels_[k].gains + levels_[k].losses;
    const double one = stats::binomial_sf(levels_[k].gains - 1, discordant, 0.5);
    if (discordant == 0 || one >= p) continue;
    p = one;
    worst = &levels_[k];
  }
  p = std::min(1.0, p * static_cast<double>(levels_.size() - 1));
  rise.p_value = p;
  rise.result = p < 1e-3 ? Check::fail : Check::pass;
  rise.applies_to = {"*"};
  rise.why = worst == nullptr
                 ? "noise changes no answer between right and wrong"
                 : fmt::format("at sigma {:g} {} samples become right and {} wrong, p = {:.2g}",
                               worst->sigma, worst->gains, worst->losses, p);
  if (rise.result == Check::fail)
    rise.remedy =
        "look for preprocessing that reads exact values, or for inputs altered on purpose";
  finding.checks.push_back(std::move(rise));
}

Finding NoiseRun::finish(Session& session) {
  Finding finding;
  if (n_ == 0) {
    finding.status = Status::empty;
    finding.why = "no samples were visited";
    return finding;
  }
  add_estimates(finding, session.level());
  add_checks(finding);
  const Level& most = levels_.back();
  const Estimate& flips = finding.at(fmt::format("flip_rate{{sigma={:g}}}", most.sigma));
  const Estimate& clean = finding.at("clean_accuracy");
  const Estimate& worst = finding.at(fmt::format("accuracy{{sigma={:g}}}", most.sigma));
  const bool pictures = data_.modality == Modality::image && data_.bounds;
  finding.headline = fmt::format("Random noise of {} changes {} of the answers to {} {}.",
                                 pictures ? attack_exhibit::brightness(most.sigma, *data_.bounds)
                                          : fmt::format("{:g}", most.sigma),
                                 plain::share(flips), n_,
                                 data_.modality == Modality::image ? "images" : "samples");
  if (clean.ok() && worst.ok())
    finding.consequence =
        plain::percent(worst.value()) == plain::percent(clean.value())
            ? fmt::format("It is then right in {}, as without noise.",
                          plain::percent(worst.value()))
            : fmt::format("It is then right in {} instead of {}.", plain::percent(worst.value()),
                          plain::percent(clean.value()));
  if (most.flips > 0)
    finding.remedies.push_back({"Train with noise of the size that the sensors have.", ""});
  finding.remedies.push_back({"Random noise is the mildest test: ask also for the worst case.",
                              "leadline.robustness.Pgd()"});
  if (next_ < n_total_)
    finding.warnings.push_back(fmt::format("stopped after {} of {} samples", next_, n_total_));
  for (const Exhibit& flip : flips_.kept()) {
    finding.flags.push_back({flip.id, flip.title + ", " + flip.caption, flip.severity});
    if (!flip.images.empty()) finding.blocks.emplace_back(flip);
  }
  return finding;
}

}  // namespace leadline::detail::gaussian_noise

// What the bins of confidence say: errors with intervals, and the reliability curve.
#include <algorithm>
#include <cmath>

#include "leadline/stats/intervals.hpp"
#include "leadline/uncertainty/calibration_bins.hpp"

namespace leadline::uncertainty {

Estimate CalibrationBins::expected_error(double level) const {
  if (n_ == 0) return Estimate::absent(Status::empty, "no samples were seen");
  if (weighted_ && weight_ <= 0)
    return Estimate::absent(Status::undefined, "every weight is 0", n_);
  const auto all = bins();
  if (std::none_of(all.begin(), all.end(), [](const auto& bin) { return bin.n > 0; }))
    return Estimate::absent(Status::undefined, "every weight is 0", n_);
  const auto found = stats::calibration_error(all, level);
  if (histogram_) {
    const double bound =
        histogram_->expected_calibration_error(static_cast<int>(bins_.size())).error_bound;
    Estimate estimate = Estimate::with(
        found.plugin, std::max(0.0, std::min(found.interval.lower, found.plugin) - bound),
        std::min(1.0, std::max(found.interval.upper, found.plugin) + bound), n_,
        "test_inversion, widened by the error bound", level);
    estimate.error_bound = bound;
    estimate.facts["corrected"] = found.corrected;
    estimate.facts["exact"] = 0;
    return estimate;
  }
  Estimate estimate =
      Estimate::with(found.plugin, std::min(found.interval.lower, found.plugin),
                     std::max(found.interval.upper, found.plugin), n_, "test_inversion", level);
  estimate.facts["corrected"] = found.corrected;
  if (weighted_) estimate.facts["n_effective"] = n_effective();
  return estimate;
}

Estimate CalibrationBins::maximum_error(double level) const {
  if (n_ == 0) return Estimate::absent(Status::empty, "no samples were seen");
  if (weighted_ && weight_ <= 0)
    return Estimate::absent(Status::undefined, "every weight is 0", n_);
  const auto all = bins();
  const auto used = std::count_if(all.begin(), all.end(), [](const auto& b) { return b.n > 0; });
  double value = 0, lower = 0, upper = 0;
  std::size_t worst = 0;
  for (std::size_t b = 0; b < all.size(); ++b) {
    if (all[b].n <= 0) continue;
    const double confidence = all[b].confidence / all[b].n;
    const double gap = std::abs(confidence - all[b].correct / all[b].n);
    const auto rate = stats::proportion_interval(all[b].correct, all[b].n,
                                                 1 - (1 - level) / static_cast<double>(used));
    lower =
        std::max(lower, rate.contains(confidence) ? 0.0
                                                  : std::min(std::abs(confidence - rate.lower),
                                                             std::abs(confidence - rate.upper)));
    upper = std::max({upper, confidence - rate.lower, rate.upper - confidence});
    if (gap > value) {
      value = gap;
      worst = b;
    }
  }
  Estimate estimate = Estimate::with(value, std::min(lower, value), std::max(upper, value), n_,
                                     "wilson_bonferroni", level);
  estimate.facts["bin"] = static_cast<double>(worst);
  estimate.facts["bin_n"] = static_cast<double>(bins_[worst].n);
  return estimate;
}

Estimate CalibrationBins::overconfidence(double level) const {
  if (n_ == 0) return Estimate::absent(Status::empty, "no samples were seen");
  if (weighted_)
    return Estimate::absent(Status::not_measured, "not defined with sample weights", n_);
  const auto n = static_cast<double>(n_);
  stats::FixedSum confidence;
  std::int64_t correct = 0;
  for (const Bin& bin : bins_) {
    confidence.merge(bin.confidence);
    correct += bin.correct;
  }
  confidence.add(-static_cast<double>(correct));  // exact: one rounding of the mean
  const double mean = confidence.value() / n;
  const double m2 = std::max(0.0, squared_gap_.value() - n * mean * mean);
  const auto interval = stats::mean_interval_t(stats::Moments{n_, mean, m2, -1, 1}, level);
  if (!interval) return Estimate::of(mean, n_, "one sample shows no spread");
  return Estimate::with(mean, std::max(-1.0, std::min(interval->lower, mean)),
                        std::min(1.0, std::max(interval->upper, mean)), n_, "t", level);
}

Curve CalibrationBins::reliability(double level) const {
  Curve curve;
  curve.title = "Reliability";
  curve.x_label = "confidence";
  curve.y_label = "share right";
  curve.note =
      "On the diagonal, confidence can be taken at its word; below it the model is too sure.";
  curve.diagonal = true;
  curve.level = level;
  Curve::Series right, share;
  right.name = "share right";
  share.name = "share of samples";
  share.style = Curve::Series::step;
  const auto all = bins();
  double total = 0;
  for (const auto& bin : all) total += bin.n;
  for (std::size_t b = 0; b < all.size(); ++b) {
    share.x.push_back((static_cast<double>(b) + 0.5) / static_cast<double>(all.size()));
    share.y.push_back(total > 0 ? all[b].n / total : 0.0);
    if (all[b].n <= 0) continue;
    const auto interval = stats::proportion_interval(all[b].correct, all[b].n, level);
    right.x.push_back(all[b].confidence / all[b].n);
    right.y.push_back(all[b].correct / all[b].n);
    right.lower.push_back(std::min(interval.lower, right.y.back()));
    right.upper.push_back(std::max(interval.upper, right.y.back()));
  }
  curve.series = {std::move(right), std::move(share)};
  return curve;
}

}  // namespace leadline::uncertainty

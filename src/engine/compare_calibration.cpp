// The finding "calibration": both models over the same bins of confidence.
#include <fmt/format.h>

#include <algorithm>

#include "engine/compare_findings.hpp"
#include "leadline/stats/intervals.hpp"

namespace leadline::detail::compare {
namespace calibration {

Curve::Series series_of(const Side& side, std::int64_t bins, double level) {
  std::vector<double> n(static_cast<std::size_t>(bins)), sure(n), right(n);
  for (std::size_t i = 0; i < side.confidence.size(); ++i) {
    const auto bin = static_cast<std::size_t>(std::min(
        bins - 1, static_cast<std::int64_t>(side.confidence[i] * static_cast<double>(bins))));
    n[bin] += 1;
    sure[bin] += side.confidence[i];
    right[bin] += side.correct[i];
  }
  Curve::Series series;
  series.name = side.name;
  series.style = Curve::Series::points;
  for (std::size_t b = 0; b < n.size(); ++b) {
    if (n[b] == 0) continue;
    const auto interval = stats::proportion_interval(right[b], n[b], level);
    series.x.push_back(sure[b] / n[b]);
    series.y.push_back(right[b] / n[b]);
    series.lower.push_back(interval.lower);
    series.upper.push_back(interval.upper);
  }
  return series;
}

}  // namespace calibration

Finding calibration_finding(const Pairs& pairs, const std::vector<Drawn>& drawn,
                            const CompareOptions& options) {
  Finding finding;
  finding.probe = "calibration";
  finding.kind = "compare.calibration";
  finding.question = "Does the second model know as well when it is wrong?";
  const auto found = std::find_if(drawn.begin(), drawn.end(),
                                  [](const Drawn& d) { return d.about.name == "ece"; });
  if (found == drawn.end())
    return absent_finding(finding.probe, finding.kind, finding.question, Status::not_measured,
                          "it needs the confidence of both models in each answer");
  const Row row = row_of(*found, pairs.n(), options.level);
  finding.options = {{"bins", std::to_string(options.bins)}};
  add_rows(finding, pairs, {row}, "Calibration, the same bins for both");
  Curve curve;
  curve.title = "Reliability of both models";
  curve.x_label = "confidence";
  curve.y_label = "share of right answers";
  curve.note = fmt::format("{} bins of equal width, the same for both; points with Wilson bands.",
                           options.bins);
  curve.diagonal = true;
  curve.level = options.level;
  curve.series = {calibration::series_of(pairs.a, options.bins, options.level),
                  calibration::series_of(pairs.b, options.bins, options.level)};
  finding.blocks.emplace_back(std::move(curve));
  if (!row.difference.ok() || !row.difference.lower) return finding;
  const Decision decision = decide(row.difference, Better::lower, 0, false);
  const double points = 100 * row.difference.value();
  const std::string size = fmt::format("by {:.1f} points (between {:.1f} and {:.1f})", points,
                                       100 * *row.difference.lower, 100 * *row.difference.upper);
  finding.headline = decision.change == Change::better
                         ? "Its confidence fits better: the error falls " + size + "."
                     : decision.change == Change::worse
                         ? "Its confidence fits worse: the error changes " + size + "."
                         : "Its confidence fits about as well: the error changes " + size + ".";
  if (decision.change == Change::worse) {
    finding.consequence = "Thresholds on confidence that held for the first model do not hold now.";
    finding.remedies.push_back(
        {"Recalibrate the second model on data of its own.", "leadline.uncertainty"});
  }
  return finding;
}

}  // namespace leadline::detail::compare

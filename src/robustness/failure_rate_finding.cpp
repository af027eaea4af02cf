#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "failure_rate_run.hpp"
#include "leadline/core/plain.hpp"
#include "leadline/stats/distributions.hpp"
#include "leadline/stats/intervals.hpp"

namespace leadline::detail::failure_rate {

namespace {

double mean_of(const std::vector<double>& values) {
  double sum = 0;
  for (const double v : values) sum += v;
  return values.empty() ? 0 : sum / static_cast<double>(values.size());
}

/// How far `k` of `n` speaks against every rate in [low, high]: the greatest two-sided binomial
/// p-value.
double p_of(std::int64_t k, std::int64_t n, double low, double high) {
  const double seen = static_cast<double>(k) / static_cast<double>(n);
  if (seen >= low && seen <= high) return 1;
  const double p = seen < low ? stats::binomial_cdf(k, n, low) : stats::binomial_sf(k - 1, n, high);
  return std::min(1.0, 2 * p);
}

}  // namespace

std::vector<double> FailureRateRun::mean_rates() const {
  std::vector<double> means(static_cast<std::size_t>(options_.splitting.repeats), 0.0);
  for (const Visited& one : visited_)
    for (std::size_t r = 0; r < means.size(); ++r)
      means[r] += one.rates[r] / static_cast<double>(visited_.size());
  return means;
}

void FailureRateRun::add_estimates(Finding& finding, double level) const {
  const auto n = std::ssize(visited_);
  const double floor = std::pow(options_.splitting.keep, options_.splitting.max_levels);
  const Estimate mean = robustness::splitting_estimate(mean_rates(), n, floor, level);
  finding.add("failure_rate", mean, Better::lower,
              "mean chance that a random perturbation misleads it, over the visited samples");
  std::int64_t failed = 0;
  for (const Visited& one : visited_) failed += one.n_failed;
  // Equal draws a sample: stratified draws vary no more than draws from the mixture (Hoeffding
  // 1956), so the interval of the mixture covers.
  Estimate certified = Estimate::rate(failed, n * options_.draws, "clopper_pearson", level);
  certified.facts["one_sided_upper_bound"] =
      failed == n * options_.draws
          ? 1.0
          : stats::proportion_interval(static_cast<double>(failed),
                                       static_cast<double>(n * options_.draws), 2 * level - 1,
                                       stats::ProportionMethod::clopper_pearson)
                .upper;
  finding.add("certified_failure_rate", certified, Better::lower,
              "the same from plain draws: guaranteed, but blind to rare failures");
  const auto worst = std::max_element(
      visited_.begin(), visited_.end(),
      [](const auto& a, const auto& b) { return mean_of(a.rates) < mean_of(b.rates); });
  Estimate most = robustness::splitting_estimate(worst->rates, options_.splitting.repeats, floor,
                                                 1 - (1 - level) / static_cast<double>(n));
  finding.add("worst_failure_rate", most, Better::lower,
              fmt::format("that of sample {}, the worst of {}", worst->id, n));
}

void FailureRateRun::add_checks(Finding& finding) const {
  const auto n = std::ssize(visited_) * options_.draws;
  std::int64_t failed = 0;
  double least = 1;
  for (const Visited& one : visited_) {
    failed += one.n_failed;
    least = std::min(least, one.acceptance);
  }
  const double floor = std::pow(options_.splitting.keep, options_.splitting.max_levels);
  const Estimate split = robustness::splitting_estimate(mean_rates(), n, floor, 0.99);
  const double low = split.ok() ? *split.lower : 0, high = split.ok() ? *split.upper : floor;
  Check agree;
  agree.name = "splitting_agrees_with_monte_carlo";
  const double p = p_of(failed, n, low, high);
  agree.p_value = p;
  agree.result = p < 0.01 ? Check::fail : Check::pass;
  agree.why = fmt::format(
      "{} failures in {} plain draws, {:.3g} to {:.3g} expected by splitting, p = {:.2g}", failed,
      n, low * static_cast<double>(n), high * static_cast<double>(n), p);
  agree.remedy = "raise particles and moves; a model that changes while it is used has no rate";
  agree.applies_to = {"failure_rate", "worst_failure_rate"};
  finding.checks.push_back(std::move(agree));
  Check moves;
  moves.name = "moves_are_accepted";
  moves.result = least < 0.05 ? Check::fail : Check::pass;
  moves.why = fmt::format("at the worst level {:.1f} % of the moves stayed above it", 100 * least);
  moves.remedy = "the scores are too ragged to climb: copies do not part; trust plain draws only";
  moves.applies_to = {"failure_rate", "worst_failure_rate"};
  finding.checks.push_back(std::move(moves));
  Check steady;
  steady.name = "answers_repeat";
  steady.result = n_unsteady_ > 0 ? Check::fail : Check::pass;
  steady.why =
      fmt::format("{} of {} samples asked twice get another answer", n_unsteady_, n_repeated_);
  steady.remedy = "the model is random (dropout on?): its own noise is counted as failure";
  steady.applies_to = {"*"};
  finding.checks.push_back(std::move(steady));
}

void FailureRateRun::add_blocks(Finding& finding) const {
  auto order = visited_;
  std::sort(order.begin(), order.end(), [](const Visited& a, const Visited& b) {
    const double x = mean_of(a.rates), y = mean_of(b.rates);
    return x != y ? x > y : a.id < b.id;
  });
  Curve curve;
  curve.title = "Failure rates of the samples";
  curve.x_label = "samples, the worst first";
  curve.y_label = "log10 of the failure rate";
  curve.note = "samples without any failure are not drawn";
  Curve::Series series;
  series.name = "by splitting";
  series.style = Curve::Series::points;
  TableBlock table;
  table.title = "The worst samples";
  table.columns = {"sample", "failure rate (splitting)", "failures", "plain draws"};
  for (const Visited& one : order) {
    const double rate = mean_of(one.rates);
    if (rate > 0) {
      series.x.push_back(static_cast<double>(series.x.size() + 1));
      series.y.push_back(std::log10(rate));
    }
    if (table.rows.size() < 10)
      table.rows.push_back({static_cast<std::int64_t>(one.id), rate, one.n_failed, options_.draws});
    if (rate > 0 && std::ssize(finding.flags) < Finding::max_exhibits)
      finding.flags.push_back(
          {one.id, fmt::format("a random perturbation misleads it with chance {:.2g}", rate),
           12 + std::log10(std::max(rate, 1e-12))});
  }
  if (!series.x.empty()) {
    curve.series.push_back(std::move(series));
    finding.blocks.emplace_back(std::move(curve));
  }
  finding.blocks.emplace_back(std::move(table));
}

Finding FailureRateRun::finish(Session& session) {
  Finding finding;
  std::sort(visited_.begin(), visited_.end(),
            [](const Visited& a, const Visited& b) { return a.id < b.id; });
  if (visited_.empty()) {
    finding.status = Status::empty;
    finding.why = next_ == 0 ? "no samples were visited" : "no visited sample is read correctly";
    return finding;
  }
  for (const Visited& one : visited_)
    session.table().put(session.probe_id() + ".failure_rate", one.id, mean_of(one.rates));
  add_estimates(finding, session.level());
  add_checks(finding);
  add_blocks(finding);
  const Estimate &mean = finding.at("failure_rate"), &sure = finding.at("certified_failure_rate");
  finding.headline = mean.ok()
                         ? fmt::format(
                               "A random perturbation of {:g} misleads it with chance {:.2g} "
                               "(between {:.1g} and {:.1g}).",
                               options_.size, mean.value(), *mean.lower, *mean.upper)
                         : fmt::format("No random perturbation of {:g} was found that misleads it.",
                                       options_.size);
  finding.consequence =
      fmt::format("Guaranteed from plain draws alone, for these {} samples: at most {:.2g}.",
                  visited_.size(), *sure.upper);
  finding.remedies.push_back(
      {"Random perturbations are the mildest adversary: ask for the worst case.",
       "leadline.robustness.Pgd"});
  if (n_misread_ > 0)
    finding.warnings.push_back(fmt::format(
        "{} of {} samples are misread as they are and were left out", n_misread_, next_));
  return finding;
}

}  // namespace leadline::detail::failure_rate

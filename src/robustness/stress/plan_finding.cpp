// What `corruption_benchmark` and `stress` say at the end.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "leadline/core/plain.hpp"
#include "leadline/stats/distributions.hpp"
#include "leadline/stats/intervals.hpp"
#include "plan.hpp"

namespace leadline::detail::stress {
std::size_t PlanRun::n_used() const {
  std::size_t n = 0;
  for (std::size_t k = 0; k < plan_.kinds.size(); ++k) n += used(k);
  return n;
}

/// A share with `spread`, the variance between samples: Wilson at the effective size that it gives.
Estimate PlanRun::share_with(double value, double spread, double most, double level) const {
  const auto count = static_cast<double>(n_);
  const double size =
      spread > 0 ? std::clamp(value * (1 - value) / spread * count, count, count * most) : count;
  const auto interval = stats::proportion_interval(value * size, size, level);
  Estimate out = Estimate::with(value, std::min(value, interval.lower),
                                std::max(value, interval.upper), n_, "wilson", level);
  out.facts["n_effective"] = size;
  return out;
}

/// The mean over samples of offset + sum of weights * right answers, from the sums of products.
/// A `share` lies in [0, 1]; anything else gets Student's t.
Estimate PlanRun::mean_of(std::span<const double> weights, double offset, bool share,
                          double level) const {
  const std::size_t all = weights.size();
  const auto n = static_cast<double>(n_);
  double mean = 0, square = 0;
  for (std::size_t a = 0; a < all; ++a) {
    mean += weights[a] * static_cast<double>(sums_[a]) / n;
    for (std::size_t b = 0; b < all; ++b)
      square += weights[a] * weights[b] * static_cast<double>(products_[a * all + b]) / n;
  }
  const double spread = std::max(0.0, square - mean * mean);
  const double value = mean + offset;
  if (share)
    return share_with(std::clamp(value, 0.0, 1.0), spread,
                      static_cast<double>(n_used() * plan_.severities.size()), level);
  if (n_ < 2) return Estimate::of(value, n_, "one sample has no spread");
  const double half =
      stats::student_t_quantile(0.5 + level / 2, n - 1) * std::sqrt(spread / (n - 1));
  return Estimate::with(value, value - half, value + half, n_, "student_t", level);
}

Estimate PlanRun::share_of(std::int64_t sum, std::int64_t squares, std::int64_t repeats,
                           double level) const {
  const auto n = static_cast<double>(n_), times = static_cast<double>(repeats);
  const double value = static_cast<double>(sum) / (n * times);
  const double spread = static_cast<double>(squares) / (n * times * times) - value * value;
  return share_with(value, std::max(0.0, spread), times, level);
}

void PlanRun::add_accuracies(Finding& finding, double level) const {
  const std::size_t kinds = plan_.kinds.size(), severities = plan_.severities.size();
  const auto no_labels = Estimate::absent(
      Status::not_measured,
      plan_.stand_in ? "answers are texts: a TextClassifier around the model reads labels"
                     : "the data have no labels",
      n_);
  const bool known = labelled();
  finding.add("clean_accuracy",
              known ? Estimate::rate(n_clean_right_, n_, "wilson", level) : no_labels,
              Better::higher, "share read correctly when nothing is changed");
  std::vector<double> all(kinds + 1, 0.0);
  const double one = 1 / static_cast<double>(std::max<std::size_t>(1, n_used() * severities));
  for (std::size_t k = 0; k < kinds; ++k) all[k] = used(k) ? one : 0;
  finding.add("accuracy", known ? mean_of(all, 0, true, level) : no_labels, Better::higher,
              "share read correctly, mean over all conditions");
  for (double& weight : all) weight = -weight;
  all[kinds] = 1;
  finding.add("accuracy_drop", known ? mean_of(all, 0, false, level) : no_labels, Better::lower,
              "how much less is read correctly than on clean samples");
  for (std::size_t k = 0; k < kinds; ++k) {
    const KindOfChange& kind = plan_.kinds[k];
    std::vector<double> weights(kinds + 1, 0.0);
    weights[k] = 1 / static_cast<double>(severities);
    Estimate mean = !used(k) ? Estimate::absent(Status::not_measured, kind.why_not, n_)
                    : known  ? mean_of(weights, 0, true, level)
                             : no_labels;
    finding.add(fmt::format("accuracy{{{}={}}}", plan_.key, kind.name), std::move(mean),
                Better::higher, fmt::format("share read correctly under {}", kind.name));
    for (std::size_t s = 0; s < severities && used(k) && known; ++s)
      finding.add(
          fmt::format("accuracy{{{}={},severity={:g}}}", plan_.key, kind.name, plan_.severities[s]),
          Estimate::rate(cells_[k * severities + s].right, n_, "wilson", level), Better::higher,
          fmt::format("share read correctly under {} of severity {:g}", kind.name,
                      plan_.severities[s]));
  }
}

void PlanRun::add_changes(Finding& finding, double level) const {
  for (std::size_t k = 0; k < plan_.kinds.size(); ++k)
    if (used(k))
      finding.add(fmt::format("changed{{{}={}}}", plan_.key, plan_.kinds[k].name),
                  share_of(changed_[k], changed_squared_[k], std::ssize(plan_.severities), level),
                  Better::lower,
                  fmt::format("share of answers that {} changes", plan_.kinds[k].name));
}

/// mCE and relative mCE. Both are linear in the errors, so they are means over samples.
void PlanRun::add_reference(Finding& finding, double level) const {
  if (!plan_.reference) return;
  const Reference& reference = *plan_.reference;
  const std::size_t kinds = plan_.kinds.size();
  const auto absent = [&](std::string why) {
    return Estimate::absent(Status::not_measured, std::move(why), n_);
  };
  const std::string than = fmt::format("relative to {}", reference.name);
  if (!labelled() || n_used() != kinds) {
    const std::string why =
        labelled() ? "a corruption means nothing on these images" : "the data have no labels";
    finding.add("mce", absent(why), Better::lower, "mean corruption error " + than);
    finding.add("relative_mce", absent(why), Better::lower,
                "mean rise of the error under corruption " + than);
    return;
  }
  const auto count = static_cast<double>(kinds), n_s = static_cast<double>(plan_.severities.size());
  std::vector<double> weights(kinds + 1, 0.0);
  double offset = 0;
  for (std::size_t k = 0; k < kinds; ++k) {
    weights[k] = -1 / (count * n_s * reference.errors[k]);
    offset += 1 / (count * reference.errors[k]);
  }
  finding.add("mce", mean_of(weights, offset, false, level), Better::lower,
              "mean corruption error " + than);
  if (!reference.clean_error) return;
  weights.assign(kinds + 1, 0.0);
  for (std::size_t k = 0; k < kinds; ++k) {
    const double rise = reference.errors[k] - *reference.clean_error;
    if (rise <= 0) {
      finding.add("relative_mce",
                  absent(fmt::format("the reference does not suffer from {}", plan_.kinds[k].name)),
                  Better::lower, "mean rise of the error under corruption " + than);
      return;
    }
    weights[k] = -1 / (count * n_s * rise);
    weights[kinds] += 1 / (count * rise);
  }
  finding.add("relative_mce", mean_of(weights, 0, false, level), Better::lower,
              "mean rise of the error under corruption " + than);
}

/// The mean over samples of sum_q weights[q] * flips of sequence q.
std::pair<double, double> PlanRun::flips_weighed(std::span<const double> weights) const {
  const auto n = static_cast<double>(n_);
  double mean = 0, square = 0;
  for (std::size_t q = 0; q < weights.size(); ++q) {
    mean += weights[q] * static_cast<double>(flips_[q]) / n;
    for (std::size_t p = 0; p < weights.size(); ++p)
      square +=
          weights[q] * weights[p] * static_cast<double>(flip_products_[q * weights.size() + p]) / n;
  }
  return {mean, std::max(0.0, square - mean * mean)};
}

void PlanRun::add_sequences(Finding& finding, double level) const {
  if (plan_.sequences.empty()) return;
  const std::size_t all = plan_.sequences.size();
  const auto steps = static_cast<double>(plan_.frames - 1), count = static_cast<double>(all);
  for (std::size_t q = 0; q < all; ++q)
    finding.add(
        fmt::format("flip_probability{{perturbation={}}}", name_of(plan_.sequences[q])),
        share_of(flips_[q], flip_products_[q * all + q], plan_.frames - 1, level), Better::lower,
        fmt::format("share of steps of {} that change the answer", name_of(plan_.sequences[q])));
  const auto [mean, spread] = flips_weighed(std::vector<double>(all, 1 / (steps * count)));
  finding.add("mean_flip_probability", share_with(mean, spread, steps * count, level),
              Better::lower, "share of small steps that change the answer");
  if (plan_.reference_flips.empty()) return;
  std::vector<double> weights;
  for (const double flips : plan_.reference_flips) weights.push_back(1 / (steps * count * flips));
  const auto [rate, variance] = flips_weighed(weights);
  Estimate flip_rate = Estimate::of(rate, n_, "one sample has no spread");
  if (n_ >= 2) {
    const auto n = static_cast<double>(n_);
    const double half =
        stats::student_t_quantile(0.5 + level / 2, n - 1) * std::sqrt(variance / (n - 1));
    flip_rate = Estimate::with(rate, rate - half, rate + half, n_, "student_t", level);
  }
  finding.add("mean_flip_rate", std::move(flip_rate), Better::lower,
              "mean over perturbations of flip probability / that of the reference");
}

void PlanRun::say(Finding& finding) const {
  const std::size_t severities = plan_.severities.size();
  std::size_t worst = plan_.kinds.size();
  std::int64_t most = -1;
  for (std::size_t k = 0; k < plan_.kinds.size(); ++k)
    if (used(k) && changed_[k] > most) most = changed_[worst = k];
  const KindOfChange& kind = plan_.kinds[worst];
  const Estimate& changed = finding.at(fmt::format("changed{{{}={}}}", plan_.key, kind.name));
  finding.headline = fmt::format(
      "Of {} kinds of change, {} misleads it most: it changes {} of its "
      "answers.",
      n_used(), kind.name, plain::share(changed));
  if (labelled())
    finding.consequence =
        fmt::format("Over {} conditions it is right in {} instead of {}.", n_used() * severities,
                    plain::percent(finding.at("accuracy").value()),
                    plain::percent(finding.at("clean_accuracy").value()));
  finding.remedies.push_back(
      {fmt::format("Train with {} of mild severity, then measure again: accuracy under kinds that "
                   "were not trained on is what generalises.",
                   kind.name),
       ""});
  finding.remedies.push_back(
      {"These are changes by chance: ask also for the worst case.", "leadline.robustness.Pgd"});
}

Finding PlanRun::finish(Session& session) {
  Finding finding;
  if (n_ == 0 || n_used() == 0) {
    finding.status = n_ == 0 ? Status::empty : Status::not_measured;
    finding.why = n_ == 0 ? "no samples were visited" : "no kind of change applies to these data";
    return finding;
  }
  const double level = session.level();
  add_accuracies(finding, level);
  add_changes(finding, level);
  add_reference(finding, level);
  add_sequences(finding, level);
  add_pictures(finding, level);
  add_classes(finding);
  add_checks(finding);
  say(finding);
  for (const KindOfChange& kind : plan_.kinds)
    if (!kind.why_not.empty())
      finding.warnings.push_back(fmt::format("{} was left out: {}", kind.name, kind.why_not));
  if (next_ < n_total_)
    finding.warnings.push_back(fmt::format("stopped after {} of {} samples", next_, n_total_));
  return finding;
}

}  // namespace leadline::detail::stress

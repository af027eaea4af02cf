#include "leadline/stats/delong.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>

#include "leadline/core/error.hpp"
#include "leadline/stats/distributions.hpp"
#include "stats/delong_counts.hpp"
#include "stats/ranked_walk.hpp"

namespace leadline::stats {
namespace detail::delong {

void require_both(double positives, double negatives) {
  if (!(positives > 0) || !(negatives > 0))
    throw ValueError(
        "auroc", "at least one score in each group",
        std::to_string(positives) + " positives and " + std::to_string(negatives) + " negatives",
        "pass samples of both classes");
}

/// Sums over one group of its placements x and of their squares.
struct Sums {
  double weight = 0, sum = 0, square = 0;
  void add(double x, double w, double ww) {
    weight += w;
    sum += w * x;
    mean_of_square += ww * x * x;
    mean_of_x += ww * x;
    square += ww;
  }
  double mean_of_square = 0, mean_of_x = 0;
  [[nodiscard]] double mean() const { return weight > 0 ? sum / weight : 0; }
  /// Of the mean: sum w^2 (x - mean)^2 / (sum w)^2, times n / (n - 1) at the effective n.
  [[nodiscard]] double variance_of_mean(double n_effective) const {
    if (!(n_effective > 1)) return 0;
    const double m = mean();
    const double spread = std::max(0.0, mean_of_square - 2 * m * mean_of_x + m * m * square);
    return spread / (weight * weight) * n_effective / (n_effective - 1);
  }
};

Found summed(const Levels& levels) {
  double above_positive = 0, above_negative = 0;
  Sums positive, negative;
  const bool weighted = levels.weighted();
  for (std::size_t k = 0; k < levels.size(); ++k) {
    const double p = levels.positive[k], q = levels.negative[k];
    // the share of the other group on the wrong side: small where cancellation would hurt
    positive.add((above_negative + q / 2) / levels.negatives, p,
                 weighted ? levels.positive_square[k] : p);
    negative.add((above_positive + p / 2) / levels.positives, q,
                 weighted ? levels.negative_square[k] : q);
    above_positive += p;
    above_negative += q;
  }
  return {std::clamp(negative.mean(), 0.0, 1.0),
          positive.variance_of_mean(levels.positives_effective) +
              negative.variance_of_mean(levels.negatives_effective)};
}

Interval logit_interval(double value, double variance, double level) {
  const double z = normal_two_sided(level);
  const double logit = std::log(value / (1 - value));
  const double half = z * std::sqrt(variance) / (value * (1 - value));
  const auto back = [](double x) { return 1 / (1 + std::exp(-x)); };
  return {back(logit - half), back(logit + half)};
}

/// Covariances of the two means within the groups, summed.
double covariance(std::span<const double> a, std::span<const double> b,
                  std::span<const std::uint8_t> target, std::span<const double> weights) {
  struct Group {
    double weight = 0, square = 0, a = 0, b = 0, ab = 0;
  };
  std::array<Group, 2> groups;
  const auto weight = [&](std::size_t i) { return weights.empty() ? 1.0 : weights[i]; };
  for (std::size_t i = 0; i < a.size(); ++i) {
    Group& g = groups[target[i] != 0];
    g.weight += weight(i);
    g.square += weight(i) * weight(i);
    g.a += weight(i) * a[i];
    g.b += weight(i) * b[i];
  }
  for (std::size_t i = 0; i < a.size(); ++i) {
    Group& g = groups[target[i] != 0];
    const double w = weight(i);
    g.ab += w * w * (a[i] - g.a / g.weight) * (b[i] - g.b / g.weight);
  }
  double sum = 0;
  for (const Group& g : groups) {
    const double n = g.weight * g.weight / g.square;
    if (n > 1) sum += g.ab / (g.weight * g.weight) * n / (n - 1);
  }
  return sum;
}

}  // namespace detail::delong

Auroc auroc_from(double value, double variance, double n_least, double level) {
  Auroc out;
  out.value = value;
  out.variance = variance;
  if (!(n_least >= 2)) return out;
  if (variance > 0 && value > 0 && value < 1) {
    out.interval = detail::delong::logit_interval(value, variance, level);
    out.method = "delong, logit";
  } else {
    out.interval =
        proportion_interval(value * n_least, n_least, level, ProportionMethod::clopper_pearson);
    out.method = "clopper_pearson";
  }
  out.interval.lower = std::min(out.interval.lower, value);
  out.interval.upper = std::max(out.interval.upper, value);
  return out;
}

Auroc auroc(const Levels& levels, double level) {
  detail::delong::require_both(levels.positives, levels.negatives);
  const auto found = detail::delong::summed(levels);
  return auroc_from(found.value, found.variance,
                    std::min(levels.positives_effective, levels.negatives_effective), level);
}

Auroc auroc(const Ranked& ranked, double level) {
  detail::delong::require_both(ranked.positive_weight(), ranked.negative_weight());
  if (ranked.weighted()) return auroc(levels_of(ranked), level);
  const auto found = detail::ranked::with_items(ranked, [&](auto items) {
    return detail::delong::counted([&](auto&& visit) { detail::ranked::reach_down(items, visit); },
                                   static_cast<std::uint64_t>(ranked.n_positive()),
                                   static_cast<std::uint64_t>(ranked.n_negative()));
  });
  return auroc_from(found.value, found.variance,
                    static_cast<double>(std::min(ranked.n_positive(), ranked.n_negative())), level);
}

Auroc auroc(std::span<const double> positives, std::span<const double> negatives, double level) {
  detail::delong::require_both(static_cast<double>(positives.size()),
                               static_cast<double>(negatives.size()));
  return auroc(Ranked::of_groups(positives, negatives), level);
}

std::vector<double> placements(std::span<const double> scores, std::span<const std::uint8_t> target,
                               std::span<const double> weights) {
  namespace impl = detail::ranked;
  impl::check(scores.size(), target.size(), weights, has_nan(scores));
  const auto items = impl::placed(scores, target);
  const auto weight = [&](const impl::Placed& item) {
    return weights.empty() ? 1.0 : weights[item.place];
  };
  std::array<double, 2> total{}, above{};
  for (const auto& item : items) total[impl::group_of(item)] += weight(item);
  detail::delong::require_both(total[1], total[0]);
  std::vector<double> out(items.size());
  impl::walk_down(std::span(items), [&](std::size_t first, std::size_t last, std::uint64_t) {
    std::array<double, 2> sum{};
    for (std::size_t i = first; i < last; ++i) sum[impl::group_of(items[i])] += weight(items[i]);
    const std::array<double, 2> share{(above[1] + sum[1] / 2) / total[1],
                                      1 - (above[0] + sum[0] / 2) / total[0]};
    for (std::size_t i = first; i < last; ++i)
      out[items[i].place] = share[impl::group_of(items[i])];
    above[0] += sum[0];
    above[1] += sum[1];
  });
  return out;
}

PairedAuroc delong_paired(std::span<const double> scores_a, std::span<const double> scores_b,
                          std::span<const std::uint8_t> target, std::span<const double> weights,
                          double level) {
  if (scores_a.size() != scores_b.size())
    throw ShapeError("delong_paired", std::to_string(scores_a.size()) + " scores of each model",
                     std::to_string(scores_b.size()), "pass scores of the same samples");
  const Ranked a(scores_a, target, weights), b(scores_b, target, weights);
  PairedAuroc out;
  out.n_positive = a.n_positive();
  out.n_negative = a.n_negative();
  if (!(a.positive_effective() > 1 && a.negative_effective() > 1))
    throw ValueError("delong_paired", "at least two samples in each group",
                     std::to_string(out.n_positive) + " positives and " +
                         std::to_string(out.n_negative) + " negatives",
                     "compare on more samples");
  out.first = auroc(a, level);
  out.second = auroc(b, level);
  const auto of_a = placements(scores_a, target, weights);
  const auto of_b = placements(scores_b, target, weights);
  out.covariance = detail::delong::covariance(of_a, of_b, target, weights);
  out.difference = out.first.value - out.second.value;
  // The variance of the difference from the differences themselves: nothing cancels.
  std::vector<double> change(of_a.size());
  for (std::size_t i = 0; i < change.size(); ++i) change[i] = of_a[i] - of_b[i];
  out.standard_error =
      std::sqrt(std::max(0.0, detail::delong::covariance(change, change, target, weights)));
  const double half = normal_two_sided(level) * out.standard_error;
  if (out.standard_error > 0) {
    out.z = out.difference / out.standard_error;
    out.p_value = std::min(1.0, 2 * normal_sf(std::abs(out.z)));
  } else {
    out.p_value = out.difference == 0 ? 1.0 : 0.0;
  }
  out.interval = {std::max(-1.0, out.difference - half), std::min(1.0, out.difference + half)};
  return out;
}

}  // namespace leadline::stats

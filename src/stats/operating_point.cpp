#include "leadline/stats/operating_point.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <optional>
#include <string>

#include "leadline/core/error.hpp"
#include "leadline/stats/bootstrap.hpp"
#include "leadline/stats/distributions.hpp"
#include "stats/operating_walk.hpp"

namespace leadline::stats {
namespace detail::operating_point {

constexpr double none = std::numeric_limits<double>::quiet_NaN();

void require(const char* who, const Levels& levels, double share, bool open = true) {
  if (!(levels.positives > 0) || !(levels.negatives > 0))
    throw ValueError(who, "both groups with weight",
                     std::to_string(levels.positives) + " positives and " +
                         std::to_string(levels.negatives) + " negatives",
                     "pass samples of both classes");
  if (!(share >= 0 && share <= 1) || (open && share == 0))
    throw ValueError(who, "a share in (0, 1]", std::to_string(share), "pass a share, not percent");
}

/// A curve read by the weight of one group: how much of `other` lies above the point where `at` of
/// `group` does, linear inside a level. `at` must not decrease between calls.
class Reader {
 public:
  Reader(const std::vector<double>& group, const std::vector<double>& other)
      : group_(group), other_(other) {}
  double above(double at) {
    while (k_ < group_.size() && seen_ + group_[k_] < at) {
      seen_ += group_[k_];
      passed_ += other_[k_];
      ++k_;
    }
    if (k_ == group_.size()) return passed_;
    const double part = group_[k_] > 0 ? std::clamp((at - seen_) / group_[k_], 0.0, 1.0) : 0.0;
    // The negatives between this positive and the next are passed or not: half of them.
    double gap = 0;
    for (std::size_t j = k_ + 1; part == 1 && j < group_.size() && group_[j] == 0; ++j)
      gap += other_[j];
    return passed_ + other_[k_] * part + gap / 2;
  }

 private:
  const std::vector<double>&group_, &other_;
  std::size_t k_ = 0;
  double seen_ = 0, passed_ = 0;
};

/// Interval of the share of `other` above the point where a share `reached` of `group` is.
Interval matched_beta(const Above& above, double group_weight, double group_n, double other_weight,
                      double other_n, double reached, double level) {
  constexpr int nodes = 33;
  double sum = 0, square = 0, within = 0, at = 0;
  for (int j = 0; j < nodes; ++j) {
    const double z = normal_quantile((j + 0.5) / nodes);
    // Cornish-Fisher quantile of Binomial(n, reached)
    const double count = group_n * reached + z * std::sqrt(group_n * reached * (1 - reached)) +
                         (1 - 2 * reached) * (z * z - 1) / 6;
    // it may turn back where n is a handful
    at = std::max(at, std::clamp(count / group_n, 0.0, 1.0) * group_weight);
    const double x = std::clamp(above(at) / other_weight, 0.0, 1.0) * other_n;
    const double mean = (x + 0.5) / (other_n + 1);
    sum += mean;
    square += mean * mean;
    within += mean * (1 - mean) / (other_n + 2);
  }
  const double mean = sum / nodes;
  const double variance = within / nodes + std::max(0.0, square / nodes - mean * mean);
  const double size = mean * (1 - mean) / variance - 1;
  if (!(size > 0)) return {0, 1};
  const double a = mean * size, b = (1 - mean) * size, tail = (1 - level) / 2;
  return {beta_quantile(tail, a, b), beta_quantile(1 - tail, a, b)};
}

void widen(RankValue& out) {
  out.interval.lower = std::min(out.interval.lower, out.value);
  out.interval.upper = std::max(out.interval.upper, out.value);
}

void set_interval(RankValue& out, const Above& above, double group, double others, double reached,
                  double level) {
  if (reached == 1) {
    out.interval =
        proportion_interval(out.value * others, others, level, ProportionMethod::clopper_pearson);
    out.method = "clopper_pearson";
  } else {
    out.interval = matched_beta(above, group, group, others, others, reached, level);
    out.method = "matched_beta";
  }
  widen(out);
}

/// Joins two levels' sums.
void append(Levels& out, const Levels& from, std::size_t k, bool fresh) {
  const auto put = [fresh](std::vector<double>& to, double x) {
    if (fresh)
      to.push_back(x);
    else
      to.back() += x;
  };
  if (fresh)
    out.score.push_back(from.score[k]);
  else
    out.score.back() = from.score[k];
  put(out.positive, from.positive[k]);
  put(out.negative, from.negative[k]);
  if (!from.weighted()) return;
  put(out.positive_square, from.positive_square[k]);
  put(out.negative_square, from.negative_square[k]);
}

/// Poisson weights of many means, drawn again and again.
class Redraw {
 public:
  Redraw(const std::vector<double>& sum, const std::vector<double>& square) : sum_(sum) {
    for (std::size_t k = 0; k < sum.size(); ++k) {
      unit_.push_back(sum[k] > 0 && !square.empty() ? square[k] / sum[k] : 1.0);
      none_.push_back(std::exp(-sum[k] / unit_.back()));
    }
  }
  /// Mean `sum`, variance `square`.
  double operator()(Rng& rng, std::size_t k) const {
    if (!(sum_[k] > 0)) return 0;
    const double mean = sum_[k] / unit_[k];
    if (mean >= 50)  // normal to the nearest count: the third moment does not matter for a spread
      return unit_[k] * std::max(0.0, std::round(mean + std::sqrt(mean) * rng.normal()));
    double left = rng.next_u32() * 0x1p-32, p = none_[k], count = 0;
    while (left >= p && count < 200) {
      left -= p;
      p *= mean / ++count;
    }
    return unit_[k] * count;
  }

 private:
  const std::vector<double>& sum_;
  std::vector<double> unit_, none_;
};

Levels redrawn(const Levels& from, const Redraw& positive, const Redraw& negative, Rng& rng) {
  Levels out;
  out.score = from.score;
  out.positive.resize(from.size());
  out.negative.resize(from.size());
  for (std::size_t k = 0; k < from.size(); ++k) {
    out.positive[k] = positive(rng, k);
    out.negative[k] = negative(rng, k);
    out.positives += out.positive[k];
    out.negatives += out.negative[k];
  }
  return out;
}

}  // namespace detail::operating_point

namespace operating = detail::operating_point;

RankValue fpr_at_tpr(const Levels& levels, double tpr, PointInterval how, double level) {
  operating::require("fpr_at_tpr", levels, tpr);
  RankValue out;
  double a = 0, b = 0;
  for (std::size_t k = 0; k < levels.size(); ++k) {
    a += levels.positive[k];
    b += levels.negative[k];
    out.threshold = levels.score[k];
    if (operating::reaches(a, tpr, levels.positives)) break;
  }
  out.value = std::clamp(b / levels.negatives, 0.0, 1.0);
  const double n = levels.negatives_effective;
  if (how == PointInterval::clopper_pearson || tpr == 1) {
    out.interval = proportion_interval(out.value * n, n, level, ProportionMethod::clopper_pearson);
    out.method = "clopper_pearson";
  } else {
    operating::Reader reader(levels.positive, levels.negative);
    out.interval =
        operating::matched_beta([&](double at) { return reader.above(at); }, levels.positives,
                                levels.positives_effective, levels.negatives, n, tpr, level);
    out.method = "matched_beta";
  }
  operating::widen(out);
  return out;
}

RankValue tpr_at_fpr(const Levels& levels, double fpr, PointInterval how, double level) {
  operating::require("tpr_at_fpr", levels, fpr, false);
  RankValue out;
  out.threshold = std::numeric_limits<double>::infinity();
  double a = 0, b = 0;
  for (std::size_t k = 0; k < levels.size(); ++k) {
    if (b + levels.negative[k] > fpr * levels.negatives * (1 + 1e-12)) break;
    a += levels.positive[k];
    b += levels.negative[k];
    out.threshold = levels.score[k];
  }
  out.value = std::clamp(a / levels.positives, 0.0, 1.0);
  const double n = levels.positives_effective;
  if (how == PointInterval::clopper_pearson || fpr == 0) {
    out.interval = proportion_interval(out.value * n, n, level, ProportionMethod::clopper_pearson);
    out.method = "clopper_pearson";
  } else {
    operating::Reader reader(levels.negative, levels.positive);
    out.interval =
        operating::matched_beta([&](double at) { return reader.above(at); }, levels.negatives,
                                levels.negatives_effective, levels.positives, n, fpr, level);
    out.method = "matched_beta";
  }
  operating::widen(out);
  return out;
}

Levels joined(const Levels& levels, std::size_t max_levels) {
  if (levels.size() <= max_levels || max_levels == 0) return levels;
  Levels out = operating::totals_of(levels);
  // Both groups get the same share of the cuts, so that a rare one keeps its resolution.
  double filled = 1;
  for (std::size_t k = 0; k < levels.size(); ++k) {
    const bool fresh = filled >= 1;
    operating::append(out, levels, k, fresh);
    if (fresh) filled = 0;
    filled += (levels.positive[k] / levels.positives + levels.negative[k] / levels.negatives) / 2 *
              static_cast<double>(max_levels);
  }
  return out;
}

RankValue bootstrap_levels(const Levels& levels, double value,
                           const std::function<double(const Levels&)>& statistic, double level,
                           const LevelBootstrap& options) {
  RankValue out;
  out.value = value;
  const double n_least = std::min(levels.positives_effective, levels.negatives_effective);
  if (!(n_least >= 2)) return out;
  const Levels small = joined(levels, options.max_levels);
  const double shift = value - statistic(small);
  const operating::Redraw positive(small.positive, small.positive_square);
  const operating::Redraw negative(small.negative, small.negative_square);
  const Stream stream(options.seed, "levels");
  std::vector<double> replicates;
  for (std::int64_t r = 0; r < options.replicates; ++r) {
    Rng rng = stream.at(r);
    const Levels drawn = operating::redrawn(small, positive, negative, rng);
    const bool both = drawn.positives > 0 && drawn.negatives > 0;
    replicates.push_back(both ? statistic(drawn) + shift : operating::none);
  }
  const auto [low, high] = std::minmax_element(replicates.begin(), replicates.end(),
                                               [](double x, double y) { return x < y; });
  const auto interval = percentile_interval(replicates, level);
  if (!interval || *low == *high) {
    out.interval = proportion_interval(std::clamp(value, 0.0, 1.0) * n_least, n_least, level,
                                       ProportionMethod::clopper_pearson);
    out.method = "clopper_pearson";
  } else {
    out.interval = {std::max(0.0, interval->lower), std::min(1.0, interval->upper)};
    out.method = "poisson bootstrap, percentile";
    double sum = 0, square = 0, n = 0;
    for (const double x : replicates)
      if (!std::isnan(x)) {
        sum += x;
        square += x * x;
        ++n;
      }
    out.variance = std::max(0.0, square / n - sum / n * sum / n);
  }
  operating::widen(out);
  return out;
}

RankValue precision_at_recall(const Levels& levels, double recall, double level) {
  operating::require("precision_at_recall", levels, recall);
  const auto found = operating::best_precision(levels, recall);
  auto out = bootstrap_levels(
      levels, found.value,
      [&](const Levels& l) { return operating::best_precision(l, recall).value; }, level);
  out.threshold = found.threshold;
  return out;
}

RankValue recall_at_precision(const Levels& levels, double precision, double level) {
  operating::require("recall_at_precision", levels, precision);
  const auto found = operating::best_recall(levels, precision);
  auto out = bootstrap_levels(
      levels, found.value,
      [&](const Levels& l) { return operating::best_recall(l, precision).value; }, level);
  out.threshold = found.threshold;
  return out;
}

RankValue equal_error_rate(const Levels& levels, double level) {
  operating::require("equal_error_rate", levels, 1);
  const auto found = operating::crossing(levels);
  auto out = bootstrap_levels(
      levels, found.value, [](const Levels& l) { return operating::crossing(l).value; }, level);
  out.threshold = found.threshold;
  return out;
}

RankValue gain_at(const Levels& levels, double fraction, double level) {
  operating::require("gain_at", levels, fraction);
  const auto found = operating::gain(levels, fraction);
  auto out = bootstrap_levels(
      levels, found.value, [&](const Levels& l) { return operating::gain(l, fraction).value; },
      level);
  out.threshold = found.threshold;
  return out;
}

RankValue lift_at(const Levels& levels, double fraction, double level) {
  RankValue out = gain_at(levels, fraction, level);
  out.value /= fraction;
  out.variance /= fraction * fraction;
  out.interval = {out.interval.lower / fraction, out.interval.upper / fraction};
  return out;
}

double partial_auroc_value(const Levels& levels, double max_fpr) {
  operating::require("partial_auroc", levels, max_fpr);
  return operating::mcclish(levels, max_fpr);
}

RankValue partial_auroc(const Levels& levels, double max_fpr, double level) {
  operating::require("partial_auroc", levels, max_fpr);
  const auto area = [max_fpr](const Levels& l) { return operating::mcclish(l, max_fpr); };
  return bootstrap_levels(levels, area(levels), area, level);
}

}  // namespace leadline::stats

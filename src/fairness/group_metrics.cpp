#include "leadline/fairness/group_metrics.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "leadline/core/error.hpp"
#include "leadline/stats/distributions.hpp"
#include "leadline/stats/intervals.hpp"
#include "null_gap.hpp"

namespace leadline::detail::group_metrics {

using fairness::FairnessOptions;
using fairness::Gap;
using fairness::GroupCounts;
using fairness::GroupRate;
using fairness::RateKind;

Gap difference(const GroupCounts& counts, RateKind kind, const FairnessOptions& options) {
  return fairness::rate_difference(counts.rates(kind, options.by, options.positive), options.gap);
}

/// Value of the index and its gradient, from the shares of benefit 0, 1 and 2.
struct Index {
  double value = 0;
  std::array<double, 3> gradient{};
};
Index index_of(const std::array<double, 3>& share, double alpha) {
  const double mu = share[1] + 2 * share[2];
  const auto phi = [&](double r) {
    if (alpha == 1) return r > 0 ? r * std::log(r) : 0.0;
    if (alpha == 0) return -std::log(r);
    return (std::pow(r, alpha) - 1) / (alpha * (alpha - 1));
  };
  const auto slope = [&](double r) {  // of phi, times r
    if (alpha == 1) return r > 0 ? r * (std::log(r) + 1) : 0.0;
    if (alpha == 0) return -1.0;
    return std::pow(r, alpha) / (alpha - 1);
  };
  Index out;
  double moved = 0;
  for (std::size_t b = 0; b < 3; ++b) {
    if (share[b] <= 0) continue;
    const double r = static_cast<double>(b) / mu;
    out.value += share[b] * phi(r);
    moved += share[b] * slope(r);
  }
  for (std::size_t b = 0; b < 3; ++b)
    out.gradient[b] = (share[b] > 0 ? phi(static_cast<double>(b) / mu) : 0.0) -
                      moved / mu * static_cast<double>(b);
  return out;
}

double variance_of(const Index& index, const std::array<double, 3>& share, double n) {
  double square = 0, mean = 0;
  for (std::size_t b = 0; b < 3; ++b) {
    square += share[b] * index.gradient[b] * index.gradient[b];
    mean += share[b] * index.gradient[b];
  }
  return std::max(0.0, square - mean * mean) / n;
}

}  // namespace leadline::detail::group_metrics

namespace leadline::fairness {
namespace metrics_impl = leadline::detail::group_metrics;

Gap demographic_parity_difference(const GroupCounts& counts, const FairnessOptions& options) {
  return metrics_impl::difference(counts, RateKind::selection_rate, options);
}

Gap demographic_parity_ratio(const GroupCounts& counts, const FairnessOptions& options) {
  return rate_ratio(counts.rates(RateKind::selection_rate, options.by, options.positive),
                    options.gap);
}

Gap equalized_odds_difference(const GroupCounts& counts, const FairnessOptions& options,
                              Aggregate aggregate) {
  return joint_difference(counts.rates(RateKind::true_positive_rate, options.by, options.positive),
                          counts.rates(RateKind::false_positive_rate, options.by, options.positive),
                          aggregate, options.gap);
}

Gap equal_opportunity_difference(const GroupCounts& counts, const FairnessOptions& options) {
  return metrics_impl::difference(counts, RateKind::true_positive_rate, options);
}

Gap predictive_parity_difference(const GroupCounts& counts, const FairnessOptions& options) {
  return metrics_impl::difference(counts, RateKind::positive_predictive_value, options);
}

Gap accuracy_difference(const GroupCounts& counts, const FairnessOptions& options) {
  return metrics_impl::difference(counts, RateKind::accuracy, options);
}

Gap worst_group_accuracy(const GroupCounts& counts, const FairnessOptions& options) {
  std::vector<GroupValue> values;
  for (const auto& rate : counts.rates(RateKind::accuracy, options.by))
    values.push_back({rate.group, estimate_of(rate, options.gap.min_support, options.gap.level)});
  return worst_group(values, Better::higher, options.gap);
}

Gap differential_fairness(const GroupCounts& counts, const FairnessOptions& options) {
  const Gap parity = demographic_parity_difference(counts, options);
  if (!parity.estimate.ok()) return parity;
  std::vector<GroupRate> kept;
  for (const auto& r : counts.rates(RateKind::selection_rate, options.by, options.positive))
    if (r.rows >= options.gap.min_support && r.n > 0) kept.push_back(r);
  const double pairs = static_cast<double>(kept.size() * (kept.size() - 1));  // two decisions each
  const double z = stats::normal_two_sided(1 - (1 - options.gap.level) / pairs);
  Gap out = parity;
  double value = 0, lower = 0, upper = 0;
  for (const auto& a : kept)
    for (const auto& b : kept) {
      if (&a == &b) continue;
      for (const bool selected : {true, false}) {
        const auto share = [&](const GroupRate& r) {
          return ((selected ? r.successes : r.n - r.successes) + 0.5) / (r.n + 1);
        };
        const double p = share(a), q = share(b), log_ratio = std::log(p / q);
        const double error = std::sqrt((1 - p) / ((a.n + 1) * p) + (1 - q) / ((b.n + 1) * q));
        if (log_ratio > value) {
          value = log_ratio;
          out.highest = a.group;
          out.lowest = b.group;
        }
        lower = std::max(lower, log_ratio - z * error);
        upper = std::max(upper, log_ratio + z * error);
      }
    }
  out.estimate = Estimate::with(value, std::min(lower, value), std::max(upper, value),
                                parity.estimate.n, "katz_bonferroni", options.gap.level);
  out.estimate.facts["n_groups"] = static_cast<double>(kept.size());
  const std::array families{detail::null_gap::family_of(kept)};
  const auto spread = [&](std::span<const std::span<const double>> draws) {
    const auto [low, high] = std::minmax_element(draws[0].begin(), draws[0].end());
    const double floor = 1e-9;
    return std::max(std::log(std::max(*high, floor) / std::max(*low, floor)),
                    std::log(std::max(1 - *low, floor) / std::max(1 - *high, floor)));
  };
  const auto null = detail::null_gap::simulate(families, spread, value, options.gap);
  out.estimate.facts["null_gap"] = null.mean;
  out.estimate.facts["p_value"] = null.p_value;
  return out;
}

Estimate generalized_entropy(const GroupCounts& counts, double alpha,
                             std::optional<std::int64_t> positive, double level) {
  if (!std::isfinite(alpha))
    throw ValueError("generalized_entropy", "a finite alpha", fmt::format("{}", alpha),
                     "use 2, or theil_index for 1");
  if (!counts.has_target())
    throw ValueError("generalized_entropy", "targets", "none", "pass the true labels as target");
  if (counts.n() == 0) return Estimate::absent(Status::empty, "no samples were seen");
  const auto [tp, fn, fp, tn] = counts.outcomes({}, counts.positive_class(positive));
  auto all = tp;
  all += fn;
  all += fp;
  all += tn;
  if (all.weight <= 0) return Estimate::absent(Status::undefined, "every weight is 0", all.n);
  const double n = all.n_effective();
  const std::array share{fn.weight / all.weight, (tp.weight + tn.weight) / all.weight,
                         fp.weight / all.weight};
  if (share[0] >= 1) return Estimate::absent(Status::undefined, "nobody has any benefit", all.n);
  if (alpha <= 0 && fn.n > 0)
    return Estimate::absent(Status::undefined,
                            fmt::format("{} samples have benefit 0: the index is infinite", fn.n),
                            all.n);
  const auto seen = metrics_impl::index_of(share, alpha);
  std::array<double, 3> smooth{};
  const bool fn_allowed = alpha > 0;
  const double added = fn_allowed ? 1.5 : 1.0;
  for (std::size_t b = 0; b < 3; ++b)
    smooth[b] = (share[b] * n + (b == 0 && !fn_allowed ? 0.0 : 0.5)) / (n + added);
  const auto near = metrics_impl::index_of(smooth, alpha);
  const double scale = 4 * std::max(1.0, near.value);  // beyond any value of interest: Poisson form
  const double s = near.value / scale,
               variance = metrics_impl::variance_of(near, smooth, n + added) / (scale * scale);
  const double value = std::max(0.0, seen.value);
  const double n_like = s * (1 - s) / variance;
  const auto i = stats::proportion_interval(value / scale * n_like, n_like, level);
  Estimate out = Estimate::with(value, std::min(value, i.lower * scale),
                                std::max(value, i.upper * scale), all.n, "delta_score", level);
  if (counts.weighted()) out.facts["n_effective"] = n;
  return out;
}

Estimate theil_index(const GroupCounts& counts, std::optional<std::int64_t> positive,
                     double level) {
  return generalized_entropy(counts, 1, positive, level);
}

Estimate consistency(const ArrayView& inputs, const ArrayView& prediction, std::int64_t k,
                     double level) {
  const std::int64_t n = inputs.rows, d = inputs.cols;
  if (prediction.rows != n || prediction.cols != 1)
    throw ShapeError("consistency", fmt::format("predictions [{}], one a row of the inputs", n),
                     fmt::format("[{}, {}]", prediction.rows, prediction.cols),
                     "pass decisions or the score of the positive class");
  if (k < 1 || k >= n)
    throw ValueError("consistency", fmt::format("k in [1, {})", n), fmt::format("{}", k),
                     "use fewer neighbours than samples");
  using Matrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  Matrix x(n, d);
  Eigen::VectorXd y(n);
  for (std::int64_t i = 0; i < n; ++i) {
    y(i) = prediction.at(i);
    if (!(y(i) >= 0 && y(i) <= 1))
      throw ValueError("consistency", "predictions in [0, 1]", fmt::format("{} at row {}", y(i), i),
                       "pass 0, 1 or a probability");
    for (std::int64_t j = 0; j < d; ++j) {
      x(i, j) = inputs.at(i, j);
      if (!std::isfinite(x(i, j)))
        throw ValueError("consistency", "finite inputs",
                         fmt::format("{} at row {}, column {}", x(i, j), i, j),
                         "impute or drop missing values");
    }
  }
  x.rowwise() -= x.colwise().mean().eval();  // distances do not change, rounding does
  const Eigen::VectorXd square = x.rowwise().squaredNorm();
  stats::Moments moments;
  constexpr std::int64_t block = 256;
  std::vector<std::pair<double, std::int64_t>> near(static_cast<std::size_t>(n));
  for (std::int64_t first = 0; first < n; first += block) {
    const std::int64_t rows = std::min(block, n - first);
    const Matrix dot = x.middleRows(first, rows) * x.transpose();
    for (std::int64_t i = 0; i < rows; ++i) {
      for (std::int64_t j = 0; j < n; ++j)
        near[static_cast<std::size_t>(j)] = {
            j == first + i ? INFINITY
                           : std::max(0.0, square(first + i) + square(j) - 2 * dot(i, j)),
            j};
      std::nth_element(near.begin(), near.begin() + (k - 1), near.end());
      double sum = 0;
      for (std::int64_t j = 0; j < k; ++j) sum += y(near[static_cast<std::size_t>(j)].second);
      moments.add(1 - std::abs(y(first + i) - sum / static_cast<double>(k)));
    }
  }
  const auto i = stats::mean_interval_t(moments, level);
  Estimate out = Estimate::with(moments.mean, std::max(0.0, std::min(i->lower, moments.mean)),
                                std::min(1.0, std::max(i->upper, moments.mean)), n, "t", level);
  out.facts["k"] = static_cast<double>(k);
  return out;
}

}  // namespace leadline::fairness

// What needs every pair: rank correlations, concordance, order statistics of errors.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "leadline/core/error.hpp"
#include "leadline/metrics/concordance_index.hpp"
#include "leadline/metrics/kendall_tau.hpp"
#include "leadline/metrics/max_error.hpp"
#include "leadline/metrics/median_absolute_error.hpp"
#include "leadline/metrics/spearman_correlation.hpp"
#include "leadline/stats/distributions.hpp"
#include "leadline/stats/intervals.hpp"
#include "leadline/stats/quantiles.hpp"
#include "number_rows.hpp"

namespace leadline::detail::rank_correlation {

std::vector<std::size_t> order_of(const std::vector<double>& values) {
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(),
            [&](std::size_t a, std::size_t b) { return values[a] < values[b]; });
  return order;
}

/// Dense rank of each value from 0, and the weight that has it. Weights count as so many samples:
/// a weight of 2 is the sample twice.
struct Ranks {
  std::vector<std::size_t> rank;  // [n]
  std::vector<double> count;      // [distinct]
  Ranks(const std::vector<double>& values, const metrics::StoredPairs& fold) : rank(values.size()) {
    const auto order = order_of(values);
    for (std::size_t i = 0; i < order.size(); ++i) {
      if (i == 0 || values[order[i]] != values[order[i - 1]]) count.push_back(0);
      rank[order[i]] = count.size() - 1;
      count.back() += fold.weight(order[i]);
    }
  }
  /// Whether the samples that count have two values or more.
  [[nodiscard]] bool differ() const {
    return std::count_if(count.begin(), count.end(), [](double c) { return c > 0; }) > 1;
  }
  /// Midranks: the weight below and half of that which is equal.
  [[nodiscard]] std::vector<double> mid() const {
    std::vector<double> first(count.size());
    double before = 0;
    for (std::size_t r = 0; r < count.size(); ++r) {
      first[r] = before + count[r] / 2;
      before += count[r];
    }
    std::vector<double> out(rank.size());
    for (std::size_t i = 0; i < rank.size(); ++i) out[i] = first[rank[i]];
    return out;
  }
};

/// Prefix counts that change (Fenwick 1994).
class Counter {
 public:
  explicit Counter(std::size_t n) : tree_(n + 1, 0.0) {}
  void add(std::size_t at, double weight) {
    for (++at; at < tree_.size(); at += at & (~at + 1)) tree_[at] += weight;
    total_ += weight;
  }
  /// The weight that was added below `at`.
  [[nodiscard]] double below(std::size_t at) const {
    double sum = 0;
    for (; at > 0; at -= at & (~at + 1)) sum += tree_[at];
    return sum;
  }
  [[nodiscard]] double total() const { return total_; }

 private:
  std::vector<double> tree_;
  double total_ = 0;
};

/// Of each sample, the weight of those that go the same way from it minus that of those that go the
/// other way.
std::vector<double> agreement(const Ranks& x, const Ranks& y, const metrics::StoredPairs& fold) {
  const std::size_t n = x.rank.size();
  std::vector<std::size_t> order(n), start(y.count.size() + 1, 0);
  for (const std::size_t r : y.rank) ++start[r + 1];
  std::partial_sum(start.begin(), start.end(), start.begin());
  auto next = start;
  for (std::size_t i = 0; i < n; ++i) order[next[y.rank[i]]++] = i;
  std::vector<double> sum(n, 0.0);
  for (const bool rising : {true, false}) {
    Counter seen(x.count.size());
    for (std::size_t step = 0; step < y.count.size(); ++step) {
      const std::size_t group = rising ? step : y.count.size() - 1 - step;
      for (std::size_t k = start[group]; k < start[group + 1]; ++k) {
        const std::size_t own = x.rank[order[k]];
        const double lower = seen.below(own), higher = seen.total() - seen.below(own + 1);
        sum[order[k]] += rising ? lower - higher : higher - lower;
      }
      for (std::size_t k = start[group]; k < start[group + 1]; ++k)
        seen.add(x.rank[order[k]], fold.weight(order[k]));
    }
  }
  return sum;
}

/// Variance of the weighted mean of an influence whose mean is 0, at the effective n.
double variance_of_mean(const std::vector<double>& influence, const metrics::StoredPairs& fold) {
  const double n = fold.n_effective(), total = fold.total();
  double sum = 0;
  for (std::size_t i = 0; i < influence.size(); ++i) {
    const double part = fold.weight(i) / total * influence[i];
    sum += part * part;
  }
  return n > 1 ? sum * n / (n - 1) : 0.0;
}

Estimate with_size(Estimate estimate, const metrics::StoredPairs& fold) {
  if (!fold.weights().empty()) estimate.facts["n_effective"] = fold.n_effective();
  return estimate;
}

Estimate fisher(double value, double error, std::int64_t n, double level, const char* method) {
  value = std::clamp(value, -1.0, 1.0);
  if (1 - value * value < 1e-15 || !(error > 0))
    return Estimate::of(value, n, "a perfect agreement shows no spread");
  const double half = stats::normal_two_sided(level) * error / (1 - value * value);
  return Estimate::with(value, std::min(value, std::tanh(std::atanh(value) - half)),
                        std::max(value, std::tanh(std::atanh(value) + half)), n, method, level);
}

std::optional<Estimate> nothing(const metrics::StoredPairs& fold) {
  if (fold.n() == 0) return Estimate::absent(Status::empty, "no samples were seen");
  if (!(fold.total() > 0))
    return Estimate::absent(Status::undefined, "every weight is 0", fold.n());
  return std::nullopt;
}

std::optional<Estimate> unordered(const metrics::StoredPairs& fold, const Ranks& x,
                                  const Ranks& y) {
  if (auto none = nothing(fold)) return none;
  if (!y.differ()) return Estimate::absent(Status::undefined, "all targets are equal", fold.n());
  if (!x.differ())
    return Estimate::absent(Status::undefined, "all predictions are equal", fold.n());
  return std::nullopt;
}

std::vector<double> errors_of(const metrics::StoredPairs& fold) {
  std::vector<double> out(fold.target().size());
  for (std::size_t i = 0; i < out.size(); ++i)
    out[i] = std::abs(fold.predicted()[i] - fold.target()[i]);
  return out;
}

}  // namespace leadline::detail::rank_correlation

namespace leadline::metrics {
namespace order_impl = leadline::detail::rank_correlation;

void StoredPairs::update(const Rows& rows, std::string_view who) {
  const auto data = leadline::detail::number_rows::pairs(rows, who);
  const bool weighs = !rows.weights.empty() && !rows.counted;
  if (weighs && weights_.empty()) weights_.assign(target_.size(), 1.0);
  for (std::size_t i = 0; i < data.target.size(); ++i) {
    const auto times = rows.counted ? static_cast<std::size_t>(rows.weights[i]) : std::size_t{1};
    predicted_.insert(predicted_.end(), times, data.predicted[i]);
    target_.insert(target_.end(), times, data.target[i]);
    if (weighs || !weights_.empty())
      weights_.insert(weights_.end(), times, weighs ? rows.weights[i] : 1.0);
  }
}

double StoredPairs::total() const {
  return weights_.empty() ? static_cast<double>(n())
                          : std::accumulate(weights_.begin(), weights_.end(), 0.0);
}

double StoredPairs::n_effective() const {
  if (weights_.empty()) return static_cast<double>(n());
  const double square = std::inner_product(weights_.begin(), weights_.end(), weights_.begin(), 0.0);
  return square > 0 ? total() * total() / square : 0.0;
}

void StoredPairs::merge(const StoredPairs& given) {
  const StoredPairs other = given;
  if (!weights_.empty() || !other.weights_.empty()) {
    if (weights_.empty()) weights_.assign(target_.size(), 1.0);
    if (other.weights_.empty())
      weights_.insert(weights_.end(), other.target_.size(), 1.0);
    else
      weights_.insert(weights_.end(), other.weights_.begin(), other.weights_.end());
  }
  predicted_.insert(predicted_.end(), other.predicted_.begin(), other.predicted_.end());
  target_.insert(target_.end(), other.target_.begin(), other.target_.end());
}

void StoredPairs::save(State& state) const {
  state.set("pairs.predicted", predicted_).set("pairs.target", target_);
  state.set("pairs.weights", weights_);
}

void StoredPairs::load(const State& state) {
  const auto& predicted = state.numbers("pairs.predicted");
  const auto& target = state.numbers("pairs.target", std::ssize(predicted));
  const auto& weights = state.numbers("pairs.weights");
  const auto finite = [](double x) { return std::isfinite(x); };
  if (!std::all_of(predicted.begin(), predicted.end(), finite) ||
      !std::all_of(target.begin(), target.end(), finite) ||
      (!weights.empty() && weights.size() != target.size()) ||
      !std::all_of(weights.begin(), weights.end(), [](double w) { return w >= 0 && w < 1e300; }))
    throw StoreError("StoredPairs.load", "finite numbers", "others",
                     "the saved state is damaged; run again");
  predicted_ = predicted;
  target_ = target;
  weights_ = weights;
}

#define LEADLINE_STORED(Type, name, better, low, high, label)                       \
  Type::Type(Options options) : RegressionMetric(#Type, options, StoredPairs()) {}  \
  MetricInfo Type::info() const {                                                   \
    return {name, Better::better, {low, high}, "", label, {"predicted", "target"}}; \
  }
LEADLINE_STORED(SpearmanCorrelation, "spearman_correlation", higher, -1, 1,
                "correlation of the ranks with those of the target")
LEADLINE_STORED(KendallTau, "kendall_tau", higher, -1, 1,
                "pairs ordered like the target minus pairs ordered against it")
LEADLINE_STORED(ConcordanceIndex, "concordance_index", higher, 0, 1,
                "share of pairs ordered like the target")
LEADLINE_STORED(MedianAbsoluteError, "median_absolute_error", lower, 0,
                std::numeric_limits<double>::infinity(), "median distance from the target")
LEADLINE_STORED(MaxError, "max_error", lower, 0, std::numeric_limits<double>::infinity(),
                "largest distance from the target")
#undef LEADLINE_STORED

Estimate SpearmanCorrelation::estimate(const StoredPairs& fold) const {
  const order_impl::Ranks x(fold.predicted(), fold), y(fold.target(), fold);
  if (auto none = order_impl::unordered(fold, x, y)) return *none;
  const auto a = x.mid(), b = y.mid();
  const double n = fold.n_effective(), mean = fold.total() / 2;
  double ab = 0, aa = 0, bb = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const double w = fold.weight(i);
    ab += w * (a[i] - mean) * (b[i] - mean);
    aa += w * (a[i] - mean) * (a[i] - mean);
    bb += w * (b[i] - mean) * (b[i] - mean);
  }
  const double r = ab / std::sqrt(aa) / std::sqrt(bb);
  if (n <= 3)
    return Estimate::of(std::clamp(r, -1.0, 1.0), fold.n(), "an interval needs 4 samples");
  return order_impl::with_size(
      order_impl::fisher(r, (1 - r * r) * std::sqrt((1 + r * r / 2) / (n - 3)), fold.n(),
                         options_.level, "fisher_z"),
      fold);
}

Estimate KendallTau::estimate(const StoredPairs& fold) const {
  const order_impl::Ranks x(fold.predicted(), fold), y(fold.target(), fold);
  if (auto none = order_impl::unordered(fold, x, y)) return *none;
  const auto sum = order_impl::agreement(x, y, fold);
  // Means over samples of the share of the others that agree, and that differ in x and in y.
  // Without weights the others are n - 1, as usual; the value is the same.
  const double total = fold.total(), others = fold.weights().empty() ? total - 1 : total;
  const auto apart = [&](const order_impl::Ranks& of, std::size_t i) {
    return (total - of.count[of.rank[i]]) / others;
  };
  double agree = 0, apart_x = 0, apart_y = 0;
  for (std::size_t i = 0; i < sum.size(); ++i) {
    const double share = fold.weight(i) / total;
    agree += share * sum[i] / others;
    apart_x += share * apart(x, i);
    apart_y += share * apart(y, i);
  }
  const double root = std::sqrt(apart_x * apart_y), tau = agree / root;
  std::vector<double> influence(sum.size());
  for (std::size_t i = 0; i < sum.size(); ++i)
    influence[i] =
        sum[i] / others / root - tau / 2 * (apart(x, i) / apart_x + apart(y, i) / apart_y);
  return order_impl::with_size(
      order_impl::fisher(tau, 2 * std::sqrt(order_impl::variance_of_mean(influence, fold)),
                         fold.n(), options_.level, "delta"),
      fold);
}

Estimate ConcordanceIndex::estimate(const StoredPairs& fold) const {
  const order_impl::Ranks x(fold.predicted(), fold), y(fold.target(), fold);
  if (auto none = order_impl::nothing(fold)) return *none;
  if (!y.differ()) return Estimate::absent(Status::undefined, "all targets are equal", fold.n());
  const auto sum = order_impl::agreement(x, y, fold);
  const double total = fold.total();
  double agree = 0, apart = 0;
  for (std::size_t i = 0; i < sum.size(); ++i) {
    agree += fold.weight(i) * sum[i];
    apart += fold.weight(i) * (total - y.count[y.rank[i]]);
  }
  const double somers = agree / apart;
  std::vector<double> influence(sum.size());
  for (std::size_t i = 0; i < sum.size(); ++i)
    influence[i] = (sum[i] - somers * (total - y.count[y.rank[i]])) / (apart / total);
  const Estimate scaled =
      order_impl::fisher(somers, 2 * std::sqrt(order_impl::variance_of_mean(influence, fold)),
                         fold.n(), options_.level, "delta");
  if (!scaled.lower) return Estimate::of((1 + scaled.value()) / 2, fold.n(), scaled.why);
  return order_impl::with_size(
      Estimate::with((1 + scaled.value()) / 2, (1 + *scaled.lower) / 2, (1 + *scaled.upper) / 2,
                     fold.n(), scaled.method, options_.level),
      fold);
}

Estimate MedianAbsoluteError::estimate(const StoredPairs& fold) const {
  if (auto none = order_impl::nothing(fold)) return *none;
  const auto errors = order_impl::errors_of(fold);
  if (!fold.weights().empty()) {
    const double n = fold.n_effective();
    const double value = stats::weighted_quantile(errors, fold.weights(), 0.5);
    const auto share = stats::proportion_interval(n / 2, n, options_.level,
                                                  stats::ProportionMethod::clopper_pearson);
    return order_impl::with_size(
        Estimate::with(
            value, std::min(value, stats::weighted_quantile(errors, fold.weights(), share.lower)),
            std::max(value, stats::weighted_quantile(errors, fold.weights(), share.upper)),
            fold.n(), "woodruff", options_.level),
        fold);
  }
  const double value = stats::quantile(errors, 0.5);
  const auto interval = stats::quantile_interval(errors, 0.5, options_.level);
  if (!interval) return Estimate::of(value, fold.n(), "too few samples for order statistics");
  return Estimate::with(value, std::min(value, interval->lower), std::max(value, interval->upper),
                        fold.n(), "order_statistics", options_.level);
}

void MaxError::update(const Rows& rows) {
  if (!rows.weights.empty() && !rows.counted)
    throw ValueError(who, "no weights", fmt::format("{} weights", rows.weights.size()),
                     "a maximum has no weighted form: leave out the samples that do not count");
  RegressionMetric::update(rows);
}
Estimate MaxError::estimate(const StoredPairs& fold) const {
  if (fold.n() == 0) return Estimate::absent(Status::empty, "no samples were seen");
  const auto errors = order_impl::errors_of(fold);
  return Estimate::of(*std::max_element(errors.begin(), errors.end()), fold.n(),
                      "the largest of a sample has no interval without a model of its tail");
}

}  // namespace leadline::metrics

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

/// Dense rank of each value from 0, and how many have it.
struct Ranks {
  std::vector<std::size_t> rank;  // [n]
  std::vector<double> count;      // [distinct]
  explicit Ranks(const std::vector<double>& values) : rank(values.size()) {
    const auto order = order_of(values);
    for (std::size_t i = 0; i < order.size(); ++i) {
      if (i == 0 || values[order[i]] != values[order[i - 1]]) count.push_back(0);
      rank[order[i]] = count.size() - 1;
      ++count.back();
    }
  }
  /// Midranks from 1.
  [[nodiscard]] std::vector<double> mid() const {
    std::vector<double> first(count.size());
    double before = 0;
    for (std::size_t r = 0; r < count.size(); ++r) {
      first[r] = before + (count[r] + 1) / 2;
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
  void add(std::size_t at) {
    for (++at; at < tree_.size(); at += at & (~at + 1)) tree_[at] += 1;
    ++total_;
  }
  /// How many were added below `at`.
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

/// Of each sample, the pairs with it that go the same way minus those that go the other way.
std::vector<double> agreement(const Ranks& x, const Ranks& y) {
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
      for (std::size_t k = start[group]; k < start[group + 1]; ++k) seen.add(x.rank[order[k]]);
    }
  }
  return sum;
}

double variance_of(const std::vector<double>& values) {
  stats::Moments moments;
  moments.add(values);
  return moments.variance();
}

Estimate fisher(double value, double error, std::int64_t n, double level, const char* method) {
  value = std::clamp(value, -1.0, 1.0);
  if (1 - value * value < 1e-15 || !(error > 0))
    return Estimate::of(value, n, "a perfect agreement shows no spread");
  const double half = stats::normal_two_sided(level) * error / (1 - value * value);
  return Estimate::with(value, std::min(value, std::tanh(std::atanh(value) - half)),
                        std::max(value, std::tanh(std::atanh(value) + half)), n, method, level);
}

std::optional<Estimate> unordered(const metrics::StoredPairs& fold, const Ranks& x,
                                  const Ranks& y) {
  if (fold.n() == 0) return Estimate::absent(Status::empty, "no samples were seen");
  if (y.count.size() < 2)
    return Estimate::absent(Status::undefined, "all targets are equal", fold.n());
  if (x.count.size() < 2)
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
  if (!rows.weights.empty() && !rows.counted)
    throw ValueError(who, "no weights", fmt::format("{} weights", rows.weights.size()),
                     "order statistics have no agreed weighted form; pass whole numbers as counts");
  for (std::size_t i = 0; i < data.target.size(); ++i) {
    const auto times = rows.counted ? static_cast<std::size_t>(rows.weights[i]) : std::size_t{1};
    predicted_.insert(predicted_.end(), times, data.predicted[i]);
    target_.insert(target_.end(), times, data.target[i]);
  }
}

void StoredPairs::merge(const StoredPairs& given) {
  const StoredPairs other = given;
  predicted_.insert(predicted_.end(), other.predicted_.begin(), other.predicted_.end());
  target_.insert(target_.end(), other.target_.begin(), other.target_.end());
}

void StoredPairs::save(State& state) const {
  state.set("pairs.predicted", predicted_).set("pairs.target", target_);
}

void StoredPairs::load(const State& state) {
  const auto& predicted = state.numbers("pairs.predicted");
  const auto& target = state.numbers("pairs.target", std::ssize(predicted));
  const auto finite = [](double x) { return std::isfinite(x); };
  if (!std::all_of(predicted.begin(), predicted.end(), finite) ||
      !std::all_of(target.begin(), target.end(), finite))
    throw StoreError("StoredPairs.load", "finite numbers", "others",
                     "the saved state is damaged; run again");
  predicted_ = predicted;
  target_ = target;
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
  const order_impl::Ranks x(fold.predicted()), y(fold.target());
  if (auto none = order_impl::unordered(fold, x, y)) return *none;
  const auto a = x.mid(), b = y.mid();
  const auto n = static_cast<double>(fold.n());
  const double mean = (n + 1) / 2;
  double ab = 0, aa = 0, bb = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    ab += (a[i] - mean) * (b[i] - mean);
    aa += (a[i] - mean) * (a[i] - mean);
    bb += (b[i] - mean) * (b[i] - mean);
  }
  const double r = ab / std::sqrt(aa) / std::sqrt(bb);
  if (n <= 3)
    return Estimate::of(std::clamp(r, -1.0, 1.0), fold.n(), "an interval needs 4 samples");
  return order_impl::fisher(r, (1 - r * r) * std::sqrt((1 + r * r / 2) / (n - 3)), fold.n(),
                            options_.level, "fisher_z");
}

Estimate KendallTau::estimate(const StoredPairs& fold) const {
  const order_impl::Ranks x(fold.predicted()), y(fold.target());
  if (auto none = order_impl::unordered(fold, x, y)) return *none;
  const auto sum = order_impl::agreement(x, y);
  const auto n = static_cast<double>(fold.n());
  const double others = n - 1;
  double agree = 0, apart_x = 0, apart_y = 0;  // shares of all pairs
  for (std::size_t i = 0; i < sum.size(); ++i) {
    agree += sum[i] / n / others;
    apart_x += (n - x.count[x.rank[i]]) / n / others;
    apart_y += (n - y.count[y.rank[i]]) / n / others;
  }
  const double root = std::sqrt(apart_x * apart_y), tau = agree / root;
  std::vector<double> influence(sum.size());
  for (std::size_t i = 0; i < sum.size(); ++i)
    influence[i] = sum[i] / others / root - tau / 2 *
                                                ((n - x.count[x.rank[i]]) / others / apart_x +
                                                 (n - y.count[y.rank[i]]) / others / apart_y);
  return order_impl::fisher(tau, 2 * std::sqrt(order_impl::variance_of(influence) / n), fold.n(),
                            options_.level, "delta");
}

Estimate ConcordanceIndex::estimate(const StoredPairs& fold) const {
  const order_impl::Ranks x(fold.predicted()), y(fold.target());
  if (fold.n() == 0) return Estimate::absent(Status::empty, "no samples were seen");
  if (y.count.size() < 2)
    return Estimate::absent(Status::undefined, "all targets are equal", fold.n());
  const auto sum = order_impl::agreement(x, y);
  const auto n = static_cast<double>(fold.n());
  double agree = 0, apart = 0;
  for (std::size_t i = 0; i < sum.size(); ++i) {
    agree += sum[i];
    apart += n - y.count[y.rank[i]];
  }
  const double somers = agree / apart;
  std::vector<double> influence(sum.size());
  for (std::size_t i = 0; i < sum.size(); ++i)
    influence[i] = (sum[i] - somers * (n - y.count[y.rank[i]])) / (apart / n);
  const Estimate scaled =
      order_impl::fisher(somers, 2 * std::sqrt(order_impl::variance_of(influence) / n), fold.n(),
                         options_.level, "delta");
  if (!scaled.lower) return Estimate::of((1 + scaled.value()) / 2, fold.n(), scaled.why);
  return Estimate::with((1 + scaled.value()) / 2, (1 + *scaled.lower) / 2, (1 + *scaled.upper) / 2,
                        fold.n(), scaled.method, options_.level);
}

Estimate MedianAbsoluteError::estimate(const StoredPairs& fold) const {
  if (fold.n() == 0) return Estimate::absent(Status::empty, "no samples were seen");
  const auto errors = order_impl::errors_of(fold);
  const double value = stats::quantile(errors, 0.5);
  const auto interval = stats::quantile_interval(errors, 0.5, options_.level);
  if (!interval) return Estimate::of(value, fold.n(), "too few samples for order statistics");
  return Estimate::with(value, std::min(value, interval->lower), std::max(value, interval->upper),
                        fold.n(), "order_statistics", options_.level);
}

Estimate MaxError::estimate(const StoredPairs& fold) const {
  if (fold.n() == 0) return Estimate::absent(Status::empty, "no samples were seen");
  const auto errors = order_impl::errors_of(fold);
  return Estimate::of(*std::max_element(errors.begin(), errors.end()), fold.n(),
                      "the largest of a sample has no interval without a model of its tail");
}

}  // namespace leadline::metrics

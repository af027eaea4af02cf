// Metrics of the whole table of decisions.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "leadline/metrics/balanced_accuracy.hpp"
#include "leadline/metrics/cohen_kappa.hpp"
#include "leadline/metrics/confusion_matrix.hpp"
#include "leadline/metrics/exact_match.hpp"
#include "leadline/metrics/geometric_mean.hpp"
#include "leadline/metrics/hamming_loss.hpp"
#include "leadline/metrics/matthews_correlation.hpp"
#include "leadline/metrics/zero_one_loss.hpp"
#include "leadline/stats/delta.hpp"

namespace leadline::detail::table_metrics {
using metrics::Confusion;

/// The cells as one multinomial draw: they sum to the effective number of samples.
struct Table {
  std::size_t k = 0;
  double total = 0;
  std::vector<double> cells, truth, called;

  /// `errors`: added to each row that occurs, spread over its wrong columns.
  explicit Table(const Confusion& confusion, double errors = 0)
      : k(static_cast<std::size_t>(confusion.n_classes())), cells(confusion.cells()) {
    const double scale = confusion.weighted() && confusion.total() > 0
                             ? confusion.n_effective() / confusion.total()
                             : 1.0;
    truth.assign(k, 0);
    called.assign(k, 0);
    for (std::size_t i = 0; i < k; ++i) {
      double row = 0;
      for (std::size_t j = 0; j < k; ++j) row += cells[i * k + j] *= scale;
      for (std::size_t j = 0; j < k; ++j) {
        double& cell = cells[i * k + j];
        if (i != j && row > 0 && k > 1) cell += errors / static_cast<double>(k - 1);
        truth[i] += cell;
        called[j] += cell;
        total += cell;
      }
    }
  }
  template <class Slope>
  [[nodiscard]] double variance(Slope&& slope) const {
    double squares = 0, first = 0;
    for (std::size_t i = 0; i < k; ++i)
      for (std::size_t j = 0; j < k; ++j) {
        const double n = cells[i * k + j], s = n > 0 ? slope(i, j) : 0.0;
        squares += n * s * s;
        first += n * s;
      }
    return total > 0 ? std::max(0.0, squares - first * first / total) : 0.0;
  }
};

struct Value {
  bool defined = false;
  double value = 0, variance = 0;
};

Value kappa(const Table& t, metrics::KappaWeighting how) {
  const auto apart = [&](std::size_t i, std::size_t j) {
    const double d = std::abs(static_cast<double>(i) - static_cast<double>(j));
    return how == metrics::KappaWeighting::none     ? (i == j ? 0.0 : 1.0)
           : how == metrics::KappaWeighting::linear ? d
                                                    : d * d;
  };
  std::vector<double> from(t.k), to(t.k);  // expected distance from a true class, to a called one
  double observed = 0, expected = 0;
  for (std::size_t i = 0; i < t.k; ++i)
    for (std::size_t j = 0; j < t.k; ++j) {
      const double w = apart(i, j);
      observed += w * t.cells[i * t.k + j];
      from[i] += w * t.called[j];
      to[j] += w * t.truth[i];
      expected += w * t.truth[i] * t.called[j] / t.total;
    }
  if (!(expected > 0)) return {};
  const double ratio = observed / expected;
  return {true, 1 - ratio, t.variance([&](std::size_t i, std::size_t j) {
            const double slope = (from[i] + to[j] - expected) / t.total;
            return (ratio * slope - apart(i, j)) / expected;
          })};
}

Value geometric_mean(const Table& t) {
  double logs = 0, occurring = 0;
  bool never = false;
  for (std::size_t i = 0; i < t.k; ++i) {
    if (t.truth[i] <= 0) continue;
    ++occurring;
    never |= t.cells[i * t.k + i] <= 0;
    if (!never) logs += std::log(t.cells[i * t.k + i] / t.truth[i]);
  }
  if (occurring < 2) return {};
  if (never) return {true, 0, 0};
  const double value = std::exp(logs / occurring);
  return {true, value, t.variance([&](std::size_t i, std::size_t j) {
            const double hit = i == j ? 1 / t.cells[i * t.k + i] : 0.0;
            return value / occurring * (hit - 1 / t.truth[i]);
          })};
}

/// The interval at the sample size that `soft`, the table with half an error a row, speaks of.
Estimate estimate_of(const Confusion& confusion, const Value& plain, const Value& soft, double low,
                     double n_if_none, double level) {
  low = std::min(low, plain.value);
  stats::DeltaEstimate found;
  found.value = std::clamp(plain.value, low, 1.0);
  found.low = low;
  found.defined = true;
  const double span = 1 - low, rate = (soft.value - low) / span;
  const double spread = soft.variance / (span * span);
  found.n_effective = spread > 0 && rate > 0 && rate < 1 ? rate * (1 - rate) / spread : n_if_none;
  const auto interval = stats::score_interval(found, level);
  Estimate estimate =
      Estimate::with(found.value, std::min(interval.lower, found.value),
                     std::max(interval.upper, found.value), confusion.n(), "delta", level);
  if (confusion.weighted()) estimate.facts["n_effective"] = confusion.n_effective();
  return estimate;
}

std::optional<Estimate> nothing(const Confusion& confusion) {
  if (confusion.n() == 0) return Estimate::absent(Status::empty, "no samples were seen");
  if (confusion.total() <= 0)
    return Estimate::absent(Status::undefined, "every weight is 0", confusion.n());
  return std::nullopt;
}

Estimate complement(const Estimate& share) {
  if (!share.ok()) return share;
  Estimate out = share.lower ? Estimate::with(1 - share.value(), 1 - *share.upper, 1 - *share.lower,
                                              share.n, share.method, share.level)
                             : Estimate::of(1 - share.value(), share.n, share.why);
  out.facts = share.facts;
  return out;
}

}  // namespace leadline::detail::table_metrics

namespace leadline::metrics {
namespace table_impl = leadline::detail::table_metrics;

#define LEADLINE_TABLE(Type, name, better, low, label)                            \
  Type::Type(Options options) : TableMetric(options) {}                           \
  MetricInfo Type::info() const {                                                 \
    return {name, Better::better, {low, 1}, "", label, {"prediction", "target"}}; \
  }
LEADLINE_TABLE(MatthewsCorrelation, "matthews_correlation", higher, -1,
               "correlation of decisions with truth")
LEADLINE_TABLE(CohenKappa, "cohen_kappa", higher, -1, "agreement with the truth beyond chance")
LEADLINE_TABLE(GeometricMean, "geometric_mean", higher, 0, "geometric mean of the shares found")
LEADLINE_TABLE(ExactMatch, "exact_match", higher, 0, "share of samples with every label right")
LEADLINE_TABLE(ZeroOneLoss, "zero_one_loss", lower, 0, "share of samples with a wrong label")
LEADLINE_TABLE(HammingLoss, "hamming_loss", lower, 0, "share of labels that are wrong")
LEADLINE_TABLE(ConfusionMatrix, "confusion_matrix", higher, 0, "share of samples read correctly")
#undef LEADLINE_TABLE

BalancedAccuracy::BalancedAccuracy(Options options) : TableMetric(options) {}
MetricInfo BalancedAccuracy::info() const {
  return {"balanced_accuracy",
          Better::higher,
          {options_.adjusted ? -1.0 : 0.0, 1},
          "",
          "share read correctly, every class counting the same",
          {"prediction", "target"}};
}
Estimate BalancedAccuracy::estimate(const Decisions& fold) const {
  const Estimate plain = balanced_accuracy_of(fold.confusion(), options_.level);
  if (!options_.adjusted || !plain.ok()) return plain;
  const double chance = 1 / plain.facts.at("classes_averaged");
  if (chance >= 1)
    return Estimate::absent(Status::undefined, "one class occurs: chance is right too", plain.n);
  const auto rescaled = [chance](double x) { return (x - chance) / (1 - chance); };
  Estimate out = Estimate::with(rescaled(plain.value()), rescaled(*plain.lower),
                                rescaled(*plain.upper), plain.n, plain.method, plain.level);
  out.facts = plain.facts;
  return out;
}

Estimate MatthewsCorrelation::estimate(const Decisions& fold) const {
  const Confusion& confusion = fold.confusion();
  if (auto none = table_impl::nothing(confusion)) return *none;
  const table_impl::Table table(confusion);
  const auto found = stats::matthews_correlation(table.cells, static_cast<int>(table.k));
  if (!found.defined)
    return Estimate::absent(Status::undefined, "all true or all predicted labels are one class",
                            confusion.n());
  const auto interval = stats::score_interval(found, options_.level);
  Estimate estimate =
      Estimate::with(found.value, std::min(interval.lower, found.value),
                     std::max(interval.upper, found.value), confusion.n(), "delta", options_.level);
  if (confusion.weighted()) estimate.facts["n_effective"] = confusion.n_effective();
  return estimate;
}

Estimate CohenKappa::estimate(const Decisions& fold) const {
  const Confusion& confusion = fold.confusion();
  if (auto none = table_impl::nothing(confusion)) return *none;
  const table_impl::Table table(confusion);
  const auto plain = table_impl::kappa(table, options_.weighting);
  if (!plain.defined)
    return Estimate::absent(Status::undefined,
                            "truth and decisions are all one class: no disagreement is expected",
                            confusion.n());
  const auto soft = table_impl::kappa(table_impl::Table(confusion, 0.5), options_.weighting);
  return table_impl::estimate_of(confusion, plain, soft, -1, table.total, options_.level);
}

Estimate GeometricMean::estimate(const Decisions& fold) const {
  const Confusion& confusion = fold.confusion();
  if (auto none = table_impl::nothing(confusion)) return *none;
  const table_impl::Table table(confusion);
  const auto plain = table_impl::geometric_mean(table);
  if (!plain.defined)
    return Estimate::absent(Status::undefined, "fewer than two classes occur", confusion.n());
  double least = table.total;
  for (const double support : table.truth)
    if (support > 0) least = std::min(least, support);
  const auto soft = table_impl::geometric_mean(table_impl::Table(confusion, 0.5));
  return table_impl::estimate_of(confusion, plain, soft, 0, least, options_.level);
}

Estimate ExactMatch::estimate(const Decisions& fold) const {
  return fold.multilabel() ? fold.labels().exact_match(options_.level)
                           : accuracy_of(fold.confusion(), options_.level);
}
Estimate ZeroOneLoss::estimate(const Decisions& fold) const {
  return table_impl::complement(fold.multilabel() ? fold.labels().exact_match(options_.level)
                                                  : accuracy_of(fold.confusion(), options_.level));
}
Estimate HammingLoss::estimate(const Decisions& fold) const {
  return fold.multilabel() ? fold.labels().hamming_loss(options_.level)
                           : table_impl::complement(accuracy_of(fold.confusion(), options_.level));
}

Estimate ConfusionMatrix::estimate(const Decisions& fold) const {
  return accuracy_of(fold.confusion(), options_.level);
}
void ConfusionMatrix::describe(Finding& finding, std::string_view prefix) const {
  finding.blocks.emplace_back(confusion_grid(fold_.confusion()));
  const std::string start(prefix);
  std::vector<std::string> names;
  const auto add = [&](const char* name, stats::Ratio ratio, const char* label) {
    std::int64_t k = 0;
    for (Estimate& estimate : robust_all([&](const Decisions& fold) {
           return class_ratios(fold.confusion(), ratio, options_.level);
         })) {
      names.push_back(start + name + "{class=" + class_text(k++) + "}");
      finding.add(names.back(), std::move(estimate), Better::higher, label);
    }
  };
  add("recall", stats::Ratio::recall, "of the samples of the class, the share found");
  add("precision", stats::Ratio::precision, "of the samples called so, the share of the class");
  add_class_checks(finding, start + "confusion_matrix", fold_, "", names);
}

}  // namespace leadline::metrics

#include "leadline/stats/delta.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "leadline/core/error.hpp"
#include "leadline/stats/distributions.hpp"

namespace leadline::stats {
namespace detail::delta {

constexpr double pseudo_errors = 0.5;  // a row; see score_interval

/// The table with its margins; `errors` of them added to each row that occurs.
struct Margins {
  std::size_t classes;
  std::span<const double> counts;
  double extra = 0.0;  // added to each off-diagonal cell of a row that occurs
  std::vector<double> truth, predicted, hit;
  double total = 0.0;

  Margins(std::span<const double> cells, std::size_t size, double errors)
      : classes(size), counts(cells), truth(size), predicted(size), hit(size) {
    for (std::size_t i = 0; i < size; ++i)
      for (std::size_t j = 0; j < size; ++j) truth[i] += counts[i * size + j];
    if (errors > 0.0 && size > 1) extra = errors / static_cast<double>(size - 1);
    std::vector<char> occurs(size);
    for (std::size_t i = 0; i < size; ++i) occurs[i] = truth[i] > 0.0;
    std::fill(truth.begin(), truth.end(), 0.0);
    for (std::size_t i = 0; i < size; ++i)
      for (std::size_t j = 0; j < size; ++j) {
        const double cell = counts[i * size + j] + (i != j && occurs[i] ? extra : 0.0);
        truth[i] += cell;
        predicted[j] += cell;
      }
    for (std::size_t i = 0; i < size; ++i) {
      hit[i] = counts[i * size + i];
      total += truth[i];
    }
  }

  double cell(std::size_t i, std::size_t j) const {
    return counts[i * classes + j] + (i != j && truth[i] > 0.0 ? extra : 0.0);
  }
};

void check(const char* where, std::span<const double> counts, int classes) {
  const auto size = static_cast<std::size_t>(std::max(classes, 0));
  if (classes < 1 || counts.size() != size * size)
    throw ShapeError(
        where, "classes^2 counts with classes >= 1",
        std::to_string(counts.size()) + " counts for " + std::to_string(classes) + " classes",
        "pass the whole confusion matrix, row by row");
  for (const double n : counts)
    if (!(n >= 0.0 && std::isfinite(n)))
      throw ValueError(where, "finite counts >= 0", std::to_string(n), "pass counts, not rates");
}

/// TP * (a + b) / (a * true + b * predicted): precision is (0, 1), recall (1, 0), F-beta (beta^2,
/// 1).
struct Weights {
  double truth, predicted;
};

Weights weights_of(const RatioOptions& options) {
  if (options.ratio == Ratio::precision) return {0.0, 1.0};
  if (options.ratio == Ratio::recall) return {1.0, 0.0};
  if (!(options.beta > 0.0 && std::isfinite(options.beta)))
    throw ValueError("f_beta", "beta > 0", std::to_string(options.beta),
                     "use precision or recall for the limits");
  return {options.beta * options.beta, 1.0};
}

double denominator(const Margins& m, std::size_t c, Weights w) {
  return w.truth * m.truth[c] + w.predicted * m.predicted[c];
}

/// An average as: value, and a gradient of the form row[i] + column[j] + [i == j] diagonal[i].
struct Linear {
  double value = 0.0;
  std::vector<double> row, column, diagonal;

  double variance(const Margins& m) const {
    double squares = 0.0, sum = 0.0;
    for (std::size_t i = 0; i < m.classes; ++i)
      for (std::size_t j = 0; j < m.classes; ++j) {
        const double slope = row[i] + column[j] + (i == j ? diagonal[i] : 0.0);
        const double n = m.cell(i, j);
        squares += n * slope * slope;
        sum += n * slope;
      }
    return m.total > 0.0 ? std::max(0.0, squares - sum * sum / m.total) : 0.0;
  }
};

Linear empty_linear(std::size_t classes) {
  return {0.0, std::vector<double>(classes), std::vector<double>(classes),
          std::vector<double>(classes)};
}

Linear micro(const Margins& m, Weights w) {
  Linear g = empty_linear(m.classes);
  double hits = 0.0, below = 0.0;
  for (std::size_t c = 0; c < m.classes; ++c) {
    hits += m.hit[c];
    below += denominator(m, c, w);
  }
  const double sum = w.truth + w.predicted;
  g.value = sum * hits / below;
  for (std::size_t c = 0; c < m.classes; ++c) {
    g.diagonal[c] = sum / below;
    g.row[c] = -g.value * w.truth / below;
    g.column[c] = -g.value * w.predicted / below;
  }
  return g;
}

/// Macro or weighted over the classes `used`; a class with no denominator counts as 0.
Linear mean(const Margins& m, Weights w, const std::vector<char>& used, bool weighted) {
  Linear g = empty_linear(m.classes);
  double norm = 0.0;
  for (std::size_t c = 0; c < m.classes; ++c)
    if (used[c]) norm += weighted ? m.truth[c] : 1.0;
  std::vector<double> ratio(m.classes);
  for (std::size_t c = 0; c < m.classes; ++c) {
    const double below = denominator(m, c, w);
    if (!used[c] || below <= 0.0) continue;
    const double share = (weighted ? m.truth[c] : 1.0) / norm;
    ratio[c] = (w.truth + w.predicted) * m.hit[c] / below;
    g.value += share * ratio[c];
    g.diagonal[c] = share * (w.truth + w.predicted) / below;
    g.row[c] = -share * ratio[c] * w.truth / below;
    g.column[c] = -share * ratio[c] * w.predicted / below;
  }
  if (weighted)
    for (std::size_t c = 0; c < m.classes; ++c)
      if (used[c]) g.row[c] += (ratio[c] - g.value) / norm;
  return g;
}

/// Sets value and variance from the table, n_effective from the table with pseudo errors.
template <class F>
void fill(DeltaEstimate& e, const Margins& m, F gradient) {
  const Linear plain = gradient(m);
  e.value = std::clamp(plain.value, e.low, 1.0);
  e.variance = plain.variance(m);
  e.defined = true;
  const Margins smooth(m.counts, m.classes, pseudo_errors);
  const Linear soft = gradient(smooth);
  const double rate = (soft.value - e.low) / (1.0 - e.low);
  const double spread = soft.variance(smooth) / ((1.0 - e.low) * (1.0 - e.low));
  e.n_effective = spread > 0.0 && rate > 0.0 && rate < 1.0 ? rate * (1.0 - rate) / spread : m.total;
}

Linear matthews(const Margins& m) {
  Linear g = empty_linear(m.classes);
  const double s = m.total;
  double hits = 0.0, both = 0.0, truth_square = 0.0, predicted_square = 0.0;
  for (std::size_t c = 0; c < m.classes; ++c) {
    hits += m.hit[c];
    both += m.truth[c] * m.predicted[c];
    truth_square += m.truth[c] * m.truth[c];
    predicted_square += m.predicted[c] * m.predicted[c];
  }
  const double cross = s * hits - both;
  const double x = s * s - predicted_square, y = s * s - truth_square;
  const double root = std::sqrt(x) * std::sqrt(y);
  if (!(root > 0.0)) return g;
  g.value = cross / root;
  for (std::size_t c = 0; c < m.classes; ++c) {
    g.diagonal[c] = s / root;
    g.row[c] = (hits - m.predicted[c]) / root - g.value * (s - m.truth[c]) / y;
    g.column[c] = -m.truth[c] / root - g.value * (s - m.predicted[c]) / x;
  }
  return g;
}

}  // namespace detail::delta

DeltaEstimate binary_ratio(double true_positive, double false_negative, double false_positive,
                           double true_negative, const RatioOptions& options) {
  namespace d = detail::delta;
  const double table[4] = {true_positive, false_negative, false_positive, true_negative};
  d::check("binary_ratio", table, 2);
  const d::Weights w = d::weights_of(options);
  const d::Margins m(table, 2, 0.0);
  DeltaEstimate e;
  if (!(d::denominator(m, 0, w) > 0.0)) {
    e.classes_undefined = 1;
    return e;
  }
  d::fill(e, m, [&](const d::Margins& t) { return d::mean(t, w, {1, 0}, false); });
  e.classes_averaged = 1;
  return e;
}

std::vector<DeltaEstimate> class_ratios(std::span<const double> counts, int classes,
                                        const RatioOptions& options) {
  namespace d = detail::delta;
  d::check("class_ratios", counts, classes);
  const auto size = static_cast<std::size_t>(classes);
  const d::Margins m(counts, size, 0.0);
  std::vector<DeltaEstimate> all;
  all.reserve(size);
  for (std::size_t c = 0; c < size; ++c) {
    const double rest = m.total - m.truth[c] - m.predicted[c] + m.hit[c];
    all.push_back(binary_ratio(m.hit[c], std::max(0.0, m.truth[c] - m.hit[c]),
                               std::max(0.0, m.predicted[c] - m.hit[c]), std::max(0.0, rest),
                               options));
  }
  return all;
}

DeltaEstimate average_ratio(std::span<const double> counts, int classes, Average average,
                            const RatioOptions& options) {
  namespace d = detail::delta;
  d::check("average_ratio", counts, classes);
  const auto size = static_cast<std::size_t>(classes);
  const d::Weights w = d::weights_of(options);
  const d::Margins m(counts, size, 0.0);
  DeltaEstimate e;
  std::vector<char> used(size);
  for (std::size_t c = 0; c < size; ++c) {
    const bool occurs = m.truth[c] > 0.0 || m.predicted[c] > 0.0;
    const bool defined = d::denominator(m, c, w) > 0.0;
    if (occurs && !defined) ++e.classes_undefined;
    used[c] = defined || (occurs && options.zero_division == ZeroDivision::zero);
    e.classes_averaged += used[c];
  }
  if (average == Average::micro) {
    if (m.total > 0.0) d::fill(e, m, [&](const d::Margins& t) { return d::micro(t, w); });
    return e;
  }
  const bool weighted = average == Average::weighted;
  double norm = 0.0;
  for (std::size_t c = 0; c < size; ++c)
    if (used[c]) norm += weighted ? m.truth[c] : 1.0;
  if (norm > 0.0) d::fill(e, m, [&](const d::Margins& t) { return d::mean(t, w, used, weighted); });
  return e;
}

DeltaEstimate balanced_accuracy(std::span<const double> counts, int classes) {
  return average_ratio(counts, classes, Average::macro, {.ratio = Ratio::recall});
}

DeltaEstimate matthews_correlation(std::span<const double> counts, int classes) {
  namespace d = detail::delta;
  d::check("matthews_correlation", counts, classes);
  const d::Margins m(counts, static_cast<std::size_t>(classes), 0.0);
  DeltaEstimate e;
  e.low = -1.0;
  const auto one_class = [](const std::vector<double>& margin) {
    return std::count_if(margin.begin(), margin.end(), [](double n) { return n > 0.0; }) < 2;
  };
  if (one_class(m.truth) || one_class(m.predicted)) return e;
  d::fill(e, m, d::matthews);
  e.classes_averaged = classes;
  return e;
}

Interval score_interval(const DeltaEstimate& estimate, double level) {
  if (!estimate.defined)
    throw ValueError("score_interval", "a defined estimate", "0 / 0",
                     "check `defined` before asking for its interval");
  const double span = 1.0 - estimate.low;
  const double n = estimate.n_effective;
  const double rate = std::clamp((estimate.value - estimate.low) / span, 0.0, 1.0);
  const Interval unit = proportion_interval(std::min(rate * n, n), n, level);
  return {std::min(estimate.low + span * unit.lower, estimate.value),
          std::max(estimate.low + span * unit.upper, estimate.value)};
}

std::optional<Interval> logit_interval(double value, double variance, double level) {
  if (!(value >= 0.0 && value <= 1.0 && variance >= 0.0))
    throw ValueError("logit_interval", "value in [0, 1] and variance >= 0",
                     std::to_string(value) + " and " + std::to_string(variance),
                     "scale the value to [0, 1] first");
  const double z = normal_two_sided(level);
  if (value == 0.0 || value == 1.0 || variance == 0.0) return std::nullopt;
  const double centre = std::log(value / (1.0 - value));
  const double half = z * std::sqrt(variance) / (value * (1.0 - value));
  return Interval{1.0 / (1.0 + std::exp(half - centre)), 1.0 / (1.0 + std::exp(-half - centre))};
}

}  // namespace leadline::stats

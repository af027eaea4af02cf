// Metrics of decisions with a price.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "decisions/cells.hpp"
#include "leadline/core/error.hpp"
#include "leadline/decisions/expected_cost.hpp"
#include "leadline/decisions/net_benefit.hpp"
#include "leadline/decisions/severity_weighted_error.hpp"
#include "leadline/stats/intervals.hpp"

namespace leadline {
namespace detail::decisions_cells {

Estimate bounded_mean(double mean, double m2, double n_effective, std::int64_t n, double low,
                      double high, metrics::MeanInterval interval, double level) {
  mean = std::clamp(mean, low, high);
  const bool flat = m2 <= 1e-12 * n_effective * (high - low) * (high - low);
  stats::Moments moments{static_cast<std::int64_t>(std::floor(n_effective)), mean, m2, low, high};
  std::string method = "t";
  stats::Interval range{low, high};
  if (flat || interval == metrics::MeanInterval::empirical_bernstein) {
    range = stats::mean_interval_bernstein(moments, low, high, level);
    method = "empirical_bernstein";
  } else if (const auto found = stats::mean_interval_t(moments, level)) {
    range = *found;
  }
  return Estimate::with(mean, std::clamp(range.lower, low, mean),
                        std::clamp(range.upper, mean, high), n, method, level);
}

Estimate mean_over_cells(const metrics::Confusion& confusion, std::span<const double> values,
                         std::int64_t n_classes, metrics::MeanInterval interval, double level) {
  if (confusion.n() == 0) return Estimate::absent(Status::empty, "no samples were seen");
  const double total = confusion.total();
  if (total <= 0) return Estimate::absent(Status::undefined, "every weight is 0", confusion.n());
  const std::int64_t seen = std::min(confusion.n_classes(), n_classes);
  double sum = 0, squares = 0;
  for (std::int64_t t = 0; t < seen; ++t)
    for (std::int64_t p = 0; p < seen; ++p) {
      const double weight = confusion.at(t, p);
      const double value = values[static_cast<std::size_t>(t * n_classes + p)];
      sum += weight * value;
      squares += weight * value * value;
    }
  const double mean = sum / total, n_effective = confusion.n_effective();
  const double m2 = std::max(0.0, squares / total - mean * mean) * n_effective;
  const auto [low, high] = std::minmax_element(values.begin(), values.end());
  Estimate out = bounded_mean(mean, m2, n_effective, confusion.n(), *low, *high, interval, level);
  if (confusion.weighted()) out.facts["n_effective"] = n_effective;
  return out;
}

std::int64_t classes_of(const std::vector<double>& cost) {
  const auto k = static_cast<std::int64_t>(std::llround(std::sqrt(cost.size())));
  if (k < 2 || k * k != std::ssize(cost))
    throw ShapeError("ExpectedCost", "cost [k, k] with k >= 2 classes",
                     fmt::format("{} values", cost.size()),
                     "give one cost for each true and decided class, row by row");
  for (const double value : cost)
    if (!std::isfinite(value))
      throw ValueError("ExpectedCost", "finite costs", fmt::format("{}", value),
                       "an event that must not happen has no price: use never_events");
  return k;
}

std::int64_t classes_of_severity(const std::vector<double>& severity) {
  double sum = 0;
  for (const double value : severity) {
    if (!(value >= 0) || !std::isfinite(value))
      throw ValueError("SeverityWeightedError", "severities >= 0", fmt::format("{}", value),
                       "0 is a mistake that does not matter");
    sum += value;
  }
  if (severity.size() < 2 || sum <= 0)
    throw ValueError(
        "SeverityWeightedError", "a severity for each of at least 2 classes, not all 0",
        fmt::format("{} values with sum {:g}", severity.size(), sum), "give one value a class");
  return std::ssize(severity);
}

}  // namespace detail::decisions_cells

namespace decisions {

ExpectedCost::ExpectedCost(Options options)
    : ScoreMetric("ExpectedCost", options,
                  metrics::Confusion(detail::decisions_cells::classes_of(options.cost))) {}

MetricInfo ExpectedCost::info() const {
  const auto [low, high] = std::minmax_element(options_.cost.begin(), options_.cost.end());
  return {"expected_cost",           Better::lower,           {*low, *high}, "",
          "mean cost of a decision", {"prediction", "target"}};
}

Estimate ExpectedCost::compute() const {
  return detail::decisions_cells::mean_over_cells(
      fold_, options_.cost, detail::decisions_cells::classes_of(options_.cost), options_.interval,
      options_.level);
}

SeverityWeightedError::SeverityWeightedError(Options options)
    : ScoreMetric(
          "SeverityWeightedError", options,
          metrics::Confusion(detail::decisions_cells::classes_of_severity(options.severity))) {}

MetricInfo SeverityWeightedError::info() const {
  return {"severity_weighted_error",
          Better::lower,
          {0, 1},
          "",
          "share read wrongly, each sample by the severity of its class",
          {"prediction", "target"}};
}

Estimate SeverityWeightedError::compute() const {
  if (fold_.n() == 0) return Estimate::absent(Status::empty, "no samples were seen");
  const auto classes = metrics::class_counts(fold_);
  double severe = 0, wrong = 0, squares = 0;
  for (std::size_t c = 0; c < classes.size() && c < options_.severity.size(); ++c) {
    severe += options_.severity[c] * classes[c].support;
    wrong += options_.severity[c] * (classes[c].support - classes[c].hit);
    squares += options_.severity[c] * options_.severity[c] * classes[c].support;
  }
  if (severe <= 0)
    return Estimate::absent(Status::undefined, "no sample of a class whose mistakes matter",
                            fold_.n());
  const double rate = std::clamp(wrong / severe, 0.0, 1.0);
  double spread = 0;
  for (std::size_t c = 0; c < classes.size() && c < options_.severity.size(); ++c) {
    const double s2 = options_.severity[c] * options_.severity[c];
    spread += s2 * ((classes[c].support - classes[c].hit) * (1 - rate) * (1 - rate) +
                    classes[c].hit * rate * rate);
  }
  const double scale = fold_.n_effective() / fold_.total();
  const double variance = spread / (severe * severe) / scale;
  const double kish = severe * severe / squares * scale;
  const double n_effective = variance > 0 ? rate * (1 - rate) / variance : kish;
  const auto range = stats::proportion_interval(rate * n_effective, n_effective, options_.level);
  Estimate out = Estimate::with(rate, std::min(rate, range.lower), std::max(rate, range.upper),
                                fold_.n(), "wilson", options_.level);
  out.facts["n_effective"] = n_effective;
  return out;
}

NetBenefit::NetBenefit(Options options)
    : ScoreMetric("NetBenefit", options, metrics::Confusion(2)) {}

MetricInfo NetBenefit::info() const {
  const double odds = options_.threshold / (1 - options_.threshold);
  return {"net_benefit",
          Better::higher,
          {-odds, 1},
          "",
          "hits less false alarms at the odds of the threshold",
          {"probabilities", "target"}};
}

void NetBenefit::update(const Rows& rows) {
  const ArrayView& p = rows.at("probabilities", who);
  if (p.cols > 2)
    throw ShapeError(who, "probabilities [n] or [n, 2]", fmt::format("[{}, {}]", p.rows, p.cols),
                     "net benefit is of one event against its absence");
  std::vector<std::int64_t> decided(static_cast<std::size_t>(p.rows));
  for (std::int64_t i = 0; i < p.rows; ++i) {
    for (std::int64_t c = 0; c < p.cols; ++c)
      if (const double value = p.at(i, c); !(value >= 0 && value <= 1))
        throw ValueError(who, "probabilities in [0, 1]", fmt::format("{:g} at row {}", value, i),
                         "apply sigmoid or softmax to logits");
    decided[static_cast<std::size_t>(i)] = p.at(i, p.cols - 1) >= options_.threshold ? 1 : 0;
  }
  const std::array<Column, 2> columns{Column{"prediction", ArrayView(decided)},
                                      Column{"target", rows.at("target", who)}};
  fold_.update(Rows{rows.ids, rows.weights, columns}, who);
}

Estimate NetBenefit::compute() const {
  const double odds = options_.threshold / (1 - options_.threshold);
  const std::array<double, 4> values{0, -odds, 0, 1};  // [true, acted]
  Estimate out = detail::decisions_cells::mean_over_cells(fold_, values, 2,
                                                          metrics::MeanInterval::t, options_.level);
  if (!out.ok()) return out;
  const double prevalence = (fold_.at(1, 0) + fold_.at(1, 1)) / fold_.total();
  out.facts["prevalence"] = prevalence;
  out.facts["treat_all"] = prevalence - (1 - prevalence) * odds;
  out.facts["treat_none"] = 0;
  return out;
}

}  // namespace decisions
}  // namespace leadline

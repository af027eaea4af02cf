#include "decisions/threshold_points.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "decisions/cells.hpp"
#include "leadline/core/error.hpp"

namespace leadline::detail::thresholds {

void check(std::string_view who, const Scored& samples, const OperatingPointOptions& options) {
  if (samples.scores.size() != samples.target.size())
    throw ShapeError(who, fmt::format("{} labels, one a score", samples.scores.size()),
                     std::to_string(samples.target.size()), "pass arrays of one length");
  std::int64_t positives = 0;
  for (std::size_t i = 0; i < samples.scores.size(); ++i) {
    if (std::isnan(samples.scores[i]))
      throw ValueError(who, "scores that are numbers", fmt::format("NaN at row {}", i),
                       "leave out samples without a score");
    if (samples.target[i] != 0 && samples.target[i] != 1)
      throw ValueError(who, "labels in {0, 1}", fmt::format("{} at row {}", samples.target[i], i),
                       "1 is the event, 0 its absence");
    positives += samples.target[i];
  }
  if (positives == 0 || positives == std::ssize(samples.target))
    throw ValueError(who, "positive and negative samples",
                     fmt::format("{} positive of {}", positives, samples.target.size()),
                     "a threshold needs both");
  if (!(options.at_least > 0 && options.at_least <= 1))
    throw ValueError(who, "at_least in (0, 1]", fmt::format("{}", options.at_least),
                     "it is a share, e.g. 0.9");
  if (!(options.false_alarm_cost >= 0 && options.miss_cost >= 0 &&
        options.false_alarm_cost + options.miss_cost > 0))
    throw ValueError(who, "costs >= 0, not both 0",
                     fmt::format("{} and {}", options.false_alarm_cost, options.miss_cost),
                     "say what a false alarm and a miss cost");
  if (!(options.level > 0 && options.level < 1))
    throw ValueError(who, "level in (0, 1)", fmt::format("{}", options.level), "use 0.95");
}

Counts counts_at(const Scored& samples, double threshold) {
  Counts out;
  for (std::size_t i = 0; i < samples.scores.size(); ++i) {
    const bool act = samples.scores[i] >= threshold;
    ++(samples.target[i] == 1 ? (act ? out.hits : out.misses)
                              : (act ? out.false_alarms : out.rejections));
  }
  return out;
}

std::vector<Point> points_of(const Scored& samples) {
  std::vector<std::size_t> order(samples.scores.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(),
            [&](auto a, auto b) { return samples.scores[a] > samples.scores[b]; });
  Counts now;
  for (const std::int64_t label : samples.target) ++(label == 1 ? now.misses : now.rejections);
  std::vector<Point> out{{std::numeric_limits<double>::infinity(), now}};
  for (std::size_t i = 0; i < order.size();) {
    const double score = samples.scores[order[i]];
    for (; i < order.size() && samples.scores[order[i]] == score; ++i) {
      const bool positive = samples.target[order[i]] == 1;
      ++(positive ? now.hits : now.false_alarms);
      --(positive ? now.misses : now.rejections);
    }
    out.push_back({score, now});
  }
  return out;
}

Point chosen(const std::vector<Point>& points, const OperatingPointOptions& options) {
  const Point* best = &points.front();
  const auto value = [&](const Point& point) {
    return options.rule == Rule::least_cost
               ? -point.counts.cost(options)
               : point.counts.sensitivity() + point.counts.specificity() - 1;
  };
  switch (options.rule) {
    case Rule::least_cost:
    case Rule::youden:
      for (const Point& point : points)
        if (value(point) > value(*best)) best = &point;
      break;
    case Rule::sensitivity:
      for (const Point& point : points) {
        best = &point;
        if (point.counts.sensitivity() >= options.at_least) break;
      }
      break;
    case Rule::specificity:
      for (const Point& point : points)
        if (point.counts.specificity() >= options.at_least) best = &point;
      break;
    case Rule::precision:
      for (const Point& point : points) {
        const auto alarms = static_cast<double>(point.counts.hits + point.counts.false_alarms);
        if (alarms > 0 && static_cast<double>(point.counts.hits) >= options.at_least * alarms)
          best = &point;
      }
  }
  return *best;
}

Estimate cost_of(const Counts& counts, const OperatingPointOptions& options) {
  const double mean = counts.cost(options), n = static_cast<double>(counts.n());
  const double squares = options.false_alarm_cost * options.false_alarm_cost *
                             static_cast<double>(counts.false_alarms) +
                         options.miss_cost * options.miss_cost * static_cast<double>(counts.misses);
  return decisions_cells::bounded_mean(mean, std::max(0.0, squares - n * mean * mean), n,
                                       counts.n(), 0,
                                       std::max(options.false_alarm_cost, options.miss_cost),
                                       metrics::MeanInterval::t, options.level);
}

}  // namespace leadline::detail::thresholds

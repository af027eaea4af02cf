// Thresholds by group on the convex hulls of the groups' curves.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "group_scores.hpp"
#include "leadline/core/error.hpp"
#include "leadline/fairness/mitigation.hpp"
#include "leadline/stats/random.hpp"

namespace leadline::detail::thresholds {

using fairness::GroupRule;
using fairness::ThresholdGoal;

/// A threshold of a group, as a point: `x` is what is made equal, `y` is to be as large as can be.
struct Point {
  double x = 0, y = 0, threshold = 0;
};

struct GroupCurve {
  std::string name;
  double n = 0, positives = 0;
  std::vector<Point> hull;  // x ascending, concave
};

/// Keeps the upper concave hull of points; ends at the largest x.
std::vector<Point> upper_hull(std::vector<Point> points) {
  std::stable_sort(points.begin(), points.end(), [](const Point& a, const Point& b) {
    return a.x != b.x ? a.x < b.x : a.y > b.y;
  });
  std::vector<Point> hull;
  for (const auto& p : points) {
    if (!hull.empty() && p.x == hull.back().x) continue;  // the higher one came first
    while (hull.size() >= 2) {
      const auto &a = hull[hull.size() - 2], &b = hull.back();
      if ((b.y - a.y) * (p.x - a.x) > (p.y - a.y) * (b.x - a.x)) break;
      hull.pop_back();
    }
    hull.push_back(p);
  }
  return hull;
}

struct At {
  double y = 0;
  GroupRule rule;
};

/// The rule of the hull at x, and its y.
At interpolate(std::span<const Point> hull, double x) {
  std::size_t next = 0;
  while (next < hull.size() && hull[next].x < x) ++next;
  if (next == hull.size()) --next;
  const Point& b = hull[next];
  if (next == 0 || b.x <= x) return {b.y, {b.threshold, b.threshold, 1, 0, 0}};
  const Point& a = hull[next - 1];
  const double share = (b.x - x) / (b.x - a.x);
  return {share * a.y + (1 - share) * b.y, {a.threshold, b.threshold, share, 0, 0}};
}

/// All thresholds of a group as points of the goal.
GroupCurve curve_of(const group_scores::Scores& s, std::int32_t group, ThresholdGoal goal) {
  GroupCurve out;
  out.name = s.names[static_cast<std::size_t>(group)];
  std::vector<std::pair<double, std::int64_t>> members;
  for (std::size_t i = 0; i < s.group.size(); ++i)
    if (s.group[i] == group) members.emplace_back(s.probability[i], s.target[i]);
  std::sort(members.begin(), members.end(), std::greater<>());
  out.n = static_cast<double>(members.size());
  for (const auto& [p, y] : members) out.positives += static_cast<double>(y);
  const double negatives = out.n - out.positives;
  if (out.positives == 0 || negatives == 0)
    throw ValueError("GroupThresholds.fit", "both labels in every group",
                     fmt::format("{} of {} positive in '{}'", out.positives, out.n, out.name),
                     "calibrate on more data, or join groups");
  std::vector<Point> points;
  const auto add = [&](double tp, double fp, double threshold) {
    const double right = (tp + negatives - fp) / out.n;
    if (goal == ThresholdGoal::equalized_odds)
      points.push_back({fp / negatives, tp / out.positives, threshold});
    else if (goal == ThresholdGoal::equal_opportunity)
      points.push_back({tp / out.positives, right, threshold});
    else
      points.push_back({(tp + fp) / out.n, right, threshold});
  };
  double tp = 0, fp = 0;
  add(0, 0, 2);  // nobody
  for (std::size_t i = 0; i < members.size(); ++i) {
    tp += static_cast<double>(members[i].second);
    fp += static_cast<double>(1 - members[i].second);
    const bool last = i + 1 == members.size();
    if (!last && members[i + 1].first == members[i].first) continue;
    add(tp, fp, last ? -1 : (members[i].first + members[i + 1].first) / 2);
  }
  out.hull = upper_hull(std::move(points));
  return out;
}

/// Equalized odds: the point below every hull that is most often right.
std::map<std::string, GroupRule> solve_odds(std::span<const GroupCurve> curves, std::int64_t grid) {
  double positives = 0, negatives = 0;
  for (const auto& c : curves) {
    positives += c.positives;
    negatives += c.n - c.positives;
  }
  double best = -1, best_x = 0, best_y = 0;
  for (std::int64_t k = 0; k <= grid; ++k) {
    const double x = static_cast<double>(k) / static_cast<double>(grid);
    double y = 1;
    for (const auto& c : curves) y = std::min(y, interpolate(c.hull, x).y);
    const double right = y * positives + (1 - x) * negatives;
    if (right <= best) continue;
    best = right;
    best_x = x;
    best_y = y;
  }
  std::map<std::string, GroupRule> rules;
  for (const auto& c : curves) {
    auto [y, rule] = interpolate(c.hull, best_x);
    // A group that could do better is held back by answers that do not look at it.
    if (y > best_y && y > best_x) rule.mix = (y - best_y) / (y - best_x);
    rule.constant = best_x;
    rules[c.name] = rule;
  }
  return rules;
}

std::map<std::string, GroupRule> solve_rate(std::span<const GroupCurve> curves, std::int64_t grid) {
  double best = -1, best_x = 0;
  for (std::int64_t k = 0; k <= grid; ++k) {
    const double x = static_cast<double>(k) / static_cast<double>(grid);
    double right = 0;
    for (const auto& c : curves) right += c.n * interpolate(c.hull, x).y;
    if (right <= best) continue;
    best = right;
    best_x = x;
  }
  std::map<std::string, GroupRule> rules;
  for (const auto& c : curves) rules[c.name] = interpolate(c.hull, best_x).rule;
  return rules;
}

}  // namespace leadline::detail::thresholds

namespace leadline::fairness {
namespace thresholds_impl = leadline::detail::thresholds;

GroupThresholds GroupThresholds::fit(const ArrayView& probability, const ArrayView& target,
                                     const Table& groups, const Options& options) {
  if (options.grid < 10)
    throw ValueError("GroupThresholds", "grid >= 10", fmt::format("{}", options.grid), "use 1000");
  const auto scores =
      detail::group_scores::read(&probability, &target, groups, {}, "GroupThresholds.fit");
  if (scores.names.size() < 2)
    throw ValueError("GroupThresholds.fit", "at least two groups",
                     fmt::format("{}", scores.names.size()), "pass more groups");
  std::vector<thresholds_impl::GroupCurve> curves;
  for (std::size_t g = 0; g < scores.names.size(); ++g)
    curves.push_back(thresholds_impl::curve_of(scores, static_cast<std::int32_t>(g), options.goal));
  GroupThresholds out;
  out.options_ = options;
  out.attributes_ = scores.attributes;
  out.rules_ = options.goal == ThresholdGoal::equalized_odds
                   ? thresholds_impl::solve_odds(curves, options.grid)
                   : thresholds_impl::solve_rate(curves, options.grid);
  return out;
}

std::vector<std::int64_t> GroupThresholds::apply(const ArrayView& probability, const Table& groups,
                                                 std::span<const SampleId> ids) const {
  const auto scores = detail::group_scores::read(&probability, nullptr, groups, attributes_,
                                                 "GroupThresholds.apply");
  if (!ids.empty() && ids.size() != scores.group.size())
    throw ShapeError("GroupThresholds.apply", fmt::format("{} ids", scores.group.size()),
                     fmt::format("{}", ids.size()), "pass one id a sample");
  std::vector<const GroupRule*> rules;
  for (const auto& name : scores.names) {
    const auto it = rules_.find(name);
    if (it == rules_.end()) detail::group_scores::unseen("GroupThresholds.apply", name);
    rules.push_back(&it->second);
  }
  std::vector<std::int64_t> out;
  for (std::size_t i = 0; i < scores.group.size(); ++i) {
    const GroupRule& r = *rules[static_cast<std::size_t>(scores.group[i])];
    const double p = scores.probability[i];
    const double chance =
        r.mix * r.constant + (1 - r.mix) * (r.share * (p > r.low) + (1 - r.share) * (p > r.high));
    stats::Rng rng(options_.seed, "group_thresholds",
                   ids.empty() ? static_cast<std::int64_t>(i) : ids[i]);
    out.push_back(rng.uniform() < chance);
  }
  return out;
}

}  // namespace leadline::fairness

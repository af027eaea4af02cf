#include "leadline/tradeoffs/pareto_front.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <set>

#include "leadline/core/error.hpp"
#include "leadline/core/plain.hpp"
#include "leadline/stats/distributions.hpp"
#include "leadline/stats/random.hpp"

namespace leadline {
namespace detail::pareto_front {

using tradeoffs::Axis;
using tradeoffs::Candidate;

constexpr std::size_t max_scatters = 6;

/// Whether row i is at least as good as row j throughout, and better somewhere.
bool dominates(std::span<const double> points, std::span<const Axis> axes, std::size_t i,
               std::size_t j) {
  bool ahead = false;
  for (std::size_t m = 0; m < axes.size(); ++m) {
    const double sign = axes[m].better == Better::lower ? -1 : 1;
    const double gain = sign * (points[i * axes.size() + m] - points[j * axes.size() + m]);
    if (gain < 0) return false;
    ahead |= gain > 0;
  }
  return ahead;
}

void check(std::span<const Candidate> candidates, std::span<const Axis> axes) {
  constexpr std::string_view who = "pareto_front";
  if (candidates.size() < 2 || axes.empty())
    throw ValueError(who, "at least 2 candidates and 1 metric",
                     fmt::format("{} and {}", candidates.size(), axes.size()),
                     "a front needs a choice");
  for (const Axis& axis : axes)
    if (axis.better == Better::neither)
      throw ValueError(who, "metrics of which higher or lower is better",
                       fmt::format("'{}', neither", axis.name), "leave it out");
  std::set<std::string> names;
  for (const Candidate& one : candidates) {
    if (one.values.size() != axes.size())
      throw ShapeError(who, fmt::format("{} values a candidate", axes.size()),
                       fmt::format("{} for '{}'", one.values.size(), one.name),
                       "give one estimate for each metric");
    if (one.draws.size() % axes.size() != 0 || one.draws.size() != candidates[0].draws.size())
      throw ValueError(who, "as many replicates for each candidate",
                       fmt::format("{} numbers for '{}'", one.draws.size(), one.name),
                       "draw all candidates together, or none");
    if (!names.insert(one.name).second)
      throw ValueError(who, "a name of its own for each candidate",
                       fmt::format("'{}' twice", one.name), "rename one");
  }
}

/// A value drawn from a split normal with the interval's limits as its tail quantiles.
double drawn(const Estimate& estimate, stats::Rng& rng) {
  const double z = rng.normal();
  if (!estimate.lower) return estimate.value();
  const double reach = stats::normal_two_sided(estimate.level);
  const double width =
      z < 0 ? estimate.value() - *estimate.lower : *estimate.upper - estimate.value();
  return estimate.value() + z * width / reach;
}

struct Front {
  std::vector<Candidate> kept;
  std::vector<double> points;          // [kept, axes]
  std::vector<std::int64_t> on_front;  // how often, over the draws
  std::int64_t n_draws = 0;
};

Front simulate(std::span<const Candidate> candidates, std::span<const Axis> axes,
               const tradeoffs::ParetoOptions& options) {
  Front out;
  for (const Candidate& one : candidates)
    if (std::all_of(one.values.begin(), one.values.end(), [](const Estimate& e) { return e.ok(); }))
      out.kept.push_back(one);
  for (const Candidate& one : out.kept)
    for (const Estimate& value : one.values) out.points.push_back(value.value());
  out.on_front.resize(out.kept.size());
  if (out.kept.empty()) return out;
  const std::size_t k = axes.size();
  const bool joint = !out.kept.front().draws.empty();
  out.n_draws =
      joint ? std::ssize(out.kept.front().draws) / static_cast<std::int64_t>(k) : options.draws;
  std::vector<double> points(out.points.size());
  for (std::int64_t d = 0; d < out.n_draws; ++d) {
    stats::Rng rng(options.seed, "pareto", d);
    for (std::size_t i = 0; i < out.kept.size(); ++i)
      for (std::size_t m = 0; m < k; ++m)
        points[i * k + m] = joint ? out.kept[i].draws[static_cast<std::size_t>(d) * k + m]
                                  : drawn(out.kept[i].values[m], rng);
    for (const std::int64_t i : tradeoffs::non_dominated(points, axes))
      ++out.on_front[static_cast<std::size_t>(i)];
  }
  return out;
}

/// Whether a candidate has an interval on the axis.
bool has_limits(const Front& front, std::size_t axis) {
  return std::any_of(front.kept.begin(), front.kept.end(),
                     [&](const Candidate& one) { return one.values[axis].lower.has_value(); });
}

/// Two axes against each other; the one with intervals upright, where they are drawn.
Curve scatter_of(const Front& front, std::span<const Axis> axes, std::size_t x, std::size_t y) {
  if (has_limits(front, x) && !has_limits(front, y)) std::swap(x, y);
  Curve curve;
  curve.title = fmt::format("{} against {}", axes[y].name, axes[x].name);
  curve.x_label = axes[x].name + (axes[x].unit.empty() ? "" : " [" + axes[x].unit + "]");
  curve.y_label = axes[y].name + (axes[y].unit.empty() ? "" : " [" + axes[y].unit + "]");
  const std::size_t k = axes.size();
  std::vector<double> plane;
  std::vector<std::pair<double, double>> steps;
  for (std::size_t i = 0; i < front.kept.size(); ++i) {
    const Estimate& height = front.kept[i].values[y];
    Curve::Series point{front.kept[i].name,
                        {front.points[i * k + x]},
                        {front.points[i * k + y]},
                        {height.lower.value_or(height.value())},
                        {height.upper.value_or(height.value())},
                        Curve::Series::points};
    curve.series.push_back(std::move(point));
    plane.push_back(front.points[i * k + x]);
    plane.push_back(front.points[i * k + y]);
  }
  const std::array<Axis, 2> both{axes[x], axes[y]};
  for (const std::int64_t i : tradeoffs::non_dominated(plane, both))
    steps.emplace_back(plane[2 * static_cast<std::size_t>(i)],
                       plane[2 * static_cast<std::size_t>(i) + 1]);
  std::sort(steps.begin(), steps.end());
  Curve::Series line{"front", {}, {}, {}, {}, Curve::Series::step};
  for (const auto& [at, height] : steps) {
    line.x.push_back(at);
    line.y.push_back(height);
  }
  curve.series.push_back(std::move(line));
  curve.note = fmt::format("Better is {} on x and {} on y; bands are of y.",
                           name_of(axes[x].better), name_of(axes[y].better));
  return curve;
}

/// Names of those that dominate row i as measured.
std::string dominators(const Front& front, std::span<const Axis> axes, std::size_t i) {
  std::vector<std::string> names;
  for (std::size_t j = 0; j < front.kept.size(); ++j)
    if (dominates(front.points, axes, j, i)) names.push_back(front.kept[j].name);
  return fmt::format("{}", fmt::join(names, ", "));
}

}  // namespace detail::pareto_front

namespace tradeoffs {

std::vector<std::int64_t> non_dominated(std::span<const double> points,
                                        std::span<const Axis> axes) {
  if (axes.empty() || points.size() % axes.size() != 0)
    throw ShapeError("non_dominated", fmt::format("points [n, {}]", axes.size()),
                     fmt::format("{} numbers", points.size()), "give one number for each metric");
  const std::size_t n = points.size() / axes.size();
  std::vector<std::int64_t> out;
  for (std::size_t i = 0; i < n; ++i) {
    bool beaten = false;
    for (std::size_t j = 0; j < n && !beaten; ++j)
      beaten = detail::pareto_front::dominates(points, axes, j, i);
    if (!beaten) out.push_back(static_cast<std::int64_t>(i));
  }
  return out;
}

Finding pareto_front(std::span<const Candidate> candidates, std::span<const Axis> axes,
                     const ParetoOptions& options) {
  namespace impl = detail::pareto_front;
  impl::check(candidates, axes);
  if (options.draws < 100 || options.draws > 10000000)
    throw ValueError("pareto_front", "draws in [100, 10000000]", std::to_string(options.draws),
                     "4000 is usual");
  const impl::Front front = impl::simulate(candidates, axes, options);
  Finding finding;
  finding.probe = "pareto";
  finding.kind = "tradeoffs.pareto_front";
  finding.question = "Which of these are worth considering?";
  finding.options = {{"draws", std::to_string(front.n_draws)},
                     {"seed", std::to_string(options.seed)}};
  TableBlock table;
  table.title = "Candidates";
  table.columns = {"candidate"};
  for (const Axis& axis : axes) table.columns.push_back(axis.name);
  for (const char* column : {"on the front", "probability", "dominated by"})
    table.columns.emplace_back(column);
  const auto measured = non_dominated(front.points, axes);
  std::vector<std::string> sure, open;
  for (std::size_t i = 0; i < front.kept.size(); ++i) {
    const Estimate probability =
        Estimate::rate(front.on_front[i], front.n_draws, "wilson", options.level);
    finding.add(
        fmt::format("on_front_probability{{candidate={}}}", plain::key_value(front.kept[i].name)),
        probability, Better::higher, "probability of being on the front");
    const bool on =
        std::find(measured.begin(), measured.end(), static_cast<std::int64_t>(i)) != measured.end();
    std::vector<TableBlock::Cell> row{front.kept[i].name};
    for (const Estimate& value : front.kept[i].values) row.emplace_back(value);
    row.emplace_back(std::string(on ? "yes" : "no"));
    row.emplace_back(probability.value());
    row.emplace_back(impl::dominators(front, axes, i));
    table.rows.push_back(std::move(row));
    if (probability.value() >= 0.95)
      sure.push_back(front.kept[i].name);
    else if (probability.value() > 0.05)
      open.push_back(front.kept[i].name);
  }
  for (const Candidate& one : candidates) {
    const auto bad = std::find_if(one.values.begin(), one.values.end(),
                                  [](const Estimate& e) { return !e.ok(); });
    if (bad != one.values.end())
      finding.warnings.push_back(
          fmt::format("'{}' is left out: {} has no value: {}", one.name,
                      axes[static_cast<std::size_t>(bad - one.values.begin())].name, bad->why));
  }
  finding.blocks.emplace_back(std::move(table));
  if (front.kept.size() < 2) {
    finding.status = Status::undefined;
    finding.why = "fewer than two candidates have every value";
    return finding;
  }
  std::size_t drawn = 0;
  for (std::size_t x = 0; x < axes.size(); ++x)
    for (std::size_t y = x + 1; y < axes.size() && drawn < impl::max_scatters; ++y, ++drawn)
      finding.blocks.emplace_back(impl::scatter_of(front, axes, x, y));
  finding.headline =
      fmt::format("{} of {} are surely worth considering{}{}.", sure.size(), front.kept.size(),
                  sure.empty() ? "" : fmt::format(": {}", fmt::join(sure, ", ")),
                  open.empty() ? "" : fmt::format("; open: {}", fmt::join(open, ", ")));
  if (!open.empty())
    finding.remedies.push_back(
        {"Measure the open ones on more samples before they are dropped.", ""});
  return finding;
}

}  // namespace tradeoffs
}  // namespace leadline

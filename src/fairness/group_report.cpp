// What a metric says by group: look-up, gaps, blocks.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "leadline/core/catalog.hpp"
#include "leadline/core/error.hpp"
#include "leadline/fairness/group_frame.hpp"

namespace leadline::fairness {

/// A split as a value in an estimate's name: "sex+age".
std::string by_key(std::string_view by) {
  std::string out(by);
  std::replace(out.begin(), out.end(), ',', '+');
  return out;
}

const GroupRow* GroupReport::find(std::string_view name) const {
  for (const auto& row : rows)
    if (row.name == name) return &row;
  return nullptr;
}

const GroupRow& GroupReport::at(std::string_view name) const {
  if (const auto* row = find(name)) return *row;
  std::vector<std::string_view> known;
  for (const auto& row : rows) known.push_back(row.name);
  const auto near = nearest_name(name, known);
  throw ValueError("GroupReport", "a group that occurs", fmt::format("'{}'", name),
                   near.empty() ? fmt::format("there are {}", fmt::join(known, "; "))
                                : fmt::format("did you mean '{}'?", near));
}

std::vector<std::string> GroupReport::splits() const {
  std::vector<std::string> out;
  for (const auto& row : rows)
    if (std::find(out.begin(), out.end(), row.by) == out.end()) out.push_back(row.by);
  return out;
}

std::vector<GroupValue> GroupReport::values(std::string_view by) const {
  const auto known = splits();
  if (by.empty() && !known.empty()) by = known.front();
  if (!known.empty() && std::find(known.begin(), known.end(), by) == known.end())
    throw ValueError("GroupReport", fmt::format("by one of {}", fmt::join(known, "; ")),
                     fmt::format("'{}'", by), "name a split");
  std::vector<GroupValue> out;
  for (const auto& row : rows)
    if (row.by == by) out.push_back({row.name, row.estimate});
  return out;
}

Gap GroupReport::gap(std::string_view by) const {
  return value_difference(values(by), {.level = options.level,
                                       .min_support = options.min_support,
                                       .replicates = options.replicates,
                                       .seed = options.seed});
}

Gap GroupReport::worst(std::string_view by) const {
  return worst_group(values(by), metric.better,
                     {.level = options.level,
                      .min_support = options.min_support,
                      .replicates = options.replicates,
                      .seed = options.seed});
}

void GroupReport::describe(Finding& finding, std::string_view prefix) const {
  const std::string name = std::string(prefix) + metric.name;
  const std::string label = metric.label.empty() ? metric.name : metric.label;
  for (const auto& by : splits()) {
    Curve forest;
    TableBlock table;
    forest.title = table.title = label + " by " + by;
    table.note = fmt::format(
        "Groups below {} samples get no value; the shrunk value borrows from the other groups.",
        options.min_support);
    table.columns = {"group", "n", metric.name, "shrunk"};
    Curve::Series points;
    points.name = metric.name;
    points.style = Curve::Series::points;
    for (const auto& row : rows) {
      if (row.by != by) continue;
      table.rows.push_back({row.name, row.n, row.estimate,
                            row.shrunk ? TableBlock::Cell(*row.shrunk) : TableBlock::Cell()});
      if (!row.estimate.ok()) continue;
      finding.add(name + "@" + row.name, row.estimate, metric.better, label + ", " + row.name,
                  metric.unit);
      if (!row.estimate.lower) continue;
      points.x.push_back(static_cast<double>(points.x.size()));
      points.y.push_back(row.estimate.value());
      points.lower.push_back(*row.estimate.lower);
      points.upper.push_back(*row.estimate.upper);
      forest.note +=
          fmt::format("{}{}: {}", points.x.size() > 1 ? ", " : "", points.x.size() - 1, row.name);
    }
    const auto add = [&](const Gap& gap, const std::string& what, const std::string& words,
                         Better better) {
      finding.add(what + "{by=" + by_key(by) + "}", gap.estimate, better,
                  gap.highest.empty()
                      ? words
                      : fmt::format("{}, {} against {}", words, gap.highest, gap.lowest),
                  metric.unit);
    };
    add(gap(by), name + "_gap", label + ": largest gap between groups", Better::lower);
    const Gap least = worst(by);
    finding.add("worst_group_" + name + "{by=" + by_key(by) + "}", least.estimate, metric.better,
                label + ", worst group" + (least.lowest.empty() ? "" : ": " + least.lowest),
                metric.unit);
    finding.blocks.emplace_back(std::move(table));
    if (points.y.size() < 2) continue;
    forest.level = options.level;
    forest.x_label = by;
    forest.y_label = metric.name;
    forest.series.push_back(std::move(points));
    finding.blocks.emplace_back(std::move(forest));
  }
}

}  // namespace leadline::fairness

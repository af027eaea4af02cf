// The heat map, the curve, the pictures and the worst classes of `corruption_benchmark` and
// `stress`.
#include <fmt/format.h>

#include <algorithm>

#include "plan.hpp"

namespace leadline::detail::stress {
namespace {

void add_point(Curve::Series& series, double x, const Estimate& estimate) {
  series.x.push_back(x);
  series.y.push_back(estimate.value());
  series.lower.push_back(estimate.lower.value_or(estimate.value()));
  series.upper.push_back(estimate.upper.value_or(estimate.value()));
}

}  // namespace

void PlanRun::add_pictures(Finding& finding, double level) const {
  const std::size_t severities = plan_.severities.size();
  const bool known = labelled();
  Grid grid;
  grid.title = known ? "Accuracy in every condition" : "Changed answers in every condition";
  grid.row_label = plan_.key;
  grid.col_label = "severity";
  for (const double severity : plan_.severities)
    grid.col_names.push_back(fmt::format("{:g}", severity));
  for (std::size_t k = 0; k < plan_.kinds.size(); ++k) {
    if (!used(k)) continue;
    grid.row_names.push_back(plan_.kinds[k].name);
    for (std::size_t s = 0; s < severities; ++s) {
      const Cell& cell = cells_[k * severities + s];
      grid.values.push_back(static_cast<double>(known ? cell.right : cell.changed) /
                            static_cast<double>(n_));
    }
  }
  if (!grid.values.empty()) finding.blocks.emplace_back(std::move(grid));
  Curve curve;
  curve.title = "Accuracy by severity";
  curve.x_label = "severity";
  curve.y_label = "accuracy";
  curve.level = level;
  curve.note = "mean over the kinds of change; the band is that of one condition at a time";
  Curve::Series mean;
  mean.name = "mean";
  if (known && n_used() > 0) {
    add_point(mean, 0, finding.at("clean_accuracy"));
    for (std::size_t s = 0; s < severities; ++s) {
      std::int64_t right = 0;
      for (std::size_t k = 0; k < plan_.kinds.size(); ++k)
        right += cells_[k * severities + s].right;
      const double share = static_cast<double>(right) /
                           static_cast<double>(n_ * static_cast<std::int64_t>(n_used()));
      add_point(mean, plan_.severities[s], share_with(share, 0, 1, level));
    }
    curve.series.push_back(std::move(mean));
    finding.blocks.emplace_back(std::move(curve));
  }
  for (const Exhibit& exhibit : exhibits_.kept()) {
    finding.flags.push_back({exhibit.id, exhibit.title + ", " + exhibit.caption, exhibit.severity});
    if (!exhibit.images.empty() || !exhibit.values.empty()) finding.blocks.emplace_back(exhibit);
  }
}

void PlanRun::add_classes(Finding& finding) const {
  if (!labelled() || n_used() == 0) return;
  struct Row {
    std::int64_t label, n;
    double clean, changed;
    std::size_t worst;
    double at_worst;
  };
  std::vector<Row> rows;
  const auto times = static_cast<double>(plan_.severities.size());
  for (const auto& [label, counts] : classes_) {
    const auto n = static_cast<double>(counts[0]);
    Row row{label, counts[0], static_cast<double>(counts[1]) / n, 0, 0, 2};
    for (std::size_t k = 0; k < plan_.kinds.size(); ++k) {
      if (!used(k)) continue;
      const double share = static_cast<double>(counts[2 + k]) / (n * times);
      row.changed += share / static_cast<double>(n_used());
      if (share < row.at_worst) {
        row.at_worst = share;
        row.worst = k;
      }
    }
    rows.push_back(row);
  }
  std::ranges::stable_sort(rows, {}, &Row::changed);
  TableBlock table;
  table.title = "Worst classes";
  table.columns = {
      "class",         "samples", "clean accuracy", "accuracy under change", "worst " + plan_.key,
      "accuracy there"};
  if (rows.size() > 10) table.note = fmt::format("the worst 10 of {} classes", rows.size());
  for (std::size_t i = 0; i < std::min<std::size_t>(10, rows.size()); ++i) {
    const Row& row = rows[i];
    const std::string name = row.label >= 0 && row.label < std::ssize(data_.class_names)
                                 ? data_.class_names[static_cast<std::size_t>(row.label)]
                                 : std::to_string(row.label);
    table.rows.push_back(
        {name, row.n, row.clean, row.changed, plan_.kinds[row.worst].name, row.at_worst});
  }
  finding.blocks.emplace_back(std::move(table));
}

}  // namespace leadline::detail::stress

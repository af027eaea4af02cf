#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "leadline/core/error.hpp"
#include "leadline/metrics/confusion.hpp"
#include "leadline/stats/delta.hpp"
#include "metrics/class_ratio_parts.hpp"

namespace leadline::detail::ratios {

/// Cells scaled to sum to the effective number of samples, as stats/delta.hpp asks.
std::vector<double> scaled_cells(const metrics::Confusion& confusion) {
  std::vector<double> cells = confusion.cells();
  if (confusion.weighted() && confusion.total() > 0) {
    const double scale = confusion.n_effective() / confusion.total();
    for (double& cell : cells) cell *= scale;
  }
  return cells;
}

std::string_view never(stats::Ratio ratio) {
  return ratio == stats::Ratio::precision ? "was ever predicted"
         : ratio == stats::Ratio::recall  ? "occurs in the data"
                                          : "occurs or was predicted";
}

Estimate estimate_of(const stats::DeltaEstimate& found, std::int64_t n, double level,
                     std::string why) {
  if (!found.defined) return Estimate::absent(Status::undefined, std::move(why), n);
  const auto interval = stats::score_interval(found, level);
  return Estimate::with(found.value, std::min(interval.lower, found.value),
                        std::max(interval.upper, found.value), n, "delta", level);
}

}  // namespace leadline::detail::ratios

namespace leadline::metrics {
namespace ratios = leadline::detail::ratios;

std::vector<ClassCounts> class_counts(const Confusion& confusion) {
  const std::int64_t n_classes = confusion.n_classes();
  std::vector<ClassCounts> classes(static_cast<std::size_t>(n_classes));
  const std::vector<double> cells = confusion.cells();
  for (std::int64_t i = 0; i < n_classes; ++i)
    for (std::int64_t j = 0; j < n_classes; ++j) {
      const double cell = cells[static_cast<std::size_t>(i * n_classes + j)];
      classes[static_cast<std::size_t>(i)].support += cell;
      classes[static_cast<std::size_t>(j)].called += cell;
      if (i == j) classes[static_cast<std::size_t>(i)].hit += cell;
    }
  return classes;
}

std::vector<Estimate> class_ratios(const Confusion& confusion, stats::Ratio ratio, double level) {
  if (confusion.n_classes() == 0) return {};  // nothing seen, and no number of classes given
  const auto found = stats::class_ratios(ratios::scaled_cells(confusion),
                                         static_cast<int>(confusion.n_classes()), {.ratio = ratio});
  std::vector<Estimate> all;
  for (const stats::DeltaEstimate& one : found)
    all.push_back(ratios::estimate_of(
        one, confusion.n(), level,
        ratio == stats::Ratio::precision ? "the class was never predicted"
        : ratio == stats::Ratio::recall  ? "the class does not occur"
                                         : "the class neither occurs nor was predicted"));
  return all;
}

Estimate average_ratio(const Confusion& confusion, stats::Ratio ratio, Average average,
                       double level, std::int64_t positive) {
  const std::int64_t n = confusion.n();
  if (auto instead = leadline::detail::class_ratio::without_average(
          confusion, average, positive, [&] { return class_ratios(confusion, ratio, level); }))
    return std::move(*instead);
  const auto how = average == Average::macro      ? stats::Average::macro
                   : average == Average::weighted ? stats::Average::weighted
                                                  : stats::Average::micro;
  const auto found =
      stats::average_ratio(ratios::scaled_cells(confusion), static_cast<int>(confusion.n_classes()),
                           how, {.ratio = ratio});
  Estimate estimate =
      ratios::estimate_of(found, n, level, fmt::format("no class {}", ratios::never(ratio)));
  estimate.facts["classes_averaged"] = found.classes_averaged;
  estimate.facts["classes_undefined"] = found.classes_undefined;
  if (confusion.weighted()) estimate.facts["n_effective"] = confusion.n_effective();
  return estimate;
}

Estimate accuracy_of(const Confusion& confusion, double level, std::string_view method) {
  const std::int64_t n = confusion.n();
  if (n == 0) return Estimate::absent(Status::empty, "no samples were seen");
  double hits = 0;
  for (std::int64_t k = 0; k < confusion.n_classes(); ++k) hits += confusion.at(k, k);
  if (!confusion.weighted()) return Estimate::rate(std::llround(hits), n, method, level);
  if (confusion.total() <= 0) return Estimate::absent(Status::undefined, "every weight is 0", n);
  const double value = std::min(1.0, hits / confusion.total()), size = confusion.n_effective();
  const auto interval =
      stats::proportion_interval(value * size, size, level, stats::proportion_method(method));
  Estimate estimate =
      Estimate::with(value, std::min(interval.lower, value), std::max(interval.upper, value), n,
                     std::string(method), level);
  estimate.facts["n_effective"] = size;
  return estimate;
}

Estimate balanced_accuracy_of(const Confusion& confusion, double level) {
  return average_ratio(confusion, stats::Ratio::recall, Average::macro, level);
}

Grid confusion_grid(const Confusion& confusion, std::span<const std::string> names) {
  Grid grid;
  grid.title = "Confusion matrix";
  grid.row_label = "true class";
  grid.col_label = "predicted class";
  grid.counts = !confusion.weighted();
  for (std::int64_t k = 0; k < confusion.n_classes(); ++k)
    grid.row_names.push_back(class_text(k, names));
  grid.col_names = grid.row_names;
  grid.values = confusion.cells();
  return grid;
}

std::string class_text(std::int64_t label, std::span<const std::string> names) {
  return label >= 0 && label < std::ssize(names) ? names[static_cast<std::size_t>(label)]
                                                 : std::to_string(label);
}

}  // namespace leadline::metrics

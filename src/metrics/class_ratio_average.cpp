// Averages of a ratio over classes or labels.
#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "metrics/class_ratio_parts.hpp"

namespace leadline::detail::class_ratio {
using metrics::RatioSlopes;
using metrics::ZeroDivision;

/// An average: its value, and the slope at each count of each class.
struct Averaged {
  bool defined = false;
  double value = 0;
  int averaged = 0, undefined = 0;
  std::vector<BinaryCells4> slopes;
};

/// `all_count`: classes without any sample count too (labels are declared, classes are met).
Averaged average_of(const std::vector<BinaryCells4>& classes, const ClassRatioRule& rule,
                    Average average, bool all_count) {
  Averaged out;
  out.slopes.resize(classes.size());
  std::vector<RatioSlopes> each;
  std::vector<double> share(classes.size(), 0.0);
  double norm = 0;
  BinaryCells4 together;
  for (std::size_t c = 0; c < classes.size(); ++c) {
    const BinaryCells4& cells = classes[c];
    each.push_back(ratio_of(rule, cells));
    const bool counts = all_count || occurs(cells);
    if (!counts) continue;
    together = {together.tp + cells.tp, together.fn + cells.fn, together.fp + cells.fp,
                together.tn + cells.tn};
    out.undefined += !each[c].defined;
    if (!each[c].defined && rule.zero_division == ZeroDivision::exclude) continue;
    share[c] = average == Average::weighted ? cells.tp + cells.fn : 1.0;
    norm += share[c];
    ++out.averaged;
  }
  if (average == Average::micro) {
    const RatioSlopes whole = ratio_of(rule, together);
    out.defined = whole.defined;
    out.value = whole.value;
    for (std::size_t c = 0; c < classes.size(); ++c)
      if (all_count || occurs(classes[c])) out.slopes[c] = whole.slope;
    return out;
  }
  if (!(norm > 0)) return out;
  out.defined = true;
  for (std::size_t c = 0; c < classes.size(); ++c) out.value += share[c] / norm * each[c].value;
  for (std::size_t c = 0; c < classes.size(); ++c) {
    if (share[c] <= 0) continue;
    const double w = share[c] / norm;
    const BinaryCells4& s = each[c].slope;
    out.slopes[c] = {w * s.tp, w * s.fn, w * s.fp, w * s.tn};
    if (average != Average::weighted) continue;
    const double shift = (each[c].value - out.value) / norm;  // a sample more of the class
    out.slopes[c].tp += shift;
    out.slopes[c].fn += shift;
  }
  return out;
}

/// Variance over one multinomial draw of the cells.
double variance_of(const std::vector<double>& cells, const std::vector<BinaryCells4>& slopes) {
  const std::size_t k = slopes.size();
  double rest = 0, squares = 0, first = 0, total = 0;
  for (const BinaryCells4& s : slopes) rest += s.tn;
  for (std::size_t i = 0; i < k; ++i)
    for (std::size_t j = 0; j < k; ++j) {
      const double n = cells[i * k + j];
      if (n <= 0) continue;
      const double slope = i == j
                               ? rest + slopes[i].tp - slopes[i].tn
                               : rest + slopes[i].fn - slopes[i].tn + slopes[j].fp - slopes[j].tn;
      squares += n * slope * slope;
      first += n * slope;
      total += n;
    }
  return total > 0 ? std::max(0.0, squares - first * first / total) : 0.0;
}

/// Half an error a row that occurs, spread over the other columns.
void add_errors(std::vector<double>& cells, std::size_t k) {
  if (k < 2) return;
  for (std::size_t i = 0; i < k; ++i) {
    double row = 0;
    for (std::size_t j = 0; j < k; ++j) row += cells[i * k + j];
    for (std::size_t j = 0; j < k && row > 0; ++j)
      if (i != j) cells[i * k + j] += pseudo_errors / static_cast<double>(k - 1);
  }
}

Estimate with_facts(Estimate estimate, const Averaged& found, std::optional<double> n_effective) {
  estimate.facts["classes_averaged"] = found.averaged;
  estimate.facts["classes_undefined"] = found.undefined;
  if (n_effective) estimate.facts["n_effective"] = *n_effective;
  return estimate;
}

std::string no_class(ClassRatio ratio) {
  return fmt::format("no class has a value: {}", why_undefined(ratio));
}

std::optional<Estimate> without_average(const metrics::Confusion& confusion, Average average,
                                        std::int64_t positive,
                                        const std::function<std::vector<Estimate>()>& per_class) {
  const std::int64_t n = confusion.n();
  if (n == 0) return Estimate::absent(Status::empty, "no samples were seen");
  if (confusion.total() <= 0) return Estimate::absent(Status::undefined, "every weight is 0", n);
  if (average == Average::none)
    return Estimate::absent(Status::undefined,
                            "average 'none' gives one value a class: read per_class()", n);
  if (average != Average::binary) return std::nullopt;
  const std::vector<Estimate> all = per_class();
  if (positive < std::ssize(all)) return all[static_cast<std::size_t>(positive)];
  return Estimate::absent(Status::undefined, fmt::format("class {} was never seen", positive), n);
}

}  // namespace leadline::detail::class_ratio

namespace leadline::metrics {
namespace ratio_impl = leadline::detail::class_ratio;

Estimate average_ratio(const Confusion& confusion, const ClassRatioRule& rule, Average average,
                       double level, std::int64_t positive_class) {
  const std::int64_t n = confusion.n();
  if (auto instead = leadline::detail::class_ratio::without_average(
          confusion, average, positive_class, [&] { return class_ratios(confusion, rule, level); }))
    return std::move(*instead);
  double scale = 1;
  const auto k = static_cast<std::size_t>(confusion.n_classes());
  std::vector<double> cells = ratio_impl::scaled(confusion, scale);
  const auto found =
      ratio_impl::average_of(ratio_impl::against_rest(cells, k), rule, average, false);
  const auto n_effective =
      confusion.weighted() ? std::optional(confusion.n_effective()) : std::nullopt;
  if (!found.defined)
    return ratio_impl::with_facts(
        Estimate::absent(Status::undefined, ratio_impl::no_class(rule.ratio), n), found,
        n_effective);
  const double total = confusion.total() * scale;
  ratio_impl::add_errors(cells, k);
  const auto soft =
      ratio_impl::average_of(ratio_impl::against_rest(cells, k), rule, average, false);
  return ratio_impl::with_facts(
      ratio_impl::interval_of(found.value, ratio_impl::lowest(rule.ratio), soft.value,
                              ratio_impl::variance_of(cells, soft.slopes), total, n, level,
                              "delta"),
      found, n_effective);
}

Estimate average_ratio(const LabelTables& labels, const ClassRatioRule& rule, Average average,
                       double level) {
  const std::int64_t n = labels.n();
  if (n == 0) return Estimate::absent(Status::empty, "no samples were seen");
  if (labels.total() <= 0) return Estimate::absent(Status::undefined, "every weight is 0", n);
  if (average == Average::none || average == Average::binary)
    return Estimate::absent(Status::undefined,
                            "this average gives one value a label: read per_class()", n);
  if (average == Average::samples) return labels.over_samples(level);
  const auto found = ratio_impl::average_of(labels.cells(), rule, average, true);
  const double size = labels.n_effective();
  if (!found.defined)
    return ratio_impl::with_facts(
        Estimate::absent(Status::undefined, ratio_impl::no_class(rule.ratio), n), found, size);
  std::vector<BinaryCells4> soft_cells = labels.cells();
  for (BinaryCells4& c : soft_cells) {
    if (c.tp + c.fn > 0) c.fn += ratio_impl::pseudo_errors;
    if (c.fp + c.tn > 0) c.fp += ratio_impl::pseudo_errors;
  }
  const auto soft = ratio_impl::average_of(soft_cells, rule, average, true);
  bool exact = true;
  double variance = labels.variance(soft.slopes, exact);
  for (const BinaryCells4& s : soft.slopes)
    variance += ratio_impl::pseudo_errors * (s.fn * s.fn + s.fp * s.fp);
  return ratio_impl::with_facts(
      ratio_impl::interval_of(found.value, ratio_impl::lowest(rule.ratio), soft.value, variance,
                              size, n, level, exact ? "delta" : "delta_upper_bound"),
      found, size);
}

}  // namespace leadline::metrics

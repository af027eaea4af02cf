#include "leadline/metrics/class_ratio.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "leadline/metrics/label_tables.hpp"
#include "leadline/stats/delta.hpp"
#include "leadline/stats/intervals.hpp"

namespace leadline::detail::class_ratio {
using metrics::Average;
using metrics::BinaryCells4;
using metrics::ClassRatio;
using metrics::ClassRatioRule;
using metrics::RatioSlopes;
using metrics::ZeroDivision;

constexpr double pseudo_errors = 0.5;  // a row, as in stats/delta.cpp

double dot(const BinaryCells4& a, const BinaryCells4& b) {
  return a.tp * b.tp + a.fn * b.fn + a.fp * b.fp + a.tn * b.tn;
}
double sum(const BinaryCells4& a) { return a.tp + a.fn + a.fp + a.tn; }
bool occurs(const BinaryCells4& c) { return c.tp + c.fn > 0 || c.fp > 0; }

/// Coefficients of numerator and denominator.
struct Quotient {
  BinaryCells4 top, bottom;
};
Quotient quotient_of(const ClassRatioRule& rule) {
  const double b = rule.beta * rule.beta;
  switch (rule.ratio) {
    case ClassRatio::precision:
      return {{1, 0, 0, 0}, {1, 0, 1, 0}};
    case ClassRatio::recall:
    case ClassRatio::informedness:
      return {{1, 0, 0, 0}, {1, 1, 0, 0}};
    case ClassRatio::f_beta:
      return {{1 + b, 0, 0, 0}, {1 + b, b, 1, 0}};
    case ClassRatio::specificity:
      return {{0, 0, 0, 1}, {0, 0, 1, 1}};
    case ClassRatio::negative_predictive_value:
      return {{0, 0, 0, 1}, {0, 1, 0, 1}};
    case ClassRatio::false_positive_rate:
      return {{0, 0, 1, 0}, {0, 0, 1, 1}};
    case ClassRatio::false_negative_rate:
      return {{0, 1, 0, 0}, {1, 1, 0, 0}};
    case ClassRatio::jaccard:
      break;
  }
  return {{1, 0, 0, 0}, {1, 1, 1, 0}};
}
bool plain_share(ClassRatio ratio) {
  return ratio != ClassRatio::f_beta && ratio != ClassRatio::jaccard &&
         ratio != ClassRatio::informedness;
}
double lowest(ClassRatio ratio) { return ratio == ClassRatio::informedness ? -1.0 : 0.0; }

RatioSlopes divide(const Quotient& q, const BinaryCells4& c) {
  const double below = dot(q.bottom, c);
  if (!(below > 0)) return {};
  const double value = dot(q.top, c) / below;
  const auto slope = [&](double top, double bottom) { return (top - value * bottom) / below; };
  return {true,
          value,
          {slope(q.top.tp, q.bottom.tp), slope(q.top.fn, q.bottom.fn), slope(q.top.fp, q.bottom.fp),
           slope(q.top.tn, q.bottom.tn)}};
}

std::string_view why_undefined(ClassRatio ratio) {
  switch (ratio) {
    case ClassRatio::precision:
      return "the class was never predicted";
    case ClassRatio::recall:
    case ClassRatio::false_negative_rate:
      return "the class does not occur";
    case ClassRatio::specificity:
    case ClassRatio::false_positive_rate:
      return "every sample is of the class";
    case ClassRatio::negative_predictive_value:
      return "every sample was called the class";
    case ClassRatio::informedness:
      return "the class does not occur, or every sample is of it";
    case ClassRatio::f_beta:
    case ClassRatio::jaccard:
      break;
  }
  return "the class neither occurs nor was predicted";
}

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

std::vector<double> scaled(const metrics::Confusion& confusion, double& scale) {
  std::vector<double> cells = confusion.cells();
  scale = confusion.weighted() && confusion.total() > 0
              ? confusion.n_effective() / confusion.total()
              : 1.0;
  for (double& cell : cells) cell *= scale;
  return cells;
}

std::vector<BinaryCells4> against_rest(const std::vector<double>& cells, std::size_t k) {
  std::vector<BinaryCells4> classes(k);
  double total = 0;
  for (std::size_t i = 0; i < k; ++i)
    for (std::size_t j = 0; j < k; ++j) {
      const double n = cells[i * k + j];
      total += n;
      (i == j ? classes[i].tp : classes[i].fn) += n;
      if (i != j) classes[j].fp += n;
    }
  for (BinaryCells4& c : classes) c.tn = std::max(0.0, total - c.tp - c.fn - c.fp);
  return classes;
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

Estimate interval_of(double value, double low, double soft_value, double soft_variance,
                     double total, std::int64_t n, double level, std::string method) {
  const double span = 1 - low, rate = (soft_value - low) / span;
  const double spread = soft_variance / (span * span);
  stats::DeltaEstimate found;
  found.value = std::clamp(value, low, 1.0);
  found.low = low;
  found.defined = true;
  found.n_effective = spread > 0 && rate > 0 && rate < 1 ? rate * (1 - rate) / spread : total;
  const auto interval = stats::score_interval(found, level);
  return Estimate::with(found.value, std::min(interval.lower, found.value),
                        std::max(interval.upper, found.value), n, std::move(method), level);
}

/// One class from cells scaled to the effective number of samples.
Estimate class_estimate(const ClassRatioRule& rule, const BinaryCells4& cells, std::int64_t n,
                        double level) {
  const RatioSlopes found = ratio_of(rule, cells);
  if (!found.defined) {
    if (rule.zero_division == ZeroDivision::zero && occurs(cells))
      return Estimate::of(0, n, "0 / 0, set to 0 by zero_division");
    return Estimate::absent(Status::undefined, std::string(why_undefined(rule.ratio)), n);
  }
  if (plain_share(rule.ratio)) {
    const Quotient q = quotient_of(rule);
    const double of = dot(q.bottom, cells);
    const auto interval = stats::proportion_interval(std::min(dot(q.top, cells), of), of, level);
    return Estimate::with(found.value, std::min(interval.lower, found.value),
                          std::max(interval.upper, found.value), n, "wilson", level);
  }
  BinaryCells4 soft = cells;
  if (cells.tp + cells.fn > 0) soft.fn += pseudo_errors;
  if (cells.fp + cells.tn > 0) soft.fp += pseudo_errors;
  const RatioSlopes around = ratio_of(rule, soft);
  const BinaryCells4& s = around.slope;
  const double first = dot(s, soft), total = sum(soft);
  const double squares =
      soft.tp * s.tp * s.tp + soft.fn * s.fn * s.fn + soft.fp * s.fp * s.fp + soft.tn * s.tn * s.tn;
  return interval_of(found.value, lowest(rule.ratio), around.value,
                     std::max(0.0, squares - first * first / total), sum(cells), n, level, "delta");
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

}  // namespace leadline::detail::class_ratio

namespace leadline::metrics {
namespace ratio_impl = leadline::detail::class_ratio;

RatioSlopes ratio_of(const ClassRatioRule& rule, const BinaryCells4& cells) {
  RatioSlopes found = ratio_impl::divide(ratio_impl::quotient_of(rule), cells);
  if (rule.ratio != ClassRatio::informedness || !found.defined) return found;
  const RatioSlopes rest = ratio_impl::divide(
      ratio_impl::quotient_of({ClassRatio::specificity, 1, ZeroDivision::exclude}), cells);
  const BinaryCells4 &a = found.slope, &b = rest.slope;
  return {rest.defined,
          found.value + rest.value - 1,
          {a.tp + b.tp, a.fn + b.fn, a.fp + b.fp, a.tn + b.tn}};
}

std::vector<BinaryCells4> one_against_rest(const Confusion& confusion) {
  return ratio_impl::against_rest(confusion.cells(),
                                  static_cast<std::size_t>(confusion.n_classes()));
}

std::vector<Estimate> class_ratios(const Confusion& confusion, const ClassRatioRule& rule,
                                   double level) {
  double scale = 1;
  const auto cells = ratio_impl::scaled(confusion, scale);
  std::vector<Estimate> all;
  for (const auto& one :
       ratio_impl::against_rest(cells, static_cast<std::size_t>(confusion.n_classes())))
    all.push_back(ratio_impl::class_estimate(rule, one, confusion.n(), level));
  return all;
}

std::vector<Estimate> class_ratios(const LabelTables& labels, const ClassRatioRule& rule,
                                   double level) {
  const double scale = labels.total() > 0 ? labels.n_effective() / labels.total() : 1.0;
  std::vector<Estimate> all;
  for (BinaryCells4 one : labels.cells()) {
    one = {one.tp * scale, one.fn * scale, one.fp * scale, one.tn * scale};
    all.push_back(ratio_impl::class_estimate(rule, one, labels.n(), level));
  }
  return all;
}

Estimate average_ratio(const Confusion& confusion, const ClassRatioRule& rule, Average average,
                       double level, std::int64_t positive_class) {
  const std::int64_t n = confusion.n();
  if (n == 0) return Estimate::absent(Status::empty, "no samples were seen");
  if (confusion.total() <= 0) return Estimate::absent(Status::undefined, "every weight is 0", n);
  if (average == Average::none)
    return Estimate::absent(Status::undefined,
                            "average 'none' gives one value a class: read per_class()", n);
  if (average == Average::binary) {
    auto all = class_ratios(confusion, rule, level);
    return positive_class < std::ssize(all)
               ? all[static_cast<std::size_t>(positive_class)]
               : Estimate::absent(Status::undefined,
                                  fmt::format("class {} was never seen", positive_class), n);
  }
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

#include "metrics/class_ratio_parts.hpp"

#include <algorithm>

#include "leadline/stats/delta.hpp"
#include "leadline/stats/intervals.hpp"

namespace leadline::detail::class_ratio {
using metrics::RatioSlopes;
using metrics::ZeroDivision;

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

}  // namespace leadline::metrics

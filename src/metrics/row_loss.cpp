#include "leadline/metrics/row_loss.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <span>
#include <vector>

#include "label_rows.hpp"
#include "leadline/core/error.hpp"
#include "leadline/metrics/cosine_similarity.hpp"
#include "leadline/metrics/jensen_shannon_divergence.hpp"
#include "leadline/metrics/kl_divergence.hpp"
#include "number_rows.hpp"

namespace leadline::detail::row_loss {
using Row = std::span<const double>;

double dot(Row a, Row b) {
  double sum = 0;
  for (std::size_t j = 0; j < a.size(); ++j) sum += a[j] * b[j];
  return sum;
}

double divergence(Row p, Row q) {
  double sum = 0;
  for (std::size_t j = 0; j < p.size(); ++j)
    if (p[j] > 0) sum += q[j] > 0 ? p[j] * std::log(p[j] / q[j]) : INFINITY;
  return std::max(0.0, sum);
}

double jensen_shannon(Row p, Row q) {
  std::vector<double> middle(p.size());
  for (std::size_t j = 0; j < p.size(); ++j) middle[j] = (p[j] + q[j]) / 2;
  return std::min((divergence(p, middle) + divergence(q, middle)) / 2, std::numbers::ln2);
}

/// Reads rows of a column and says what is wrong with one.
class Reader {
 public:
  Reader(const Rows& rows, std::string_view who, const ArrayView& view, std::string_view name,
         bool distribution)
      : rows_(rows), who_(who), view_(view), name_(name), distribution_(distribution) {
    row_.resize(static_cast<std::size_t>(view.cols));
  }
  Row at(std::int64_t i) {
    visit(view_, [&](const auto* values) {
      for (std::int64_t j = 0; j < view_.cols; ++j)
        row_[static_cast<std::size_t>(j)] =
            static_cast<double>(values[i * view_.row_stride + j * view_.col_stride]);
    });
    double sum = 0;
    for (const double x : row_) {
      if (!std::isfinite(x))
        refuse(i, fmt::format("'{}' of finite numbers", name_), fmt::format("{}", x),
               "find where it comes from, or leave the sample out");
      if (distribution_ && !(x >= 0 && x <= 1))
        refuse(i, fmt::format("'{}' of probabilities in [0, 1]", name_), fmt::format("{:g}", x),
               "apply softmax to logits");
      sum += x;
    }
    if (distribution_ && !(std::abs(sum - 1) <= 1e-3))
      refuse(i, fmt::format("rows of '{}' that sum to 1", name_),
             fmt::format("{:.6g}, {:+.2g} off,", sum, sum - 1),
             "pass distributions; nothing is renormalised");
    return row_;
  }

 private:
  [[noreturn]] void refuse(std::int64_t i, const std::string& expected, const std::string& got,
                           std::string_view remedy) const {
    throw ValueError(who_, expected, got + " at " + label_rows::sample_text(rows_, i),
                     std::string(remedy));
  }

  const Rows& rows_;
  std::string_view who_;
  const ArrayView& view_;
  std::string_view name_;
  bool distribution_;
  std::vector<double> row_;
};

}  // namespace leadline::detail::row_loss

namespace leadline::metrics {
namespace row_impl = leadline::detail::row_loss;

RowLoss::RowLoss(Kind kind)
    : kind_(kind),
      loss_(kind == cosine           ? std::optional(2.0)
            : kind == jensen_shannon ? std::optional(std::numbers::ln2)
                                     : std::nullopt) {}

void RowLoss::update(const Rows& rows, std::string_view who) {
  const ArrayView& target = rows.at("target", who);
  const ArrayView& predicted = leadline::detail::number_rows::predicted(rows, who);
  check_rows(rows, target.rows, who);
  if (predicted.rows != target.rows || predicted.cols != target.cols || target.rank == 1)
    throw ShapeError(who, "'predicted' and 'target' of one shape [n, k]",
                     leadline::detail::label_rows::view_text(predicted) + " with target " +
                         leadline::detail::label_rows::view_text(target),
                     "pass one row of numbers a sample in both");
  row_impl::Reader x(rows, who, predicted, "predicted", kind_ != cosine);
  row_impl::Reader y(rows, who, target, "target", kind_ != cosine);
  std::vector<double> losses(static_cast<std::size_t>(target.rows));
  for (std::int64_t i = 0; i < target.rows; ++i) {
    const auto a = x.at(i), b = y.at(i);
    double& loss = losses[static_cast<std::size_t>(i)];
    if (kind_ == kullback_leibler) loss = row_impl::divergence(b, a);
    if (kind_ == jensen_shannon) loss = row_impl::jensen_shannon(b, a);
    if (kind_ != cosine) continue;
    const double size = std::sqrt(row_impl::dot(a, a)) * std::sqrt(row_impl::dot(b, b));
    if (!(size > 0))
      throw ValueError(who, "rows that are not all 0",
                       "one at " + leadline::detail::label_rows::sample_text(rows, i),
                       "a row of zeros has no direction: leave the sample out");
    loss = std::clamp(1 - row_impl::dot(a, b) / size, 0.0, 2.0);
  }
  loss_.add(losses, rows.weights, rows.counted);
}

Estimate RowLoss::mean(double level) const {
  return loss_.mean(MeanInterval::t, level, "a class that occurs was given probability 0");
}

#define LEADLINE_ROW_LOSS(Type, kind, name, better, low, high, label)               \
  Type::Type(Options options) : RowMetric(#Type, options, RowLoss(kind)) {}         \
  MetricInfo Type::info() const {                                                   \
    return {name, Better::better, {low, high}, "", label, {"predicted", "target"}}; \
  }
LEADLINE_ROW_LOSS(CosineSimilarity, RowLoss::cosine, "cosine_similarity", higher, -1, 1,
                  "how far rows point the way of their targets")
LEADLINE_ROW_LOSS(KlDivergence, RowLoss::kullback_leibler, "kl_divergence", lower, 0,
                  std::numeric_limits<double>::infinity(),
                  "surprise at the target beyond its own, in nats")
LEADLINE_ROW_LOSS(JensenShannonDivergence, RowLoss::jensen_shannon, "jensen_shannon_divergence",
                  lower, 0, std::numbers::ln2, "distance of two distributions, in nats")
#undef LEADLINE_ROW_LOSS

Estimate CosineSimilarity::estimate(const RowLoss& fold) const {
  const Estimate loss = fold.mean(options_.level);
  if (!loss.ok()) return loss;
  Estimate out = loss.lower ? Estimate::with(1 - loss.value(), std::max(-1.0, 1 - *loss.upper),
                                             1 - *loss.lower, loss.n, loss.method, loss.level)
                            : Estimate::of(1 - loss.value(), loss.n, loss.why);
  out.facts = loss.facts;
  if (out.facts.contains("skewness")) out.facts["skewness"] *= -1;
  return out;
}
Estimate KlDivergence::estimate(const RowLoss& fold) const { return fold.mean(options_.level); }
Estimate JensenShannonDivergence::estimate(const RowLoss& fold) const {
  Estimate found = fold.mean(options_.level);
  if (found.upper) found.upper = std::min(*found.upper, std::numbers::ln2);
  return found;
}

}  // namespace leadline::metrics

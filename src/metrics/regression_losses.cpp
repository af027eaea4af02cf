// The losses of numbers, and the metrics that are logarithms, percentages or deviances.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numbers>

#include "label_rows.hpp"
#include "leadline/core/error.hpp"
#include "leadline/metrics/log_cosh_error.hpp"
#include "leadline/metrics/mean_squared_log_error.hpp"
#include "leadline/metrics/minkowski_distance.hpp"
#include "leadline/metrics/root_mean_squared_log_error.hpp"
#include "leadline/metrics/symmetric_mean_absolute_percentage_error.hpp"
#include "leadline/metrics/tweedie_deviance.hpp"
#include "leadline/metrics/weighted_mean_absolute_percentage_error.hpp"
#include "leadline/stats/distributions.hpp"
#include "number_rows.hpp"

namespace leadline::metrics {
namespace losses_of = leadline::detail::number_rows;

double tweedie_deviance(double y, double x, double power) {
  if (power == 0) return (y - x) * (y - x);
  if (power == 1) return std::max(0.0, 2 * ((y > 0 ? y * std::log(y / x) : 0.0) - y + x));
  if (power == 2) return std::max(0.0, 2 * (std::log(x / y) + y / x - 1));
  const double a = 1 - power, b = 2 - power;
  return std::max(0.0, 2 * (std::pow(std::max(y, 0.0), b) / (a * b) - y * std::pow(x, a) / a +
                            std::pow(x, b) / b));
}

void check_tweedie_power(std::string_view who, double power) {
  if (power > 0 && power < 1)
    throw ValueError(who, "power outside (0, 1)", fmt::format("{:g}", power),
                     "no Tweedie distribution has such a power: 0 normal, 1 Poisson, 2 gamma");
}

void check_output_weights(std::string_view who, const std::vector<double>& weights,
                          OutputAverage multioutput) {
  if (weights.empty()) return;
  if (multioutput != OutputAverage::uniform_average)
    throw ValueError(who, "output_weights or another multioutput", "both",
                     "leave multioutput at its default");
  double total = 0;
  for (const double w : weights) {
    if (!(w >= 0) || !std::isfinite(w))
      throw ValueError(who, "finite output_weights >= 0", fmt::format("{}", w),
                       "give an output that does not matter weight 0");
    total += w;
  }
  if (!(total > 0))
    throw ValueError(who, "output_weights of which one is above 0", "none",
                     "leave them out for the plain mean");
}

void check_output_count(std::string_view who, std::int64_t n_outputs,
                        const std::vector<double>& weights) {
  if (!weights.empty() && std::ssize(weights) != n_outputs)
    throw ShapeError(who, fmt::format("{} output_weights, one an output", n_outputs),
                     fmt::format("{}", weights.size()), "pass one weight an output");
}

Estimate average_of_outputs(const std::vector<Estimate>& outputs,
                            const std::vector<double>& weights) {
  double value = 0, lower = 0, upper = 0, total = 0;
  bool limits = true;
  for (std::size_t j = 0; j < outputs.size(); ++j) {
    const Estimate& one = outputs[j];
    if (!one.ok()) {
      Estimate none = one;
      none.why = fmt::format("output {}: {}", j, one.why);
      return none;
    }
    const double w = weights.empty() ? 1.0 : weights[j];
    total += w;
    value += w * one.value();
    limits = limits && one.lower && one.upper;
    lower += w * one.lower.value_or(0);
    upper += w * one.upper.value_or(0);
  }
  const std::int64_t n = outputs.front().n;
  if (!(total > 0)) return Estimate::absent(Status::undefined, "no output varies", n);
  Estimate mean = limits
                      ? Estimate::with(value / total, std::min(lower, value) / total,
                                       std::max(upper, value) / total, n,
                                       "mean of the limits of the outputs", outputs.front().level)
                      : Estimate::of(value / total, n, "an output has no interval");
  mean.facts["outputs_averaged"] = static_cast<double>(outputs.size());
  return mean;
}

Estimate root_of(const Estimate& square) {
  if (!square.ok()) return square;
  Estimate root =
      square.lower ? Estimate::with(std::sqrt(square.value()), std::sqrt(*square.lower),
                                    std::sqrt(*square.upper), square.n, square.method, square.level)
                   : Estimate::of(std::sqrt(square.value()), square.n, square.why);
  root.facts = square.facts;
  return root;
}

}  // namespace leadline::metrics

namespace leadline::detail::regression_losses {
using metrics::RegressionLoss;

/// What of (predicted, target) the loss is not defined for, in words; empty: it is.
std::string_view forbidden(RegressionLoss::Kind kind, double power, double predicted,
                           double target) {
  if (kind == RegressionLoss::squared_log)
    return predicted > -1 && target > -1 ? "" : "numbers above -1";
  if (kind != RegressionLoss::deviance || power == 0) return "";
  if (!(predicted > 0)) return "predictions above 0";
  if (power >= 2 && !(target > 0)) return "targets above 0";
  return power >= 1 && target < 0 ? "targets >= 0" : "";
}

double squared_log(double predicted, double target) {
  const double apart = std::log1p(target) - std::log1p(predicted);
  return apart * apart;
}
double symmetric_percentage(double predicted, double target) {
  const double size = std::abs(target) + std::abs(predicted);
  return size > 0 ? 2 * std::abs(target - predicted) / size : 0.0;
}
double log_cosh(double miss) {
  return std::max(0.0, miss + std::log1p(std::exp(-2 * miss)) - std::numbers::ln2);
}

}  // namespace leadline::detail::regression_losses

namespace leadline::metrics {
namespace loss_impl = leadline::detail::regression_losses;

void RegressionLoss::update(const Rows& rows, std::string_view who) {
  const auto data = losses_of::pairs(rows, who);
  const std::size_t n = data.target.size();
  for (std::size_t i = 0; i < n && (kind_ == squared_log || kind_ == deviance); ++i) {
    const double predicted = data.predicted[i], target = data.target[i];
    const auto wanted = loss_impl::forbidden(kind_, parameter_, predicted, target);
    if (wanted.empty()) continue;
    throw ValueError(
        who, std::string(wanted),
        fmt::format("prediction {:g} and target {:g} at {}", predicted, target,
                    leadline::detail::label_rows::sample_text(rows, static_cast<std::int64_t>(i))),
        "the loss is not defined there: leave such samples out or use another");
  }
  // Block by block, so that the losses stay in the cache; of the length that `MeanLoss` sums.
  std::array<double, MeanLoss::block_size> losses;
  const auto fill = [&](auto&& loss) {
    for (std::size_t first = 0; first < n; first += losses.size()) {
      const std::size_t size = std::min(losses.size(), n - first);
      const double *x = data.predicted.data() + first, *y = data.target.data() + first;
      if (size == losses.size())  // a fixed length is what compilers vectorise at -O2
        for (std::size_t i = 0; i < losses.size(); ++i) losses[i] = loss(x[i], y[i]);
      else
        for (std::size_t i = 0; i < size; ++i) losses[i] = loss(x[i], y[i]);
      loss_.add(std::span(losses).first(size),
                rows.weights.empty() ? rows.weights : rows.weights.subspan(first, size),
                rows.counted);
    }
  };
  switch (kind_) {
    case absolute:
      fill([](double x, double y) { return std::abs(y - x); });
      break;
    case squared:
      fill([](double x, double y) { return (y - x) * (y - x); });
      break;
    case percentage:
      fill([](double x, double y) {
        return y == 0 ? std::numeric_limits<double>::infinity() : std::abs((y - x) / y);
      });
      break;
    case pinball:
      fill([q = parameter_](double x, double y) { return pinball_loss(y - x, q); });
      break;
    case squared_log:
      fill(loss_impl::squared_log);
      break;
    case symmetric_percentage:
      fill(loss_impl::symmetric_percentage);
      break;
    case log_cosh:
      fill([](double x, double y) { return loss_impl::log_cosh(std::abs(y - x)); });
      break;
    case power:
      fill([p = parameter_](double x, double y) { return std::pow(std::abs(y - x), p); });
      break;
    case deviance:
      fill([p = parameter_](double x, double y) { return tweedie_deviance(y, x, p); });
      break;
  }
}

Estimate RegressionLoss::mean(double level) const {
  return loss_.mean(
      MeanInterval::t, level,
      kind_ == percentage ? "a target of 0 has no percentage error" : "the loss is infinite");
}

std::string RegressionLoss::key() const {
  return fmt::format("regression loss {} {}", static_cast<int>(kind_), parameter_);
}

#define LEADLINE_LOSS(Type, kind, name, high, label)                                      \
  Type::Type(Options options) : RegressionMetric(#Type, options, RegressionLoss(kind)) {} \
  MetricInfo Type::info() const {                                                         \
    return {name, Better::lower, {0, high}, "", label, {"predicted", "target"}};          \
  }
LEADLINE_LOSS(MeanSquaredLogError, RegressionLoss::squared_log, "mean_squared_log_error",
              std::numeric_limits<double>::infinity(), "mean squared distance of the logarithms")
LEADLINE_LOSS(RootMeanSquaredLogError, RegressionLoss::squared_log, "root_mean_squared_log_error",
              std::numeric_limits<double>::infinity(),
              "root of the mean squared distance of the logarithms")
LEADLINE_LOSS(SymmetricMeanAbsolutePercentageError, RegressionLoss::symmetric_percentage,
              "symmetric_mean_absolute_percentage_error", 2,
              "mean distance as a fraction of the mean of prediction and target")
LEADLINE_LOSS(LogCoshError, RegressionLoss::log_cosh, "log_cosh_error",
              std::numeric_limits<double>::infinity(), "smoothed distance from the target")
#undef LEADLINE_LOSS

Estimate MeanSquaredLogError::estimate(const RegressionLoss& fold) const {
  return fold.mean(options_.level);
}
Estimate RootMeanSquaredLogError::estimate(const RegressionLoss& fold) const {
  return root_of(fold.mean(options_.level));
}
Estimate SymmetricMeanAbsolutePercentageError::estimate(const RegressionLoss& fold) const {
  Estimate found = fold.mean(options_.level);
  if (found.upper) found.upper = std::min(*found.upper, 2.0);
  return found;
}
Estimate LogCoshError::estimate(const RegressionLoss& fold) const {
  return fold.mean(options_.level);
}

TweedieDeviance::TweedieDeviance(Options options)
    : RegressionMetric("TweedieDeviance", options,
                       RegressionLoss(RegressionLoss::deviance, options.power)) {
  check_tweedie_power("TweedieDeviance", options.power);
}
MetricInfo TweedieDeviance::info() const {
  return {"tweedie_deviance",
          Better::lower,
          {0, std::numeric_limits<double>::infinity()},
          "",
          fmt::format("deviance of a Tweedie distribution of power {:g}", options_.power),
          {"predicted", "target"}};
}
Estimate TweedieDeviance::estimate(const RegressionLoss& fold) const {
  return fold.mean(options_.level);
}

MinkowskiDistance::MinkowskiDistance(Options options)
    : RegressionMetric("MinkowskiDistance", options,
                       RegressionLoss(RegressionLoss::power, options.p)) {}
MetricInfo MinkowskiDistance::info() const {
  return {"minkowski_distance",
          Better::lower,
          {0, std::numeric_limits<double>::infinity()},
          "",
          fmt::format("distance of power {:g} of all predictions from all targets", options_.p),
          {"predicted", "target"}};
}
Estimate MinkowskiDistance::estimate(const RegressionLoss& fold) const {
  const Estimate mean = fold.mean(options_.level);
  if (!mean.ok()) return mean;
  const auto raised = [&](double x) { return std::pow(x * fold.weight(), 1 / options_.p); };
  Estimate out = mean.lower ? Estimate::with(raised(mean.value()), raised(*mean.lower),
                                             raised(*mean.upper), mean.n, mean.method, mean.level)
                            : Estimate::of(raised(mean.value()), mean.n, mean.why);
  out.facts = mean.facts;
  return out;
}

void AbsoluteMoments::update(const Rows& rows, std::string_view who) {
  const auto data = losses_of::pairs(rows, who);
  std::vector<double> miss(data.target.size()), size(data.target.size());
  for (std::size_t i = 0; i < data.target.size(); ++i) {
    miss[i] = std::abs(data.predicted[i] - data.target[i]);
    size[i] = std::abs(data.target[i]);
  }
  const std::array<Column, 2> columns{Column{"predicted", miss}, Column{"target", size}};
  Rows absolute = rows;
  absolute.columns = columns;
  moments_.update(absolute, who);
}

WeightedMeanAbsolutePercentageError::WeightedMeanAbsolutePercentageError(Options options)
    : RegressionMetric("WeightedMeanAbsolutePercentageError", options, AbsoluteMoments()) {}
MetricInfo WeightedMeanAbsolutePercentageError::info() const {
  return {"weighted_mean_absolute_percentage_error",
          Better::lower,
          {0, std::numeric_limits<double>::infinity()},
          "",
          "sum of the distances as a fraction of the sum of the targets",
          {"predicted", "target"}};
}
Estimate WeightedMeanAbsolutePercentageError::estimate(const AbsoluteMoments& fold) const {
  const PairMoments& moments = fold.moments();
  if (moments.n() == 0) return Estimate::absent(Status::empty, "no samples were seen");
  const double below = moments.target_mean();
  if (!(below > 0)) return Estimate::absent(Status::undefined, "all targets are 0", moments.n());
  const double value = moments.predicted_mean() / below;
  const double error = moments.standard_error({.y = -value / below, .x = 1 / below});
  if (!(value > 0) || !(error > 0))
    return Estimate::of(value, moments.n(), "equal percentages show no spread");
  const double half = stats::student_t_quantile(0.5 + options_.level / 2,
                                                std::max(1.0, moments.n_effective() - 1)) *
                      error / value;
  Estimate out = Estimate::with(value, value * std::exp(-half), value * std::exp(half), moments.n(),
                                "delta", options_.level);
  out.facts["n_effective"] = moments.n_effective();
  return out;
}

}  // namespace leadline::metrics

// Losses of numbers, and statistics of their second moments.
#include "leadline/metrics/regression_metric.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include "leadline/core/error.hpp"
#include "leadline/metrics/concordance_correlation.hpp"
#include "leadline/metrics/crps.hpp"
#include "leadline/metrics/explained_variance.hpp"
#include "leadline/metrics/mean_absolute_error.hpp"
#include "leadline/metrics/mean_absolute_percentage_error.hpp"
#include "leadline/metrics/mean_squared_error.hpp"
#include "leadline/metrics/pearson_correlation.hpp"
#include "leadline/metrics/pinball_loss.hpp"
#include "leadline/metrics/r2.hpp"
#include "leadline/metrics/root_mean_squared_error.hpp"
#include "leadline/stats/distributions.hpp"
#include "number_rows.hpp"

namespace leadline::metrics {
namespace numbers_of = leadline::detail::number_rows;

#define LEADLINE_LOSS(Type, kind, name, unit, label)                                      \
  Type::Type(Options options) : RegressionMetric(#Type, options, RegressionLoss(kind)) {} \
  MetricInfo Type::info() const {                                                         \
    return {name, Better::lower, {0, std::numeric_limits<double>::infinity()},            \
            unit, label,         {"predicted", "target"}};                                \
  }
LEADLINE_LOSS(MeanAbsoluteError, RegressionLoss::absolute, "mean_absolute_error", "",
              "mean distance from the target")
LEADLINE_LOSS(MeanSquaredError, RegressionLoss::squared, "mean_squared_error", "",
              "mean squared distance from the target")
LEADLINE_LOSS(RootMeanSquaredError, RegressionLoss::squared, "root_mean_squared_error", "",
              "root of the mean squared distance from the target")
LEADLINE_LOSS(MeanAbsolutePercentageError, RegressionLoss::percentage,
              "mean_absolute_percentage_error", "", "mean distance as a fraction of the target")
#undef LEADLINE_LOSS

Estimate MeanAbsoluteError::estimate(const RegressionLoss& fold) const {
  return fold.mean(options_.level);
}
Estimate MeanSquaredError::estimate(const RegressionLoss& fold) const {
  return fold.mean(options_.level);
}
Estimate MeanAbsolutePercentageError::estimate(const RegressionLoss& fold) const {
  return fold.mean(options_.level);
}
Estimate RootMeanSquaredError::estimate(const RegressionLoss& fold) const {
  return root_of(fold.mean(options_.level));
}

PinballLoss::PinballLoss(Options options)
    : RegressionMetric("PinballLoss", options,
                       RegressionLoss(RegressionLoss::pinball, options.quantile)) {}
MetricInfo PinballLoss::info() const {
  return {"pinball_loss",
          Better::lower,
          {0, std::numeric_limits<double>::infinity()},
          "",
          fmt::format("pinball loss of the predicted {} quantile", options_.quantile),
          {"predicted", "target"}};
}
Estimate PinballLoss::estimate(const RegressionLoss& fold) const {
  return fold.mean(options_.level);
}

namespace {

Estimate no_pairs() { return Estimate::absent(Status::empty, "no samples were seen"); }

/// On the scale of atanh; `error` is of the value.
Estimate on_fisher_scale(double value, double error, std::int64_t n, double level,
                         const char* method) {
  value = std::clamp(value, -1.0, 1.0);
  if (1 - value * value < 1e-15 || !(error > 0) || !std::isfinite(error))
    return Estimate::of(value, n, "a perfect agreement shows no spread");
  const double half = stats::normal_two_sided(level) * error / (1 - value * value);
  const double centre = std::atanh(value);
  return Estimate::with(value, std::min(value, std::tanh(centre - half)),
                        std::max(value, std::tanh(centre + half)), n, method, level);
}

Estimate with_size(Estimate estimate, const PairMoments& fold) {
  estimate.facts["n_effective"] = fold.n_effective();
  return estimate;
}

/// 1 - what is left of the variance of the target; a shift of all predictions is left too, or not.
Estimate explained_share(const PairMoments& fold, bool shift_counts, double level) {
  if (fold.n() == 0) return no_pairs();
  const double total = fold.moment(2, 0);
  if (!(total > 0)) return Estimate::absent(Status::undefined, "all targets are equal", fold.n());
  const double bias = shift_counts ? fold.target_mean() - fold.predicted_mean() : 0.0;
  const double rest =
      std::max(0.0, total + fold.moment(0, 2) - 2 * fold.moment(1, 1) + bias * bias);
  const double value = 1 - rest / total;
  if (!std::isfinite(value))
    return Estimate::absent(Status::undefined, "the targets are all but equal", fold.n());
  const PairMoments::Slopes slopes{-2 * bias / total, 2 * bias / total,
                                   -1 / total + rest / total / total, 2 / total, -1 / total};
  const double error = fold.standard_error(slopes);
  if (rest <= 0) return Estimate::of(value, fold.n(), "a perfect fit shows no spread");
  if (!(error > 0) || !std::isfinite(error))
    return Estimate::of(value, fold.n(), "the samples show no spread");
  const double half =
      stats::student_t_quantile(0.5 + level / 2, std::max(1.0, fold.n_effective() - 1)) * error /
      (rest / total);
  return with_size(Estimate::with(value, 1 - rest / total * std::exp(half),
                                  1 - rest / total * std::exp(-half), fold.n(), "delta", level),
                   fold);
}

}  // namespace

R2::R2(Options options) : RegressionMetric("R2", options, PairMoments()) {}
MetricInfo R2::info() const {
  return {"r2",
          Better::higher,
          {-std::numeric_limits<double>::infinity(), 1},
          "",
          "share of the variance of the target that is explained",
          {"predicted", "target"}};
}
Estimate R2::estimate(const PairMoments& fold) const {
  return explained_share(fold, true, options_.level);
}

ExplainedVariance::ExplainedVariance(Options options)
    : RegressionMetric("ExplainedVariance", options, PairMoments()) {}
MetricInfo ExplainedVariance::info() const {
  return {"explained_variance",
          Better::higher,
          {-std::numeric_limits<double>::infinity(), 1},
          "",
          "share of the variance of the target that is explained but for a shift",
          {"predicted", "target"}};
}
Estimate ExplainedVariance::estimate(const PairMoments& fold) const {
  return explained_share(fold, false, options_.level);
}

PearsonCorrelation::PearsonCorrelation(Options options)
    : RegressionMetric("PearsonCorrelation", options, PairMoments()) {}
MetricInfo PearsonCorrelation::info() const {
  return {"pearson_correlation",  Better::higher, {-1, 1}, "", "linear correlation with the target",
          {"predicted", "target"}};
}
Estimate PearsonCorrelation::estimate(const PairMoments& fold) const {
  if (fold.n() == 0) return no_pairs();
  const double yy = fold.moment(2, 0), xx = fold.moment(0, 2);
  if (!(yy > 0 && xx > 0))
    return Estimate::absent(Status::undefined,
                            yy > 0 ? "all predictions are equal" : "all targets are equal",
                            fold.n());
  const double r = std::clamp(fold.moment(1, 1) / std::sqrt(yy) / std::sqrt(xx), -1.0, 1.0);
  const double n = fold.n_effective();
  if (n <= 3) return with_size(Estimate::of(r, fold.n(), "an interval needs 4 samples"), fold);
  return with_size(
      on_fisher_scale(r, (1 - r * r) / std::sqrt(n - 3), fold.n(), options_.level, "fisher_z"),
      fold);
}

ConcordanceCorrelation::ConcordanceCorrelation(Options options)
    : RegressionMetric("ConcordanceCorrelation", options, PairMoments()) {}
MetricInfo ConcordanceCorrelation::info() const {
  return {"concordance_correlation",   Better::higher,         {-1, 1}, "",
          "closeness to the diagonal", {"predicted", "target"}};
}
Estimate ConcordanceCorrelation::estimate(const PairMoments& fold) const {
  if (fold.n() == 0) return no_pairs();
  const double bias = fold.target_mean() - fold.predicted_mean();
  const double below = fold.moment(2, 0) + fold.moment(0, 2) + bias * bias;
  if (!(below > 0))
    return Estimate::absent(Status::undefined, "all pairs are the same point", fold.n());
  const double value = 2 * fold.moment(1, 1) / below;
  if (!std::isfinite(value))
    return Estimate::absent(Status::undefined, "all pairs are all but the same point", fold.n());
  const PairMoments::Slopes slopes{-value * 2 * bias / below, value * 2 * bias / below,
                                   -value / below, 2 / below, -value / below};
  return with_size(
      on_fisher_scale(value, fold.standard_error(slopes), fold.n(), options_.level, "delta"), fold);
}

namespace {

double ensemble_crps(std::vector<double>& members, double target, bool fair) {
  std::sort(members.begin(), members.end());
  const auto m = static_cast<double>(members.size());
  double distance = 0, spread = 0;
  for (std::size_t k = 0; k < members.size(); ++k) {
    distance += std::abs(members[k] - target) / m;
    spread += members[k] * (2 * static_cast<double>(k) + 1 - m);  // sum over pairs of |x - x'|
  }
  return distance - spread / (fair ? m * (m - 1) : m * m);
}

double gaussian_crps(double mean, double deviation, double target) {
  if (deviation == 0) return std::abs(target - mean);
  const double z = (target - mean) / deviation;
  const double density = std::exp(-z * z / 2) / std::sqrt(2 * std::numbers::pi);
  return deviation * (z * (2 * stats::normal_cdf(z) - 1) + 2 * density - std::numbers::inv_sqrtpi);
}

/// Row i of a column [n, m], checked to be finite.
void read_row(const Rows& rows, std::string_view who, const ArrayView& view, std::int64_t i,
              std::vector<double>& out) {
  out.resize(static_cast<std::size_t>(view.cols));
  visit(view, [&](const auto* values) {
    for (std::int64_t j = 0; j < view.cols; ++j)
      out[static_cast<std::size_t>(j)] =
          static_cast<double>(values[i * view.row_stride + j * view.col_stride]);
  });
  for (const double value : out)
    if (!std::isfinite(value))
      throw ValueError(
          who, "a forecast of finite numbers",
          fmt::format("{} at {}", value,
                      rows.ids.empty()
                          ? fmt::format("row {}", i)
                          : fmt::format("sample {}", rows.ids[static_cast<std::size_t>(i)])),
          "find where it comes from, or leave the sample out");
}

}  // namespace

void CrpsFold::update(const Rows& rows, std::string_view who) {
  const ArrayView& target_column = rows.at("target", who);
  const std::int64_t n = target_column.rows;
  check_rows(rows, n, who);
  std::vector<double> target_buffer, mean_buffer, deviation_buffer;
  const auto target = numbers_of::column(rows, who, "target", target_column, n, target_buffer);
  std::vector<double> losses(target.size()), row;
  if (options_.forecast == Forecast::gaussian) {
    const auto mean = numbers_of::column(rows, who, "mean", rows.at("mean", who), n, mean_buffer);
    const auto deviation = numbers_of::column(
        rows, who, "standard_deviation", rows.at("standard_deviation", who), n, deviation_buffer);
    for (std::size_t i = 0; i < losses.size(); ++i) {
      if (deviation[i] < 0)
        throw ValueError(who, "standard deviations >= 0",
                         fmt::format("{:g} at row {}", deviation[i], i),
                         "pass standard deviations, not variances or logarithms");
      losses[i] = gaussian_crps(mean[i], deviation[i], target[i]);
    }
  } else {
    const bool ensemble = options_.forecast == Forecast::ensemble;
    const ArrayView* given = rows.find(ensemble ? "ensemble" : "quantiles");
    if (given == nullptr && ensemble) given = rows.find("scores");
    const ArrayView& forecast = given ? *given : rows.at(ensemble ? "ensemble" : "quantiles", who);
    const std::int64_t least =
        ensemble ? (options_.fair ? 2 : 1) : std::ssize(options_.quantile_levels);
    if (forecast.rows != n || forecast.cols < least ||
        (!ensemble && forecast.cols != std::ssize(options_.quantile_levels)))
      throw ShapeError(who,
                       ensemble ? fmt::format("'ensemble' [{}, members >= {}]", n, least)
                                : fmt::format("'quantiles' [{}, {}]", n, least),
                       fmt::format("[{}, {}]", forecast.rows, forecast.cols),
                       "pass one row a sample");
    for (std::int64_t i = 0; i < n; ++i) {
      const auto at = static_cast<std::size_t>(i);
      read_row(rows, who, forecast, i, row);
      if (ensemble) {
        losses[at] = std::max(ensemble_crps(row, target[at], options_.fair), 0.0);
        continue;
      }
      if (!std::is_sorted(row.begin(), row.end()))
        throw ValueError(who, "quantiles that do not cross", fmt::format("a crossing at row {}", i),
                         "sort them, and look at why the model crosses");
      double sum = 0;
      for (std::size_t q = 0; q < row.size(); ++q) {
        const double miss = target[at] - row[q], level = options_.quantile_levels[q];
        sum += miss >= 0 ? level * miss : (level - 1) * miss;
      }
      losses[at] = 2 * sum / static_cast<double>(row.size());
    }
  }
  loss_.add(losses, rows.weights, rows.counted);
}

Crps::Crps(Options options) : RegressionMetric("Crps", options, CrpsFold(options)) {
  const auto& levels = options.quantile_levels;
  const bool wanted = options.forecast == Forecast::quantiles;
  const bool good =
      std::is_sorted(levels.begin(), levels.end()) &&
      std::all_of(levels.begin(), levels.end(), [](double q) { return q > 0 && q < 1; });
  if (wanted != !levels.empty() || !good)
    throw ValueError(
        "Crps", wanted ? "quantile_levels ascending in (0, 1)" : "no quantile_levels",
        fmt::format("{} levels", levels.size()),
        wanted ? "pass the level of each column of 'quantiles'" : "set forecast='quantiles'");
}
MetricInfo Crps::info() const {
  std::vector<std::string> reads{"ensemble", "target"};
  if (options_.forecast == Forecast::gaussian) reads = {"mean", "standard_deviation", "target"};
  if (options_.forecast == Forecast::quantiles) reads = {"quantiles", "target"};
  return {"crps",
          Better::lower,
          {0, std::numeric_limits<double>::infinity()},
          "",
          "distance of the predicted distribution from the target",
          std::move(reads)};
}
Estimate Crps::estimate(const CrpsFold& fold) const {
  return fold.loss().mean(MeanInterval::t, options_.level, "the loss is infinite");
}

}  // namespace leadline::metrics

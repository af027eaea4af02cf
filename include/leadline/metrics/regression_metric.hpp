/// What metrics of numbers share: predictions and targets, one of each a sample.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "leadline/core/catalog.hpp"
#include "leadline/metrics/mean_loss.hpp"
#include "leadline/metrics/result_checks.hpp"
#include "leadline/metrics/score_metric.hpp"

namespace leadline::metrics {

struct RegressionOptions {
  double level = 0.95;
  static constexpr auto fields() {
    return std::make_tuple(
        field("level", &RegressionOptions::level, "Coverage of the interval.").above(0).below(1));
  }
};

/// Reads:  "predicted" [n] and "target" [n], numbers of any dtype ("prediction" or "scores" [n] or
///         [n, 1] where there is no such column)
/// Throws: ValueError for what is not finite, naming the sample; ShapeError. A refused batch
///         changes nothing.
template <class Derived, class Fold, class OptionsType = RegressionOptions>
class RegressionMetric : public ScoreMetric<Derived, Fold, OptionsType> {
 public:
  [[nodiscard]] static std::string_view column_of(const ArrayView&) { return "predicted"; }

 protected:
  using ScoreMetric<Derived, Fold, OptionsType>::ScoreMetric;
};

/// Mean of a loss of prediction and target.
class LEADLINE_API RegressionLoss {
 public:
  enum Kind : std::uint8_t {
    absolute,
    squared,
    percentage,
    pinball,  // parameter: the quantile
    squared_log,
    symmetric_percentage,
    log_cosh,
    deviance,  // parameter: the power of Tweedie
  };
  explicit RegressionLoss(Kind kind = absolute, double parameter = 0)
      : kind_(kind), parameter_(parameter) {}

  void update(const Rows& rows, std::string_view who);
  void merge(const RegressionLoss& other) { loss_.merge(other.loss_); }
  [[nodiscard]] Estimate mean(double level) const;
  [[nodiscard]] std::string key() const;
  void save(State& state) const { loss_.save(state); }
  void load(const State& state) { loss_.load(state); }

 private:
  Kind kind_;
  double parameter_;
  MeanLoss loss_;
};

/// Loss of missing the quantile by `miss` = target - predicted.
[[nodiscard]] inline double pinball_loss(double miss, double quantile) {
  return miss >= 0 ? quantile * miss : (quantile - 1) * miss;
}
/// Unit deviance of target y about the mean x; see `TweedieDeviance` for the ranges.
[[nodiscard]] LEADLINE_API double tweedie_deviance(double y, double x, double power);
/// Throws ValueError for a power between 0 and 1.
LEADLINE_API void check_tweedie_power(std::string_view who, double power);

/// The root of an estimate >= 0 and of its limits.
[[nodiscard]] LEADLINE_API Estimate root_of(const Estimate& square);

/// Every pair, for what depends on their order. Memory: 16 bytes a sample. Weights are refused,
/// counts are not.
class LEADLINE_API StoredPairs {
 public:
  void update(const Rows& rows, std::string_view who);
  void merge(const StoredPairs& other);
  [[nodiscard]] std::int64_t n() const { return std::ssize(predicted_); }
  [[nodiscard]] const std::vector<double>& predicted() const { return predicted_; }
  [[nodiscard]] const std::vector<double>& target() const { return target_; }
  [[nodiscard]] std::string key() const { return "stored pairs"; }
  void save(State& state) const;
  void load(const State& state);

 private:
  std::vector<double> predicted_, target_;
};

}  // namespace leadline::metrics

#pragma once

#include "leadline/metrics/pair_moments.hpp"
#include "leadline/metrics/regression_metric.hpp"

namespace leadline::metrics {

/// Moments of |target| and |predicted - target|.
class LEADLINE_API AbsoluteMoments {
 public:
  void update(const Rows& rows, std::string_view who);
  void merge(const AbsoluteMoments& other) { moments_.merge(other.moments_); }
  [[nodiscard]] const PairMoments& moments() const { return moments_; }
  [[nodiscard]] std::string key() const { return "absolute moments"; }
  void save(State& state) const { moments_.save(state); }
  void load(const State& state) { moments_.load(state); }

 private:
  PairMoments moments_;
};

/// Weighted mean absolute percentage error: sum |predicted - target| / sum |target|, as a fraction.
/// Unlike `MeanAbsolutePercentageError` it has a value where some targets are 0.
///
/// Reads:   "predicted" [n] and "target" [n], see `RegressionMetric`
/// Returns: Estimate >= 0, lower is better; delta interval of a ratio of means, on the log scale.
///          Undefined where all targets are 0
class LEADLINE_API WeightedMeanAbsolutePercentageError
    : public RegressionMetric<WeightedMeanAbsolutePercentageError, AbsoluteMoments> {
 public:
  static constexpr std::string_view type_name = "metrics.WeightedMeanAbsolutePercentageError",
                                    who = "WeightedMeanAbsolutePercentageError.update";
  explicit WeightedMeanAbsolutePercentageError(Options options = {});
  using RegressionMetric::update;
  [[nodiscard]] MetricInfo info() const override;
  [[nodiscard]] Estimate estimate(const AbsoluteMoments& fold) const;
};

}  // namespace leadline::metrics

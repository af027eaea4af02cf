/// What metrics of numbers share: predictions and targets, one of each a sample.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "leadline/core/catalog.hpp"
#include "leadline/metrics/mean_loss.hpp"
#include "leadline/metrics/outputs.hpp"
#include "leadline/metrics/result_checks.hpp"
#include "leadline/metrics/score_metric.hpp"

namespace leadline::metrics {

/// The fields that every metric of numbers has; `Options` declares the members.
template <class Options>
[[nodiscard]] Fields regression_fields() {
  return {field("multioutput", &Options::multioutput,
                "How several outputs, predictions and targets [n, k], become one number."),
          field("output_weights", &Options::output_weights,
                "Weights of the outputs in that number, one each; empty: as `multioutput` says.")
              .at_least(0),
          field("level", &Options::level, "Coverage of the interval.").above(0).below(1)};
}

struct RegressionOptions {
  OutputAverage multioutput = OutputAverage::uniform_average;
  std::vector<double> output_weights;
  double level = 0.95;
  static Fields fields() { return regression_fields<RegressionOptions>(); }
};

/// Several outputs as one number, `weights` empty: their mean. The limits of an average are the
/// averages of the limits: never too narrow, since the outputs share samples. Undefined where an
/// output is; facts outputs_averaged.
[[nodiscard]] LEADLINE_API Estimate average_of_outputs(const std::vector<Estimate>& outputs,
                                                       const std::vector<double>& weights);
/// Throws ValueError unless the weights are finite, >= 0, not all 0, and `multioutput` leaves the
/// average to them.
LEADLINE_API void check_output_weights(std::string_view who, const std::vector<double>& weights,
                                       OutputAverage multioutput);
/// Throws ShapeError unless there is one weight an output.
LEADLINE_API void check_output_count(std::string_view who, std::int64_t n_outputs,
                                     const std::vector<double>& weights);

/// Reads:  "predicted" [n] and "target" [n], numbers of any dtype ("prediction" or "scores" [n] or
///         [n, 1] where there is no such column); of k outputs [n, k] both
/// Throws: ValueError for what is not finite, naming the sample; ShapeError. A refused batch
///         changes nothing.
///
/// `Derived::estimate(const Fold&)` is of one output; of several `compute()` gives the average and
/// `describe()` each as "r2{output=1}".
template <class Derived, class FoldType, class OptionsType = RegressionOptions>
class RegressionMetric : public ScoreMetric<Derived, Outputs<FoldType>, OptionsType> {
  using Base = ScoreMetric<Derived, Outputs<FoldType>, OptionsType>;

 public:
  [[nodiscard]] static std::string_view column_of(const ArrayView&) { return "predicted"; }

  using Base::update;
  void update(const Rows& rows) override {
    if constexpr (requires(const OptionsType& o) { o.output_weights; })
      if (!this->options_.output_weights.empty() && rows.size() > 0)
        check_output_count(Derived::who, OutputColumns::count(rows, Derived::who),
                           this->options_.output_weights);
    Base::update(rows);
  }

  [[nodiscard]] Estimate estimate_outputs(const Outputs<FoldType>& fold) const {
    if (fold.size() == 1) return self().estimate(fold[0]);
    std::vector<double> weights;
    if constexpr (requires(const OptionsType& o) { o.multioutput; }) {
      weights = this->options_.output_weights;
      if (this->options_.multioutput == OutputAverage::raw_values)
        return Estimate::absent(Status::undefined,
                                "multioutput 'raw_values' gives one value an output: read "
                                "describe()");
      if constexpr (requires(const Derived& d, const FoldType& f) { d.weight_of_output(f); })
        for (std::int64_t j = 0;
             j < fold.size() && this->options_.multioutput == OutputAverage::variance_weighted; ++j)
          weights.push_back(self().weight_of_output(fold[j]));
    }
    return average_of_outputs(of_each(fold), weights);
  }

  void describe(Finding& finding, std::string_view prefix = {}) const override {
    Base::describe(finding, prefix);
    if (this->fold_.size() == 1) return;
    const MetricInfo info = this->info();
    const auto outputs =
        this->robust_all([&](const Outputs<FoldType>& fold) { return of_each(fold); });
    for (std::size_t j = 0; j < outputs.size(); ++j)
      finding.add(std::string(prefix) + info.name + "{output=" + std::to_string(j) + "}",
                  outputs[j], info.better, info.label, info.unit);
  }

 protected:
  RegressionMetric(std::string_view name, OptionsType options, FoldType fold)
      : Base(name, options, Outputs<FoldType>(std::move(fold))) {
    if constexpr (requires(const OptionsType& o) { o.multioutput; }) {
      check_output_weights(name, options.output_weights, options.multioutput);
      if constexpr (!requires(const Derived& d, const FoldType& f) { d.weight_of_output(f); })
        if (options.multioutput == OutputAverage::variance_weighted)
          throw ValueError(name, "multioutput 'uniform_average' or 'raw_values'",
                           "'variance_weighted'", "it is for R2 and ExplainedVariance");
    }
  }

 private:
  [[nodiscard]] const Derived& self() const { return static_cast<const Derived&>(*this); }
  [[nodiscard]] std::vector<Estimate> of_each(const Outputs<FoldType>& fold) const {
    std::vector<Estimate> all;
    for (std::int64_t j = 0; j < fold.size(); ++j) all.push_back(self().estimate(fold[j]));
    return all;
  }
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
    power,     // |y - x|^parameter
  };
  explicit RegressionLoss(Kind kind = absolute, double parameter = 0)
      : kind_(kind), parameter_(parameter) {}

  void update(const Rows& rows, std::string_view who);
  void merge(const RegressionLoss& other) { loss_.merge(other.loss_); }
  [[nodiscard]] Estimate mean(double level) const;
  /// Sum of the weights; n without.
  [[nodiscard]] double weight() const { return loss_.weight(); }
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

/// Every pair, for what depends on their order. Memory: 16 bytes a sample, weights 8 more.
class LEADLINE_API StoredPairs {
 public:
  void update(const Rows& rows, std::string_view who);
  void merge(const StoredPairs& other);
  [[nodiscard]] std::int64_t n() const { return std::ssize(predicted_); }
  [[nodiscard]] const std::vector<double>& predicted() const { return predicted_; }
  [[nodiscard]] const std::vector<double>& target() const { return target_; }
  /// Empty until a weight was given.
  [[nodiscard]] const std::vector<double>& weights() const { return weights_; }
  [[nodiscard]] double weight(std::size_t i) const { return weights_.empty() ? 1.0 : weights_[i]; }
  [[nodiscard]] double total() const;
  /// Kish's; n without weights.
  [[nodiscard]] double n_effective() const;
  [[nodiscard]] std::string key() const { return "stored pairs"; }
  void save(State& state) const;
  void load(const State& state);

 private:
  std::vector<double> predicted_, target_, weights_;
};

}  // namespace leadline::metrics

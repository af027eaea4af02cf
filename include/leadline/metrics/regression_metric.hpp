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
  /// Adds the value and the checks of the result.
  void describe(Finding& finding, std::string_view prefix = {}) const override {
    const MetricInfo info = this->info();
    const std::string name = std::string(prefix) + info.name;
    const Estimate estimate = this->compute();
    ResultFacts facts;
    facts.n = estimate.n;
    const auto known = estimate.facts.find("n_effective");
    facts.n_effective =
        known == estimate.facts.end() ? static_cast<double>(estimate.n) : known->second;
    facts.degenerate = estimate.status == Status::undefined;
    facts.degenerate_why = estimate.why;
    finding.add(name, estimate, info.better, info.label, info.unit);
    add_result_checks(finding, name, facts, {name});
  }

 protected:
  using ScoreMetric<Derived, Fold, OptionsType>::ScoreMetric;
};

/// Mean of a loss of prediction and target.
class LEADLINE_API RegressionLoss {
 public:
  enum Kind : std::uint8_t { absolute, squared, percentage, pinball };
  explicit RegressionLoss(Kind kind = absolute, double quantile = 0.5)
      : kind_(kind), quantile_(quantile) {}

  void update(const Rows& rows, std::string_view who);
  void merge(const RegressionLoss& other) { loss_.merge(other.loss_); }
  [[nodiscard]] Estimate mean(double level) const;
  [[nodiscard]] std::string key() const;
  void save(State& state) const { loss_.save(state); }
  void load(const State& state) { loss_.load(state); }

 private:
  Kind kind_;
  double quantile_;
  MeanLoss loss_;
};

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

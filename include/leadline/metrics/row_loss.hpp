/// What metrics of vectors share: a row of predictions beside a row of targets a sample.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "leadline/metrics/mean_loss.hpp"
#include "leadline/metrics/result_checks.hpp"
#include "leadline/metrics/score_metric.hpp"

namespace leadline::metrics {

/// Mean of a loss of two rows [k].
///
/// Reads:  "predicted" [n, k] and "target" [n, k], numbers
/// Throws: ShapeError unless both are alike; ValueError, naming the sample, for what is not finite,
///         a row of zeros (cosine), numbers that are no distribution: outside [0, 1], or a sum
///         more than 1e-3 from 1 (nothing is renormalised). A refused batch changes nothing.
class LEADLINE_API RowLoss {
 public:
  enum Kind : std::uint8_t { cosine, kullback_leibler, jensen_shannon };
  explicit RowLoss(Kind kind = cosine);

  void update(const Rows& rows, std::string_view who);
  void merge(const RowLoss& other) { loss_.merge(other.loss_); }
  [[nodiscard]] Estimate mean(double level) const;
  [[nodiscard]] std::string key() const { return "row loss " + std::to_string(int{kind_}); }
  void save(State& state) const { loss_.save(state); }
  void load(const State& state) { loss_.load(state); }

 private:
  Kind kind_;
  MeanLoss loss_;
};

struct RowLossOptions {
  double level = 0.95;
  static Fields fields() {
    return {field("level", &RowLossOptions::level, "Coverage of the interval.").above(0).below(1)};
  }
};

template <class Derived>
class RowMetric : public ScoreMetric<Derived, RowLoss, RowLossOptions> {
 public:
  [[nodiscard]] static std::string_view column_of(const ArrayView&) { return "predicted"; }

 protected:
  using ScoreMetric<Derived, RowLoss, RowLossOptions>::ScoreMetric;
};

}  // namespace leadline::metrics

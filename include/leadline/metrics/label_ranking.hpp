/// What the metrics of label ranking share: of each sample, which of many labels scored highest.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "leadline/metrics/mean_loss.hpp"
#include "leadline/metrics/result_checks.hpp"
#include "leadline/metrics/score_metric.hpp"

namespace leadline::metrics {

/// One value a sample, averaged over the samples that have one.
///
/// Reads:  "scores" [n, n_labels], numbers; "target" [n, n_labels]: 0 and 1 (or `ignore_index`:
/// that
///         entry does not count), for the gains any finite relevance >= 0
/// Throws: ShapeError, TypeError, ValueError naming sample and label. A refused batch changes
///         nothing.
/// Memory: constant.
class LEADLINE_API LabelRanking {
 public:
  enum Kind : std::uint8_t { coverage, average_precision, loss, gain, normalised_gain };
  /// `k`: gains count the first k labels only; 0: all.
  explicit LabelRanking(Kind kind, std::optional<std::int64_t> ignore_index = {},
                        std::int64_t k = 0);

  void update(const Rows& rows, std::string_view who);
  void merge(const LabelRanking& other);
  /// Facts `samples_averaged` and `samples_undefined`.
  [[nodiscard]] Estimate mean(double level) const;
  void save(State& state) const;
  void load(const State& state);

 private:
  Kind kind_;
  std::optional<std::int64_t> ignore_index_;
  std::int64_t k_, n_undefined_ = 0;
  MeanLoss values_;
};

struct LabelRankingOptions {
  std::optional<std::int64_t> ignore_index{};
  double level = 0.95;
  static Fields fields() {
    return {
        field("ignore_index", &LabelRankingOptions::ignore_index,
              "Entries of the target with this value do not count."),
        field("level", &LabelRankingOptions::level, "Coverage of the interval.").above(0).below(1)};
  }
};

template <class Derived, class OptionsType = LabelRankingOptions>
class LabelRankingMetric : public ScoreMetric<Derived, LabelRanking, OptionsType> {
  using Base = ScoreMetric<Derived, LabelRanking, OptionsType>;

 public:
  using Base::update;
  [[nodiscard]] Estimate estimate(const LabelRanking& fold) const {
    return fold.mean(this->options_.level);
  }
  [[nodiscard]] static std::string_view column_of(const ArrayView&) { return "scores"; }

 protected:
  using Base::Base;
};

}  // namespace leadline::metrics

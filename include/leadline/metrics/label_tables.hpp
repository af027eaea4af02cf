/// Counts of multilabel decisions: one two-by-two table a label.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "leadline/config.hpp"
#include "leadline/core/estimate.hpp"
#include "leadline/core/rows.hpp"
#include "leadline/core/state.hpp"
#include "leadline/metrics/class_ratio.hpp"
#include "leadline/metrics/decision_rule.hpp"

namespace leadline::metrics {

/// Reads:  "target" [n, n_labels] of 0 and 1 (or `ignore_index`: that entry does not count);
///         "prediction" [n, n_labels] of 0 and 1, else "scores" [n, n_labels] with the threshold of
///         the rule
/// Throws: TypeError, ShapeError, ValueError naming label and sample. A refused batch changes
///         nothing.
/// Memory: 8 numbers a label, and up to 64 labels 9 * n_labels^2: how labels occur together, which
///         intervals over labels need. Exact under merge (weights: 1e-12 relative).
class LEADLINE_API LabelTables {
 public:
  static constexpr std::int64_t most_joint_labels = 64;

  /// `per_sample`: the ratio whose mean over samples (average 'samples') is kept, if any.
  explicit LabelTables(std::optional<std::int64_t> n_labels = {},
                       std::optional<ClassRatioRule> per_sample = {});

  void update(const Rows& rows, std::string_view who, const DecisionRule& rule,
              std::optional<std::int64_t> ignore_index);
  void merge(const LabelTables& other);

  [[nodiscard]] std::int64_t n() const { return n_; }
  [[nodiscard]] std::int64_t n_labels() const { return n_labels_; }
  [[nodiscard]] double total() const { return weight_; }
  /// Kish: (sum of weights)^2 / sum of squared weights.
  [[nodiscard]] double n_effective() const;
  [[nodiscard]] std::vector<BinaryCells4> cells() const;

  /// Share of samples with every label right.
  [[nodiscard]] Estimate exact_match(double level) const;
  /// Share of labels that are wrong, a mean over samples.
  [[nodiscard]] Estimate hamming_loss(double level) const;
  /// Mean over samples of the ratio given at construction.
  [[nodiscard]] Estimate over_samples(double level) const;
  /// Variance of sum over labels and their four cells of slope * count, over the draw of samples;
  /// `exact` is false where it is an upper bound (more than 64 labels, ignored entries).
  [[nodiscard]] double variance(const std::vector<BinaryCells4>& slopes, bool& exact) const;

  void save(State& state) const;
  void load(const State& state);

 private:
  /// Sums of one value a sample: weight, weight * x, weight * x^2, weight^2.
  struct Sums {
    double w = 0, x = 0, xx = 0, ww = 0;
    void add(double value, double weight, double square);
    void merge(const Sums& other);
    [[nodiscard]] Estimate mean(std::int64_t n, double level) const;
  };
  void size(std::int64_t n_labels);
  void add_sample(const std::uint8_t* target, const std::uint8_t* called, double weight,
                  double square);

  bool fixed_ = false;
  std::optional<ClassRatioRule> per_sample_;
  std::int64_t n_labels_ = 0, n_ = 0, n_undefined_ = 0, n_ignored_ = 0;
  double weight_ = 0, squared_weights_ = 0;
  std::vector<double> cells_;  // [n_labels, 4]: tp, fn, fp, tn
  std::vector<double> joint_;  // [3 n_labels, 3 n_labels], upper triangle: target, called, both
  Sums exact_, wrong_, ratio_;
};

}  // namespace leadline::metrics

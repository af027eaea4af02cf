/// Counts of (group, true class, predicted class): the state behind every fairness metric of
/// decisions.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "leadline/core/rows.hpp"
#include "leadline/fairness/gap.hpp"
#include "leadline/fairness/group_index.hpp"

namespace leadline::fairness {

/// A rate of one class against the rest, by group. TP, FP, FN, TN as usual.
enum class RateKind : std::uint8_t {
  selection_rate,             // (TP + FP) / n
  true_positive_rate,         // TP / (TP + FN)
  false_positive_rate,        // FP / (FP + TN)
  positive_predictive_value,  // TP / (TP + FP)
  negative_predictive_value,  // TN / (TN + FN)
  base_rate,                  // (TP + FN) / n
  accuracy,                   // share of right decisions, over all classes
};
[[nodiscard]] constexpr auto names_of(std::type_identity<RateKind>) {
  return std::array<std::string_view, 7>{"selection_rate",
                                         "true_positive_rate",
                                         "false_positive_rate",
                                         "positive_predictive_value",
                                         "negative_predictive_value",
                                         "base_rate",
                                         "accuracy"};
}
[[nodiscard]] LEADLINE_API std::string_view name_of(RateKind kind);

/// Counts by leaf of a `GroupIndex`. A commutative monoid, exact under merge (weights: to 1e-12).
///
/// Reads:  "target" [n] integers >= 0 (may be absent: selection rates need none); "prediction" [n]
///         integers >= 0, else "scores" [n, n_classes], whose largest wins; a table of n rows
/// Throws: as `metrics::Confusion`, and as `GroupReader`; ShapeError when the table has another
///         number of rows. A batch that is refused changes nothing.
/// Memory: leaves * n_classes^2 integers, three times that with weights. About 3 ns a row.
class LEADLINE_API GroupCounts {
 public:
  explicit GroupCounts(std::vector<std::string> attributes = {}) : index_(std::move(attributes)) {}

  void update(const Rows& rows, const Table& groups, std::string_view who = "GroupCounts.update");
  void merge(const GroupCounts& other);

  [[nodiscard]] std::int64_t n() const { return n_; }
  [[nodiscard]] std::int64_t n_classes() const { return n_classes_; }
  [[nodiscard]] bool has_target() const { return n_without_target_ == 0; }
  [[nodiscard]] bool weighted() const { return weighted_; }
  [[nodiscard]] const GroupIndex& index() const { return index_; }

  /// Sum over some cells: samples, weights, squared weights.
  struct Sum {
    std::int64_t n = 0;
    double weight = 0, squares = 0;
    Sum& operator+=(const Sum& other);
    [[nodiscard]] double n_effective() const;
  };
  [[nodiscard]] Sum cell(std::int64_t leaf, std::int64_t target, std::int64_t predicted) const;
  /// TP, FN, FP, TN of class `positive` in a slice; `leaves` empty: everything.
  [[nodiscard]] std::array<Sum, 4> outcomes(std::span<const std::int32_t> leaves,
                                            std::int64_t positive) const;

  /// The rate of a slice; `name` is given to it.
  [[nodiscard]] GroupRate rate(RateKind kind, const Slice& slice, std::int64_t positive) const;
  /// Of each group by `by` ("sex", or "sex,age" for intersections; "": by all attributes).
  /// Throws ValueError for an unknown `by`, or a rate that needs targets where none were given.
  [[nodiscard]] std::vector<GroupRate> rates(RateKind kind, std::string_view by = {},
                                             std::optional<std::int64_t> positive = {}) const;
  /// Class taken as positive: 1 for two classes. Throws ValueError for more, or out of range.
  [[nodiscard]] std::int64_t positive_class(std::optional<std::int64_t> positive) const;

  void save(State& state) const;
  /// Throws StoreError.
  void load(const State& state);

 private:
  void reserve(std::int64_t n_classes);
  void start_weights();

  GroupIndex index_;
  std::int64_t n_ = 0, n_classes_ = 0, n_without_target_ = 0;
  bool weighted_ = false;
  std::vector<std::int64_t> counts_;       // [leaves, n_classes, n_classes]
  std::vector<double> weights_, squares_;  // the same shape, when weighted
};

/// The rate as an estimate: Wilson, not_measured below `min_support`, with n_effective if weighted.
[[nodiscard]] LEADLINE_API Estimate estimate_of(const GroupRate& rate, std::int64_t min_support,
                                                double level);

/// Slices of the split `by`; "" means by all attributes. Throws ValueError naming those there are.
[[nodiscard]] LEADLINE_API std::vector<Slice> slices_by(const GroupIndex& index,
                                                        std::string_view by);

}  // namespace leadline::fairness

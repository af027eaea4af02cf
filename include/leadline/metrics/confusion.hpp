/// Counts of (true class, predicted class): the state behind every metric of decisions.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <type_traits>
#include <vector>

#include "leadline/config.hpp"
#include "leadline/core/estimate.hpp"
#include "leadline/core/finding.hpp"
#include "leadline/core/rows.hpp"
#include "leadline/core/state.hpp"
#include "leadline/metrics/decision_rule.hpp"
#include "leadline/stats/delta.hpp"

namespace leadline::detail::label_rows {
struct Source;
}

namespace leadline::metrics {

/// How per-class values become one number.
enum class Average : std::uint8_t {
  macro,     // mean over the classes that have a value
  micro,     // from the counts of all classes together
  weighted,  // mean weighted by how often a class truly occurs
  binary,    // the value of one class, the `positive` one
  none,      // no single number: read `per_class()` or `describe()`
  samples,   // mean over samples of the ratio of their labels; multilabel only
};
[[nodiscard]] constexpr auto names_of(std::type_identity<Average>) {
  return std::array<std::string_view, 6>{"macro", "micro", "weighted", "binary", "none", "samples"};
}

/// Confusion counts that grow with the labels seen. A commutative monoid, exact under merge
/// (with sample weights: to 1e-12 relative).
///
/// Reads:  "target" [n] integers >= 0; "prediction" [n] integers >= 0 where that column is given,
///         else "scores" [n, n_classes] floats, whose largest wins (first of ties); for a binary
///         rule [n] floats, positive from the threshold on (>=)
/// Throws: TypeError (a dtype that is not labels or scores), ShapeError (rank, lengths, another
///         number of classes), ValueError (a label out of range, NaN, a negative weight; with the
///         sample). A batch that is refused changes nothing; an empty batch is allowed.
/// Memory: n_classes^2 integers, twice that with weights.
class LEADLINE_API Confusion {
 public:
  /// `n_classes` unset: grows with the labels seen.
  explicit Confusion(std::optional<std::int64_t> n_classes = {});

  void update(const Rows& rows, std::string_view who, const DecisionRule& rule = {});
  /// Labels already decided and checked to be in [0, n_classes): the engine's own path.
  void update(std::span<const std::int64_t> target, std::span<const std::int64_t> predicted,
              std::int64_t n_classes);
  void merge(const Confusion& other);

  [[nodiscard]] std::int64_t n() const { return n_; }
  [[nodiscard]] std::int64_t n_classes() const { return n_classes_; }
  [[nodiscard]] bool weighted() const { return !weights_.empty(); }
  /// Sum of the weights, n without weights.
  [[nodiscard]] double total() const;
  /// Kish: (sum of weights)^2 / sum of squared weights; n without weights.
  [[nodiscard]] double n_effective() const;
  /// Weight of samples of class `target` that were called `predicted`.
  [[nodiscard]] double at(std::int64_t target, std::int64_t predicted) const;
  /// All cells, row-major [n_classes, n_classes], rows are true classes.
  [[nodiscard]] std::vector<double> cells() const;

  void save(State& state) const;
  /// Throws StoreError.
  void load(const State& state);

 private:
  void admit(const detail::label_rows::Source& source, const std::int64_t* target,
             const std::int64_t* label, std::int64_t first, std::int64_t n);
  void grow(std::int64_t n_classes);
  void shrink(std::int64_t n_classes);
  void count(const std::int64_t* target, const std::int64_t* predicted, std::int64_t n,
             std::int64_t sign, const double* times = nullptr);
  [[nodiscard]] bool count_binary(const detail::label_rows::Source& source);
  void weigh(const std::int64_t* target, const std::int64_t* predicted, const double* weights,
             std::int64_t n, bool counted = false);
  void start_weights();

  bool fixed_ = false;
  std::int64_t n_classes_ = 0, n_ = 0;
  std::vector<std::int64_t> counts_;
  std::vector<double> weights_;  // empty until a weight is given
  double squared_weights_ = 0;
};

/// Sums of one class.
struct ClassCounts {
  double hit = 0;      // of the class and called so (true positives)
  double support = 0;  // of the class
  double called = 0;   // called so
};
[[nodiscard]] LEADLINE_API std::vector<ClassCounts> class_counts(const Confusion& confusion);

/// Precision, recall or F1 of each class, delta intervals (stats/delta.hpp). Undefined where the
/// class gives none: 0 / 0 is never a silent 0.
[[nodiscard]] LEADLINE_API std::vector<Estimate> class_ratios(const Confusion& confusion,
                                                              stats::Ratio ratio, double level);

/// The average over the classes that have a value; the facts `classes_averaged` and
/// `classes_undefined` say over how many, and how many of those that occur or were predicted gave
/// none.
[[nodiscard]] LEADLINE_API Estimate average_ratio(const Confusion& confusion, stats::Ratio ratio,
                                                  Average average, double level,
                                                  std::int64_t positive = 1);

/// Share of right decisions, Wilson (or "clopper_pearson").
[[nodiscard]] LEADLINE_API Estimate accuracy_of(const Confusion& confusion, double level,
                                                std::string_view method = "wilson");

/// Mean recall over the classes that occur.
[[nodiscard]] LEADLINE_API Estimate balanced_accuracy_of(const Confusion& confusion, double level);

/// The counts as a block. `names` may be empty: classes are numbers.
[[nodiscard]] LEADLINE_API Grid confusion_grid(const Confusion& confusion,
                                               std::span<const std::string> names = {});

/// "3", or its name.
[[nodiscard]] LEADLINE_API std::string class_text(std::int64_t label,
                                                  std::span<const std::string> names = {});

}  // namespace leadline::metrics

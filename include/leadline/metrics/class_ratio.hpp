/// Ratios of one class against the rest, their averages and intervals.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "leadline/config.hpp"
#include "leadline/core/estimate.hpp"
#include "leadline/metrics/confusion.hpp"

namespace leadline::metrics {

class LabelTables;

/// A ratio of the four counts of a class against the rest.
enum class ClassRatio : std::uint8_t {
  precision,                  // tp / (tp + fp)
  recall,                     // tp / (tp + fn)
  f_beta,                     // (1 + b^2) tp / ((1 + b^2) tp + b^2 fn + fp)
  specificity,                // tn / (tn + fp)
  negative_predictive_value,  // tn / (tn + fn)
  false_positive_rate,        // fp / (fp + tn)
  false_negative_rate,        // fn / (fn + tp)
  jaccard,                    // tp / (tp + fn + fp)
  informedness,               // recall + specificity - 1 (Youden 1950)
};

/// What 0 / 0 of a class that occurs or is predicted does in an average.
enum class ZeroDivision : std::uint8_t {
  exclude,  // left out, and counted in the fact `classes_undefined`
  zero,     // counts as 0, as scikit-learn and torchmetrics have it
};
[[nodiscard]] constexpr auto names_of(std::type_identity<ZeroDivision>) {
  return std::array<std::string_view, 2>{"exclude", "zero"};
}

struct ClassRatioRule {
  ClassRatio ratio = ClassRatio::f_beta;
  double beta = 1;  // of f_beta
  ZeroDivision zero_division = ZeroDivision::exclude;
};

/// Counts of a class against the rest, or one number for each of them.
struct BinaryCells4 {
  double tp = 0, fn = 0, fp = 0, tn = 0;
};

/// A ratio with its slopes: d value / d count. Not `defined` for 0 / 0.
struct RatioSlopes {
  bool defined = false;
  double value = 0;
  BinaryCells4 slope{};
};
[[nodiscard]] LEADLINE_API RatioSlopes ratio_of(const ClassRatioRule& rule,
                                                const BinaryCells4& cells);

/// Each class against the rest.
[[nodiscard]] LEADLINE_API std::vector<BinaryCells4> one_against_rest(const Confusion& confusion);

/// Each class: Wilson's interval where the ratio is a plain share, else delta (stats/delta.hpp).
[[nodiscard]] LEADLINE_API std::vector<Estimate> class_ratios(const Confusion& confusion,
                                                              const ClassRatioRule& rule,
                                                              double level);
[[nodiscard]] LEADLINE_API std::vector<Estimate> class_ratios(const LabelTables& labels,
                                                              const ClassRatioRule& rule,
                                                              double level);

/// The average of a multiclass task: delta interval; facts classes_averaged, classes_undefined.
/// Classes that neither occur nor are predicted never count.
[[nodiscard]] LEADLINE_API Estimate average_ratio(const Confusion& confusion,
                                                  const ClassRatioRule& rule, Average average,
                                                  double level, std::int64_t positive_class = 1);
/// The average over labels, with an interval that knows how labels occur together.
[[nodiscard]] LEADLINE_API Estimate average_ratio(const LabelTables& labels,
                                                  const ClassRatioRule& rule, Average average,
                                                  double level);

}  // namespace leadline::metrics

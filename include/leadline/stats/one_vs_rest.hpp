/// AUROC of many columns of scores at once, with the covariance between the columns.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>
#include <type_traits>
#include <vector>

#include "leadline/config.hpp"
#include "leadline/stats/delong.hpp"

namespace leadline::stats {

/// What a column is compared with.
enum class ClassContrast : std::uint8_t {
  one_vs_rest,  // samples of the class against all others
  one_vs_one,   // against each other class, which all count the same (Hand and Till 2001)
};

[[nodiscard]] constexpr auto names_of(std::type_identity<ClassContrast>) {
  return std::array<std::string_view, 2>{"one_vs_rest", "one_vs_one"};
}

struct ColumnAuroc {
  struct Column {
    Auroc auroc;
    bool defined = false;  // both groups occur
    double weight = 0;     // of its positives
  };
  std::vector<Column> columns;
  double value = 0, variance = 0;  // of the average
  int averaged = 0;                // columns that are defined; 0: no value
  double n_effective = 0;
};

/// Row-major scores [n, n_columns] of many columns; one of the two is empty.
struct ScoreTable {
  std::span<const float> floats;
  std::span<const double> doubles;
  std::int64_t n_columns = 1;
};

/// Column c of a sample of class `labels[i]`: positive where they are equal. The average over the
/// defined columns is plain or weighted by how often the class occurs; its variance is that of the
/// sum of the influence of each sample over all columns, so that columns need not be independent.
/// One vs one: the mean over ordered pairs of A(i | j), which is Hand and Till's M.
/// `weights` empty or [n]. Throws ShapeError on other lengths; NaN must not occur.
[[nodiscard]] LEADLINE_API ColumnAuroc class_auroc(const ScoreTable& scores,
                                                   std::span<const std::int32_t> labels,
                                                   std::span<const double> weights,
                                                   ClassContrast contrast, bool by_prevalence,
                                                   double level = 0.95);

/// Column c of a sample: positive where `positive[i * n_columns + c]` is not 0 (several labels a
/// sample).
[[nodiscard]] LEADLINE_API ColumnAuroc label_auroc(const ScoreTable& scores,
                                                   std::span<const std::uint8_t> positive,
                                                   std::span<const double> weights,
                                                   bool by_prevalence, double level = 0.95);

}  // namespace leadline::stats

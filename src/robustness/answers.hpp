// What a model said, row by row, where some rows may hold values that are not finite.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "leadline/core/dataset.hpp"
#include "leadline/core/subject.hpp"

namespace leadline::detail::answers {

struct Answers {
  std::int64_t n = 0, n_classes = 0;
  std::vector<std::int64_t> label;    // of a classifier
  std::vector<double> scores;         // [n, n_classes]; empty: labels only
  std::vector<double> probabilities;  // [n, n_classes]; empty: labels only
  std::vector<double> value;          // [n] of a model of values
  std::vector<std::uint8_t> finite;   // [n] 0: the row has no answer

  [[nodiscard]] bool is_graded() const { return !value.empty() || !probabilities.empty(); }
  /// The graded answer: the value, or the probability of class `c`.
  [[nodiscard]] double score(std::int64_t row, std::int64_t c) const {
    return value.empty() ? probabilities[static_cast<std::size_t>(row * n_classes + c)]
                         : value[static_cast<std::size_t>(row)];
  }
};

/// Throws as `predictions_of`, but not for values that are not finite.
LEADLINE_API Answers answers_of(const Tensor& output, OutputKind kind,
                                std::span<const SampleId> ids);

/// Whether two rows say the same: equal labels; scores or values within `tolerance` of the greater
/// magnitude, or of 1; both finite or both not.
LEADLINE_API bool same_answer(const Answers& a, std::int64_t i, const Answers& b, std::int64_t j,
                              double tolerance);

/// Parts one after the other. Parts without any answer take the shape of the others.
Answers joined(std::span<const Answers> parts);

/// The rows `rows` of every part; on the host.
Inputs take(const Inputs& inputs, std::span<const SampleId> rows);

/// Whether row `i` of both holds the same bytes; rows of bytes may differ in trailing zeros.
bool same_row(const Tensor& a, const Tensor& b, std::int64_t i);
bool same_row(const Inputs& a, const Inputs& b, std::int64_t i);

/// Labels [n] as int64, values as double; throws ShapeError for another length.
std::vector<std::int64_t> labels_of(const Tensor& target, std::int64_t n);
std::vector<double> values_of(const Tensor& target, std::int64_t n);

}  // namespace leadline::detail::answers

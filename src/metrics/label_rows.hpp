// Reading decisions and labels out of borrowed columns, block by block, without allocation.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "leadline/core/rows.hpp"

namespace leadline::detail::label_rows {

inline constexpr std::int64_t block_rows = 1024;
using Buffer = std::array<std::int64_t, block_rows>;

/// The columns of one batch, checked for rank, dtype and length.
struct Source {
  std::string_view who;
  const Rows* rows = nullptr;
  const ArrayView* target = nullptr;
  const ArrayView* decision = nullptr;  // labels [n] or scores [n, n_columns]
  bool from_scores = false;
  std::int64_t n = 0;
  std::int64_t n_columns = 0;  // of the scores; 0 for labels
};

/// "prediction" (integers) where it is given and scores are not needed, else "scores".
[[nodiscard]] Source open(const Rows& rows, std::string_view who, bool needs_scores = false);

/// Rows [first, first + n), n <= block_rows: decided labels. May point into the caller's memory.
/// Throws ValueError naming a NaN.
[[nodiscard]] const std::int64_t* decided(const Source& source, std::int64_t first, std::int64_t n,
                                          Buffer& buffer);
[[nodiscard]] const std::int64_t* targets(const Source& source, std::int64_t first, std::int64_t n,
                                          Buffer& buffer);

/// Whether every label lies in [0, limit).
[[nodiscard]] bool all_below(const std::int64_t* labels, std::int64_t n, std::int64_t limit);
/// Greatest label.
[[nodiscard]] std::int64_t greatest(const std::int64_t* labels, std::int64_t n);

/// "sample 12" by id where there is one, else "row 12".
[[nodiscard]] std::string sample_text(const Rows& rows, std::int64_t row);

/// Throws the ValueError of the first label of a block outside [0, limit).
[[noreturn]] void refuse_label(const Source& source, std::string_view column,
                               const std::int64_t* labels, std::int64_t first, std::int64_t n,
                               std::int64_t limit);
[[noreturn]] void refuse_nan(const Source& source, std::int64_t row);

/// Checks that weights are finite and >= 0 (each call: the whole batch).
void check_weights(const Source& source);

/// Largest of each row of a contiguous [n, n_columns] block, first of ties; false when a value is
/// NaN.
[[nodiscard]] bool argmax_rows(const float* scores, std::int64_t n, std::int64_t n_columns,
                               std::int64_t* out);

}  // namespace leadline::detail::label_rows

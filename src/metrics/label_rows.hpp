// Reading decisions and labels out of borrowed columns, block by block, without allocation.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "leadline/core/rows.hpp"
#include "leadline/metrics/decision_rule.hpp"

namespace leadline::detail::label_rows {

inline constexpr std::int64_t block_rows = 1024;
using Buffer = std::array<std::int64_t, block_rows>;

/// The columns of one batch, checked for rank, dtype and length.
struct Source {
  std::string_view who;
  const Rows* rows = nullptr;
  const ArrayView* target = nullptr;
  ArrayView decision{};  // labels [n], scores [n, n_columns], or [n] for a binary task
  bool from_scores = false;
  std::int64_t n = 0;
  std::int64_t n_columns = 0;  // of the scores; 0 for labels; 2 for a binary task
  metrics::DecisionRule rule{};
  [[nodiscard]] bool binary() const { return rule.task == metrics::TaskType::binary; }
};

/// "prediction" (integers) where it is given and scores are not needed, else "scores". For a binary
/// rule scores are [n] or [n, 1]; beside a "prediction", a threshold other than 0.5 is applied to
/// the positive column of "probabilities".
[[nodiscard]] Source open(const Rows& rows, std::string_view who, bool needs_scores = false,
                          const metrics::DecisionRule& rule = {});

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

/// Dtype and shape for messages: "float32 [100, 10]".
[[nodiscard]] std::string view_text(const ArrayView& view);

/// The four cells of a binary task at once, where the layout is contiguous float32 scores or int64
/// decisions beside int64 targets; false where it is not, or where something is to be refused.
struct BinaryCells {
  std::int64_t positive = 0, called = 0, both = 0;  // targets that are 1, decisions that are 1
};
[[nodiscard]] bool binary_cells(const Source& source, BinaryCells& cells);

/// Largest of each row of a contiguous [n, n_columns] block, first of ties; false when a value is
/// NaN.
[[nodiscard]] bool argmax_rows(const float* scores, std::int64_t n, std::int64_t n_columns,
                               std::int64_t* out);

}  // namespace leadline::detail::label_rows

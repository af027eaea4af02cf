// Reading numbers out of borrowed columns.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "leadline/core/rows.hpp"

namespace leadline::detail::number_rows {

/// "predicted", else "prediction", else "scores": one number a sample.
[[nodiscard]] const ArrayView& predicted(const Rows& rows, std::string_view who);

/// A column [n] or [n, 1] as doubles: borrowed where they lie side by side, else in `buffer`.
/// Throws ShapeError, and ValueError naming the first sample that is not finite.
[[nodiscard]] std::span<const double> column(const Rows& rows, std::string_view who,
                                             std::string_view name, const ArrayView& view,
                                             std::int64_t n, std::vector<double>& buffer);

struct Pairs {
  std::span<const double> predicted, target;
  std::vector<double> predicted_buffer, target_buffer;
};
/// Both columns and the weights of the rows, checked.
[[nodiscard]] Pairs pairs(const Rows& rows, std::string_view who);

}  // namespace leadline::detail::number_rows

// Rows of inputs with their extras.
#pragma once

#include <cstdint>

#include "leadline/core/dataset.hpp"

namespace leadline::detail::inputs {

/// `n` rows from `first` on, a view.
[[nodiscard]] Inputs rows_of(const Inputs& inputs, std::int64_t first, std::int64_t n);

}  // namespace leadline::detail::inputs

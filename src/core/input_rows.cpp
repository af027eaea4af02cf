#include "core/input_rows.hpp"

namespace leadline::detail::inputs {

Inputs rows_of(const Inputs& inputs, std::int64_t first, std::int64_t n) {
  Inputs out(inputs.primary.rows(first, n));
  for (const auto& [name, extra] : inputs.extras) out.extras[name] = extra.rows(first, n);
  return out;
}

}  // namespace leadline::detail::inputs
